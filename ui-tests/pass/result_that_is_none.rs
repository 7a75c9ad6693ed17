use docket::step;

pub struct UserId;
pub struct SearchHits;

#[step]
pub fn search(_id: &UserId) -> SearchHits {
    SearchHits
}

fn main() {}

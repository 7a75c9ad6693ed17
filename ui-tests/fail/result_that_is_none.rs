use docket::step;

pub struct UserId;
pub struct SearchResult;

#[step]
pub fn search(_id: &UserId) -> SearchResult {
    SearchResult
}

fn main() {}

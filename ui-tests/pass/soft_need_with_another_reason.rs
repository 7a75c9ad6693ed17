use docket::step;

pub struct UserId;
pub struct Page;

#[step]
pub fn build_page(_name: Result<&String, &docket::Error>) -> Page {
    Page
}

fn main() {}

use docket::{graph, step};

pub struct UserId;
pub struct Score;
pub struct Page;

#[step]
fn build_page(_id: &UserId, _score: Option<&Score>) -> Page {
    Page
}

#[step]
fn rate(_id: &UserId) -> Score {
    Score
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { rate, build_page }
        pub async fn page(id: UserId) -> Page;
    }
}

fn main() {}

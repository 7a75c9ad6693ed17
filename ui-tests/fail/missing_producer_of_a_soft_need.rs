use docket::{graph, step};

pub struct UserId;
pub struct Score;
pub struct Page;

#[step]
fn build_page(_id: &UserId, _score: Option<&Score>) -> Page {
    Page
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { build_page }
        pub async fn page(id: UserId) -> Page;
    }
}

fn main() {}

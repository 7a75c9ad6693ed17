use docket::{graph, step};

pub struct Draft;
pub struct Page;

#[step]
fn build_page(_page: &Draft) -> Page {
    Page
}

graph! {
    pub struct UserGraph {
        inputs { Draft }
        steps { build_page }
        pub async fn page(draft: Draft) -> Page;
    }
}

fn main() {}

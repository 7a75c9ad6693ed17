use docket::{graph, step};

pub struct Draft;
pub struct Page;

#[step]
fn build_page(_page: &Page) -> Page {
    Page
}

graph! {
    pub struct UserGraph {
        inputs {  }
        steps { build_page }
        pub async fn page() -> Page;
    }
}

fn main() {}

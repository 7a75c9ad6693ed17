use docket::{graph, step};

pub struct UserId;
pub struct Page;

#[step]
fn build_page(_id: &UserId) -> Page {
    Page
}

graph! {
    #[cfg(debug_assertions)]
    pub struct Pages {
        inputs { UserId }
        steps { build_page }
        pub async fn page(id: UserId) -> Page;
    }
}

fn main() {}

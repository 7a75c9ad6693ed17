use docket::{graph, step};

pub struct UserId(pub u64);
pub struct Page(pub u64);

#[step]
fn build_page(id: &UserId) -> Page {
    Page(id.0)
}

graph! {
    pub struct Pages {
        inputs { UserId }
        steps { build_page }
        pub async fn page(id: UserId) -> Page;
    }
}

fn main() {}

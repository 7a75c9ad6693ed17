use docket::{graph, step};

pub struct UserId;
pub struct Profile;
pub struct Page;

#[step]
fn build_page(_profile: &Profile) -> Page {
    Page
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { Profile, build_page }
        pub async fn page(id: UserId) -> Page;
    }
}

fn main() {}

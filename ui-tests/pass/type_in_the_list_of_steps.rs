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
        inputs { Profile }
        steps { build_page }
        pub async fn page(profile: Profile) -> Page;
    }
}

fn main() {}

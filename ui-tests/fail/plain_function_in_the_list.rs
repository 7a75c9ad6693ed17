use docket::{graph, step};

pub struct UserId;
pub struct Profile;
pub struct Page;

#[step]
fn fetch_profile(_id: &UserId) -> Profile {
    Profile
}

fn build_page(_profile: &Profile) -> Page {
    Page
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch_profile, build_page }
        pub async fn page(id: UserId) -> Page;
    }
}

fn main() {}

use docket::{graph, step};

pub struct UserId;
pub struct Region;
pub struct Profile;
pub struct Page;

#[step]
fn fetch_profile(_id: &UserId, _region: &Region) -> Profile {
    Profile
}

#[step]
fn build_page(_profile: &Profile) -> Page {
    Page
}

graph! {
    pub struct UserGraph {
        inputs { UserId, Region }
        steps { fetch_profile, build_page }
        pub async fn page(id: UserId, region: Region) -> Page;
    }
}

fn main() {}

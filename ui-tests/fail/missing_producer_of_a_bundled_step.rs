use docket::{graph, step};

pub struct UserId;
pub struct Profile;
pub struct Page;

#[step]
fn fetch(_id: &UserId) -> Profile {
    Profile
}

#[step]
fn build(_profile: &Profile) -> Page {
    Page
}

docket::steps! { pages { build } }

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { ..pages }
        pub async fn page(id: UserId) -> Page;
    }
}

fn main() {}

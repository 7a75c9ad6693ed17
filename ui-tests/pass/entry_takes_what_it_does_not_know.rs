use docket::{graph, step};

pub struct UserId;
pub struct Region;
pub struct Profile;

#[step]
fn fetch_profile(_id: &UserId, _region: &Region) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId, Region }
        steps { fetch_profile }
        pub async fn profile(id: UserId, region: Region) -> Profile;
    }
}

fn main() {}

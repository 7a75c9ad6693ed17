use docket::{graph, step};

pub struct UserId;
pub struct Region;
pub struct Profile;
pub struct Offer;

#[step]
fn fetch_profile(_id: &UserId) -> Profile {
    Profile
}

#[step]
fn pick_offer(_region: &Region) -> Offer {
    Offer
}

graph! {
    pub struct UserGraph {
        inputs { UserId, Region }
        steps { fetch_profile, pick_offer }
        pub async fn profile(id: UserId) -> Profile;
        pub async fn offer(region: Region) -> Offer;
    }
}

fn main() {}

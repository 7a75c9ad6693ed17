use docket::{graph, step};

pub struct Client;
pub struct UserId;
pub struct Profile;

#[step]
async fn fetch_profile(_id: &UserId, #[resource] _client: &Client) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        resources { Client }
        steps { fetch_profile }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

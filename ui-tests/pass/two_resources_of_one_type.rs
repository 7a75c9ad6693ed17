use docket::{graph, step};

pub struct Client;
pub struct OtherClient;
pub struct UserId;
pub struct Profile;

#[step]
fn fetch(_id: &UserId, #[resource] _client: &Client) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        resources { Client, other: OtherClient }
        steps { fetch }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

use docket::{graph, step};

pub struct Client;
pub struct PgPool;
pub struct UserId;
pub struct Profile;

#[step]
async fn fetch_profile(
    _id: &UserId,
    #[resource] _client: &Client,
    #[resource] _pool: &PgPool,
) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        resources { Client, PgPool }
        steps { fetch_profile }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {
    let _graph = UserGraph::builder().client(Client).build();
}

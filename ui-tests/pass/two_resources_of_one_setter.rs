use docket::{graph, step};

pub mod users {
    pub struct Client;
}
pub mod orders {
    pub struct Client;
}
pub struct UserId;
pub struct Profile;

#[step]
fn fetch(
    _id: &UserId,
    #[resource] _users: &users::Client,
    #[resource] _orders: &orders::Client,
) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        resources { users::Client, order_client: orders::Client }
        steps { fetch }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

use docket::{graph, step};

pub struct Store;
pub struct UserId;
pub struct Profile;

#[step]
fn fetch(_id: &UserId, #[resource] _store: &Store) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        resources { Store }
        steps { fetch }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

use docket::{graph, step};

pub struct UserId;
pub struct Profile;

#[step]
fn from_cache(_id: &UserId) -> Profile {
    Profile
}

#[step]
fn from_backend(_id: &UserId) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { from_cache }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {
    let _ = from_backend;
}

use docket::{graph, step};

pub struct UserId;
pub struct Profile;

#[step]
fn fetch(_id: &UserId) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch }
        pub async fn profiles(id: UserId) -> Profile;
    }
}

fn main() {}

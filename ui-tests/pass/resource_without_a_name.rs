use docket::{graph, step};

pub struct UserId;
pub struct Profile;

#[step]
fn fetch(_id: &UserId, #[resource] _limits: &(u32, u32)) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        resources { limits: (u32, u32) }
        steps { fetch }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

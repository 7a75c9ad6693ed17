use docket::{graph, step};

pub struct UserId;
pub struct Profile;

#[step]
fn fetch(_id: &UserId) -> Profile {
    Profile
}

docket::steps! { users { fetch } }

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { ..users }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {
    let _ = fetch;
}

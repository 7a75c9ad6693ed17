use docket::{graph, step};

pub struct UserId(pub u64);
pub struct Profile(pub u64);

#[step]
fn fetch(id: &UserId) -> Profile {
    Profile(id.0)
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

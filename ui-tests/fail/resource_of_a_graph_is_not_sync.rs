use docket::{graph, step};

pub struct Counter(pub std::cell::Cell<u64>);
pub struct UserId(pub u64);
pub struct Profile(pub u64);

#[step]
fn fetch_profile(id: &UserId) -> Profile {
    Profile(id.0)
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        resources { Counter }
        steps { fetch_profile }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

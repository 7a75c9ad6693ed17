use docket::{graph, step};

pub struct Id(pub std::sync::Arc<u64>);
pub struct Profile(pub u64);

#[step]
fn fetch_profile(id: &Id) -> Profile {
    Profile(*id.0)
}

graph! {
    pub struct UserGraph {
        inputs { Id }
        steps { fetch_profile }
        pub async fn profile(id: Id) -> Profile;
    }
}

fn main() {}

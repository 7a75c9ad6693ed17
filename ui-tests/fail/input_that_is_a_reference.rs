use docket::{graph, step};

pub struct Profile;

#[step]
fn fetch(_name: &String) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { &str }
        steps { fetch }
        pub async fn profile(name: String) -> Profile;
    }
}

fn main() {}

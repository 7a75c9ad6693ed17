use docket::{StepOptions, graph, step};

pub struct UserId;
pub struct Profile;

#[step]
fn fetch_profile(_id: &UserId) -> Profile {
    Profile
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch_profile }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {
    let _graph = UserGraph::builder()
        .configure::<fetch_profile>(StepOptions::new())
        .build();
}

use docket::{StepOptions, graph, step};

pub struct UserId;
pub struct Profile;
pub struct Score;

#[step]
fn fetch_profile(_id: &UserId) -> Profile {
    Profile
}

#[step]
fn score(_id: &UserId) -> Score {
    Score
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch_profile }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {
    let _ = score;
    let _graph = UserGraph::builder()
        .configure::<fetch_profile>(StepOptions::new())
        .build();
}

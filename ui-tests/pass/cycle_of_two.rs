use docket::{graph, step};

pub struct UserId;
pub struct Profile;
pub struct Score;

#[step]
fn fetch_profile(_id: &UserId) -> Profile {
    Profile
}

#[step]
fn score(_profile: &Profile) -> Score {
    Score
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch_profile, score }
        pub async fn score_of(id: UserId) -> Score;
    }
}

fn main() {}

use docket::{graph, step};

pub struct UserId;
pub struct Profile;
pub struct Score;
pub struct Page;

#[step]
fn fetch_profile(_id: &UserId) -> Profile {
    Profile
}

#[step]
fn score(_profile: &Profile) -> Score {
    Score
}

#[step]
fn build_page(_score: &Score) -> Page {
    Page
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch_profile, score, build_page }
        pub async fn profile(id: UserId) -> Page;
    }
}

fn main() {}

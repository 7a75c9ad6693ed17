use docket::{graph, step};

pub struct UserId;
pub struct Profile;
pub struct Score;

#[step]
fn fetch(_id: &UserId) -> Profile {
    Profile
}

#[step]
fn score(_profile: &Profile) -> Score {
    Score
}

docket::steps! { users { fetch, score } }

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { ..users without { score } }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {
    let _ = score;
}

use docket::{graph, step};

pub struct UserId;
pub struct Profile;
pub struct Score;

#[step]
fn fetch(_id: &UserId) -> Profile {
    Profile
}

mod scores {
    #[docket::step]
    pub fn score(_profile: &super::Profile) -> super::Score {
        super::Score
    }
}

docket::steps! { users { fetch, scores::score } }

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { ..users without { score } }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {
    let _ = scores::score;
}

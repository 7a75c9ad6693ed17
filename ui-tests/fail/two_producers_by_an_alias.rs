use docket::{graph, step};

mod model {
    pub struct Profile;
    pub type User = Profile;
}
use model::{Profile, User};

pub struct UserId;

#[step]
fn fetch(_id: &UserId) -> Profile {
    Profile
}

#[step]
async fn rate(_id: &UserId) -> Result<User, std::io::Error> {
    Ok(Profile)
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch, rate }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

use docket::{graph, step};

mod model {
    pub struct Profile;
    pub type User = Profile;
}
use model::{Profile, User};

pub struct UserId;
pub struct Rated(pub Profile);

#[step]
fn fetch(_id: &UserId) -> Profile {
    Profile
}

#[step]
async fn rate(_id: &UserId) -> Result<Rated, std::io::Error> {
    Ok(Rated(User {}))
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch, rate }
        pub async fn profile(id: UserId) -> (Profile, Rated);
    }
}

fn main() {}

use docket::{graph, step};

pub struct UserId;
pub struct Profile;

#[step]
async fn fetch_profile(_id: &UserId) -> Result<Profie, std::io::Error> {
    Ok(Profile)
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch_profile }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

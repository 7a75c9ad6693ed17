use docket::{graph, step};

pub struct UserId;
pub struct Profile;
type ServiceResult<T> = Result<T, String>;

#[step(retry(attempts = 3))]
async fn fetch_profile(_id: &UserId) -> ServiceResult<Profile> {
    Err("404".to_owned())
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch_profile }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

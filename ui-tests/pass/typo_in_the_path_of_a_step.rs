use docket::graph;

pub struct UserId;
pub struct Profile;

mod users {
    #[docket::step]
    pub fn fetch_profile(_id: &super::UserId) -> super::Profile {
        super::Profile
    }
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { users::fetch_profile }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

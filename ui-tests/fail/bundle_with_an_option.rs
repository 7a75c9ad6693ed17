use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
pub fn fetch(_id: &UserId) -> Profile {
    Profile
}

docket::steps! {
    pub users {
        #[allow(unused)]
        fetch,
    }
}

fn main() {}

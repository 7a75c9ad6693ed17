use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
pub fn fetch(_id: &UserId) -> Profile {
    Profile
}

docket::steps! {
    pub users { fetch }
    pub others { fetch }
}

fn main() {}

use docket::step;

pub struct UserId;
pub struct Profile;

pub trait Backend {
    fn fetch(id: &UserId) -> Profile;
}

#[step]
pub fn fetch(_id: &UserId) -> Profile {
    Profile
}

fn main() {}

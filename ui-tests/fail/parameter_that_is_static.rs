use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
pub fn fetch(_id: &'static UserId) -> Profile {
    Profile
}

fn main() {}

use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
pub fn build(_id: &UserId, _again: &UserId) -> Profile {
    Profile
}

fn main() {}

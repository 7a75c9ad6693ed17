use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
pub fn build(_id: &UserId, _version: &u64) -> Profile {
    Profile
}

fn main() {}

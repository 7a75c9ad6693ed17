use docket::step;

pub struct UserId;
pub struct Region;
pub struct Profile;

#[step]
#[cfg(unix)]
pub fn fetch(_id: &UserId, _region: &Region) -> Profile {
    Profile
}

#[step]
#[cfg(not(unix))]
pub fn fetch(_id: &UserId) -> Profile {
    Profile
}

fn main() {}

use docket::step;

pub struct UserId;
pub struct Region;
pub struct Profile;

#[step]
pub fn fetch(_id: &UserId, #[cfg(unix)] _region: &Region) -> Profile {
    Profile
}

fn main() {}

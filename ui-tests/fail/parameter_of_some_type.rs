use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
pub fn fetch_profile(_id: impl Into<u64>) -> Profile {
    Profile
}

fn main() {}

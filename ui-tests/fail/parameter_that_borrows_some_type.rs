use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
pub fn fetch_profile(_id: &impl Sync) -> Profile {
    Profile
}

fn main() {}

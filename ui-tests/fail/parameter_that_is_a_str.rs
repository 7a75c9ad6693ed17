use docket::step;

pub struct Profile;

#[step]
pub fn fetch_profile(_name: &str) -> Profile {
    Profile
}

fn main() {}

use docket::step;

pub struct Profile;

#[step]
pub fn fetch_profile(_name: &String) -> Profile {
    Profile
}

fn main() {}

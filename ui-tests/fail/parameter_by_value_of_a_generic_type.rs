use docket::step;

pub struct Profile;

#[step]
pub fn fetch_profile(_ids: Vec<Option<u64>>) -> Profile {
    Profile
}

fn main() {}

use docket::step;

pub struct Profile;

#[step]
pub fn fetch<T: Sync>(_id: &T) -> Profile {
    Profile
}

fn main() {}

use docket::step;

pub struct Profile;

#[step]
pub fn fetch(_id: &u64) -> Profile {
    Profile
}

fn main() {}

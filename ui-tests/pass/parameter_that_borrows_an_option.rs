use docket::step;

pub struct Score;
pub struct Profile;

#[step]
pub fn build(_score: Option<&Score>) -> Profile {
    Profile
}

fn main() {}

use docket::step;

pub struct Score;
pub struct Profile;

#[step]
pub fn build(_score: Result<Score, docket::Error>) -> Profile {
    Profile
}

fn main() {}

use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
pub fn build(_pair: (&UserId, &u64)) -> Profile {
    Profile
}

fn main() {}

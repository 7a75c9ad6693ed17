use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
#[step(timeout = "1s")]
pub fn fetch(_id: &UserId) -> Profile {
    Profile
}

fn main() {}

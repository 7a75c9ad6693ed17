use docket::step;

pub struct UserId;
pub struct Profile;

#[step]
pub extern "C" fn fetch(_id: &UserId) -> Profile {
    Profile
}

fn main() {}

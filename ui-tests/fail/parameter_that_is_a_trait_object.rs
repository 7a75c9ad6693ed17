use docket::step;

pub trait Backend: Send + Sync {}
pub struct Profile;

#[step]
pub fn fetch_profile(_backend: &dyn Backend) -> Profile {
    Profile
}

fn main() {}

use docket::step;

pub trait Backend: Send + Sync {}
pub struct User;
pub struct AnyBackend(pub Box<dyn Backend>);
pub struct Profile;

#[step]
pub fn fetch_profile(_backend: &AnyBackend) -> Profile {
    Profile
}

fn main() {}

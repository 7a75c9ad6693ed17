use docket::step;

pub trait Backend: Send + Sync {}
pub struct Profile;

#[step]
pub fn fetch(#[resource] _backend: &std::sync::Arc<dyn Backend>) -> Profile {
    Profile
}

fn main() {}

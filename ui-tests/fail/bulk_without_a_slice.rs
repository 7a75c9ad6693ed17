use docket::step;

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserId(pub u64);

#[derive(Clone)]
pub struct Profile(pub u64);

#[step(bulk)]
pub async fn fetch(id: &UserId) -> Vec<Profile> {
    vec![Profile(id.0)]
}

fn main() {}

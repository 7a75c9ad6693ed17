use docket::step;

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserId(pub u64);

#[derive(Clone)]
pub struct Profile(pub u64);

#[step(bulk)]
pub async fn fetch(ids: &[UserId]) -> Profile {
    Profile(ids[0].0)
}

fn main() {}

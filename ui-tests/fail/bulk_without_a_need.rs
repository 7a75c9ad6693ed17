use docket::step;

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserId(pub u64);

#[derive(Clone)]
pub struct Profile(pub u64);

#[step(bulk = 100)]
pub async fn fetch() -> Vec<Profile> {
    Vec::new()
}

fn main() {}

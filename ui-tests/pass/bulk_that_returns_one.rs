use docket::step;

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserId(pub u64);

#[derive(Clone)]
pub struct Profile(pub u64);

#[step(bulk)]
pub async fn fetch(ids: &[UserId]) -> Vec<Profile> {
    ids.iter().map(|id| Profile(id.0)).collect()
}

fn main() {}

use docket::step;

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserId(pub u64);

#[derive(Clone)]
pub struct Profile(pub u64);

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Named(pub UserId, pub String);

#[step(bulk)]
pub async fn fetch(names: &[Named]) -> Vec<Profile> {
    names.iter().map(|named| Profile(named.0.0)).collect()
}

fn main() {}

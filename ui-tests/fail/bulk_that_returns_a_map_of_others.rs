use std::collections::HashMap;

use docket::step;

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserId(pub u64);

#[derive(Clone)]
pub struct Profile(pub u64);

#[step(bulk)]
pub async fn fetch(ids: &[UserId]) -> HashMap<u64, Profile> {
    ids.iter().map(|id| (id.0, Profile(id.0))).collect()
}

fn main() {}

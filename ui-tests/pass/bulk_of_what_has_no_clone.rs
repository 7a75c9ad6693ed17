use std::sync::Arc;

use docket::step;

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserId(pub u64);

pub struct Profile(pub u64);

#[step(bulk)]
pub async fn fetch(ids: &[UserId]) -> Vec<Arc<Profile>> {
    ids.iter().map(|id| Arc::new(Profile(id.0))).collect()
}

fn main() {}

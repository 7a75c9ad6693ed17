use docket::step;
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
pub struct UserId(pub u64);

#[derive(Clone)]
pub struct Profile(pub u64);

#[step(bulk, persist = "global", repeat = "free")]
pub async fn fetch(ids: &[UserId]) -> Vec<Profile> {
    ids.iter().map(|id| Profile(id.0)).collect()
}

fn main() {}

use docket::step;
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
pub struct UserId(pub u64);

#[derive(Clone, Serialize, Deserialize, docket::Value)]
pub struct Profile(pub u64);

#[step(persist = "global", repeat = "never")]
pub async fn fetch(id: &UserId) -> Profile {
    Profile(id.0)
}

fn main() {}

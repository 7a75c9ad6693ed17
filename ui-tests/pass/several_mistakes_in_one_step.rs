use docket::step;

pub struct UserId;
pub struct Profile;

#[step(timeout = "1s", persist = "global")]
pub async fn fetch(_id: &u64) -> u64 {
    0
}

fn main() {}

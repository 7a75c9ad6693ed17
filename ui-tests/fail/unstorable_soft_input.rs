use docket::step;

pub struct Profile(pub u64);

#[step(persist = "global")]
pub async fn score(id: &u64, profile: Option<&Profile>) -> u64 {
    profile.map_or(*id, |profile| profile.0)
}

fn main() {}

use docket::step;

pub struct Counter(pub std::sync::atomic::AtomicU64);
pub struct UserId(pub u64);
pub struct Profile(pub u64);

#[step]
pub async fn fetch_profile(id: &UserId, #[resource] _counter: &Counter) -> Profile {
    Profile(id.0)
}

fn main() {}

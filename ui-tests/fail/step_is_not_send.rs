use std::rc::Rc;

use docket::step;

pub struct UserId(pub u64);
pub struct Profile(pub u64);

async fn load(id: u64) -> Profile {
    Profile(id)
}

#[step]
pub async fn fetch_profile(id: &UserId) -> Profile {
    let counter = Rc::new(id.0);
    let profile = load(*counter).await;
    drop(counter);
    profile
}

fn main() {
    let _: Option<Rc<()>> = None;
}

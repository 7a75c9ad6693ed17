use std::cell::RefCell;

use docket::{graph, step};

pub struct UserId(pub u64);
pub struct Profile(pub u64);

#[step]
async fn fetch_profile(id: &UserId) -> Result<Profile, std::io::Error> {
    let cell = RefCell::new(id.0);
    let copied = *cell.borrow();
    std::future::ready(()).await;
    Ok(Profile(copied))
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { fetch_profile }
        pub async fn profile(id: UserId) -> Profile;
    }
}

fn main() {}

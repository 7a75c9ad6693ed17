use docket::step;

pub struct UserId;
pub struct Profile;

#[step(timeout = "soon", ttl = "1h")]
pub async fn fetch(_id: UserId) -> impl Clone {
    0
}

fn main() {}

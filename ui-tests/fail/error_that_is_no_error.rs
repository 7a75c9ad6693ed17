use docket::step;

pub struct UserId;
pub struct Profile;
#[derive(Debug)]
pub struct NotFound;

#[step]
pub async fn fetch_profile(_id: &UserId) -> Result<Profile, NotFound> {
    Err(NotFound)
}

fn main() {}

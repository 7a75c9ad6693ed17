use docket::step;

pub struct UserId;
pub struct Profile;
#[derive(Debug)]
pub struct NotFound;

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not found")
    }
}

impl std::error::Error for NotFound {}

#[step]
pub async fn fetch_profile(_id: &UserId) -> Result<Profile, NotFound> {
    Err(NotFound)
}

fn main() {}

use docket::step;

pub struct UserId;
pub struct Profile;

#[step(timeout = std::time::Duration::from_secs(5))]
pub async fn fetch(_id: &UserId) -> Result<Profile, std::io::Error> {
    Ok(Profile)
}

fn main() {}

use docket::step;

pub struct UserId;
pub struct Profile;

#[step(timeout = 500ms)]
pub async fn fetch(_id: &UserId) -> Result<Profile, std::io::Error> {
    Ok(Profile)
}

fn main() {}

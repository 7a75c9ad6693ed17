use docket::step;

pub struct UserId;
pub struct Profile;

type Outcome<T> = Result<T, std::io::Error>;

#[step(retry(attempts = 3))]
pub async fn fetch(_id: &UserId) -> Outcome<Profile> {
    Ok(Profile)
}

fn main() {}

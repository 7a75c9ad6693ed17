use docket::step;

pub struct Client;
pub struct Profile;

impl Client {
    #[step]
    pub fn fetch(&self) -> Profile {
        Profile
    }
}

fn main() {}

use docket::step;

pub struct Client;
pub struct Profile;

#[step]
pub fn fetch(#[reource] _client: &Client) -> Profile {
    Profile
}

fn main() {}

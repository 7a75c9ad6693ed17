use docket::step;

pub struct Client;
pub struct Profile;

#[step]
pub fn fetch(#[resource] _client: &Client) -> Profile {
    Profile
}

fn main() {}

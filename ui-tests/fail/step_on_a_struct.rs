pub struct UserId;

#[docket::step]
pub struct Profile;

fn main() {}

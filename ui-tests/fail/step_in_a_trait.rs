use docket::step;

pub struct UserId;
pub struct Profile;

pub trait Backend {
    #[step]
    fn fetch(id: &UserId) -> Profile;
}

fn main() {}

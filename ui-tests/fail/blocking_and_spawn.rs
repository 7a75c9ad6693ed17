use docket::step;

pub struct Password(pub String);
pub struct Hash(pub usize);

#[step(blocking, spawn)]
pub fn hash(password: &Password) -> Hash {
    Hash(password.0.len())
}

fn main() {}

use docket::step;

pub struct Name(pub String);
pub struct Profile(pub String);

#[step]
pub fn fetch(name: &Name) -> Profile {
    Profile(name.0.clone())
}

fn main() {}

use docket::step;

pub struct Profile {
    pub name: String,
}

#[step]
pub fn name(profile: &Profile) -> &String {
    &profile.name
}

fn main() {}

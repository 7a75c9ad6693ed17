use docket::step;

pub struct Profile {
    pub name: String,
}

#[step]
pub fn name(profile: &Profile) -> String {
    profile.name.clone()
}

fn main() {}

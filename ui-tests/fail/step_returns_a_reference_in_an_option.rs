use docket::step;

pub struct Profile {
    pub names: Vec<String>,
}

#[step]
pub fn name(profile: &Profile) -> Option<&String> {
    profile.names.first()
}

fn main() {}

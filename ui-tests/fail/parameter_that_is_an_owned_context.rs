use docket::{StepContext, step};

pub struct Profile;

#[step]
pub fn build(_context: StepContext) -> Profile {
    Profile
}

fn main() {}

use docket::{StepContext, step};

pub struct Profile;

#[step]
pub fn build(_context: &StepContext, _again: &StepContext) -> Profile {
    Profile
}

fn main() {}

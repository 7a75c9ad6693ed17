use docket::{StepContext, step};

pub struct UserId;
pub struct Profile;

#[step]
pub fn fetch(_id: &UserId, _ctx: Option<&StepContext>) -> Profile {
    Profile
}

fn main() {}

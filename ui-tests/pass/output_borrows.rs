use std::borrow::Cow;

use docket::step;

pub struct Name(pub String);

#[step]
pub fn short(name: &Name) -> Cow<'static, str> {
    Cow::Owned(name.0.clone())
}

fn main() {}

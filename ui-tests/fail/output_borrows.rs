use std::borrow::Cow;

use docket::step;

pub struct Name(pub String);

#[step]
pub fn short(name: &Name) -> Cow<'_, str> {
    Cow::Borrowed(&name.0)
}

fn main() {}

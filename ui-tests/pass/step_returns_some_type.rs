use docket::step;

pub struct UserId(pub u64);

#[step]
pub fn name(id: &UserId) -> String {
    id.0.to_string()
}

fn main() {}

use docket::step;

#[step]
pub fn double(#[key] number: &u64) -> u64 {
    number * 2
}

fn main() {}

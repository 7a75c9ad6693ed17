use docket::step;

#[step(repeat = "never")]
pub fn double(number: &u64) -> u64 {
    number * 2
}

fn main() {}

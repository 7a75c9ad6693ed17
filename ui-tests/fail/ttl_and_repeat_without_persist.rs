use docket::step;

#[step(ttl = "1h", repeat = "free")]
pub fn double(number: &u64) -> u64 {
    number * 2
}

fn main() {}

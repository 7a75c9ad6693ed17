use docket::step;

#[step(persist = "global", ttl = "24h")]
pub fn double(number: &u64) -> u64 {
    number * 2
}

fn main() {}

use docket::step;

#[step(fallback = zero)]
pub async fn double(number: &u64) -> Result<u64, std::io::Error> {
    Ok(number * 2)
}

fn zero() -> u64 {
    0
}

fn main() {}

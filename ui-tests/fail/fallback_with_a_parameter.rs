use docket::step;

#[step(fallback = zero)]
pub async fn double(number: &u64) -> Result<u64, std::io::Error> {
    Ok(number * 2)
}

fn zero(_error: &std::io::Error) -> u64 {
    0
}

fn main() {}

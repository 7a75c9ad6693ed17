use docket::step;

#[step(fallback = 0)]
pub async fn double(number: &u64) -> Result<u64, std::io::Error> {
    Ok(number * 2)
}

fn main() {}

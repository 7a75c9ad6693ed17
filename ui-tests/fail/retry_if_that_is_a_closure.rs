use docket::step;

#[step(retry(attempts = 3), retry_if = |_| true)]
pub async fn double(number: &u64) -> Result<u64, std::io::Error> {
    Ok(number * 2)
}

fn main() {}

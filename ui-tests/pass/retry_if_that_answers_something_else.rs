use docket::step;

#[step(retry(attempts = 3), retry_if = is_transient)]
pub async fn double(number: &u64) -> Result<u64, std::io::Error> {
    Ok(number * 2)
}

fn is_transient(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::TimedOut
}

fn main() {}

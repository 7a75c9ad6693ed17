use docket::step;

#[step(retry(attempts = 3), retry_if = is_transient)]
pub async fn double(number: &u64) -> Result<u64, std::io::Error> {
    Ok(number * 2)
}

fn is_transient(error: &String) -> bool {
    error == "timed out"
}

fn main() {}

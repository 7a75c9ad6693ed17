use docket::step;

#[step(retry(attempts = 3))]
pub async fn double(number: &u64) -> u64 {
    number * 2
}

fn main() {}

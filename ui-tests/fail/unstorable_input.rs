use docket::step;

pub struct UserId(pub u64);

#[step(persist = "workflow")]
pub async fn score(id: &UserId, factor: &u64) -> Result<u64, std::io::Error> {
    Ok(id.0 * factor)
}

fn main() {}

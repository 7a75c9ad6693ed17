use docket::step;

#[derive(docket::Value, serde::Serialize, serde::Deserialize)]
pub struct UserId(pub u64);

#[step(persist = "workflow")]
pub async fn score(#[key] id: &UserId, factor: &u64) -> u64 {
    id.0 * factor
}

fn main() {}

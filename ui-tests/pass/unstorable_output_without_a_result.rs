use docket::step;

#[derive(docket::Value, serde::Serialize, serde::Deserialize)]
pub struct Score(pub u32);

#[step(persist = "global")]
pub fn score(id: &u64) -> Score {
    Score(*id as u32)
}

fn main() {}

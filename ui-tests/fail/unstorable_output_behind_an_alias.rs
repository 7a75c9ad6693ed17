use docket::step;

pub struct Score(pub u32);
pub type ScoreResult = Result<Score, std::io::Error>;

#[step(persist = "global")]
pub async fn score(id: &u64) -> ScoreResult {
    Ok(Score(*id as u32))
}

fn main() {}

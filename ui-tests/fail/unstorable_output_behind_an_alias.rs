use docket::step;

pub struct Score(pub u32);
type ScoreResult = Result<Score, std::io::Error>;

#[step(persist = "global")]
async fn score(id: &u64) -> ScoreResult {
    Ok(Score(*id as u32))
}

fn main() {}

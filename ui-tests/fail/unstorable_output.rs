use docket::{graph, step};

pub struct UserId(pub u64);
pub struct Score(pub u32);

#[step(persist = "global")]
pub async fn score(id: &u64) -> Result<Score, std::io::Error> {
    Ok(Score(*id as u32))
}

graph! {
    pub struct Scores {
        inputs { u64 }
        steps { score }
        pub async fn score_of(id: u64) -> Score;
    }
}

fn main() {}

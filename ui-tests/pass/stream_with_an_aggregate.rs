use docket::{graph, step};

pub struct Movie;
pub struct Stats;
pub struct Ranked;

#[step]
fn stats(_all: &[Movie]) -> Stats {
    Stats
}

#[step]
fn rank(_movie: &Movie, _stats: &Stats) -> Ranked {
    Ranked
}

graph! {
    pub struct Movies {
        inputs { Movie }
        steps { stats, rank }
        pub async fn ranked(movies: [Movie]) -> [docket::Result<Ranked>];
    }
}

fn main() {}

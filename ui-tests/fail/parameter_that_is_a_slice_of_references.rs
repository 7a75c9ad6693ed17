use docket::step;

pub struct Movie;
pub struct Stats;

#[step]
pub fn compute_stats(_all: &[&Movie]) -> Stats {
    Stats
}

fn main() {}

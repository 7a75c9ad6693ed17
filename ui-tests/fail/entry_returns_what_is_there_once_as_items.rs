use docket::{graph, step};

pub struct Movie;
pub struct Viewer;
pub struct Taste;
pub struct Stats;

#[step]
fn taste(_viewer: &Viewer, _movie: &Movie) -> Taste {
    Taste
}

#[step]
fn stats(_all: &[Taste]) -> Stats {
    Stats
}

graph! {
    pub struct Movies {
        inputs { Movie, Viewer }
        steps { taste, stats }
        pub async fn stats_of(movies: [Movie], viewer: Viewer) -> [Stats];
    }
}

fn main() {}

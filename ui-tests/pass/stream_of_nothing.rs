use docket::{graph, step};

pub struct Movie;
pub struct Ranked;

#[step]
fn rank(_movie: &Movie) -> Ranked {
    Ranked
}

graph! {
    pub struct Movies {
        inputs { Movie }
        steps { rank }
        pub fn ranked(movies: [Movie]) -> impl Stream<Item = docket::Result<Ranked>>;
    }
}

fn main() {}

use docket::{graph, step};

pub struct Movie;
pub struct Rating;
pub struct Ranked;

#[step]
fn rank(_movie: &Movie, _rating: &Rating) -> Ranked {
    Ranked
}

graph! {
    pub struct Movies {
        inputs { Movie, Rating }
        steps { rank }
        pub async fn ranked(movies: [(Movie, Rating)]) -> [Ranked];
    }
}

fn main() {}

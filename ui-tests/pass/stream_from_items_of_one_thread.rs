use std::sync::Arc;

use docket::{graph, step};

pub struct Movie;
pub struct Ranked;

#[step]
fn rank(_movie: &Movie) -> Ranked {
    Ranked
}

struct Shelf(Arc<str>);

impl Iterator for Shelf {
    type Item = Movie;

    fn next(&mut self) -> Option<Movie> {
        (self.0.len() > 9).then_some(Movie)
    }
}

graph! {
    pub struct Movies {
        inputs { Movie }
        steps { rank }
        pub fn ranked(movies: [Movie]) -> impl Stream<Item = docket::Result<Ranked>>;
    }
}

fn main() {
    let graph = Movies::builder().build();
    let _ = graph.ranked("x", Shelf("horror".into()));
}

use docket::{graph, step};

pub struct Movie;
pub struct Viewer;
pub struct Taste;
pub struct Ranked;

#[step]
fn taste(_viewer: &Viewer) -> Taste {
    Taste
}

#[step]
fn rank(_movie: &Movie, _taste: &Taste) -> Ranked {
    Ranked
}

graph! {
    pub struct Movies {
        inputs { Movie, Viewer }
        steps { taste, rank }
        pub fn ranked(movies: [Movie], viewer: Viewer) -> impl Stream<Item = docket::Result<Ranked>>;
        pub async fn taste_of(viewer: Viewer) -> Taste;
    }
}

fn main() {}

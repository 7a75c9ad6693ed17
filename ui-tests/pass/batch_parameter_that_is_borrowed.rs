use docket::{graph, step};

pub struct MovieId(pub u64);
pub struct Stars(pub u64);

#[step]
fn rate(id: &MovieId) -> Stars {
    Stars(id.0)
}

graph! {
    pub struct Movies {
        inputs { MovieId }
        steps { rate }
        pub async fn stars(movies: [MovieId]) -> [Stars];
    }
}

fn main() {}

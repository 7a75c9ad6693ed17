use docket::step;

pub struct Movie;
pub struct Page;

#[step]
pub fn list(_movies: Option<&Vec<Movie>>) -> Page {
    Page
}

fn main() {}

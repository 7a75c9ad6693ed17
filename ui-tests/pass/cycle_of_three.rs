use docket::{graph, step};

pub struct Seed;
pub struct A;
pub struct B;
pub struct C;

#[step]
fn make_a(_c: &Seed) -> A {
    A
}

#[step]
fn make_b(_a: &A) -> B {
    B
}

#[step]
fn make_c(_b: Option<&B>) -> C {
    C
}

graph! {
    pub struct Ring {
        inputs { Seed }
        steps { make_a, make_b, make_c }
        pub async fn c(seed: Seed) -> C;
    }
}

fn main() {}

use docket::{graph, step};

pub struct Seed;
pub struct Before;
pub struct A;
pub struct B;
pub struct After;

#[step]
fn before(_seed: &Seed) -> Before {
    Before
}

#[step]
fn make_a(_before: &Before, _b: &B) -> A {
    A
}

#[step]
fn make_b(_a: &A) -> B {
    B
}

#[step]
fn after(_b: &B, _before: &Before) -> After {
    After
}

graph! {
    pub struct Ring {
        inputs { Seed }
        steps { after, make_b, make_a, before }
        pub async fn after_all(seed: Seed) -> After;
        pub async fn only_b(seed: Seed) -> B;
    }
}

fn main() {}

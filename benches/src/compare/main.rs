//! Docket beside hand-written code and other libraries, doing the same.
fn main() {}

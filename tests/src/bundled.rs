//! Steps and a bundle of them, for graphs of other crates.

use docket::step;

/// A number.
pub struct Number(pub u32);

/// Twice a number.
pub struct Doubled(pub u32);

/// Three times a number; nothing here makes it.
pub struct Tripled(pub u32);

/// Doubles a number.
#[step]
pub async fn double(n: &Number) -> Doubled {
    Doubled(n.0 * 2)
}

docket::steps! {
    /// All that doubles.
    pub doubling { double }
}

//! Whether what a function returns is a `Result`, where its name does not say so.

use std::marker::PhantomData;

/// Asked for its `IS_RESULT`: what stands at the type itself comes before what stands at a trait.
#[derive(Debug)]
pub struct Returned<T>(PhantomData<T>);

impl<T, E> Returned<Result<T, E>> {
    /// It is one.
    pub const IS_RESULT: bool = true;
}

/// See [`Returned`].
pub trait NoResult {
    /// It is none.
    const IS_RESULT: bool = false;
}

impl<T> NoResult for Returned<T> {}

//! What lets the compiler ask for the resources and the store of a graph.

use std::fmt;

/// In the place of a resource that has not been given yet.
#[derive(Debug)]
pub struct Unset;

/// A resource that has been given.
pub struct Set<T>(pub T);

impl<T> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Set(…)")
    }
}

/// The graph has no store yet.
#[derive(Debug)]
pub struct NoStore;

/// The graph has a store.
#[derive(Debug)]
pub struct HasStore;

/// `Bool<true>` or `Bool<false>`.
#[derive(Debug)]
pub enum Bool<const B: bool> {}

/// Whether `S` is enough for a graph that persists (`Bool<true>`) or does not.
#[diagnostic::on_unimplemented(
    message = "this graph has steps with `persist`, so it needs a store",
    label = "no store was given",
    note = "call `.store(…)` before `.build()`, for example with `docket::MemoryStore::new()`"
)]
pub trait StoreFor<S> {}

#[diagnostic::do_not_recommend]
impl StoreFor<HasStore> for Bool<true> {}
// Nobody has it. Of a trait with one impl the compiler says who implements it, which here is none of the reader's business.
#[diagnostic::do_not_recommend]
impl StoreFor<Unset> for Bool<true> {}
impl<S> StoreFor<S> for Bool<false> {}

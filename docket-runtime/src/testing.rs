//! For those who write a store of their own: [`store_suite!`](store_suite), the tests that Docket's own stores pass.

use crate::store::Store;

#[doc(inline)]
pub use crate::store_suite;

/// The rules that [`store_suite!`](store_suite) tests, each by its function.
#[doc(hidden)]
pub use crate::store::conformance as __conformance;

/// What the expression of a [`store_suite!`](store_suite) gives: a store, or a store and whatever has to live as long as
/// its test, as a guard that deletes its table.
pub trait StoreFixture {
    /// The store under test.
    type Store: Store;
    /// What is dropped after the test.
    type Guard;

    /// The two.
    fn into_parts(self) -> (Self::Store, Self::Guard);
}

impl<S: Store> StoreFixture for S {
    type Store = S;
    type Guard = ();

    fn into_parts(self) -> (S, ()) {
        (self, ())
    }
}

impl<S: Store, G> StoreFixture for (S, G) {
    type Store = S;
    type Guard = G;

    fn into_parts(self) -> (S, G) {
        self
    }
}

/// Tests of a store: one for each family of the rules of [`Store`], one of crowds of callers, and one of random histories.
///
/// ```
/// # use docket_runtime as docket;
/// # use docket::store::MemoryStore as MyStore;
/// docket::testing::store_suite!(my_store, async { MyStore::new() });
/// # fn main() {}
/// ```
///
/// This is a module `my_store` with the tests `claims`, `records`, `leases`, `doubts`, `stale`, `crowds` and `histories`,
/// each a `#[tokio::test]`: the package needs `tokio` with its features `macros`, `rt-multi-thread` and `time`.
///
/// The future is awaited once for each test, and gives it a store **of its own**: the tests run at the same time, and one
/// purges what has expired. It may give a pair instead, of the store and a guard that is dropped when the test is over:
///
/// ```
/// # use docket_runtime as docket;
/// # use docket::store::MemoryStore;
/// # struct Table;
/// # impl Table {
/// #     async fn create() -> Self { Table }
/// #     async fn connect(&self) -> MemoryStore { MemoryStore::new() }
/// # }
/// docket::testing::store_suite!(my_store, async {
///     let table = Table::create().await;
///     (table.connect().await, table)
/// });
/// # fn main() {}
/// ```
///
/// Leases of 150 ms are let lapse by [`tokio::time::sleep`]. A store whose times are those of tokio can be tested without
/// waiting, on one thread and by a paused clock, which takes the feature `test-util` of `tokio`:
///
/// ```
/// # use docket_runtime as docket;
/// # use docket::store::MemoryStore;
/// docket::testing::store_suite!(my_store, start_paused = true, async { MemoryStore::new() });
/// # fn main() {}
/// ```
///
/// What is tested can also be called as functions: [`store::conformance`](crate::store::conformance).
#[macro_export]
macro_rules! store_suite {
    ($name:ident, start_paused = true, $fixture:expr $(,)?) => {
        $crate::store_suite! { @module [start_paused = true] $name, $fixture }
    };
    ($name:ident, $fixture:expr $(,)?) => {
        $crate::store_suite! {
            @module [flavor = "multi_thread", worker_threads = 4] $name, $fixture
        }
    };
    (@module $runtime:tt $name:ident, $fixture:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "what the fixture names")]
            use super::*;

            $crate::store_suite! { @test $runtime claims, $fixture, |store| check_claims(&*store) }
            $crate::store_suite! { @test $runtime records, $fixture, |store| check_records(&*store) }
            $crate::store_suite! { @test $runtime leases, $fixture, |store| check_leases(&*store) }
            $crate::store_suite! { @test $runtime doubts, $fixture, |store| check_doubts(&*store) }
            $crate::store_suite! { @test $runtime stale, $fixture, |store| check_stale(&*store) }
            $crate::store_suite! { @test $runtime crowds, $fixture, |store| check_crowds(&store, 50) }
            $crate::store_suite! {
                @test $runtime histories, $fixture, |store| check_histories(&*store, 0..100)
            }
        }
    };
    (@test [$($runtime:tt)*] $test:ident, $fixture:expr, |$store:ident| $check:ident($($argument:tt)*)) => {
        #[::tokio::test($($runtime)*)]
        async fn $test() {
            let fixture = $fixture.await;
            let (store, _guard) = $crate::testing::StoreFixture::into_parts(fixture);
            let $store = ::std::sync::Arc::new(store);
            $crate::testing::__conformance::$check($($argument)*).await;
        }
    };
}

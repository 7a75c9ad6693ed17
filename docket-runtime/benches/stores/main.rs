//! What the stores cost, beside the least that a program could send by hand.
//!
//! `DOCKET_TEST_POSTGRES=postgres://… cargo bench -p docket-runtime --features postgres --bench stores`; a store is measured
//! if its feature is on. The two sides of each comparison take turns, so that what else the machine does falls on both.

mod measure;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;

use std::sync::Arc;

use docket_runtime::store::MemoryStore;
use measure::Nothing;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    println!("memory");
    let memory = MemoryStore::new();
    measure::alone(&memory, None::<&Nothing>).await;
    measure::crowd(memory, None::<Arc<Nothing>>).await;
    #[cfg(feature = "mysql")]
    mysql::measure().await;
    #[cfg(feature = "postgres")]
    postgres::measure().await;
}

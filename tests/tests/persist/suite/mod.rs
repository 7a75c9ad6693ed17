//! What holds for every store: one suite, run for each.

/// One test for each store, of each function.
macro_rules! for_each_store {
    ($($test:ident),+ $(,)?) => {
        mod in_memory {
            use super::*;
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(MemoryStore::new()).await;
                }
            )+
        }

        for_each_store!(@ in_sqlite: Sqlite [$($test)+]);
        #[cfg(feature = "servers")]
        for_each_store!(@ in_postgres: Postgres [$($test)+]);
        #[cfg(feature = "servers")]
        for_each_store!(@ in_mariadb: MariaDb [$($test)+]);
        #[cfg(feature = "servers")]
        for_each_store!(@ in_redis: Redis [$($test)+]);
    };
    (@ $store:ident: $kind:ident [$($test:ident)+]) => {
        mod $store {
            use super::*;
            $(
                #[tokio::test]
                async fn $test() {
                    let place = Place::new(Kind::$kind);
                    super::$test(place.address().open().await.unwrap()).await;
                }
            )+
        }
    };
}

mod callers;
mod failures;
mod keys;
mod orders;
mod reuse;
mod rows;
mod stale;
mod values;

use std::collections::HashMap;

use docket::store::Store;
use docket::{ErrorKind, Execution, MemoryStore, SqliteStore, StepContext, graph, step};
use docket_tests::faults::stores::{Kind, Place};
use docket_tests::{Log, Oops, Tell, ms};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use orders::*;

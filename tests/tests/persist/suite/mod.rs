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

        mod in_sqlite {
            use super::*;
            $(
                #[tokio::test]
                async fn $test() {
                    let folder = tempfile::tempdir().unwrap();
                    let url = format!("sqlite://{}", folder.path().join("steps.db").display());
                    super::$test(SqliteStore::connect(&url).await.unwrap()).await;
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
mod values;

use std::collections::HashMap;

use docket::store::Store;
use docket::{ErrorKind, Execution, MemoryStore, SqliteStore, StepContext, graph, step};
use docket_tests::{Log, Oops, Tell, ms};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use orders::*;

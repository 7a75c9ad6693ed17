//! Files: who opens them, what they promise, and what stays in them.

use docket_runtime::store::{
    ClaimOutcome, Durability, SqliteOptions, SqliteStore, Store as _, Stored,
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqliteSynchronous};
use sqlx::{Row, query};

use super::{File, another, claim, completion, request};

/// Stores of one file don't know of each other, as if each were of another process.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_stores_of_one_file_have_one_holder() {
    let file = File::new("several");
    let opened = (0..8).map(|_| {
        let url = file.url();
        tokio::spawn(async move { SqliteStore::connect(&url).await.unwrap() })
    });
    let mut stores = Vec::new();
    for store in opened.collect::<Vec<_>>() {
        stores.push(store.await.unwrap());
    }
    for _ in 0..20 {
        let request = request();
        let callers: Vec<_> = stores
            .iter()
            .map(|store| {
                let (store, request) = (store.clone(), another(&request));
                tokio::spawn(async move { store.claim(&request).await.unwrap() })
            })
            .collect();
        let mut n_claimed = 0;
        for caller in callers {
            n_claimed += i32::from(matches!(caller.await.unwrap(), ClaimOutcome::Claimed(_)));
        }
        assert_eq!(n_claimed, 1);
    }
}

#[tokio::test]
async fn what_was_recorded_is_there_after_a_restart() {
    let file = File::new("restart");
    let request = request();
    {
        let store = SqliteStore::connect(&file.url()).await.unwrap();
        assert_eq!(store.durability(), Durability::Durable);
        let claim = claim(&store, &request).await;
        store.complete(&claim, &completion()).await.unwrap();
    }
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let outcome = store.claim(&another(&request)).await.unwrap();
    let ClaimOutcome::Hit(Stored {
        bytes: Some(bytes),
        codec: 2,
        ..
    }) = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!(&*bytes, br#"{"amount":5}"#);
}

#[tokio::test]
async fn weak_settings_are_told_with_the_pragma_to_set() {
    let file = File::new("weak");
    let weak = SqliteConnectOptions::new()
        .filename(&file.0)
        .create_if_missing(true)
        .synchronous(SqliteSynchronous::Normal);
    let store = SqliteStore::new(SqlitePool::connect_with(weak).await.unwrap())
        .await
        .unwrap();
    let Durability::Weak { reason } = store.durability() else {
        panic!("{:?}", store.durability());
    };
    assert!(reason.contains("PRAGMA synchronous = FULL"), "{reason}");

    let strong = SqliteConnectOptions::new()
        .filename(&file.0)
        .synchronous(SqliteSynchronous::Full);
    let store = SqliteStore::new(SqlitePool::connect_with(strong).await.unwrap())
        .await
        .unwrap();
    assert_eq!(store.durability(), Durability::Durable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_that_open_a_new_file_migrates_it() {
    let file = File::new("migrate");
    let opened: Vec<_> = (0..8)
        .map(|_| {
            let url = file.url();
            tokio::spawn(async move { SqliteStore::connect(&url).await })
        })
        .collect();
    for store in opened {
        store.await.unwrap().unwrap();
    }
    let pool = file.pool().await;
    let versions = query("SELECT version, applied_at FROM step_cache_migrations")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].get::<i64, _>("version"), 1);
    assert_eq!(versions[0].get::<String, _>("applied_at").len(), 23);
}

/// SQLite would take an empty name for that of a file which it deletes at the end.
#[tokio::test]
async fn a_url_that_names_no_file_is_refused() {
    for url in ["", "sqlite:", "sqlite://", "sqlite://?mode=rwc", "file:"] {
        let error = SqliteStore::connect(url).await.unwrap_err();
        assert!(!error.is_retryable());
        assert_eq!(
            error.to_string(),
            "the URL of a SQLite database names no file; write `sqlite://` and a path, or `sqlite::memory:` for one that \
             is gone with the process",
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_url_of_another_store_is_no_name_of_a_file() {
    for url in ["postgres://ann:s3cret@localhost/x", "postgres:x"] {
        let error = SqliteStore::connect(url).await.unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "`postgres:` is not what the URL of a SQLite database begins with; write `sqlite://` and the path of a file"
        );
    }
    assert!(!std::path::Path::new("postgres:x").exists());
}

#[tokio::test]
async fn nothing_is_created_unless_allowed() {
    let file = File::new("absent");
    let existing = || SqliteOptions::new().create_if_missing(false);
    let error = existing().connect(&file.url()).await.unwrap_err();
    let name = file.0.display();
    assert_eq!(
        error.to_string(),
        format!("SQLite can't open the file `{name}`")
    );
    assert!(!file.0.exists());

    std::fs::write(&file.0, "").unwrap();
    let store = existing().connect(&file.url()).await.unwrap();
    let error = store.claim(&request()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Docket's table is not there; `migrate` makes it"
    );
    assert!(!error.is_retryable());
    let mode: String = query("PRAGMA journal_mode")
        .fetch_one(&file.pool().await)
        .await
        .unwrap()
        .get(0);
    assert_eq!(mode, "delete");
    assert_eq!(std::fs::metadata(&file.0).unwrap().len(), 0);
    store.migrate().await.unwrap();
    claim(&store, &request()).await;

    std::fs::write(
        &file.0,
        "something else, and long enough to have a header of SQLite's, which is of a hundred bytes",
    )
    .unwrap();
    let error = existing().connect(&file.url()).await.unwrap_err();
    let name = file.0.display();
    assert_eq!(
        error.to_string(),
        format!("the file `{name}` is not a SQLite database")
    );
}

#[tokio::test]
async fn a_url_of_something_else_is_refused() {
    for url in [
        "postgres://localhost/x",
        "sqlite:///no/such/folder/x.db",
        "sqlite://x.db?mode=odd",
    ] {
        let error = SqliteStore::connect(url).await.unwrap_err();
        assert!(!error.is_retryable(), "{url}: {error:?}");
    }
}

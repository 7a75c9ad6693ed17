//! Execution ids and namespaces that want to be something else: each is refused in clear words, or is a name like others.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use docket::{ErrorKind, graph, step};
use docket_tests::faults::charge::{Order, Receipt};
use docket_tests::faults::stores::{Kind, Place};

/// How often the step ran.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicU32>);

impl Runs {
    fn so_far(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

#[step(persist = "workflow")]
async fn ship(order: &Order, #[resource] runs: &Runs) -> Receipt {
    runs.0.fetch_add(1, Ordering::SeqCst);
    Receipt {
        order: order.0,
        reconciled: false,
    }
}

graph! {
    struct Shipping {
        inputs { Order }
        resources { Runs }
        steps { ship }
        async fn run(order: Order) -> Receipt;
    }
}

fn hostile() -> Vec<String> {
    let names = [
        "",
        " ",
        "'",
        "''",
        "\"",
        "`",
        "\\",
        "\\'",
        "'; DROP TABLE step_cache; --",
        "' OR '1'='1",
        "/* */",
        "$1",
        "?",
        ":name",
        "a\0b",
        "a\0c",
        "\0",
        "{}",
        "{0}",
        "{tag}",
        "%",
        "%s%n",
        "_",
        "*",
        "a:*?[a-z]",
        "line\nline",
        "line\rline",
        "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
        "\u{1b}[2J",
        "\u{85}",
        "\u{202e}",
        "\u{feff}",
        "\u{fffd}",
        "größe 漢字 😀",
        "../../etc/passwd",
        "null",
        "0",
    ];
    let mut names: Vec<String> = names.map(str::to_owned).into();
    // Such as differ at the end of what a column takes, if it were cut; and one in bytes rather than characters.
    names.extend(["x".repeat(255), "x".repeat(256), "x".repeat(300)]);
    names.extend([
        format!("{}1", "y".repeat(300)),
        format!("{}2", "y".repeat(300)),
    ]);
    names.extend(["ü".repeat(127), "ü".repeat(128), "😀".repeat(300)]);
    names
}

async fn as_execution_ids(kind: Kind) {
    let (place, runs) = (Place::new(kind), Runs::default());
    let store = place.address().open().await.unwrap();
    let graph = Shipping::builder().runs(runs.clone()).store(store).build();
    let mut taken = Vec::new();
    for id in hostile() {
        let before = runs.so_far();
        match graph.run(&*id, Order(1)).await {
            Ok(_) => {
                assert_eq!(runs.so_far(), before + 1, "{id:?} is taken for another");
                graph.run(&*id, Order(1)).await.unwrap();
                assert_eq!(runs.so_far(), before + 1, "{id:?} is not found again");
                taken.push(id);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Encoding, "{id:?}: {error:?}");
                let words = error.to_string();
                assert!(words.contains("execution id"), "{id:?}: {words}");
                assert_eq!(runs.so_far(), before, "{id:?}");
                let is_long = id.len() > 255;
                assert!(
                    is_long || id.chars().any(char::is_control),
                    "{id:?}: {words}"
                );
            }
        }
    }
    let rows = place.address().rows().await.unwrap();
    let mut found: Vec<String> = rows.into_iter().map(|it| it.execution_id).collect();
    found.sort();
    taken.sort();
    assert_eq!(found, taken);
}

async fn as_namespaces(kind: Kind) {
    let (place, runs) = (Place::new(kind), Runs::default());
    let store = place.address().open().await.unwrap();
    let mut taken = 0;
    for name in hostile() {
        let graph = Shipping::builder()
            .runs(runs.clone())
            .store(store.clone())
            .namespace(&name)
            .build();
        let before = runs.so_far();
        match graph.run("shipping", Order(1)).await {
            Ok(_) => {
                assert_eq!(runs.so_far(), before + 1, "{name:?} is taken for another");
                graph.run("shipping", Order(1)).await.unwrap();
                assert_eq!(runs.so_far(), before + 1, "{name:?} is not found again");
                taken += 1;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Store, "{name:?}: {error:?}");
                let words = error.source().unwrap().to_string();
                assert!(
                    words.contains("the namespace is longer"),
                    "{name:?}: {words}"
                );
                assert_eq!(runs.so_far(), before, "{name:?}");
                assert!(name.chars().count() > 190, "{name:?}: {words}");
            }
        }
    }
    let rows = place.address().rows().await.unwrap();
    assert_eq!(rows.len(), taken);
}

macro_rules! on_each_store {
    ($($store:ident: $kind:ident),+) => {$(
        mod $store {
            use super::{Kind, as_execution_ids, as_namespaces};

            #[tokio::test]
            async fn hostile_execution_ids_are_refused_or_harmless() {
                as_execution_ids(Kind::$kind).await;
            }

            #[tokio::test]
            async fn hostile_namespaces_are_refused_or_harmless() {
                as_namespaces(Kind::$kind).await;
            }
        }
    )+};
}
on_each_store!(sqlite: Sqlite);
#[cfg(feature = "servers")]
on_each_store!(postgres: Postgres, mariadb: MariaDb, redis: Redis);

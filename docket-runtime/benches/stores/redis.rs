//! Redis, at `DOCKET_TEST_REDIS`.

use std::fmt::Write as _;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};

use docket_runtime::store::RedisOptions;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{Client, IntoConnectionInfo, cmd, pipe};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::contest::Contest;
use super::side::{Docket, Key, METADATA, Pair, Side, VALUE};
use super::table::Table;

/// As many as a store has.
const N_CONNECTIONS: usize = 2;

/// How commands come to the server.
#[derive(Clone)]
enum Connections {
    /// All callers send theirs over one, one behind the other, and wait for their answers.
    Shared(MultiplexedConnection),
    /// As those of a pool: each is lent to one caller, for one command and its answer.
    Lent {
        turns: Arc<Semaphore>,
        free: Arc<Mutex<Vec<MultiplexedConnection>>>,
    },
}

impl Connections {
    async fn lend(&self) -> Lent {
        match self {
            Self::Shared(connection) => Lent {
                connection: Some(connection.clone()),
                back: None,
            },
            Self::Lent { turns, free } => {
                let turn = Arc::clone(turns).acquire_owned().await.unwrap();
                let connection = free.lock().unwrap().pop();
                Lent {
                    connection,
                    back: Some((Arc::clone(free), turn)),
                }
            }
        }
    }
}

/// A connection until the end of one command. It goes back before the turn does.
struct Lent {
    connection: Option<MultiplexedConnection>,
    back: Option<(Arc<Mutex<Vec<MultiplexedConnection>>>, OwnedSemaphorePermit)>,
}

impl Deref for Lent {
    type Target = MultiplexedConnection;

    fn deref(&self) -> &MultiplexedConnection {
        self.connection.as_ref().unwrap()
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut MultiplexedConnection {
        self.connection.as_mut().unwrap()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some((free, turn)) = self.back.take() {
            free.lock().unwrap().extend(self.connection.take());
            drop(turn);
        }
    }
}

/// A `GET`, and a pair of `SET`s.
#[derive(Clone)]
struct ByHand(Connections);

impl Side for ByHand {
    async fn hit(&self, key: Key) {
        let mut get = cmd("GET");
        get.arg(name(key));
        let value: Vec<u8> = get.query_async(&mut *self.0.lend().await).await.unwrap();
        assert_eq!(value, VALUE);
    }
}

impl Pair for ByHand {
    async fn pair(&self, key: Key) {
        for value in [b"running", VALUE] {
            let mut set = cmd("SET");
            set.arg(name(key)).arg(value).arg("PX").arg(660_000);
            let (): () = set.query_async(&mut *self.0.lend().await).await.unwrap();
        }
    }
}

/// A row with Docket's fields: an `HSET`, and then another in one go with the end of the lease and the expiry.
#[derive(Clone)]
struct SameRow(Connections);

impl Pair for SameRow {
    async fn pair(&self, key: Key) {
        let name = name(key);
        let mut begin = cmd("HSET");
        begin.arg(&name);
        for (field, text) in [
            ("namespace", "bench"),
            ("scope", "global"),
            ("execution_id", "request-1"),
            ("step_name", "ChargeCard"),
            ("step_version", "1"),
            ("status", "running"),
            ("holder", "host/1/00000000"),
            ("lease_until", "1700000030000"),
            ("fence", "1700000000000000"),
            ("attempt", "1"),
            ("generation", "0"),
            ("starts", "1"),
            ("repeat_never", "0"),
            ("created_at", "1700000000000"),
            ("metadata", METADATA[0]),
        ] {
            begin.arg(field).arg(text);
        }
        begin.arg("input_hash").arg(&[7_u8; 32][..]);
        begin.arg("claim_id").arg(&key[..16]);
        let (): () = begin.query_async(&mut *self.0.lend().await).await.unwrap();
        let mut end = pipe();
        end.cmd("HSET").arg(&name);
        for (field, text) in [
            ("status", "succeeded"),
            ("codec", "1"),
            ("finished_at", "1700000000001"),
            ("expires_at", "1700000600001"),
            ("metadata", METADATA[1]),
        ] {
            end.arg(field).arg(text);
        }
        end.arg("value").arg(VALUE).ignore();
        end.cmd("HDEL").arg(&name).arg("lease_until").ignore();
        end.cmd("PEXPIRE").arg(&name).arg(660_000).ignore();
        let (): () = end.query_async(&mut *self.0.lend().await).await.unwrap();
    }
}

fn name(key: Key) -> String {
    let mut name = String::from("docket-bench-bare:");
    for byte in key {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// Beside one connection that all share, which does by itself what a store has to do for those of SQL; and beside as many
/// as a store has, one command at a time on each.
pub(crate) async fn measure(contest: &Contest) -> Vec<Table> {
    let url = std::env::var("DOCKET_TEST_REDIS")
        .expect("DOCKET_TEST_REDIS is not set: run `tests/run`, which starts the servers");
    let info = url.into_connection_info().unwrap();
    let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    let client = Client::open(info).unwrap();
    let mut connections = Vec::new();
    for _ in 0..N_CONNECTIONS {
        connections.push(client.get_multiplexed_async_connection().await.unwrap());
    }
    let shared = Connections::Shared(connections[0].clone());
    let lent = Connections::Lent {
        turns: Arc::new(Semaphore::new(N_CONNECTIONS)),
        free: Arc::new(Mutex::new(connections)),
    };
    let store = RedisOptions::new()
        .prefix("docket-bench:")
        .unwrap()
        .with_client(client)
        .await
        .unwrap();
    let mut tables = Vec::new();
    for (name, connections) in [
        (
            "Redis, `appendfsync always`, two connections; by hand, one that is shared, and pipelined",
            shared,
        ),
        (
            "Redis, `appendfsync always`, two connections; by hand, two, and on each one command at a time",
            lent,
        ),
    ] {
        let (by_hand, same_row) = (ByHand(connections.clone()), SameRow(connections));
        let table = contest
            .run(name, Docket(store.clone()), by_hand, same_row)
            .await;
        tables.push(table);
    }
    tables
}

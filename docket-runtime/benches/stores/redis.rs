//! Redis, at `DOCKET_TEST_REDIS`.

use std::fmt::Write as _;

use docket_runtime::store::RedisOptions;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{Client, IntoConnectionInfo, cmd, pipe};

use super::contest::Contest;
use super::side::{Docket, Key, METADATA, Pair, Side, VALUE};
use super::table::Table;

/// A `GET`, and a pair of `SET`s, over one connection that is shared.
#[derive(Clone)]
struct ByHand(MultiplexedConnection);

impl Side for ByHand {
    async fn hit(&self, key: Key) {
        let mut get = cmd("GET");
        get.arg(name(key));
        let value: Vec<u8> = get.query_async(&mut self.0.clone()).await.unwrap();
        assert_eq!(value, VALUE);
    }
}

impl Pair for ByHand {
    async fn pair(&self, key: Key) {
        for value in [b"running", VALUE] {
            let mut set = cmd("SET");
            set.arg(name(key)).arg(value).arg("PX").arg(660_000);
            let (): () = set.query_async(&mut self.0.clone()).await.unwrap();
        }
    }
}

/// A row with Docket's fields: an `HSET`, and then another in one go with the end of the lease and the expiry.
#[derive(Clone)]
struct SameRow(MultiplexedConnection);

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
        let (): () = begin.query_async(&mut self.0.clone()).await.unwrap();
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
        let (): () = end.query_async(&mut self.0.clone()).await.unwrap();
    }
}

fn name(key: Key) -> String {
    let mut name = String::from("docket-bench-bare:");
    for byte in key {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

pub(crate) async fn measure(contest: &Contest) -> Table {
    let url = std::env::var("DOCKET_TEST_REDIS")
        .expect("DOCKET_TEST_REDIS is not set: run `tests/run`, which starts the servers");
    let info = url.into_connection_info().unwrap();
    let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    let client = Client::open(info).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let store = RedisOptions::new()
        .prefix("docket-bench:")
        .unwrap()
        .with_client(client)
        .await
        .unwrap();
    let name = "Redis, `appendfsync always`, multiplexed";
    let (by_hand, same_row) = (ByHand(connection.clone()), SameRow(connection));
    contest.run(name, Docket(store), by_hand, same_row).await
}

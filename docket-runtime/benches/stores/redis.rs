//! Redis, at `DOCKET_TEST_REDIS`.

use std::fmt::Write as _;

use docket_runtime::store::RedisOptions;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{Client, IntoConnectionInfo, cmd};

use super::contest::Contest;
use super::side::{Docket, Key, Side, VALUE};
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

    async fn pair(&self, key: Key) {
        for value in [b"running", VALUE] {
            let mut set = cmd("SET");
            set.arg(name(key)).arg(value).arg("PX").arg(660_000);
            let (): () = set.query_async(&mut self.0.clone()).await.unwrap();
        }
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
    contest
        .run(name, Docket(store), ByHand(connection.clone()))
        .await
}

//! The session on a Redis server.

use docket::store::{RedisOptions, RedisStore};

use crate::session::{Place, check};
use crate::tool::Tool;

/// Keys of a prefix of this test's own, gone at its end.
struct Keys {
    url: String,
    prefix: String,
}

impl Place for Keys {
    type Store = RedisStore;

    fn tool(&self) -> Tool {
        Tool::new(&["--store", &self.url, "--prefix", &self.prefix])
    }

    async fn open(&self) -> RedisStore {
        let options = RedisOptions::new().prefix(&self.prefix);
        // The rows of a test may be lost with its server.
        let options = options.expect("it is a prefix").accept_weak_durability();
        options.connect(&self.url).await.expect("the store opens")
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let remove = || -> ::redis::RedisResult<()> {
            let mut connection = ::redis::Client::open(&self.url[..])?.get_connection()?;
            let pattern = format!("{}*", self.prefix);
            let keys: Vec<Vec<u8>> = ::redis::cmd("KEYS").arg(pattern).query(&mut connection)?;
            for key in keys {
                let _: u32 = ::redis::cmd("DEL").arg(key).query(&mut connection)?;
            }
            Ok(())
        };
        if let Err(error) = remove() {
            eprintln!("keys of {} are left behind: {error}", self.prefix);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_on_redis() {
    let url = std::env::var("DOCKET_TEST_REDIS")
        .expect("DOCKET_TEST_REDIS is not set: run `tests/run`, which starts the servers");
    let keys = Keys {
        url,
        prefix: format!("docket-cli-{}:", std::process::id()),
    };
    check(&keys).await;
    assert_eq!(keys.tool().ok(&["schema"]), "");
}

//! A Redis server. It has no table, so nothing is created in any case.

use docket::store::{RedisOptions, RedisStore};

use crate::failure::Failure;

pub(super) async fn open(url: &str, prefix: &str) -> Result<RedisStore, Failure> {
    let options = RedisOptions::new().prefix(prefix)?;
    Ok(options.connect(url).await?)
}

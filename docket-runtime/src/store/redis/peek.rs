//! Peeking at results: plain commands, for steps whose claims are likely to be hits. Those of many callers go out in one go.
//!
//! A script costs the server about ten times what it takes to read a row.

use std::time::Duration;

use ::redis::{FromRedisValue, Value, cmd, from_redis_value, pipe};

use super::StoreError;
use super::error::not_ours;
use super::key::Prefix;
use super::link::Link;
use crate::BoxError;
use crate::key::{CacheKey, InputHash};
use crate::store::Stored;
use crate::store::coalesce::Limits;
use crate::store::hits::{Peek, Peeked};

/// A connection does not wait for one answer before it takes the next command, so that lanes cost nothing; but each has to
/// be filled.
pub(super) const LIMITS: Limits = Limits {
    lanes: 2,
    operations: 128,
    bytes: 1 << 20,
    patience: None,
};

/// How they are sent.
pub(super) struct Peeks {
    pub(super) claims: Link,
    pub(super) prefix: Prefix,
}

impl Peek for Peeks {
    async fn peek(&self, keys: &[CacheKey]) -> Result<Vec<Option<Peeked>>, StoreError> {
        let mut commands = pipe();
        for key in keys {
            let mut peek = cmd("HMGET");
            peek.arg(self.prefix.name(key));
            for field in ["status", "input_hash", "codec", "value", "expires_at"] {
                peek.arg(field);
            }
            commands.add_command(peek);
        }
        // The clock comes last, so that no row counts for longer than it does.
        commands.add_command(cmd("TIME"));
        let mut answers: Vec<Value> = self.claims.send(&commands).await?;
        let now = answers.pop().unwrap_or_default();
        let (seconds, micros): (i64, i64) = from_redis_value(now).map_err(not_ours)?;
        let now = seconds * 1000 + micros / 1000;
        let seen = answers.into_iter().map(|row| read(row, now));
        seen.collect::<Result<_, _>>().map_err(not_ours)
    }
}

fn read(row: Value, now: i64) -> Result<Option<Peeked>, BoxError> {
    let fields: Vec<Value> = from_redis_value(row)?;
    let mut fields = fields.into_iter();
    let mut next = || fields.next().unwrap_or_default();
    if next() != Value::BulkString(b"succeeded".to_vec()) {
        return Ok(None);
    }
    let input_hash: Vec<u8> = from_redis_value(next())?;
    let codec = from_redis_value(next())?;
    let bytes = match next() {
        Value::BulkString(bytes) => Some(bytes.into()),
        _ => None,
    };
    let expires_at = Option::<i64>::from_redis_value(next())?;
    let expires_in = match expires_at {
        Some(at) if at <= now => return Ok(None),
        Some(at) => Some(Duration::from_millis(at.abs_diff(now))),
        None => None,
    };
    let input_hash = input_hash.try_into();
    Ok(Some(Peeked {
        input_hash: InputHash(input_hash.map_err(|_| "`input_hash` is not of 32 bytes")?),
        stored: Stored {
            bytes,
            codec,
            shared: None,
            expires_in,
        },
    }))
}

//! The fields of a row, as people see them.

use std::str::FromStr;
use std::time::Duration;

use ::redis::{Value, cmd, from_redis_value, pipe};

use super::error::not_ours;
use super::utc::utc;
use super::{Inner, StoreError};
use crate::BoxError;
use crate::key::CacheKey;
use crate::store::{Filter, RowStatus, RowView};

/// All but the value. [`Fields`] finds them by these names.
const NAMES: [&str; 18] = [
    "namespace",
    "scope",
    "execution_id",
    "step_name",
    "step_version",
    "status",
    "fence",
    "attempt",
    "generation",
    "holder",
    "lease_until",
    "created_at",
    "finished_at",
    "expires_at",
    "keep_until",
    "codec",
    "error",
    "metadata",
];

/// A row without its value.
pub(super) struct Fields {
    values: Vec<Option<Vec<u8>>>,
    value_len: Option<u64>,
}

impl Inner {
    /// Those of `keys` that are there.
    pub(super) async fn fields(
        &self,
        keys: &[CacheKey],
    ) -> Result<Vec<(CacheKey, Fields)>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut commands = pipe();
        for key in keys {
            let name = self.prefix.name(key);
            commands.add_command(cmd("HMGET").arg(&name).arg(&NAMES).take());
            commands.add_command(cmd("HEXISTS").arg(&name).arg("value").take());
            commands.add_command(cmd("HSTRLEN").arg(&name).arg("value").take());
        }
        let answers: Vec<Value> = self.claims.send(&commands).await?;
        let mut answers = answers.into_iter();
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let fields = Fields::read(&mut answers).map_err(not_ours)?;
            if fields.bytes("status").is_some() {
                found.push((*key, fields));
            }
        }
        Ok(found)
    }
}

impl Fields {
    /// The answers to the three commands about one row.
    fn read(answers: &mut impl Iterator<Item = Value>) -> Result<Self, BoxError> {
        let mut next = || answers.next().unwrap_or_default();
        let values = from_redis_value(next())?;
        let has_value: bool = from_redis_value(next())?;
        let value_len = from_redis_value(next())?;
        Ok(Self {
            values,
            value_len: has_value.then_some(value_len),
        })
    }

    pub(super) fn text(&self, name: &str) -> Result<String, BoxError> {
        self.optional_text(name)?
            .ok_or_else(|| format!("`{name}` is missing").into())
    }

    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>, BoxError> {
        let bytes = self.bytes(name).map(<[u8]>::to_vec);
        Ok(bytes.map(String::from_utf8).transpose()?)
    }

    pub(super) fn number<T>(&self, name: &str) -> Result<T, BoxError>
    where
        T: FromStr<Err: Into<BoxError>>,
    {
        self.text(name)?.parse().map_err(Into::into)
    }

    pub(super) fn optional_number<T>(&self, name: &str) -> Result<Option<T>, BoxError>
    where
        T: FromStr<Err: Into<BoxError>>,
    {
        let text = self.optional_text(name)?;
        text.map(|it| it.parse().map_err(Into::into)).transpose()
    }

    pub(super) fn status(&self) -> Result<RowStatus, BoxError> {
        let text = self.text("status")?;
        RowStatus::parse(&text).ok_or_else(|| format!("there is no status {text:?}").into())
    }

    /// The size of its value in bytes, if it has one.
    pub(super) fn value_len(&self) -> Option<u64> {
        self.value_len
    }

    /// How long ago the row was claimed first.
    pub(super) fn age(&self, now: i64) -> Result<Duration, BoxError> {
        Ok(between(self.number("created_at")?, now))
    }

    /// Whether it has expired, and its value is of no more use.
    pub(super) fn has_expired(&self, now: i64) -> Result<bool, BoxError> {
        let is_over = matches!(self.status()?, RowStatus::Succeeded | RowStatus::Failed);
        let expires_at: Option<i64> = self.optional_number("expires_at")?;
        let keep_until = self.optional_number("keep_until")?.or(expires_at);
        Ok(is_over && keep_until.is_some_and(|at| at <= now))
    }

    /// Whether `filter` lets it pass, but for its key.
    pub(super) fn pass(&self, filter: &Filter, now: i64) -> Result<bool, BoxError> {
        let Filter {
            step,
            status,
            execution,
            older_than,
            younger_than,
            key: _,
            expired,
        } = filter;
        let is_text = |name, wanted: &Option<String>| {
            wanted.is_none() || self.bytes(name) == wanted.as_deref().map(str::as_bytes)
        };
        let age = self.age(now)?;
        Ok(is_text("step_name", step)
            && is_text("execution_id", execution)
            && older_than.is_none_or(|it| age >= it)
            && younger_than.is_none_or(|it| age <= it)
            && match status {
                Some(status) => self.status()? == *status,
                None => true,
            }
            && (!expired || self.has_expired(now)?))
    }

    pub(super) fn view(&self, key: CacheKey, now: i64) -> Result<RowView, BoxError> {
        let status = self.status()?;
        let lease_until: Option<i64> = self.optional_number("lease_until")?;
        // Before it is over, they are those of the value that it is to replace.
        let is_over = matches!(status, RowStatus::Succeeded | RowStatus::Failed);
        let expires_at: Option<i64> = self.optional_number("expires_at")?;
        let expires_at = expires_at.filter(|_| is_over);
        Ok(RowView {
            key,
            namespace: self.text("namespace")?,
            scope: self.text("scope")?,
            execution_id: self.text("execution_id")?,
            step_name: self.text("step_name")?,
            step_version: self.number("step_version")?,
            status,
            fence: self.number("fence")?,
            attempt: self.number("attempt")?,
            generation: self.number("generation")?,
            holder: self.text("holder")?,
            lease: lease_until.map(|it| between(now, it)),
            age: self.age(now)?,
            created_at: utc(self.number("created_at")?),
            finished_at: self.optional_number("finished_at")?.map(utc),
            expires_in: expires_at.map(|it| between(now, it)),
            codec: self.optional_number("codec")?,
            value_len: self.value_len,
            value: None,
            value_json: None,
            error: self.optional_text("error")?,
            metadata: self.text("metadata")?,
        })
    }

    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let index = NAMES.iter().position(|it| *it == name)?;
        self.values.get(index)?.as_deref()
    }
}

/// The time from one to the other, by the server's clock; zero if that is past.
fn between(from: i64, to: i64) -> Duration {
    Duration::from_millis(to.saturating_sub(from).max(0) as u64)
}

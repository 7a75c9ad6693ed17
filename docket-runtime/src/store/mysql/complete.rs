//! Recording successes: those that come at the same time are one statement, and one wait for the disk.

use std::time::Duration;

use sqlx::mysql::MySql;

use super::super::coalesce::{Batch, Limits};
use super::super::sql::{BySize, Lender};
use super::super::{Completion, Write};
use super::error::store_error;
use super::metadata::fitting;
use super::send::Bound;
use super::statements::SIZES;
use super::{ClaimRef, StoreError, micros};
use crate::key::CacheKey;

/// Both connections for records may be at it: a renewal gets its turn after the statement of one of them.
pub(super) const LIMITS: Limits = Limits {
    lanes: 2,
    operations: SIZES[SIZES.len() - 1],
    bytes: 1 << 20,
    patience: Some(Duration::from_secs(30)),
};

/// One success to record.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) claim: ClaimRef,
    pub(super) completion: Completion,
}

/// What sends them.
pub(super) struct Records {
    pub(super) pool: Lender<MySql>,
    pub(super) sql: BySize,
}

impl Records {
    async fn send_one(&self, record: &Record) -> Result<Write, StoreError> {
        let Record { claim, completion } = record;
        let complete = bind_values(Bound::new(&self.sql.one), completion)
            .bind(&claim.key.0[..])
            .bind(&claim.claim_id.as_bytes()[..])
            .bind(claim.fence);
        Ok(match self.write(complete).await? {
            0 => Write::Fenced,
            _ => Write::Recorded,
        })
    }

    /// How many of them are recorded.
    async fn send_many(&self, records: &[Record]) -> Result<u64, StoreError> {
        let (sql, size) = self.sql.of(records.len());
        // What is left over is the last one once more, of which the first mention counts.
        let padded = records
            .iter()
            .map(Some)
            .chain(std::iter::repeat(None))
            .take(size);
        let last = records.last().map(|it| &it.claim);
        let claim = |it: Option<&'_ Record>| it.map(|it| it.claim).or(last.copied());
        let mut complete = Bound::new(sql);
        for column in Column::ALL {
            for record in padded.clone() {
                complete = complete.bind(claim(record).map(|it| it.key.0.to_vec()));
                complete = column.bind(complete, record.map(|it| &it.completion));
            }
        }
        for record in padded {
            let claim = claim(record);
            complete = complete
                .bind(claim.map(|it| it.key.0.to_vec()))
                .bind(claim.map(|it| it.claim_id.as_bytes().to_vec()))
                .bind(claim.map(|it| it.fence));
        }
        self.write(complete).await
    }

    async fn write(&self, statement: Bound) -> Result<u64, StoreError> {
        let done = statement.execute(&self.pool).await;
        Ok(done.map_err(store_error)?.rows_affected())
    }
}

impl Batch for Records {
    type Operation = Record;
    type Answer = Write;

    fn key(record: &Record) -> &CacheKey {
        &record.claim.key
    }

    fn size(&self, record: &Record) -> usize {
        let Completion {
            value,
            json,
            ttl: _,
            stale: _,
            metadata,
        } = &record.completion;
        let bytes = value.bytes.as_ref().map_or(0, |it| it.len());
        bytes + json.as_ref().map_or(0, |it| it.len()) + metadata.len()
    }

    async fn send(&self, records: &[Record]) -> Result<Vec<Write>, StoreError> {
        if records.len() > 1 {
            let n_recorded = self.send_many(records).await?;
            if n_recorded == records.len() as u64 {
                return Ok(vec![Write::Recorded; records.len()]);
            }
            // Some are fenced. One that is recorded may be so twice, and the first time stands.
        }
        let mut answers = Vec::with_capacity(records.len());
        for record in records {
            answers.push(self.send_one(record).await?);
        }
        Ok(answers)
    }
}

/// What a success writes, in the order of the statement.
#[derive(Clone, Copy)]
enum Column {
    Codec,
    Value,
    ValueJson,
    Metadata,
    Omitted,
    Ttl,
    KeptFor,
}

impl Column {
    const ALL: [Self; 7] = [
        Self::Codec,
        Self::Value,
        Self::ValueJson,
        Self::Metadata,
        Self::Omitted,
        Self::Ttl,
        Self::KeptFor,
    ];

    /// Nothing where there is no completion.
    fn bind(self, statement: Bound, completion: Option<&Completion>) -> Bound {
        match self {
            Self::Codec => statement.bind(completion.map(|it| it.value.codec)),
            Self::Value => statement.bind(completion.and_then(|it| it.value.bytes.as_deref())),
            Self::ValueJson => statement.bind(completion.and_then(|it| it.json.as_deref())),
            Self::Metadata => statement.bind(completion.map(|it| fitting(&it.metadata))),
            Self::Omitted => statement.bind(completion.map(|it| match it.value.bytes {
                Some(_) => "{}",
                None => r#"{"value":"omitted"}"#,
            })),
            Self::Ttl => statement.bind(completion.and_then(|it| it.ttl).map(micros)),
            Self::KeptFor => statement.bind(completion.and_then(Completion::kept_for).map(micros)),
        }
    }
}

fn bind_values(statement: Bound, completion: &Completion) -> Bound {
    let bind = |statement, column: Column| column.bind(statement, Some(completion));
    Column::ALL.into_iter().fold(statement, bind)
}

//! The operator's side: setting right what is failed or in doubt.

use ::redis::cmd;

use super::super::row::LOST;
use super::record::{add_optional, add_ttl};
use super::{Inner, StoreError, Write, metadata};
use crate::key::CacheKey;
use crate::store::{Filter, Resolution};

/// Each further look means that somebody has written to the row meanwhile.
const MAX_LOOKS: u32 = 10;

impl Inner {
    pub(super) async fn retry_failed(&self, filter: &Filter) -> Result<u64, StoreError> {
        let script = &self.scripts.retry;
        let mut walk = self.walk(filter).await?;
        let mut n_rows = 0;
        while let Some(rows) = walk.next().await? {
            if rows.is_empty() {
                continue;
            }
            let names: Vec<_> = rows.iter().map(|(it, _)| self.prefix.name(it)).collect();
            let mut command = script.on(&names);
            for (_, fields) in &rows {
                command.arg(fields.bytes("fence").unwrap_or_default());
            }
            n_rows += self.claims.run::<u64>(script, &command).await?;
        }
        Ok(n_rows)
    }

    pub(super) async fn resolve(
        &self,
        key: &CacheKey,
        fence: i64,
        resolution: &Resolution,
    ) -> Result<Write, StoreError> {
        let name = self.prefix.name(key);
        for _ in 0..MAX_LOOKS {
            let look = cmd("HGET").arg(&name).arg("metadata").take();
            let old: Option<String> = self.claims.query(&look).await?;
            let Some(old) = old else {
                return Ok(Write::Fenced);
            };
            match self.resolve_as_read(&name, fence, resolution, &old).await? {
                Resolved::Yes => return Ok(Write::Recorded),
                Resolved::No => return Ok(Write::Fenced),
                Resolved::Changed => {}
            }
        }
        Err(StoreError::unavailable(
            "the row was written to each time it was looked at",
        ))
    }

    async fn resolve_as_read(
        &self,
        name: &str,
        fence: i64,
        resolution: &Resolution,
        old: &str,
    ) -> Result<Resolved, StoreError> {
        let script = &self.scripts.resolve;
        let mut command = script.on(&[name.to_owned()]);
        command.arg(fence).arg(old);
        match resolution {
            Resolution::Applied {
                value,
                codec,
                json,
                ttl,
                note,
            } => {
                command
                    .arg("succeeded")
                    .arg(metadata::of_applied(old, note)?)
                    .arg(*codec)
                    .arg(&value[..]);
                add_optional(&mut command, json.as_deref().map(str::as_bytes));
                add_ttl(&mut command, *ttl, None);
            }
            Resolution::NotApplied { note } => {
                command
                    .arg("failed")
                    .arg(metadata::of_not_applied(old, note)?)
                    .arg(LOST);
            }
        }
        Ok(match self.records.run::<u8>(script, &command).await? {
            0 => Resolved::No,
            1 => Resolved::Yes,
            _ => Resolved::Changed,
        })
    }
}

/// What `resolve.lua` returns.
enum Resolved {
    Yes,
    No,
    Changed,
}

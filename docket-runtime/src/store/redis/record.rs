//! The moves of whoever holds a row, and the purge.

use std::time::Duration;

use ::redis::Cmd;

use super::super::row::{LOST, REJECTED, cut, millis};
use super::scan::Scan;
use super::script::Script;
use super::{ClaimRef, Completion, Failure, Inner, StoreError, Write, metadata};
use crate::key::CacheKey;

/// So many rows are renewed by one run of a script: some milliseconds, in which the server answers nobody else.
const ROWS_PER_SCRIPT: usize = 1000;

impl Inner {
    pub(super) async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        let Completion {
            value,
            json,
            ttl,
            stale,
            metadata,
        } = completion;
        let script = &self.scripts.complete;
        let mut command = self.held(script, claim);
        command.arg(value.codec);
        add_optional(&mut command, value.bytes.as_deref());
        add_optional(&mut command, json.as_deref().map(str::as_bytes));
        command.arg(metadata::of_success(metadata, value.bytes.is_some())?);
        add_ttl(&mut command, *ttl, *stale);
        self.record(script, &command).await
    }

    pub(super) async fn fail(
        &self,
        claim: &ClaimRef,
        failure: &Failure,
    ) -> Result<Write, StoreError> {
        let Failure {
            status: _,
            code,
            error,
            retry_in,
            ttl: _,
            metadata: _,
        } = failure;
        let (status, ttl) = (failure.row_status().as_str(), failure.kept_for());
        let script = &self.scripts.fail;
        let mut command = self.held(script, claim);
        command
            .arg(status)
            .arg(cut(error))
            .arg(u8::from(*code == REJECTED))
            .arg(millis(*retry_in))
            .arg(metadata::of_failure(failure)?);
        add_ttl(&mut command, ttl, None);
        self.record(script, &command).await
    }

    pub(super) async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        let script = &self.scripts.renew;
        let mut still_held = Vec::with_capacity(claims.len());
        for claims in claims.chunks(ROWS_PER_SCRIPT) {
            let names: Vec<_> = claims.iter().map(|it| self.prefix.name(&it.key)).collect();
            let mut command = script.on(&names);
            command.arg(millis(lease));
            for claim in claims {
                command.arg(&claim.claim_id.as_bytes()[..]).arg(claim.fence);
            }
            let are_held: Vec<bool> = self.records.run(script, &command).await?;
            let held = claims.iter().zip(are_held).filter(|(_, is_held)| *is_held);
            still_held.extend(held.map(|(claim, _)| *claim));
        }
        Ok(still_held)
    }

    pub(super) async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        let script = &self.scripts.release;
        self.records.run(script, &self.held(script, claim)).await
    }

    pub(super) async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        let script = &self.scripts.mark_lost;
        let mut command = script.on(&[self.prefix.name(key)]);
        command.arg(fence).arg(LOST);
        self.records.run(script, &command).await
    }

    pub(super) async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        let script = &self.scripts.purge;
        let limit = u64::from(limit);
        let mut n_deleted = 0;
        let mut scan = Scan::of_all(self);
        while n_deleted < limit {
            let Some(keys) = scan.next().await? else {
                break;
            };
            if keys.is_empty() {
                continue;
            }
            let names: Vec<_> = keys.iter().map(|it| self.prefix.name(it)).collect();
            let mut command = script.on(&names);
            command.arg(limit - n_deleted);
            n_deleted += self.claims.run::<u64>(script, &command).await?;
        }
        Ok(n_deleted)
    }

    pub(super) async fn record(&self, script: &Script, command: &Cmd) -> Result<Write, StoreError> {
        let is_recorded: bool = self.records.run(script, command).await?;
        Ok(if is_recorded {
            Write::Recorded
        } else {
            Write::Fenced
        })
    }

    /// A command whose first two arguments say who moves the row.
    fn held(&self, script: &Script, claim: &ClaimRef) -> Cmd {
        let mut command = script.on(&[self.prefix.name(&claim.key)]);
        command.arg(&claim.claim_id.as_bytes()[..]).arg(claim.fence);
        command
    }
}

/// Whether it is there, and what it is: Redis has no argument for what is missing.
pub(super) fn add_optional(command: &mut Cmd, bytes: Option<&[u8]>) {
    command
        .arg(u8::from(bytes.is_some()))
        .arg(bytes.unwrap_or_default());
}

/// How long a row counts, how much longer its value may be used, and how long Redis keeps it after that: as long again as it
/// counts, so that what is short-lived does not pile up, within bounds.
pub(super) fn add_ttl(command: &mut Cmd, ttl: Option<Duration>, stale: Option<Duration>) {
    const SHORTEST: Duration = Duration::from_secs(5);
    const LONGEST: Duration = Duration::from_secs(60);
    match ttl {
        Some(ttl) => command
            .arg(millis(ttl))
            .arg(stale.map_or_else(String::new, |it| millis(it).to_string()))
            .arg(millis(ttl.clamp(SHORTEST, LONGEST))),
        None => command.arg("").arg("").arg(0),
    };
}

//! Claiming a row.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ::redis::{Cmd, FromRedisValue, Value, from_redis_value};

use super::super::hits::Look;
use super::super::row::millis;
use super::error::not_ours;
use super::{ClaimOutcome, ClaimRequest, Inner, StoreError};
use crate::BoxError;
use crate::key::InputHash;
use crate::store::{Claimed, Stored};

impl Inner {
    pub(super) async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        if let Look::Hit(hit) = self.hits.look(request).await? {
            return Ok(hit);
        }
        let mut command = self
            .scripts
            .claim
            .on(&[self.prefix.name(&request.call.key)]);
        let least_fence = self.last_fence.load(Ordering::Relaxed) + 1;
        add_arguments(&mut command, request, least_fence);
        let answer: Vec<Value> = self.claims.run(&self.scripts.claim, &command).await?;
        let outcome = Answer(answer.into_iter()).outcome().map_err(not_ours)?;
        if let Some(claimed) = outcome.claimed() {
            self.last_fence.fetch_max(claimed.fence, Ordering::Relaxed);
        }
        self.hits.note(request, &outcome);
        Ok(outcome)
    }
}

/// The arguments of `claim.lua`, in its order.
fn add_arguments(command: &mut Cmd, request: &ClaimRequest, least_fence: i64) {
    let ClaimRequest {
        call,
        claim_id,
        holder,
        lease,
        retry_failed,
        repeat_lost,
        replace,
        reconcile,
        max_attempts,
        is_cache: _,
        stale,
    } = request;
    command
        .arg(&claim_id.as_bytes()[..])
        .arg(&call.input_hash.0[..])
        .arg(&**holder)
        .arg(millis(*lease))
        .arg(u8::from(*retry_failed))
        .arg(u8::from(*repeat_lost))
        .arg(u8::from(*replace))
        .arg(u8::from(*reconcile))
        .arg(*max_attempts)
        .arg(least_fence)
        .arg(&*call.namespace)
        .arg(call.scope.as_str())
        .arg(&*call.execution_id)
        .arg(call.step_name)
        .arg(call.step_version)
        .arg(
            stale
                .map(millis)
                .map_or_else(String::new, |it| it.to_string()),
        );
}

/// What `claim.lua` returns.
struct Answer(std::vec::IntoIter<Value>);

impl Answer {
    fn outcome(mut self) -> Result<ClaimOutcome, BoxError> {
        let mut name: String = self.next()?;
        let mut stale = None;
        if name == "stale" {
            let value = Stored {
                codec: self.next()?,
                bytes: self.next::<Option<Vec<u8>>>()?.map(Into::into),
                shared: None,
                expires_in: None,
            };
            stale = Some((value, Duration::from_millis(self.next()?)));
            name = self.next()?;
        }
        let outcome = match &*name {
            "claimed" => ClaimOutcome::Claimed(Claimed {
                fence: self.next()?,
                attempt: self.next()?,
                generation: self.next()?,
                starts: self.next()?,
            }),
            "hit" => {
                let (codec, bytes): (_, Option<Vec<u8>>) = (self.next()?, self.next()?);
                let left: Option<u64> = self.next()?;
                ClaimOutcome::Hit(Stored {
                    bytes: bytes.map(Into::into),
                    codec,
                    shared: None,
                    expires_in: left.map(Duration::from_millis),
                })
            }
            "busy" => ClaimOutcome::Busy {
                fence: self.next()?,
                holder: self.next()?,
                remaining: Duration::from_millis(self.next()?),
            },
            "failed" => ClaimOutcome::Failed {
                fence: self.next()?,
                attempt: self.next()?,
                error: self.next()?,
                retry_in: Duration::from_millis(self.next()?),
            },
            "unknown" => ClaimOutcome::Unknown {
                fence: self.next()?,
                attempt: self.next()?,
                error: self.next::<Option<_>>()?.unwrap_or_default(),
            },
            "drift" => {
                let stored: Vec<u8> = self.next()?;
                let stored = stored
                    .try_into()
                    .map_err(|_| "`input_hash` is not of 32 bytes")?;
                ClaimOutcome::Drift {
                    stored: InputHash(stored),
                }
            }
            other => return Err(format!("there is no outcome {other:?}").into()),
        };
        Ok(outcome.or_stale(stale))
    }

    /// What the row does not have is nil.
    fn next<T: FromRedisValue>(&mut self) -> Result<T, BoxError> {
        let value = self.0.next().unwrap_or(Value::Nil);
        Ok(from_redis_value(value)?)
    }
}

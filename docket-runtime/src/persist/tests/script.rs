//! A store for these tests, whose faults are written down beforehand.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::key::{CacheKey, InputHash};
use crate::store::{
    ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Claimed, Completion, Durability, Failure,
    FailureStatus, Store, StoreError, Stored, Write,
};

use super::Log;

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// Nothing.
    None,
    /// The row is deleted before it is served.
    Deleted,
    /// It does not arrive.
    Down,
    /// It is done, and the answer does not arrive.
    LostReply,
    /// The store says no.
    Refused,
    /// The answer takes so long.
    Slow(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Op {
    Claim,
    Complete,
    Fail,
    Renew,
    Release,
    MarkLost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Running,
    Succeeded,
    Failed,
    Unknown,
}

/// The one row: all tests use one key but those of the heartbeat.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) status: Status,
    pub(super) claim_id: ClaimId,
    pub(super) fence: i64,
    pub(super) attempt: u32,
    pub(super) generation: u32,
    pub(super) starts: u32,
    pub(super) input_hash: InputHash,
    pub(super) lease_until: Instant,
    pub(super) never: bool,
    pub(super) value: Option<Stored>,
    pub(super) error: String,
    pub(super) code: &'static str,
    pub(super) metadata: Arc<str>,
}

#[derive(Clone)]
pub(super) struct Script {
    state: Arc<Mutex<State>>,
}

struct State {
    log: Log,
    rows: HashMap<[u8; 32], Row>,
    faults: HashMap<Op, VecDeque<Fault>>,
    fence: i64,
    is_local: bool,
}

impl Script {
    pub(super) fn new(log: Log) -> Self {
        let state = State {
            log,
            rows: HashMap::new(),
            faults: HashMap::new(),
            fence: 0,
            is_local: false,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(super) fn local(self) -> Self {
        self.state.lock().unwrap().is_local = true;
        self
    }

    /// The next `n` requests of this kind go wrong.
    pub(super) fn fault(&self, op: Op, fault: Fault, n: usize) {
        let mut state = self.state.lock().unwrap();
        state
            .faults
            .entry(op)
            .or_default()
            .extend(std::iter::repeat_n(fault, n));
    }

    /// The next `skipped` requests of this kind are served, and the `n` after them go wrong.
    pub(super) fn fault_later(&self, op: Op, skipped: usize, fault: Fault, n: usize) {
        self.fault(op, Fault::None, skipped);
        self.fault(op, fault, n);
    }

    /// The store is back: no more faults.
    pub(super) fn heal(&self) {
        self.state.lock().unwrap().faults.clear();
    }

    pub(super) fn row(&self) -> Option<Row> {
        self.state.lock().unwrap().rows.get(&[1; 32]).cloned()
    }

    pub(super) fn edit(&self, edit: impl FnOnce(&mut Row)) {
        edit(
            self.state
                .lock()
                .unwrap()
                .rows
                .get_mut(&[1; 32])
                .expect("there is a row"),
        );
    }

    pub(super) fn delete(&self) {
        self.state.lock().unwrap().rows.clear();
    }

    /// The value of the row, as text.
    pub(super) fn value(&self) -> Option<String> {
        let bytes = self.row()?.value?.bytes?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn serve<T>(&self, op: Op, serve: impl FnOnce(&mut State) -> T) -> Result<T, StoreError> {
        let fault = {
            let mut state = self.state.lock().unwrap();
            state.faults.get_mut(&op).and_then(VecDeque::pop_front)
        };
        let gone = || StoreError::unavailable("connection reset");
        match fault {
            None | Some(Fault::None) => Ok(serve(&mut self.state.lock().unwrap())),
            Some(Fault::Deleted) => {
                self.delete();
                Ok(serve(&mut self.state.lock().unwrap()))
            }
            Some(Fault::Down) => {
                self.state.lock().unwrap().log.add(format!("{op:?} down"));
                Err(gone())
            }
            Some(Fault::Refused) => {
                self.state
                    .lock()
                    .unwrap()
                    .log
                    .add(format!("{op:?} refused"));
                Err(StoreError::refused("read only"))
            }
            Some(Fault::LostReply) => {
                serve(&mut self.state.lock().unwrap());
                Err(gone())
            }
            Some(Fault::Slow(delay)) => {
                let answer = serve(&mut self.state.lock().unwrap());
                sleep(delay).await;
                Ok(answer)
            }
        }
    }
}

impl Store for Script {
    fn durability(&self) -> Durability {
        match self.state.lock().unwrap().is_local {
            true => Durability::Process,
            false => Durability::Durable,
        }
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        self.serve(Op::Claim, |state| state.claim(request)).await
    }

    async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        self.serve(Op::Complete, |state| {
            let is_local = state.is_local;
            state.write("complete", claim, |row| {
                row.status = Status::Succeeded;
                let shared = completion.value.shared.clone().filter(|_| is_local);
                row.value = Some(Stored {
                    shared,
                    ..completion.value.clone()
                });
                row.metadata = completion.metadata.clone();
            })
        })
        .await
    }

    async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        self.serve(Op::Fail, |state| {
            let line = format!("fail {:?} {}", failure.status, failure.code);
            state.write(&line, claim, |row| {
                row.status = match failure.status {
                    FailureStatus::Failed => Status::Failed,
                    FailureStatus::Unknown => Status::Unknown,
                };
                row.starts = 0;
                row.error.clone_from(&failure.error);
                row.code = failure.code;
                row.metadata = failure.metadata.clone();
            })
        })
        .await
    }

    async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        self.serve(Op::Renew, |state| {
            state.log.add(format!("renew {}", claims.len()));
            let mut kept = Vec::new();
            for claim in claims {
                let row = state.rows.get_mut(&claim.key.0);
                let Some(row) = row.filter(|it| it.claim_id == claim.claim_id) else {
                    continue;
                };
                if row.status == Status::Running {
                    row.lease_until = Instant::now() + lease;
                    kept.push(*claim);
                }
            }
            kept
        })
        .await
    }

    async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        self.serve(Op::MarkLost, |state| {
            state.log.add("mark lost");
            if let Some(row) = state.rows.get_mut(&key.0)
                && row.status == Status::Running
                && row.fence == fence
            {
                row.status = Status::Unknown;
            }
        })
        .await
    }

    async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        self.serve(Op::Release, |state| {
            state.log.add("release");
            state.rows.retain(|_, row| row.claim_id != claim.claim_id);
        })
        .await
    }

    async fn purge(&self, _: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

impl State {
    fn claim(&mut self, request: &ClaimRequest) -> ClaimOutcome {
        let outcome = self.decide(request);
        let word = match &outcome {
            ClaimOutcome::Claimed(claimed) if request.reconcile => {
                format!("won {} in doubt", claimed.attempt)
            }
            ClaimOutcome::Claimed(claimed) => format!("won {}", claimed.attempt),
            ClaimOutcome::Hit(_) => "hit".into(),
            ClaimOutcome::Stale { .. } => "stale".into(),
            ClaimOutcome::Busy { .. } => "busy".into(),
            ClaimOutcome::Failed { .. } => "failed".into(),
            ClaimOutcome::Unknown { .. } => "unknown".into(),
            ClaimOutcome::Drift { .. } => "drift".into(),
        };
        self.log.add(format!("claim {word}"));
        outcome
    }

    fn decide(&mut self, request: &ClaimRequest) -> ClaimOutcome {
        let now = Instant::now();
        let old = self.rows.get(&request.call.key.0).cloned();
        if let Some(row) = &old {
            if row.input_hash != request.call.input_hash {
                return ClaimOutcome::Drift {
                    stored: row.input_hash,
                };
            }
            let Row {
                fence,
                attempt,
                generation,
                starts,
                never,
                ..
            } = *row;
            let error = row.error.clone();
            let may_repeat = request.repeat_lost && !never;
            let is_lapsed = row.lease_until <= now;
            match row.status {
                Status::Running if row.claim_id == request.claim_id => {
                    return ClaimOutcome::Claimed(Claimed {
                        fence,
                        attempt,
                        generation,
                        starts,
                    });
                }
                Status::Running if !is_lapsed => {
                    let remaining = row.lease_until - now;
                    return ClaimOutcome::Busy {
                        fence,
                        holder: "host/1/0".into(),
                        remaining,
                    };
                }
                Status::Running | Status::Unknown
                    if request.reconcile || may_repeat && starts < request.max_attempts => {}
                Status::Running | Status::Unknown => {
                    return ClaimOutcome::Unknown {
                        fence,
                        attempt,
                        error,
                    };
                }
                Status::Failed if request.retry_failed => {}
                Status::Failed => {
                    let retry_in = Duration::ZERO;
                    return ClaimOutcome::Failed {
                        fence,
                        attempt,
                        error,
                        retry_in,
                    };
                }
                Status::Succeeded if request.replace && may_repeat => {}
                Status::Succeeded => return ClaimOutcome::Hit(row.value.clone().expect("a value")),
            }
        }
        self.fence += 1;
        let is_lost = |row: &Row| matches!(row.status, Status::Running | Status::Unknown);
        let lost = old.as_ref().filter(|row| is_lost(row));
        let next = u32::from(!request.reconcile || lost.is_none());
        let claimed = Claimed {
            fence: self.fence,
            attempt: old.as_ref().map_or(0, |row| row.attempt) + next,
            generation: old
                .as_ref()
                .map_or(0, |row| row.generation + u32::from(row.code == "rejected")),
            starts: lost.map_or(0, |row| row.starts) + 1,
        };
        let row = Row {
            status: Status::Running,
            claim_id: request.claim_id,
            fence: claimed.fence,
            attempt: claimed.attempt,
            generation: claimed.generation,
            starts: claimed.starts,
            input_hash: request.call.input_hash,
            lease_until: now + request.lease,
            never: !request.repeat_lost || old.is_some_and(|row| row.never),
            value: None,
            error: String::new(),
            code: "",
            metadata: "{}".into(),
        };
        self.rows.insert(request.call.key.0, row);
        ClaimOutcome::Claimed(claimed)
    }

    fn write(&mut self, line: &str, claim: &ClaimRef, write: impl FnOnce(&mut Row)) -> Write {
        match self.rows.get_mut(&claim.key.0) {
            Some(row) if row.claim_id == claim.claim_id && row.status != Status::Failed => {
                write(row);
                self.log.add(line);
                Write::Recorded
            }
            _ => {
                self.log.add(format!("{line} fenced"));
                Write::Fenced
            }
        }
    }
}

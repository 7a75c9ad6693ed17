//! The scripts against the rules in Rust: what [`MemoryStore`] does under any sequence of moves, Redis does too.

use docket_runtime::store::MemoryStore;

use super::*;

const N_SEQUENCES: u64 = 300;
const N_MOVES: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_does_what_memory_does() {
    let rows = Rows::new("model");
    let redis = rows.store().await;
    for seed in 0..N_SEQUENCES {
        let mut pair = Pair::new(redis.clone(), seed);
        for _ in 0..N_MOVES {
            pair.make_a_move().await;
        }
    }
}

/// One row in both stores, and all that was ever claimed of it.
struct Pair {
    memory: MemoryStore,
    redis: RedisStore,
    random: fastrand::Rng,
    row: ClaimRequest,
    claims: Vec<Twin>,
    log: Vec<String>,
}

/// One claim as each of the stores has answered it.
#[derive(Clone)]
struct Twin {
    request: ClaimRequest,
    in_memory: ClaimRef,
    in_redis: ClaimRef,
    is_released: bool,
}

impl Pair {
    fn new(redis: RedisStore, seed: u64) -> Self {
        Self {
            memory: MemoryStore::new(),
            redis,
            random: fastrand::Rng::with_seed(seed),
            row: request(),
            claims: Vec::new(),
            log: vec![format!("seed {seed}")],
        }
    }

    async fn make_a_move(&mut self) {
        if self.claims.is_empty() || self.random.u8(..10) < 4 {
            return self.claim().await;
        }
        // Most moves are of the last holder.
        let index = match self.random.bool() {
            true => self.claims.len() - 1,
            false => self.random.usize(..self.claims.len()),
        };
        match self.random.u8(..10) {
            0..3 => self.complete(index).await,
            3..6 => self.fail(index).await,
            6..8 => self.renew(index).await,
            8 => self.mark_lost(index).await,
            _ => self.release(index).await,
        }
    }

    /// Over at once, or never within a test: the stores' clocks are not the same.
    fn time(&mut self) -> Duration {
        match self.random.bool() {
            true => Duration::ZERO,
            false => LONG,
        }
    }

    fn ttl(&mut self) -> Option<Duration> {
        self.random.bool().then(|| self.time())
    }

    fn twin(&self, index: usize) -> Twin {
        self.claims[index].clone()
    }

    async fn claim(&mut self) {
        let mut request = another(&self.row);
        request.holder = format!("holder {}", self.claims.len()).into();
        request.lease = self.time();
        request.retry_failed = self.random.bool();
        request.repeat_lost = self.random.u8(..10) < 7;
        request.replace = self.random.u8(..10) < 2;
        request.reconcile = self.random.u8(..10) < 2;
        request.max_attempts = self.random.u32(1..4);
        if self.random.u8(..10) == 0 {
            request.call.input_hash = InputHash([8; 32]);
        }
        if self.random.u8(..10) == 0
            && let Some(last) = self.claims.last()
        {
            request.claim_id = last.request.claim_id;
        }
        self.log.push(format!("claim {request:?}"));
        let in_memory = self.memory.claim(&request).await.unwrap();
        let in_redis = self.redis.claim(&request).await.unwrap();
        assert_eq!(
            self.told(&in_memory, |it| it.in_memory.fence),
            self.told(&in_redis, |it| it.in_redis.fence),
            "{:#?}",
            self.log
        );
        if let (ClaimOutcome::Claimed(one), ClaimOutcome::Claimed(other)) = (in_memory, in_redis) {
            let of = |fence| ClaimRef {
                key: request.call.key,
                claim_id: request.claim_id,
                fence,
            };
            if let Some(last) = self.claims.last() {
                assert!(other.fence >= last.in_redis.fence, "{:#?}", self.log);
            }
            self.claims.push(Twin {
                in_memory: of(one.fence),
                in_redis: of(other.fence),
                request,
                is_released: false,
            });
        }
    }

    async fn complete(&mut self, index: usize) {
        let twin = self.twin(index);
        let mut completion = completion(&[self.random.u8(..)]);
        completion.ttl = self.ttl();
        self.log.push(format!("complete {index} {completion:?}"));
        let in_memory = self.memory.complete(&twin.in_memory, &completion).await;
        let in_redis = self.redis.complete(&twin.in_redis, &completion).await;
        self.compare(in_memory.unwrap(), in_redis.unwrap());
    }

    async fn fail(&mut self, index: usize) {
        let twin = self.twin(index);
        let (status, code) = match self.random.u8(..3) {
            0 => (FailureStatus::Failed, "failed"),
            1 => (FailureStatus::Failed, "rejected"),
            _ => (FailureStatus::Unknown, "in_doubt"),
        };
        let failure = Failure {
            status,
            code,
            error: format!("error {}", self.log.len()),
            retry_in: self.time(),
            ttl: self.ttl(),
            ..failure()
        };
        self.log.push(format!("fail {index} {failure:?}"));
        let in_memory = self.memory.fail(&twin.in_memory, &failure).await;
        let in_redis = self.redis.fail(&twin.in_redis, &failure).await;
        self.compare(in_memory.unwrap(), in_redis.unwrap());
    }

    async fn renew(&mut self, index: usize) {
        let (twin, lease) = (self.twin(index), self.time());
        self.log.push(format!("renew {index} {lease:?}"));
        let in_memory = self.memory.renew(&[twin.in_memory], lease).await.unwrap();
        let in_redis = self.redis.renew(&[twin.in_redis], lease).await.unwrap();
        self.compare(in_memory.len(), in_redis.len());
    }

    async fn mark_lost(&mut self, index: usize) {
        let twin = self.twin(index);
        self.log.push(format!("mark_lost {index}"));
        let ClaimRef { key, fence, .. } = twin.in_memory;
        self.memory.mark_lost(&key, fence).await.unwrap();
        let ClaimRef { key, fence, .. } = twin.in_redis;
        self.redis.mark_lost(&key, fence).await.unwrap();
    }

    /// Once for each claim.
    async fn release(&mut self, index: usize) {
        let twin = self.twin(index);
        let same = |it: &Twin| it.request.claim_id == twin.request.claim_id;
        if self.claims.iter().any(|it| same(it) && it.is_released) {
            return;
        }
        self.claims[index].is_released = true;
        self.log.push(format!("release {index}"));
        self.memory.release(&twin.in_memory).await.unwrap();
        self.redis.release(&twin.in_redis).await.unwrap();
    }

    #[track_caller]
    fn compare<T: PartialEq + std::fmt::Debug>(&self, in_memory: T, in_redis: T) {
        assert_eq!(in_memory, in_redis, "{:#?}", self.log);
    }

    /// An outcome in words that are the same for both stores: a fence is named by the claim that got it, a time by whether
    /// it is over.
    fn told(&self, outcome: &ClaimOutcome, fence_of: impl Fn(&Twin) -> i64) -> String {
        let claim = |fence: i64| self.claims.iter().position(|it| fence_of(it) == fence);
        let is_over = |time: Duration| time < LONG / 2;
        match outcome {
            ClaimOutcome::Claimed(it) => format!("claimed {} {}", it.attempt, it.generation),
            ClaimOutcome::Hit(it) => {
                format!("hit {:?} {:?}", it.bytes, it.expires_in.map(is_over))
            }
            ClaimOutcome::Busy {
                fence,
                holder,
                remaining,
            } => format!("busy {:?} {holder} {}", claim(*fence), is_over(*remaining)),
            ClaimOutcome::Failed {
                fence,
                attempt,
                error,
                retry_in,
            } => format!(
                "failed {:?} {attempt} {error} {}",
                claim(*fence),
                is_over(*retry_in)
            ),
            ClaimOutcome::Unknown {
                fence,
                attempt,
                error,
            } => format!("unknown {:?} {attempt} {error}", claim(*fence)),
            ClaimOutcome::Drift { stored } => format!("drift {stored:?}"),
        }
    }
}

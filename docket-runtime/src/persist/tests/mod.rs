//! Each test asserts on the log of what the store was asked and what ran, in paused time.

mod callers;
mod claims;
mod events;
mod failures;
mod heartbeats;
mod limits;
mod lost;
mod memory;
mod reconciles;
mod records;
mod script;
mod shutdown;
mod stale;
mod takeovers;
mod waiting;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::error::{BoxError, Error, ErrorKind, Verdict};
use crate::key::{CacheKey, InputHash};
use crate::observe::Asker;
use crate::store::{AnyStore, Scope, Store as _, Stored};
use crate::value::{Value, ValueError};

use super::{Code, Ended, Grant, How, Job, Keeper, Obtained, Reconciled, Repeat, Settings, obtain};
use script::{Fault, Op, Script};

const LEASE: Duration = Duration::from_secs(30);
const POLICIES: [Repeat; 3] = [Repeat::Free, Repeat::Keyed, Repeat::Never];

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// What was added since the last time.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// A store and one process that uses it.
struct World {
    log: Log,
    store: Script,
    keeper: Keeper,
}

impl World {
    fn new() -> Self {
        let log = Log::default();
        let store = Script::new(log.clone());
        let keeper = process(&store);
        Self { log, store, keeper }
    }

    /// Another process with the same store.
    fn process(&self) -> Keeper {
        process(&self.store)
    }

    /// Calls the step, whose code returns `value` at once.
    async fn call(&self, job: Job, value: &'static str) -> Result<Obtained<Text>, Error> {
        self.call_from(&self.keeper, job, value).await
    }

    async fn call_from(
        &self,
        keeper: &Keeper,
        job: Job,
        value: &'static str,
    ) -> Result<Obtained<Text>, Error> {
        obtain(keeper, job, self.body(value)).await
    }

    async fn call_failing(&self, job: Job, kind: ErrorKind, verdict: Option<Verdict>) -> Error {
        let log = self.log.clone();
        let run = move |_| async move {
            log.add("run and fail");
            let error = Error::new(kind)
                .with_attempts(1)
                .with_source(BoxError::from("card declined"));
            Err::<Text, _>(Ended { error, verdict })
        };
        obtain(&self.keeper, job, run).await.unwrap_err()
    }

    fn body(
        &self,
        value: &'static str,
    ) -> impl FnOnce(Grant) -> std::future::Ready<Result<Text, Ended>> + Send + 'static {
        let log = self.log.clone();
        move |_| {
            log.add(format!("run {value}"));
            std::future::ready(Ok(Text(value.into())))
        }
    }

    /// Code that starts, and returns its value when the sender says so.
    fn gated(
        &self,
        value: &'static str,
    ) -> (
        oneshot::Sender<()>,
        impl FnOnce(Grant) -> BoxedRun + Send + 'static,
    ) {
        let (open, gate) = oneshot::channel();
        let log = self.log.clone();
        let run = move |_| -> BoxedRun {
            Box::pin(async move {
                log.add(format!("start {value}"));
                let _ = gate.await;
                log.add(format!("end {value}"));
                Ok(Text(value.into()))
            })
        };
        (open, run)
    }

    /// A call of [`gated`](World::gated) code in a task.
    fn spawn_gated(
        &self,
        keeper: &Keeper,
        job: Job,
        value: &'static str,
    ) -> (oneshot::Sender<()>, Call) {
        let (open, run) = self.gated(value);
        let keeper = keeper.clone();
        (
            open,
            tokio::spawn(async move { obtain(&keeper, job, run).await }),
        )
    }

    /// A call in a task, whose code returns at once.
    fn spawn(&self, keeper: &Keeper, job: Job, value: &'static str) -> Call {
        let (keeper, run) = (keeper.clone(), self.body(value));
        tokio::spawn(async move { obtain(&keeper, job, run).await })
    }

    /// Calls the step, whose code returns `b` at once, and whose `reconcile` answers `answer`.
    async fn call_reconciling(&self, job: Job, answer: Answer) -> Result<Obtained<Text>, Error> {
        obtain(&self.keeper, job, self.reconciling(answer)).await
    }

    fn reconciling(&self, answer: Answer) -> Reconciling {
        Reconciling {
            log: self.log.clone(),
            value: "b",
            answer,
        }
    }

    /// Leaves the row of a process that was lost in the middle.
    async fn lose(&self, job: Job) {
        let request = self.process().request(&job);
        self.store.claim(&request).await.unwrap();
        self.store.edit(|row| row.lease_until = Instant::now());
        self.log.take();
    }

    /// Another process takes over the row of a holder that was lost.
    async fn take_over(&self, job: Job) {
        self.store.edit(|row| row.lease_until = Instant::now());
        let request = self.process().request(&job);
        self.store.claim(&request).await.unwrap();
    }

    /// The idempotency key that a run of `job` now gets.
    async fn idempotency_key(&self, job: Job) -> Arc<str> {
        idempotency_key(&self.keeper, job).await
    }
}

/// Code that returns `value` at once, and what its `reconcile` answers.
struct Reconciling {
    log: Log,
    value: &'static str,
    answer: Answer,
}

#[derive(Clone, Copy)]
enum Answer {
    Applied(&'static str),
    NotApplied,
    StillUnknown,
    Fails,
    Panics,
    /// After so long, the last but one.
    Later(Duration, &'static Answer),
}

impl Code<Text> for Reconciling {
    const RECONCILES: bool = true;

    async fn run(self, grant: Grant) -> Result<Text, Ended> {
        self.log.add(format!("run {}", self.value));
        grant.annotations.annotate("key", &*grant.idempotency_key);
        Ok(Text(self.value.into()))
    }

    async fn reconcile(&self, grant: Grant) -> Result<Reconciled<Text>, BoxError> {
        self.log.add("reconcile");
        grant.annotations.annotate("asked", &*grant.idempotency_key);
        let mut answer = &self.answer;
        while let Answer::Later(delay, then) = answer {
            tokio::time::sleep(*delay).await;
            self.log.add("answer");
            answer = then;
        }
        match answer {
            Answer::Applied(value) => Ok(Reconciled::Applied(Text((*value).into()))),
            Answer::NotApplied => Ok(Reconciled::NotApplied),
            Answer::StillUnknown | Answer::Later(..) => Ok(Reconciled::StillUnknown),
            Answer::Fails => Err("the bank is closed".into()),
            Answer::Panics => panic!("in reconcile"),
        }
    }
}

async fn idempotency_key(keeper: &Keeper, job: Job) -> Arc<str> {
    let (tell, told) = oneshot::channel();
    let run = move |grant: Grant| {
        tell.send(grant.idempotency_key).unwrap();
        std::future::ready(Ok::<_, Ended>(Text("v".into())))
    };
    obtain(keeper, job, run).await.unwrap();
    told.await.expect("it ran")
}

/// A process that uses `store`.
fn process(store: &Script) -> Keeper {
    Keeper::new(AnyStore::new(store.clone()), "".into(), Settings::default())
}

type BoxedRun = std::pin::Pin<Box<dyn Future<Output = Result<Text, Ended>> + Send>>;
type Call = tokio::task::JoinHandle<Result<Obtained<Text>, Error>>;

fn job(repeat: Repeat) -> Job {
    Job {
        key: CacheKey([1; 32]),
        input_hash: InputHash([2; 32]),
        scope: Scope::Global,
        execution_id: "e1".into(),
        step_name: "charge",
        step_version: 0,
        repeat,
        ttl: None,
        stale: None,
        asker: Asker::NONE,
        wait_until: None,
    }
}

/// A job whose caller waits for so long.
fn job_for(repeat: Repeat, wait: Duration) -> Job {
    Job {
        wait_until: Some(Instant::now() + wait),
        ..job(repeat)
    }
}

/// Lets all tasks get as far as they can at this moment.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// A value whose words say how it behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text(String);

impl Value for Text {
    const CODEC: i16 = 7;

    fn encode(&self) -> Result<Vec<u8>, ValueError> {
        match self.0.as_str() {
            "unencodable" => Err(ValueError::new("no form for this")),
            "encoder panics" => panic!("in the encoder"),
            "large" => Ok(vec![b'x'; (1 << 20) + 1]),
            // What is behind the bar is lost, as a field with `#[serde(skip)]` is.
            text => Ok(text.split('|').next().unwrap().into()),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        match std::str::from_utf8(bytes) {
            Ok("undecodable") | Err(_) => Err(ValueError::new("an older form")),
            Ok(text) if text.starts_with("leaks") => Err(ValueError::new(text.to_owned())),
            Ok(text) => Ok(Self(text.into())),
        }
    }

    fn canonical(&self) -> Result<Vec<u8>, ValueError> {
        self.encode()
    }
}

/// The value and where it is from.
fn told(outcome: Result<Obtained<Text>, Error>) -> (String, How) {
    let obtained = outcome.expect("a value");
    (obtained.value.0.clone(), obtained.how)
}

fn kind(outcome: Result<Obtained<Text>, Error>) -> ErrorKind {
    outcome.expect_err("an error").kind()
}

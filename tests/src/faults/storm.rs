//! A storm: workers that are killed and halted at random while they charge orders, and what was counted after.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use docket::ErrorKind;
use docket::store::AnyStore;

use super::charge::{Charges, Policy, Setup};
use super::provider::{Client, Provider};
use super::stores::{Kind, Place};
use crate::ms;

/// What kind of storm.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program that a worker is.
    pub worker: PathBuf,
    /// The store.
    pub kind: Kind,
    /// The policy.
    pub policy: Policy,
    /// How many workers there are at a time.
    pub workers: usize,
    /// How many kills there are at least. The storm goes on in waves of orders until then.
    pub kills: u32,
    /// Of the random choices.
    pub seed: u64,
}

/// How many orders each wave has.
const ORDERS: u32 = 60;
const LEASE: Duration = Duration::from_millis(250);
/// How long a charge takes: long enough that many a kill finds one under way.
const WORK: Duration = Duration::from_millis(4);
/// Nobody waits longer than this for one order.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of a storm.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where.
    pub kind: Kind,
    /// Under which policy.
    pub policy: Policy,
    /// The random choices can be made again by this.
    pub seed: u64,
    /// How many orders there were.
    pub orders: u32,
    /// How many processes were killed.
    pub kills: u32,
    /// How many were halted for longer than a lease.
    pub halts: u32,
    /// Calls that the provider saw.
    pub calls: u32,
    /// Orders with more than one call.
    pub repeated_calls: u32,
    /// Orders with more than one effect.
    pub repeated_effects: u32,
    /// Orders whose result is in the store.
    pub recorded: u32,
    /// Of those, the ones that the provider never heard of.
    pub recorded_without_effect: u32,
    /// Orders of which nobody knows how they ended.
    pub in_doubt: u32,
    /// Of those, the ones that took effect.
    pub in_doubt_with_effect: u32,
    /// Of those in doubt, the ones that a graph with `reconcile` brought to their end.
    pub resolved: u32,
    /// Orders with more than one effect after that.
    pub repeated_after_resolving: u32,
    /// What the workers counted that lived to tell.
    pub counts: BTreeMap<String, u64>,
}

/// Makes a storm.
///
/// # Panics
///
/// When a process can't be started, or a worker that is let alone does not end well.
pub fn storm(plan: &Plan) -> Report {
    let provider = Provider::start();
    let place = Place::new(plan.kind);
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let mut crew = Crew {
        plan,
        place: &place,
        provider: &provider,
        counts: BTreeMap::new(),
    };
    let (mut kills, mut halts, mut orders) = (0, 0, 0);
    while kills < plan.kills {
        let wave: Vec<u32> = (orders..orders + ORDERS).collect();
        orders += ORDERS;
        let mut workers: Vec<Worker> = (0..plan.workers)
            .map(|_| crew.start(&wave, &mut random))
            .collect();
        // Each wave is disturbed for a while, and then brought to its end by those who are left.
        let calm = Instant::now() + ms(random.u64(600..1200));
        while Instant::now() < calm {
            std::thread::sleep(ms(random.u64(2..40)));
            let victim = random.usize(..workers.len());
            if random.u8(..10) == 0 {
                workers[victim].halt(LEASE + ms(random.u64(50..200)));
                halts += 1;
                continue;
            }
            workers[victim].kill();
            kills += 1;
            workers[victim] = crew.start(&wave, &mut random);
        }
        for worker in workers {
            crew.see_off(worker);
        }
    }
    let counts = crew.counts;
    judge(
        plan,
        &place,
        &provider,
        orders,
        Report::new(plan, orders, kills, halts, counts),
    )
}

struct Crew<'a> {
    plan: &'a Plan,
    place: &'a Place,
    provider: &'a Provider,
    counts: BTreeMap<String, u64>,
}

impl Crew<'_> {
    /// Starts a worker that goes through `orders` in an order of its own.
    fn start(&self, orders: &[u32], random: &mut fastrand::Rng) -> Worker {
        let mut child = Command::new(&self.plan.worker)
            .args(self.place.address().to_args())
            .arg(self.provider.address().to_string())
            .arg(self.plan.policy.name())
            .args([
                format!("lease={}", LEASE.as_millis()),
                format!("work={}", WORK.as_millis()),
                format!("patience={}", PATIENCE.as_millis()),
                // A storm takes many processes with it for no fault of the step.
                "max-attempts=1000".to_owned(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a worker starts");
        let mut asks = child.stdin.take().expect("is piped");
        let says = BufReader::new(child.stdout.take().expect("is piped"));
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in says.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let mut orders = orders.to_vec();
        random.shuffle(&mut orders);
        let text: String = orders.iter().map(|it| format!("{it}\n")).collect();
        // One that was killed already does not listen.
        let _ = asks.write_all(text.as_bytes());
        drop::<ChildStdin>(asks);
        Worker { child, lines }
    }

    /// Waits for a worker that is let alone, and adds up what it counted.
    fn see_off(&mut self, mut worker: Worker) {
        let status = worker.child.wait().expect("a worker ends");
        assert!(status.success(), "a worker that is let alone: {status}");
        for line in worker.lines.iter() {
            let Some(counts) = line.strip_prefix("counts ") else {
                continue;
            };
            for count in counts.split_whitespace() {
                let (name, n) = count.split_once('=').expect("a count");
                *self.counts.entry(name.to_owned()).or_default() +=
                    n.parse::<u64>().expect("a number");
            }
        }
    }
}

struct Worker {
    child: Child,
    lines: Receiver<String>,
}

impl Worker {
    /// `SIGKILL`, on Unix.
    fn kill(&mut self) {
        self.child.kill().expect("is killed");
        self.child.wait().expect("is gone");
    }

    /// Stops the process for `time`, and lets it go on: it does not notice.
    fn halt(&self, time: Duration) {
        signal(&self.child, "STOP");
        std::thread::sleep(time);
        signal(&self.child, "CONT");
    }
}

/// Also where a test fails.
impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal; a process that has ended does not mind.
pub fn signal(child: &Child, name: &str) {
    let _ = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(child.id().to_string())
        .stderr(Stdio::null())
        .status();
}

impl Report {
    fn new(
        plan: &Plan,
        orders: u32,
        kills: u32,
        halts: u32,
        counts: BTreeMap<String, u64>,
    ) -> Self {
        Self {
            kind: plan.kind,
            policy: plan.policy,
            seed: plan.seed,
            orders,
            kills,
            halts,
            counts,
            calls: 0,
            repeated_calls: 0,
            repeated_effects: 0,
            recorded: 0,
            recorded_without_effect: 0,
            in_doubt: 0,
            in_doubt_with_effect: 0,
            resolved: 0,
            repeated_after_resolving: 0,
        }
    }

    /// What the workers that lived to tell counted under `name`.
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn judge(
    plan: &Plan,
    place: &Place,
    provider: &Provider,
    orders: u32,
    mut report: Report,
) -> Report {
    let store = place.address().open().await.expect("the store opens");
    tokio::time::sleep(LEASE * 2).await;
    // What is in the store is asked for under a policy that runs nothing a second time.
    let setup = |policy| Setup {
        policy,
        provider: Client::new(provider.address()),
        lease: LEASE,
        work: Duration::ZERO,
        crash: None,
        fails: false,
        max_attempts: 1000,
        ttl: None,
    };
    let outcomes = settle(&store, &setup(plan.policy), orders).await;
    // Read after the store, since an order that was left open is brought to its end by asking for it.
    let ledger = provider.ledger().clone();
    let effects = ledger.effects_by_order();
    report.calls = ledger.calls.values().sum();
    report.repeated_calls = more_than_one(&ledger.calls);
    report.repeated_effects = more_than_one(&effects);
    for (order, outcome) in &outcomes {
        let has_effect = effects.contains_key(order);
        match outcome {
            None => {
                report.recorded += 1;
                report.recorded_without_effect += u32::from(!has_effect);
            }
            Some(ErrorKind::InDoubt) => {
                report.in_doubt += 1;
                report.in_doubt_with_effect += u32::from(has_effect);
            }
            Some(kind) => panic!("order {order} should be settled, and is {kind:?}"),
        }
    }
    if report.in_doubt > 0 {
        let after = settle(&store, &setup(Policy::Reconciled), orders).await;
        let left = after.values().filter(|it| it.is_some()).count();
        report.resolved = report.in_doubt - u32::try_from(left).expect("a few");
        report.repeated_after_resolving = more_than_one(&provider.ledger().effects_by_order());
    }
    report
}

/// How each order stands: its result is there, or an error of this kind.
async fn settle(store: &AnyStore, setup: &Setup, orders: u32) -> HashMap<u32, Option<ErrorKind>> {
    let charges = Charges::new(store.clone(), setup);
    let mut outcomes = HashMap::new();
    for order in 0..orders {
        let outcome = charges.charge(order, PATIENCE).await;
        outcomes.insert(order, outcome.err().map(|error| error.kind()));
    }
    outcomes
}

fn more_than_one(counts: &BTreeMap<u32, u32>) -> u32 {
    let many = counts.values().filter(|it| **it > 1).count();
    u32::try_from(many).expect("a few")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            policy,
            seed,
            orders,
            kills,
            halts,
            calls,
            repeated_calls,
            repeated_effects,
            recorded,
            recorded_without_effect,
            in_doubt,
            in_doubt_with_effect,
            resolved,
            repeated_after_resolving,
            counts,
        } = self;
        writeln!(f, "{kind:?}, {}, seed {seed}", policy.name())?;
        writeln!(
            f,
            "  {orders} orders, {kills} kills, {halts} halts longer than a lease"
        )?;
        writeln!(
            f,
            "  provider: {calls} calls, {repeated_calls} orders called for more than once, {repeated_effects} with more \
             than one effect"
        )?;
        writeln!(
            f,
            "  store: {recorded} recorded, of which {recorded_without_effect} without an effect"
        )?;
        writeln!(
            f,
            "  in doubt: {in_doubt}, of which {in_doubt_with_effect} had taken effect; {resolved} resolved by \
             `reconcile`, after which {repeated_after_resolving} orders have more than one effect"
        )?;
        write!(f, "  workers that lived to tell:")?;
        for (name, count) in counts {
            write!(f, " {name} {count}")?;
        }
        writeln!(f)
    }
}

//! The workers: started, killed, halted and seen off.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::{AT_ONCE, LEASE, PATIENCE, Plan, WORK};
use crate::faults::provider::Provider;
use crate::faults::stores::Place;

/// Whoever starts the workers of a storm, and adds up what they counted.
pub(super) struct Crew<'a> {
    pub(super) plan: &'a Plan,
    pub(super) place: &'a Place,
    pub(super) provider: &'a Provider,
    pub(super) counts: BTreeMap<String, u64>,
}

impl Crew<'_> {
    /// Starts a worker that goes through `orders` in an order of its own.
    pub(super) fn start(&self, orders: &[u32], random: &mut fastrand::Rng) -> Worker {
        let mut child = Command::new(&self.plan.worker)
            .args(self.place.address().to_args())
            .arg(self.provider.address().to_string())
            .arg(self.plan.policy.name())
            .args([
                format!("lease={}", LEASE.as_millis()),
                format!("work={}", WORK.as_millis()),
                format!("patience={}", PATIENCE.as_millis()),
                format!("at-once={AT_ONCE}"),
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
    pub(super) fn see_off(&mut self, mut worker: Worker) {
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

/// A process that goes through the orders of a wave.
pub(super) struct Worker {
    child: Child,
    lines: Receiver<String>,
}

impl Worker {
    /// `SIGKILL`, on Unix.
    pub(super) fn kill(&mut self) {
        self.child.kill().expect("is killed");
        self.child.wait().expect("is gone");
    }

    /// Stops the process for `time`, and lets it go on: it does not notice.
    pub(super) fn halt(&self, time: Duration) {
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

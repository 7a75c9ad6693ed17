//! A worker that a test talks to line by line, and halts.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::charge::Policy;
use super::provider::Client;
use super::stores::Address;
use super::storm::signal;

/// What a worker says comes before that, or not at all.
const PATIENCE: Duration = Duration::from_secs(60);

/// A worker; it is killed with its owner.
pub struct Holder {
    child: Child,
    asks: Option<ChildStdin>,
    says: Receiver<String>,
}

/// How a worker is started.
pub struct Opening<'a> {
    /// The program that a worker is.
    pub worker: &'a Path,
    /// The store.
    pub address: &'a Address,
    /// Whom to charge at.
    pub provider: Client,
    /// The policy.
    pub policy: Policy,
    /// Options of the program.
    pub options: &'a [String],
    /// What is added to the environment.
    pub environment: &'a [(&'a str, String)],
}

impl Holder {
    /// Starts one, and waits until it is ready.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start(opening: &Opening<'_>) -> Self {
        let mut child = Command::new(opening.worker)
            .args(opening.address.to_args())
            .arg(opening.provider.address().to_string())
            .arg(opening.policy.name())
            .args(opening.options)
            .envs(
                opening
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a worker starts");
        let asks = child.stdin.take();
        let out = BufReader::new(child.stdout.take().expect("is piped"));
        let (tell, says) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let holder = Self { child, asks, says };
        assert_eq!(holder.hear(), "ready");
        holder
    }

    /// Sends it a line.
    ///
    /// # Panics
    ///
    /// When it is gone.
    pub fn ask(&mut self, line: impl std::fmt::Display) {
        let asks = self.asks.as_mut().expect("it is not seen off yet");
        writeln!(asks, "{line}").expect("it is there");
    }

    /// Its next line.
    ///
    /// # Panics
    ///
    /// After a minute of silence.
    pub fn hear(&self) -> String {
        let line = self.says.recv_timeout(PATIENCE);
        line.expect("a worker answers within a minute")
    }

    /// Stops it, whatever it is doing: it does not notice.
    pub fn halt(&self) {
        signal(&self.child, "STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        signal(&self.child, "CONT");
    }

    /// Waits until it has done all that it was asked for, and gives what it has counted.
    ///
    /// # Panics
    ///
    /// When it does not end well.
    pub fn see_off(mut self) -> BTreeMap<String, u64> {
        drop(self.asks.take());
        let line = loop {
            let line = self.hear();
            if let Some(counts) = line.strip_prefix("counts ") {
                break counts.to_owned();
            }
        };
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
        let counts = line.split_whitespace().map(|count| {
            let (name, n) = count.split_once('=').expect("a count");
            (name.to_owned(), n.parse().expect("a number"))
        });
        counts.collect()
    }
}

/// Also where a test fails.
impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Runs the program `place_order` as a user would, crashes it, runs it again, and counts what the ledgers of the warehouse
//! and of the payment provider have.

mod arguments;
#[path = "../common/mod.rs"]
mod common;
mod crashes;
mod orders;
mod payments;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "redis"))]
mod servers;

use std::fs;
use std::process::Command;

use common::{Place, Run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_place_order");

/// As short as can be waited for after a crash, and long enough for a busy machine.
const LEASE: &str = "--lease=1s";

impl Place {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_remove("CLICOLOR_FORCE");
        command
            .arg(LEASE)
            .arg("--folder")
            .arg(self.folder())
            .args(arguments);
        command
    }

    /// Runs the order `order-1` into a crash.
    #[track_caller]
    fn crash(&self, after: &str) -> Run {
        self.run(&["order-1", "--crash-after", after]).crashes()
    }

    /// How many effects a ledger has, of all orders.
    fn effects(&self, ledger: &str) -> usize {
        let path = self.path(ledger);
        let text = fs::read_to_string(path).expect("a ledger");
        text.lines().count()
    }

    #[track_caller]
    fn has_one_hold_and_one_charge(&self) {
        assert_eq!(self.effects("holds.jsonl"), 1);
        assert_eq!(self.effects("charges.jsonl"), 1);
    }
}

impl Run {
    /// No exit code: the process did not end by itself.
    #[track_caller]
    fn crashes(self) -> Self {
        assert_eq!(self.status.code(), None, "{}{}", self.stdout, self.stderr);
        let last = self.stdout.lines().last().unwrap_or_default();
        assert!(last.starts_with("crash: "), "{}", self.stdout);
        self
    }

    /// What is said of each step, in the order of the lines.
    fn steps(&self) -> Vec<(&str, &str)> {
        self.stdout.lines().filter_map(parse_step).collect()
    }

    #[track_caller]
    fn step(&self, step: &str) -> &str {
        let found = self.steps().into_iter().find(|(name, _)| *name == step);
        found
            .unwrap_or_else(|| panic!("no step `{step}` in\n{}", self.stdout))
            .1
    }

    /// Whether anything is said of `step`.
    fn mentions(&self, step: &str) -> bool {
        self.steps().iter().any(|(name, _)| *name == step)
    }

    /// How many charges of the order the ledger has, as the program says.
    #[track_caller]
    fn charges(&self) -> usize {
        let number = self.line("ledger").split(' ').next();
        number.and_then(|it| it.parse().ok()).expect("a number")
    }
}

/// The name and the outcome of a line such as `  process_payment    global, never     ran`.
fn parse_step(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("  ")?.split_once(' ')?;
    if !name.contains('_') {
        return None;
    }
    let kinds = ["plain ", "workflow, keyed ", "global, never "];
    let outcome = kinds
        .iter()
        .find_map(|it| rest.trim_start().strip_prefix(it));
    Some((name, outcome?.trim()))
}

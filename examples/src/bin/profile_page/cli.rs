//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use docket_examples::{beside_program, parse_time};

use crate::services::{Behaviour, Failures, Service};

const AFTER_HELP: &str = "\
ANSWERS is the time each answer takes, such as `80ms`, and if some shall fail with status 503:
`80ms,fail=2`, the first two requests for each key, or `80ms,fail=always`.

Examples:
  profile_page                                  one page; run it again, and the score is in the store
  profile_page 7 8 9                            three pages at once
  profile_page 5 5                              two pages of one user: one run of the expensive step
  profile_page --recommendations 80ms           the optional backend is well
  profile_page --recommendations 2s             it is too slow, and the page does without
  profile_page --preferences 60ms,fail=always   a need that can't be met: no page
  profile_page --report --trace page.svg        what made the page as slow as it is";

/// Makes profile pages out of the answers of five HTTP servers, which it runs itself, and tells what each step did
#[derive(Debug, Parser)]
#[command(name = "profile_page", after_help = AFTER_HELP, args_override_self = true)]
pub(crate) struct Cli {
    /// The users whose pages are made, all at once: numbers from 1
    #[arg(value_name = "USER_ID", default_value = "42", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) ids: Vec<u64>,

    /// The SQLite file of the store, made if missing [default: profile_page.db beside this program]
    #[arg(long, value_name = "FILE", default_value_os_t = beside_program("profile_page.db"), hide_default_value = true)]
    pub(crate) database: PathBuf,

    /// How long each page may take
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_timeout)]
    pub(crate) timeout: Duration,

    /// Also print a chart of each page's run, with its attempts and its critical path
    #[arg(long)]
    pub(crate) report: bool,

    /// Also write the run of the last page to FILE: `.svg` is a picture, all else a trace for ui.perfetto.dev
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,

    #[command(flatten)]
    backends: BackendOptions,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Backends")]
struct BackendOptions {
    /// Needed
    #[arg(long, value_name = "ANSWERS", default_value = "80ms", value_parser = parse_behaviour)]
    users: Behaviour,

    /// Needed
    #[arg(long, value_name = "ANSWERS", default_value = "120ms", value_parser = parse_behaviour)]
    orders: Behaviour,

    /// Needed and flaky: asked up to 3 times
    #[arg(long, value_name = "ANSWERS", default_value = "60ms,fail=1", value_parser = parse_behaviour)]
    preferences: Behaviour,

    /// Needed and expensive: kept in the store for 24 hours
    #[arg(long, value_name = "ANSWERS", default_value = "900ms", value_parser = parse_behaviour)]
    credit: Behaviour,

    /// Optional: given up after 500 ms
    #[arg(long, value_name = "ANSWERS", default_value = "80ms,fail=always", value_parser = parse_behaviour)]
    recommendations: Behaviour,
}

impl Cli {
    pub(crate) fn behaviour(&self, service: Service) -> Behaviour {
        let BackendOptions {
            users,
            orders,
            preferences,
            credit,
            recommendations,
        } = self.backends;
        match service {
            Service::Users => users,
            Service::Orders => orders,
            Service::Preferences => preferences,
            Service::Credit => credit,
            Service::Recommendations => recommendations,
        }
    }
}

fn parse_timeout(text: &str) -> Result<Duration, String> {
    match parse_time(text)? {
        Duration::ZERO => Err("no page is made in no time".to_owned()),
        timeout => Ok(timeout),
    }
}

fn parse_behaviour(text: &str) -> Result<Behaviour, String> {
    let Some((delay, rest)) = text.split_once(',') else {
        return Ok(Behaviour {
            delay: parse_time(text)?,
            failures: Failures::First(0),
        });
    };
    let failures = match rest.trim().strip_prefix("fail=") {
        Some("always") => Failures::Always,
        Some(n) => Failures::First(
            n.parse()
                .map_err(|_| format!("`{n}` is neither a number nor `always`"))?,
        ),
        None => return Err(format!("`{rest}` is not `fail=N` or `fail=always`")),
    };
    Ok(Behaviour {
        delay: parse_time(delay)?,
        failures,
    })
}

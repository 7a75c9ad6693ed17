//! The operator's side: what is to be known about the server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::durability::{Settings, judge};
use super::{Inner, StoreError};
use crate::store::Finding;

/// The first that has all that the store uses.
const OLDEST: (u32, u32) = (6, 2);

/// More than this is no matter of the network.
const TOLERANCE: Duration = Duration::from_secs(1);

impl Inner {
    pub(super) async fn doctor(&self) -> Result<Vec<Finding>, StoreError> {
        let settings = Settings::of(&self.claims).await?;
        let mut findings = vec![Finding::from(&judge(
            &settings,
            self.accepts_weak_durability,
        ))];
        findings.extend(look(&settings));
        findings.push(self.look_at_clock().await?);
        Ok(findings)
    }

    async fn look_at_clock(&self) -> Result<Finding, StoreError> {
        let before = local_millis();
        let server = self.now().await?;
        let after = local_millis();
        Ok(clock(server, before, after))
    }
}

fn local_millis() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    since.as_millis() as i64
}

fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![
        version(settings),
        role(settings),
        memory(settings),
        eviction(settings),
        append_only_file(settings),
    ];
    findings.extend(last_write(settings));
    findings
}

fn version(settings: &Settings) -> Finding {
    let (subject, version) = match settings.info("valkey_version") {
        "" => ("Redis", settings.info("redis_version")),
        version => ("Valkey", version),
    };
    let mut numbers = settings
        .info("redis_version")
        .split('.')
        .map(|it| it.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found >= OLDEST {
        return Finding::good(subject, version);
    }
    let (major, minor) = OLDEST;
    Finding::bad(
        subject,
        version,
        format!("use {major}.{minor} or later: older ones are not tested"),
    )
}

fn role(settings: &Settings) -> Finding {
    let replicas = settings.info("connected_slaves");
    match settings.info("role") {
        "master" => Finding::good("role", format!("master, {replicas} replicas")),
        role => Finding::bad("role", role, "connect to the master"),
    }
}

fn memory(settings: &Settings) -> Finding {
    let used = settings.info("used_memory");
    let value = match settings.info("maxmemory") {
        "0" => format!("{used} bytes, no limit"),
        limit => format!("{used} of {limit} bytes"),
    };
    let number = |name| settings.info(name).parse::<u64>().unwrap_or(0);
    let (used, limit) = (number("used_memory"), number("maxmemory"));
    if limit > 0 && used >= limit / 10 * 9 {
        return Finding::bad(
            "memory",
            value,
            "raise `maxmemory`, or let rows expire by giving their steps a `ttl`: when it is reached, claims are refused",
        );
    }
    Finding::good("memory", value)
}

fn eviction(settings: &Settings) -> Finding {
    let policy = settings.info("maxmemory_policy");
    if settings.keeps_all_keys() {
        return Finding::good("maxmemory-policy", policy);
    }
    Finding::bad(
        "maxmemory-policy",
        policy,
        "set `maxmemory-policy noeviction`, so that no row is lost when the memory is full",
    )
}

fn append_only_file(settings: &Settings) -> Finding {
    const SUBJECT: &str = "append-only file";
    if !settings.has_append_only_file() {
        return Finding::bad(
            SUBJECT,
            "off",
            "set `appendonly yes`, so that a restart does not forget",
        );
    }
    match settings.appendfsync() {
        Some("always") => Finding::good(SUBJECT, "on, `appendfsync always`"),
        Some(other) => Finding::bad(
            SUBJECT,
            format!("on, `appendfsync {other}`"),
            "set `appendfsync always`, so that a crash does not forget the last second",
        ),
        None => Finding::bad(
            SUBJECT,
            "on, `appendfsync` can't be seen",
            "allow `CONFIG GET appendfsync` to the store's user",
        ),
    }
}

/// Only where it failed.
fn last_write(settings: &Settings) -> Option<Finding> {
    let status = settings.info("aof_last_write_status");
    let has_failed = settings.has_append_only_file() && status == "err";
    has_failed.then(|| {
        Finding::bad(
            "last write to the append-only file",
            "failed",
            "look at the server's disk and its log: it refuses writes until this is mended",
        )
    })
}

/// Only the server's clock counts, so a difference does no harm to rows; it does to whoever compares them with logs.
fn clock(server: i64, before: i64, after: i64) -> Finding {
    const SUBJECT: &str = "clock";
    let ahead = server - after.min(server.max(before));
    let value = match ahead {
        0 => "as here".to_owned(),
        1.. => format!("{ahead} ms ahead of the one here"),
        _ => format!("{} ms behind the one here", -ahead),
    };
    if Duration::from_millis(ahead.unsigned_abs()) <= TOLERANCE {
        return Finding::good(SUBJECT, value);
    }
    Finding::bad(
        SUBJECT,
        value,
        "set both by the network; leases go by the server's clock alone, but times in rows differ from those in logs",
    )
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn a_clock_is_right_within_the_time_of_the_question() {
        let cases = [
            (150, "as here", false),
            (100, "as here", false),
            (230, "30 ms ahead of the one here", false),
            (70, "30 ms behind the one here", false),
            (5200, "5000 ms ahead of the one here", true),
            (-5000, "5100 ms behind the one here", true),
        ];
        for (server, value, is_bad) in cases {
            let finding = clock(server, 100, 200);
            assert_eq!(finding.value, value);
            assert_eq!(finding.advice.is_some(), is_bad, "{value}");
        }
    }
}

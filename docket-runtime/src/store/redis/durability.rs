//! What a server's settings let it promise.

use std::collections::HashMap;

use ::redis::cmd;

use super::link::Link;
use super::{Durability, StoreError};

/// What a server says of itself. `INFO` has nearly all of it, and is allowed where `CONFIG` is not.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    info: HashMap<String, String>,
    /// `None` if `CONFIG GET` is not allowed.
    appendfsync: Option<String>,
}

impl Settings {
    pub(super) async fn of(link: &Link) -> Result<Self, StoreError> {
        let info = told(link.query::<String>(&cmd("INFO")).await)?.unwrap_or_default();
        let mut config = cmd("CONFIG");
        config.arg("GET").arg("appendfsync");
        let config: Option<HashMap<String, String>> = told(link.query(&config).await)?;
        Ok(Self {
            info: parse(&info),
            appendfsync: config.and_then(|mut it| it.remove("appendfsync")),
        })
    }

    /// A line of `INFO`; `""` if it was not told.
    pub(super) fn info(&self, name: &str) -> &str {
        self.info.get(name).map(String::as_str).unwrap_or_default()
    }

    pub(super) fn appendfsync(&self) -> Option<&str> {
        self.appendfsync.as_deref()
    }

    pub(super) fn is_cluster(&self) -> bool {
        self.info("redis_mode") == "cluster"
    }

    /// What scripts print of a number then loses its upper half.
    pub(super) fn is_of_32_bits(&self) -> bool {
        self.info("arch_bits") == "32"
    }

    pub(super) fn is_master(&self) -> bool {
        self.info("role") == "master"
    }

    pub(super) fn has_append_only_file(&self) -> bool {
        self.info("aof_enabled") == "1"
    }

    /// Without a limit of memory, nothing is evicted whatever the policy.
    pub(super) fn keeps_all_keys(&self) -> bool {
        self.info("maxmemory") == "0" || self.info("maxmemory_policy") == "noeviction"
    }
}

/// `None` if the server does not allow the question.
fn told<T>(answer: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_retryable() => Err(error),
        Err(_) => Ok(None),
    }
}

fn parse(info: &str) -> HashMap<String, String> {
    info.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim_end().to_owned()))
        .collect()
}

/// A server that forgets by design is weak, whatever was accepted: only what no setting of Redis can mend is.
pub(super) fn judge(settings: &Settings, accepts_weak_durability: bool) -> Durability {
    let weak = |reason: &'static str| Durability::Weak {
        reason: reason.into(),
    };
    if settings.info("role").is_empty() {
        return weak(
            "the server does not allow `INFO`, so what it promises can't be seen; allow it to the store's user",
        );
    }
    if !settings.is_master() {
        return weak("this is a replica, which is behind its master; connect to the master");
    }
    if !settings.keeps_all_keys() {
        return weak(
            "Redis may evict rows when its memory is full; set `maxmemory-policy noeviction`",
        );
    }
    if !settings.has_append_only_file() {
        return weak("Redis has no append-only file, so a restart forgets; set `appendonly yes`");
    }
    match settings.appendfsync() {
        None => weak(
            "the server does not allow `CONFIG GET`, so whether its append-only file reaches the disk can't be seen; allow \
             `CONFIG GET appendfsync` to the store's user",
        ),
        Some("no") => weak(
            "`appendfsync` is `no`, so a crash can forget half a minute; set `appendfsync always`, or `everysec` at least",
        ),
        _ if accepts_weak_durability => Durability::Durable,
        Some("always") => weak(
            "Redis replicates after it has answered, so a failover can forget what was acknowledged; build the store with \
             `RedisOptions::accept_weak_durability` if that is acceptable",
        ),
        Some(_) => weak(
            "Redis replicates after it has answered, and `appendfsync` is not `always`, so a failover can forget what was \
             acknowledged, and a crash the last second of it; build the store with \
             `RedisOptions::accept_weak_durability` if that is acceptable",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(info: &str, appendfsync: Option<&str>) -> Settings {
        Settings {
            info: parse(info),
            appendfsync: appendfsync.map(str::to_owned),
        }
    }

    #[track_caller]
    fn check(info: &str, appendfsync: Option<&str>, accepted: bool, word: Option<&str>) {
        match (judge(&settings(info, appendfsync), accepted), word) {
            (Durability::Durable, None) => {}
            (Durability::Weak { reason }, Some(word)) => {
                assert!(reason.contains(word), "{word:?} is not in {reason:?}");
            }
            (found, _) => panic!("{info:?} is {found:?}"),
        }
    }

    const GOOD: &str = "# Server\r\nrole:master\r\nmaxmemory:100\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n";

    #[test]
    fn what_no_setting_can_mend_has_to_be_accepted() {
        for appendfsync in ["always", "everysec"] {
            check(GOOD, Some(appendfsync), true, None);
            check(
                GOOD,
                Some(appendfsync),
                false,
                Some("accept_weak_durability"),
            );
        }
        let unlimited =
            "role:master\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:1\r\n";
        check(unlimited, Some("always"), true, None);
    }

    #[test]
    fn what_a_setting_can_mend_can_not_be_accepted() {
        let cases = [
            ("", Some("always"), "INFO"),
            (&*GOOD.replace("master", "slave"), Some("always"), "replica"),
            (
                &GOOD.replace("noeviction", "volatile-lru"),
                Some("always"),
                "noeviction",
            ),
            (
                &GOOD.replace("aof_enabled:1", "aof_enabled:0"),
                Some("always"),
                "appendonly yes",
            ),
            (GOOD, Some("no"), "appendfsync always"),
            (GOOD, None, "CONFIG GET"),
        ];
        for (info, appendfsync, word) in cases {
            for accepted in [false, true] {
                check(info, appendfsync, accepted, Some(word));
            }
        }
    }
}

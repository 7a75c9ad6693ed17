//! What Redis and its client say, in the words of a store.

use ::redis::{ErrorKind, RedisError};

use super::StoreError;

/// The error as a store tells it: whether the same command may succeed later, and what Redis said.
pub(super) fn store_error(error: RedisError) -> StoreError {
    let said = Said::of(&error);
    if error.is_io_error() || said.is_passing() {
        return StoreError::unavailable(error);
    }
    StoreError::refused(refusal(error.kind(), &said.code)).with_source(error)
}

/// A row that the scripts do not make.
pub(super) fn not_ours(what: impl Into<crate::BoxError>) -> StoreError {
    StoreError::refused("a row in Redis is not as Docket writes it").with_source(what)
}

fn refusal(kind: ErrorKind, code: &str) -> &'static str {
    match (kind, code) {
        (ErrorKind::AuthenticationFailed, _) | (_, "NOAUTH" | "WRONGPASS") => {
            "Redis refused the user or the password"
        }
        (ErrorKind::InvalidClientConfig, _) => {
            "this is not a URL of Redis, or it needs a feature of the crate `redis` that is off"
        }
        (_, "OOM") => {
            "Redis is full: raise `maxmemory`, or let rows expire by giving their steps a `ttl`"
        }
        (_, "NOPERM") => {
            "Redis does not allow its user what the store needs; its documentation lists the rights, EVALSHA first"
        }
        (_, "WRONGTYPE") => {
            "a key that should be a row is something else; choose another prefix by `RedisOptions::prefix`"
        }
        (_, "MOVED" | "ASK" | "CROSSSLOT") => super::connect::IS_CLUSTER,
        _ => "Redis refused the command",
    }
}

/// What the server said: a code, and the rest.
struct Said {
    code: String,
    text: String,
}

impl Said {
    /// Nothing where it was not the server who spoke.
    fn of(error: &RedisError) -> Self {
        let Some((_, first)) = error
            .clone()
            .into_server_errors()
            .and_then(|all| all.first().cloned())
        else {
            return Self {
                code: String::new(),
                text: String::new(),
            };
        };
        let text = first.details().unwrap_or_default();
        Self {
            code: inner_code(first.code(), text).to_owned(),
            text: text.to_owned(),
        }
    }

    /// Whether it passes: a failover, a start, a full disk.
    fn is_passing(&self) -> bool {
        matches!(
            self.code.as_str(),
            "LOADING"
                | "READONLY"
                | "MASTERDOWN"
                | "CLUSTERDOWN"
                | "TRYAGAIN"
                | "BUSY"
                | "MISCONF"
                | "NOREPLICAS"
        ) || self.text.starts_with("max number of clients")
    }
}

/// Before Redis 7, an error within a script was `ERR`, and its own code stood in the text: `…: -OOM command not allowed`.
fn inner_code<'a>(code: &'a str, text: &'a str) -> &'a str {
    let inner = text
        .split_once(": -")
        .and_then(|(_, rest)| rest.split_whitespace().next());
    match inner {
        Some(inner) if code == "ERR" => inner,
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use ::redis::{Value, parse_redis_value};

    use super::*;

    /// As if the server had sent this line.
    fn told(line: &str) -> StoreError {
        let value: Value = parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        store_error(value.extract_error().unwrap_err())
    }

    #[test]
    fn what_passes_may_be_sent_again() {
        let passing = [
            "LOADING Redis is loading the dataset in memory",
            "READONLY You can't write against a read only replica.",
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
            "CLUSTERDOWN The cluster is down",
            "BUSY Redis is busy running a script.",
            "MISCONF Errors writing to the AOF file: No space left on device",
            "NOREPLICAS Not enough good replicas to write.",
            "ERR max number of clients reached",
            "ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You can't write",
        ];
        for line in passing {
            assert!(told(line).is_retryable(), "{line}");
        }
        let lost: RedisError = std::io::Error::from(std::io::ErrorKind::TimedOut).into();
        assert!(store_error(lost).is_retryable());
    }

    #[test]
    fn what_redis_refuses_is_told_with_the_way_out() {
        let refused = [
            (
                "OOM command not allowed when used memory > 'maxmemory'.",
                "Redis is full",
            ),
            (
                "ERR Error running script (call to f_1): @user_script:9: -OOM command not allowed",
                "Redis is full",
            ),
            (
                "NOPERM this user has no permissions",
                "Redis does not allow",
            ),
            (
                "WRONGTYPE Operation against a key holding the wrong kind",
                "a key that should be a row",
            ),
            ("NOAUTH Authentication required.", "Redis refused the user"),
            ("MOVED 3999 127.0.0.1:6381", "Redis Cluster"),
            ("ERR unknown command", "Redis refused the command"),
        ];
        for (line, words) in refused {
            let error = told(line);
            assert!(!error.is_retryable(), "{line}");
            assert!(error.to_string().starts_with(words), "{line}: {error}");
        }
    }
}

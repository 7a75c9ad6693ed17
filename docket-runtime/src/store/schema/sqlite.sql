-- Docket's table for SQLite, 3.42 or later.
--
-- Times that the protocol compares are integers, in milliseconds since 1970. Those for people, `created_at` and
-- `finished_at`, are UTC as SQLite's own `datetime` writes it, with milliseconds: `created_at < datetime('now', '-1 hour')`.
-- A value may be used for a while after `expires_at`; the purge leaves it until `keep_until`. While a row is running again,
-- and when that has failed, both are still those of the value that is there.
-- `error` is there in rows that have failed and in those that are unknown, and in no others: they are found by it.
-- `type_fp` is reserved.

CREATE TABLE IF NOT EXISTS {table} (
  cache_key    BLOB    NOT NULL PRIMARY KEY CHECK (length(cache_key) = 32),
  namespace    TEXT    NOT NULL,
  scope        TEXT    NOT NULL CHECK (scope IN ('workflow', 'global')),
  execution_id TEXT,
  step_name    TEXT    NOT NULL,
  step_version INTEGER NOT NULL DEFAULT 0,
  input_hash   BLOB    NOT NULL CHECK (length(input_hash) = 32),
  status       TEXT    NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'unknown')),
  fence        INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,
  generation   INTEGER NOT NULL DEFAULT 0,
  starts       INTEGER NOT NULL DEFAULT 1,
  claim_id     BLOB    NOT NULL CHECK (length(claim_id) = 16),
  holder       TEXT    NOT NULL,
  lease_until  INTEGER,
  repeat_never INTEGER NOT NULL DEFAULT 1 CHECK (repeat_never IN (0, 1)),
  codec        INTEGER,
  type_fp      BLOB,
  value        BLOB,
  value_json   TEXT,
  error        TEXT,
  retry_at     INTEGER,
  created_at   TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  finished_at  TEXT,
  expires_at   INTEGER,
  keep_until   INTEGER,
  metadata     TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
  CHECK ((metadata ->> 'status') IS status),
  CHECK ((status = 'running') = (lease_until IS NOT NULL))
) STRICT;

CREATE INDEX IF NOT EXISTS {schema}"{prefix}_expires" ON {bare} (keep_until) WHERE keep_until IS NOT NULL;

CREATE INDEX IF NOT EXISTS {schema}"{prefix}_step" ON {bare} (step_name, created_at);

CREATE INDEX IF NOT EXISTS {schema}"{prefix}_error" ON {bare} (step_name) WHERE error IS NOT NULL;

-- Docket's table for PostgreSQL, 12 or later.
--
-- `value_json` is text and not JSONB, which refuses what JSON allows (the character U+0000): a result that was obtained
-- must never be lost for the sake of its view. Query it as `value_json::jsonb ->> 'name'`.
-- A value may be used for a while after `expires_at`; the purge leaves it until `keep_until`. While a row is running again,
-- and when that has failed, both are still those of the value that is there.
-- `error` is there in rows that have failed and in those that are unknown, and in no others: they are found by it.
-- `lease_until` and `status` stand in no index, so that heartbeats can be HOT updates, and records where nothing expires.
-- `type_fp` is reserved.
--
-- What is checked is what Docket relies on and people might break. It is one check, since the server reads the text of each
-- anew for each statement that writes a row.

CREATE TABLE IF NOT EXISTS {table} (
  cache_key    BYTEA       PRIMARY KEY,
  namespace    TEXT        NOT NULL,
  scope        TEXT        NOT NULL,
  execution_id TEXT,
  step_name    TEXT        NOT NULL,
  -- A `u32` in the library, so wider than INT here.
  step_version BIGINT      NOT NULL DEFAULT 0,
  input_hash   BYTEA       NOT NULL,
  status       TEXT        NOT NULL,
  fence        BIGINT      NOT NULL,
  attempt      BIGINT      NOT NULL,
  generation   BIGINT      NOT NULL DEFAULT 0,
  starts       BIGINT      NOT NULL DEFAULT 1,
  claim_id     BYTEA       NOT NULL,
  holder       TEXT        NOT NULL,
  lease_until  TIMESTAMPTZ,
  repeat_never BOOLEAN     NOT NULL DEFAULT true,
  codec        SMALLINT,
  type_fp      BYTEA,
  value        BYTEA,
  value_json   TEXT,
  error        TEXT,
  retry_at     TIMESTAMPTZ,
  created_at   TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  finished_at  TIMESTAMPTZ,
  expires_at   TIMESTAMPTZ,
  keep_until   TIMESTAMPTZ,
  metadata     JSONB       NOT NULL DEFAULT '{}',
  CONSTRAINT "{prefix}_status" CHECK (
    status IN ('running', 'succeeded', 'failed', 'unknown')
    AND (status = 'running') = (lease_until IS NOT NULL)
    AND (metadata ->> 'status') IS NOT DISTINCT FROM status
  )
) WITH (fillfactor = 85);

CREATE INDEX IF NOT EXISTS "{prefix}_expires" ON {table} (keep_until) WHERE keep_until IS NOT NULL;

CREATE INDEX IF NOT EXISTS "{prefix}_step" ON {table} (step_name, created_at);

CREATE INDEX IF NOT EXISTS "{prefix}_error" ON {table} (step_name) WHERE error IS NOT NULL;

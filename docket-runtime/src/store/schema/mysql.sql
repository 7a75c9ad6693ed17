-- Docket's table for MySQL 8 and MariaDB 10.6 or later.
--
-- Names compare byte by byte: the default collations take `Charge` for `charge`. All times are `UTC_TIMESTAMP(6)`.
-- `value_json` is text and not JSON: a result that was obtained must never be lost for the sake of its view, and the
-- type JSON refuses what is nested deeply. Query it by `JSON_VALUE(value_json, '$.name')`. `type_fp` is reserved.
-- A value may be used for a while after `expires_at`; the purge leaves it until `keep_until`. While a row is running again,
-- and when that has failed, both are still those of the value that is there.
-- `error` is there in rows that have failed and in those that are unknown, and in no others: they are found by it. An index of
-- `status` would be written once more by each record.

CREATE TABLE IF NOT EXISTS {table} (
  cache_key    BINARY(32)    NOT NULL PRIMARY KEY,
  namespace    VARCHAR(190)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  scope        VARCHAR(16)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  execution_id VARCHAR(255)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  step_name    VARCHAR(190)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  step_version INT UNSIGNED  NOT NULL DEFAULT 0,
  input_hash   BINARY(32)    NOT NULL,
  status       VARCHAR(16)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fence        BIGINT        NOT NULL,
  attempt      INT UNSIGNED  NOT NULL,
  generation   INT UNSIGNED  NOT NULL DEFAULT 0,
  starts       INT UNSIGNED  NOT NULL DEFAULT 1,
  claim_id     BINARY(16)    NOT NULL,
  holder       VARCHAR(190)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  lease_until  DATETIME(6)   NULL,
  repeat_never BOOLEAN       NOT NULL DEFAULT TRUE,
  codec        SMALLINT      NULL,
  type_fp      VARBINARY(32) NULL,
  value        LONGBLOB      NULL,
  value_json   LONGTEXT      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  error        TEXT          CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  retry_at     DATETIME(6)   NULL,
  created_at   DATETIME(6)   NOT NULL,
  finished_at  DATETIME(6)   NULL,
  expires_at   DATETIME(6)   NULL,
  keep_until   DATETIME(6)   NULL,
  metadata     JSON          NOT NULL,
  KEY step_cache_expires (keep_until),
  KEY step_cache_step (step_name, created_at),
  KEY step_cache_error (error(1), step_name),
  CONSTRAINT CHECK (scope IN ('workflow', 'global')),
  CONSTRAINT CHECK (status IN ('running', 'succeeded', 'failed', 'unknown')),
  CONSTRAINT CHECK (JSON_UNQUOTE(JSON_EXTRACT(metadata, '$.status')) = status),
  CONSTRAINT CHECK ((status = 'running') = (lease_until IS NOT NULL))
) ENGINE = InnoDB;

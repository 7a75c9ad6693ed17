//! `RedisStore`: rows in Redis or Valkey.

//! `PostgresStore`: rows in PostgreSQL.

//! `MySqlStore`: rows in MySQL or MariaDB.

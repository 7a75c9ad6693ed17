//! A SQLite file, which a wrong URL must not create.

use docket::store::{SqliteOptions, SqliteStore, TableName};

use crate::args::Command;
use crate::failure::Failure;

pub(super) async fn open(
    url: &str,
    table: TableName,
    command: &Command,
) -> Result<SqliteStore, Failure> {
    let options = SqliteOptions::new().table(table);
    let existing = options.clone().create_if_missing(false);
    let opened = match command {
        Command::Migrate => options.connect(url).await,
        // The file need not be there.
        Command::Schema => existing.connect("sqlite::memory:").await,
        _ => existing.connect(url).await,
    };
    opened.map_err(|error| {
        let failure = Failure::from(error);
        match command {
            Command::Migrate => failure,
            _ => failure.help("check the URL; `docket migrate` makes a new file"),
        }
    })
}

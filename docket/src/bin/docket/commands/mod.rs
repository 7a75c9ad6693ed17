//! The commands: `graph` on files, each of the others on any store with the trait `Admin`.

mod doctor;
mod find;
pub(crate) mod graph;
mod ls;
mod migrate;
mod purge;
mod resolve;
mod retry;
mod show;
mod stats;

use docket::store::Admin;

use crate::args::{Command, Output};
use crate::failure::Failure;

/// What all commands are told.
pub(crate) struct Session {
    pub(crate) output: Output,
    /// Where the rows are, as it may be shown.
    pub(crate) target: String,
}

pub(crate) async fn run(
    session: &Session,
    store: &impl Admin,
    command: Command,
) -> Result<(), Failure> {
    match command {
        Command::Migrate => migrate::migrate(session, store).await,
        Command::Schema => migrate::schema(store),
        Command::Ls(args) => ls::run(session, store, &args).await,
        Command::Show(args) => show::run(session, store, &args).await,
        Command::Stats => stats::run(session, store).await,
        Command::Retry(args) => retry::run(session, store, &args).await,
        Command::Resolve(args) => resolve::run(session, store, args).await,
        Command::Purge(args) => purge::run(session, store, &args).await,
        Command::Doctor => doctor::run(session, store).await,
    }
}

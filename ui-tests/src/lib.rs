//! Compile errors are part of what Docket makes, so each is kept as a snapshot and read like prose.
//!
//! A case is a pair of one name: `fail/NAME.rs`, the smallest program with one mistake, and `pass/NAME.rs`, the same
//! program repaired in the way that the error proposes. `fail/NAME.stderr` is what the compiler says. `pass` holds
//! programs without a partner, too: what has to compile, with tests inside where it has to run. Programs that are about the
//! lints of a whole crate are in `strict`, and what another crate offers is in `elsewhere`.
//!
//! # To add a case
//!
//! 1. Write both programs. The name says the mistake, not what is done about it: `entry_lacks_an_input`.
//! 2. `TRYBUILD=overwrite cargo test -p docket-ui-tests each_mistake_reads`
//! 3. Read the new `.stderr` as someone who has never heard of Docket's inside. It has one error, at the token that made
//!    it; it says what is wrong in words that the reader used, and what to write instead; it names no trait or type of
//!    ours where that can be avoided.
//! 4. If it does not, the text is wrong, not the reader: change the macro, or the trait that speaks.
//!
//! One mistake in one place is told once because all that follows from it depends on a constant that can't be worked out
//! (`docket_runtime::graph::Known`), and because the compiler drops an error that is the same to the letter as one before.
//! So a question that has to be asked twice is asked with the same tokens at the same places.
//!
//! # The compiler
//!
//! The words and places are rustc's, so the snapshots hold for the version in `rust-toolchain.toml` alone, and the test
//! says so under any other. Raising the version means rendering all of them anew, and reading what changed.

//! What is said to the command line.

use std::fs;

use crate::Place;
use crate::common::{BAD_ARGUMENTS, FAILED, OK};

#[test]
fn help_names_every_option_and_shows_examples() {
    let run = Place::new().run(&["--help"]).ends_with(OK);
    for word in [
        "ORDER_ID",
        "--item",
        "--card",
        "--crash-after",
        "reservation",
        "--provider-down",
        "--store",
        "--folder",
        "--lease",
        "[default: 2s]",
        "Examples:",
    ] {
        assert!(
            run.stdout.contains(word),
            "`{word}` is missing in\n{}",
            run.stdout
        );
    }
}

#[track_caller]
fn is_refused(arguments: &[&str], expected: &str) {
    let place = Place::new();
    let run = place.run(arguments).ends_with(BAD_ARGUMENTS);
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(!place.path("store.db").exists());
}

#[test]
fn bad_arguments_are_named_and_nothing_runs() {
    is_refused(&["order 1"], "an order id is 1 to 64 letters, digits");
    is_refused(&[""], "an order id is 1 to 64 letters, digits");
    is_refused(&["--item=tent=many"], "`many` is not a number of items");
    is_refused(&["--crash-after=pay"], "a similar value exists: 'payment'");
    is_refused(&["--lease=9"], "`9` is not a time, such as `80ms` or `2s`");
    is_refused(&["--lease=9ms"], "a lease of less than 100ms");
    is_refused(&["--store=orders.db"], "it is none of sqlite://FILE");
    is_refused(
        &["--crash=hold"],
        "a similar argument exists: '--crash-after'",
    );
}

#[cfg(not(feature = "postgres"))]
#[test]
fn a_store_that_is_not_built_in_is_refused_with_the_feature_that_builds_it_in() {
    is_refused(
        &["--store=postgres://localhost/shop"],
        "--features postgres",
    );
}

#[test]
fn a_folder_or_store_that_cannot_be_used_is_named() {
    let place = Place::new();
    let file = place.path("file");
    fs::write(&file, "not a folder").expect("a file");
    let file = file.to_str().expect("a Unicode path");
    let run = place.run(&["--folder", file]).ends_with(FAILED);
    let start = format!("error: can't use the folder `{file}`: ");
    assert!(run.stderr.starts_with(&start), "{}", run.stderr);

    let run = place
        .run(&["--store=sqlite:///missing/store.db"])
        .ends_with(FAILED);
    assert!(
        run.stderr.starts_with("error: can't use the store: "),
        "{}",
        run.stderr
    );
}

//! The errors, as the compiler of `rust-toolchain.toml` renders them, and the programs that have none.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use trybuild::TestCases;

#[test]
fn each_mistake_reads_as_it_was_reviewed() {
    require_the_pinned_compiler();
    TestCases::new().compile_fail("fail/*.rs");
}

/// Crates of their own, since they are about the lints of a whole crate.
#[test]
fn strict_crates_get_no_warning_from_our_code() {
    TestCases::new().pass("strict/*.rs");
}

#[test]
fn each_mistake_has_one_error_and_a_repaired_program() {
    let repaired = names("pass", "rs");
    for name in names("fail", "rs") {
        assert!(
            repaired.contains(&name),
            "`fail/{name}.rs` has no repaired program `pass/{name}.rs`"
        );
        let path = Path::new("fail").join(format!("{name}.stderr"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; see `src/lib.rs` on how to render it",
                path.display()
            )
        });
        let n_errors = text
            .lines()
            .filter(|line| line.starts_with("error"))
            .count();
        if name.starts_with("several_") {
            assert!(
                n_errors > 1,
                "{} has {n_errors} errors, and should have several",
                path.display()
            );
        } else {
            assert_eq!(n_errors, 1, "{} should have one error", path.display());
        }
        assert!(
            !text.contains("$RUST"),
            "{} points into the standard library, which not everybody has",
            path.display()
        );
    }
}

#[test]
fn each_snapshot_has_its_program() {
    let programs = names("fail", "rs");
    for name in names("fail", "stderr") {
        assert!(
            programs.contains(&name),
            "`fail/{name}.stderr` has no program"
        );
    }
}

/// Another compiler words and places the same errors differently: that is no mistake of ours, and a page of differences
/// would hide it.
fn require_the_pinned_compiler() {
    let pinned = pinned_version();
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&rustc)
        .arg("--version")
        .output()
        .expect("rustc tells its version");
    let version = String::from_utf8_lossy(&output.stdout);
    let version = version.trim();
    if version.split(' ').nth(1) != Some(&pinned) {
        eprintln!(
            "\n    The snapshots in `ui-tests/fail` hold the words of rustc {pinned}; this is {version}.\n"
        );
        panic!(
            "run this test with the compiler of `rust-toolchain.toml`: cargo +{pinned} test -p docket-ui-tests"
        );
    }
}

fn pinned_version() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust-toolchain.toml");
    let text = fs::read_to_string(&path).expect("the workspace pins its compiler");
    let channel = text
        .lines()
        .find_map(|line| line.strip_prefix("channel = "));
    channel
        .expect("a toolchain file has a channel")
        .trim_matches('"')
        .to_owned()
}

/// The names of the files in `folder` that end so, without the ending.
fn names(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let wanted = paths.filter(|path: &PathBuf| path.extension().is_some_and(|it| it == ending));
    wanted
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}

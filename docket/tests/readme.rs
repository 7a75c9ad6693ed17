//! The README shows a program, what it prints, its picture, and what the compiler says without one of its steps: all of it
//! is true.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace(path))
        .unwrap_or_else(|error| panic!("{path} can't be read: {error}"))
}

/// The blocks of `language` in the README, in order.
fn blocks(language: &str) -> Vec<String> {
    let readme = read("README.md");
    let opening = format!("```{language}\n");
    readme
        .split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_first_program_is_the_example() {
    assert_eq!(blocks("rust")[0], read("docket/examples/greeting.rs"));
    assert!(blocks("rust")[0].lines().count() < 30);
}

#[test]
fn its_changes_are_changes_of_that_program() {
    let program = read("docket/examples/greeting.rs");
    for change in blocks("diff") {
        let mut old = change.lines().filter(|it| !it.starts_with('+'));
        let stranger = old.find(|line| {
            // A line begins with its sign.
            let line = line.get(1..).unwrap_or_default();
            program.lines().all(|it| it != line)
        });
        assert_eq!(stranger, None, "it is not in the program:\n{change}");
    }
}

#[test]
fn it_prints_what_the_readme_says() {
    // Cargo builds the examples of a package before it runs its tests.
    let tests = std::env::current_exe().expect("a test knows where it is");
    let example = tests
        .ancestors()
        .nth(2)
        .expect("tests are in `deps`")
        .join("examples/greeting");
    let output = Command::new(&example)
        .output()
        .unwrap_or_else(|error| panic!("{} can't be run: {error}", example.display()));
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), blocks("text")[0]);
}

#[test]
fn the_compiler_says_what_the_readme_says() {
    assert_eq!(
        blocks("text")[1].trim_end(),
        read("ui-tests/fail/readme.stderr").trim_end()
    );
}

/// The program, with its graph within reach.
#[allow(dead_code)]
mod greeting {
    include!("../examples/greeting.rs");

    #[test]
    fn its_picture_is_the_one_that_the_readme_shows() {
        assert!(super::read("README.md").contains("](docs/greeting.svg)"));
        docket::assert_plan!("../docs/greeting.svg", Page);
    }

    #[test]
    fn it_is_drawn_as_kept() {
        docket::assert_plan!("tests/plans/greeting.mmd", Page);
        docket::assert_plan!("tests/plans/greeting.dot", Page);
        docket::assert_plan!("tests/plans/greeting.json", Page);
    }
}

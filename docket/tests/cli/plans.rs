//! `docket graph`: on files, without a store.

use std::io::Write as _;
use std::process::Stdio;

use crate::graph::Shop;
use crate::tool::{Done, Tool};

/// A folder with the plan of the shop, and with one that differs in the name of one step and an option of the other.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("the folder can be made");
    let json = Shop::plan().to_json();
    let other = json
        .replace("\"ScoreCredit\"", "\"RateCredit\"")
        .replace("\"never\"", "\"keyed\"");
    std::fs::write(folder.path().join("old.json"), json).expect("it can be written");
    std::fs::write(folder.path().join("new.json"), other).expect("it can be written");
    folder
}

fn at(folder: &tempfile::TempDir, file: &str) -> String {
    folder
        .path()
        .join(file)
        .to_str()
        .expect("a path is text")
        .to_owned()
}

#[test]
fn it_draws_what_the_program_draws() {
    let (folder, tool) = (folder(), Tool::new(&[]));
    let (plan, file) = (Shop::plan(), at(&folder, "old.json"));
    assert_eq!(tool.ok(&["graph", &file]), plan.to_svg());
    assert_eq!(
        tool.ok(&["graph", &file, "--format", "mermaid"]),
        plan.to_mermaid()
    );
    assert_eq!(tool.ok(&["graph", &file, "--format", "dot"]), plan.to_dot());
    let drawn = tool.ok(&["graph", &file, "--format", "dot", "--resources"]);
    assert_eq!(drawn, plan.picture().resources(true).to_dot());
    let picture = at(&folder, "shop.svg");
    assert_eq!(tool.ok(&["graph", &file, "-o", &picture]), "");
    assert_eq!(
        std::fs::read_to_string(picture).expect("it is there"),
        plan.to_svg()
    );
}

#[test]
fn it_says_what_is_different_and_fails() {
    let (folder, tool) = (folder(), Tool::new(&[]));
    let (old, new) = (at(&folder, "old.json"), at(&folder, "new.json"));
    assert_eq!(tool.ok(&["graph", "diff", &old, &old]), "");
    let done = tool.run(&["graph", "diff", &old, &new]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert_eq!(
        done.stdout,
        "\
- step `ScoreCredit`
+ step `RateCredit`
~ step `ChargeCard`: options `persist global · repeat never` -> `persist global`
+ `RateCredit` needs `User`
- `ScoreCredit` needs `User`
"
    );
    assert_eq!(done.stderr, "error: the plans of `Shop` differ\n");
    let done = tool.run(&["graph", "diff", &old, &new, "--output", "json"]);
    assert_eq!(
        done.stdout.lines().next(),
        Some(r#"{"difference":"- step `ScoreCredit`"}"#)
    );
}

#[test]
fn a_plan_may_come_from_standard_input() {
    let (folder, tool) = (folder(), Tool::new(&[]));
    let mut command = tool.command(&["graph", "diff", "-", &at(&folder, "new.json")]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut input = child.stdin.take().expect("it is piped");
    input
        .write_all(Shop::plan().to_json().as_bytes())
        .expect("it reads");
    drop(input);
    let done = Done::from(child.wait_with_output().expect("it ends"));
    assert_eq!(done.code, Some(1), "{done:?}");
}

#[test]
fn what_is_no_plan_is_told_with_the_way_out() {
    let (folder, tool) = (folder(), Tool::new(&[]));
    let said = tool.fails(1, &["graph", &at(&folder, "none.json")]);
    assert!(
        said.contains("none.json` can't be read: No such file"),
        "{said}"
    );
    std::fs::write(folder.path().join("other.json"), "{}").expect("it can be written");
    let said = tool.fails(1, &["graph", &at(&folder, "other.json")]);
    assert!(
        said.contains("holds no plan: it is no plan of Docket: missing field"),
        "{said}"
    );
    assert!(
        said.contains("help: `YourGraph::plan().to_json()` makes one"),
        "{said}"
    );
    tool.fails(2, &["graph"]);
}

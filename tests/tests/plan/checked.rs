//! What `assert_plan!` says of a file. The macro asks the same of the folder of its package, and
//! which of the two it does is up to `DOCKET_BLESS`.

use std::fs;

use docket::__private::{check_plan, write_plan};
use docket::{Plan, graph, step};

#[step]
fn fetch(id: &u64) -> u8 {
    *id as u8
}

#[step(timeout = "1s")]
async fn look_up(id: &u64) -> u16 {
    *id as u16
}

#[step]
fn join(a: &u8, b: &u16) -> String {
    format!("{a} {b}")
}

#[step]
fn join_two(a: &u8, b: Option<&i16>) -> String {
    format!("{a} {b:?}")
}

#[step]
fn sign(b: &u16) -> i16 {
    *b as i16
}

mod old {
    use super::*;
    graph! { pub(crate) struct Page { inputs { u64 } steps { fetch, look_up, join } pub async fn page(id: u64) -> String; } }
}

mod new {
    use super::*;
    graph! {
        pub(crate) struct Page {
            inputs { u64 }
            steps { fetch, look_up, sign, join_two }
            pub(crate) async fn page(id: u64) -> String;
        }
    }
}

fn complaint(folder: &tempfile::TempDir, file: &str, plan: &Plan) -> String {
    let folder = folder.path().to_str().unwrap();
    match check_plan(folder, file, plan) {
        Ok(()) => String::new(),
        Err(problem) => problem,
    }
}

fn keep(folder: &tempfile::TempDir, plan: &Plan) {
    for (file, text) in [
        ("page.mmd", plan.to_mermaid()),
        ("page.dot", plan.to_dot()),
        ("page.svg", plan.to_svg()),
        ("page.json", plan.to_json()),
    ] {
        fs::write(folder.path().join(file), text).unwrap();
    }
}

const FILES: [&str; 4] = ["page.mmd", "page.dot", "page.svg", "page.json"];

#[test]
fn the_same_graph_is_all_right() {
    let folder = tempfile::tempdir().unwrap();
    keep(&folder, &old::Page::plan());
    for file in FILES {
        assert_eq!(complaint(&folder, file, &old::Page::plan()), "");
    }
}

#[test]
fn line_breaks_of_another_system_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let plan = old::Page::plan();
    for (file, text) in [("page.mmd", plan.to_mermaid()), ("page.svg", plan.to_svg())] {
        fs::write(folder.path().join(file), text.replace('\n', "\r\n")).unwrap();
        assert_eq!(complaint(&folder, file, &plan), "");
    }
}

#[test]
fn another_graph_is_told_in_the_words_of_graphs() {
    let folder = tempfile::tempdir().unwrap();
    keep(&folder, &old::Page::plan());
    for file in FILES {
        let said = complaint(&folder, file, &new::Page::plan());
        let expected = format!(
            "the plan of `Page` is not what `{file}` says:\n
- step `join`
+ step `join_two`
+ step `sign`
- `join` needs `fetch`
- `join` needs `look_up`
+ `join_two` needs `fetch`
+ `join_two` can do without `sign`
+ `sign` needs `look_up`
{}longest chain: 2 -> 3 levels\n
if that is meant, `DOCKET_BLESS=1 cargo test` rewrites the file",
            // Only the JSON has entries.
            if file.ends_with("json") {
                "~ entry `page`: longest chain `2 levels` -> `3 levels`\n"
            } else {
                ""
            },
        );
        assert_eq!(said, expected);
    }
}

#[test]
fn other_options_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let plan = old::Page::plan();
    let other = Plan::from_json(&plan.to_json().replace("\"1s\"", "\"2s\"")).unwrap();
    keep(&folder, &other);
    let said = complaint(&folder, "page.json", &plan);
    assert!(
        said.contains("~ step `look_up`: options `timeout 2s` -> `timeout 1s`"),
        "{said}"
    );
    let said = complaint(&folder, "page.mmd", &plan);
    assert!(
        said.contains("timeout 2s") && said.contains("timeout 1s"),
        "{said}"
    );
    let said = complaint(&folder, "page.svg", &plan);
    assert!(said.contains("but other labels"), "{said}");
}

#[test]
fn lines_that_move_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let plan = old::Page::plan();
    let json = plan.to_json().replace("\"line\": ", "\"line\": 1");
    fs::write(folder.path().join("page.json"), json).unwrap();
    assert_eq!(complaint(&folder, "page.json", &plan), "");
}

#[test]
fn a_file_that_is_missing_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let said = complaint(&folder, "plans/page.mmd", &old::Page::plan());
    assert!(
        said.starts_with("the plan of `Page` is not kept yet: there is no `"),
        "{said}"
    );
    assert!(
        said.ends_with("`; `DOCKET_BLESS=1 cargo test` writes it"),
        "{said}"
    );
}

#[test]
fn a_file_of_an_unknown_kind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        complaint(&folder, "page.png", &old::Page::plan()),
        "`page.png` does not say what it holds; a plan is kept as `.mmd`, `.dot`, `.svg` or `.json`"
    );
}

#[test]
fn what_is_written_is_all_right() {
    let folder = tempfile::tempdir().unwrap();
    let plan = old::Page::plan();
    for file in FILES {
        let file = format!("plans/{file}");
        write_plan(folder.path().to_str().unwrap(), &file, &plan).unwrap();
        assert_eq!(complaint(&folder, &file, &plan), "");
        assert_ne!(complaint(&folder, &file, &new::Page::plan()), "");
    }
}

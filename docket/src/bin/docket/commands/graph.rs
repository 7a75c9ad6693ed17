//! `docket graph`

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use docket::Plan;
use serde_json::json;

use crate::args::{Format, Graph, GraphCommand, Output};
use crate::failure::{self, Failure};
use crate::output::{json_line, plain};

pub(crate) fn run(output: Output, args: &Graph) -> Result<(), Failure> {
    let Graph {
        command,
        plan,
        format,
        resources,
        file,
    } = args;
    if let Some(GraphCommand::Diff { old, new }) = command {
        return diff(output, &read(old)?, &read(new)?);
    }
    let plan = plan.as_deref().map(read).transpose()?;
    let plan = plan.ok_or_else(|| Failure::usage("no plan is given"))?;
    let picture = plan.picture().resources(*resources);
    let drawn = match format {
        Format::Svg => picture.to_svg(),
        Format::Mermaid => picture.to_mermaid(),
        Format::Dot => picture.to_dot(),
    };
    match file {
        Some(file) => fs::write(file, drawn).map_err(|error| at(file, "can't be written", &error)),
        None => {
            let mut out = io::stdout().lock();
            out.write_all(drawn.as_bytes())?;
            Ok(out.flush()?)
        }
    }
}

fn diff(output: Output, old: &Plan, new: &Plan) -> Result<(), Failure> {
    let diff = old.diff(new);
    let mut out = io::stdout().lock();
    for line in diff.lines() {
        match output {
            Output::Table => writeln!(out, "{}", plain(line))?,
            Output::Json => json_line(&mut out, &json!({ "difference": line }))?,
        }
    }
    out.flush()?;
    match diff.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!("the plans of `{}` differ", new.name))),
    }
}

fn read(file: &Path) -> Result<Plan, Failure> {
    let text = match file.to_str() {
        Some("-") => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map(|_| text)
        }
        _ => fs::read_to_string(file),
    };
    let text = text.map_err(|error| at(file, "can't be read", &error))?;
    Plan::from_json(&text).map_err(|error| {
        at(file, "holds no plan", &error)
            .help("`YourGraph::plan().to_json()` makes one, and so does `docket::assert_plan!` with a file `.json`")
    })
}

fn at(file: &Path, problem: &str, error: &dyn std::error::Error) -> Failure {
    Failure::new(format!(
        "`{}` {problem}: {}",
        file.display(),
        failure::chain(error)
    ))
}

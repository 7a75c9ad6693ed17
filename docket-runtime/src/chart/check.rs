//! A plan kept in a file, and a test that it is still true: `docket::assert_plan!`.

use std::path::Path;
use std::{env, fs, io};

use super::skeleton::Skeleton;
use super::{Plan, diff, picture};

/// The variable that lets files be rewritten.
const BLESS: &str = "DOCKET_BLESS";

/// More lines of a difference are not read.
const MAX_LINES: usize = 20;

/// What a file holds, by its name.
#[derive(Clone, Copy, Debug)]
enum Form {
    Mermaid,
    Dot,
    Svg,
    Json,
}

/// Checks that the file `path`, in the folder of the package `package`, holds `plan`.
///
/// # Panics
///
/// Where it does not, or is not there, with the difference.
#[track_caller]
pub fn assert_plan(package: &str, path: &str, plan: &Plan) {
    let bless = env::var_os(BLESS).is_some_and(|it| !it.is_empty() && it != "0");
    let checked = match bless {
        true => write_plan(package, path, plan),
        false => check_plan(package, path, plan),
    };
    if let Err(problem) = checked {
        panic!("{problem}");
    }
}

/// Lets the file hold `plan`.
pub fn write_plan(package: &str, path: &str, plan: &Plan) -> Result<(), String> {
    let form = Form::of(path)?;
    let place = Path::new(package).join(path);
    // A file that is true already keeps its lines and its time.
    if check_plan(package, path, plan).is_ok() {
        return Ok(());
    }
    let folder = place.parent().unwrap_or(Path::new(package));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&place, form.text(plan)))
        .map_err(|error| format!("`{path}` can't be written: {error}"))
}

/// What [`assert_plan`] says of the file, whatever the variable says.
pub fn check_plan(package: &str, path: &str, plan: &Plan) -> Result<(), String> {
    let form = Form::of(path)?;
    let place = Path::new(package).join(path);
    let old = match fs::read_to_string(&place) {
        // Git may have given it the line breaks of the system.
        Ok(old) => old.replace("\r\n", "\n"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!(
                "the plan of `{}` is not kept yet: there is no `{}`; `{BLESS}=1 cargo test` writes it",
                plan.name,
                place.display(),
            ));
        }
        Err(error) => return Err(format!("`{}` can't be read: {error}", place.display())),
    };
    match form.difference(&old, plan) {
        None => Ok(()),
        Some(difference) => Err(format!(
            "the plan of `{}` is not what `{path}` says:\n\n{difference}\n\nif that is meant, `{BLESS}=1 cargo test` \
             rewrites the file",
            plan.name,
        )),
    }
}

impl Form {
    fn of(path: &str) -> Result<Self, String> {
        let extension = Path::new(path).extension().and_then(|it| it.to_str());
        match extension {
            Some("mmd" | "mermaid") => Ok(Self::Mermaid),
            Some("dot" | "gv") => Ok(Self::Dot),
            Some("svg") => Ok(Self::Svg),
            Some("json") => Ok(Self::Json),
            _ => Err(format!(
                "`{path}` does not say what it holds; a plan is kept as `.mmd`, `.dot`, `.svg` or `.json`"
            )),
        }
    }

    fn text(self, plan: &Plan) -> String {
        match self {
            Self::Mermaid => plan.to_mermaid(),
            Self::Dot => plan.to_dot(),
            Self::Svg => plan.to_svg(),
            Self::Json => plan.to_json(),
        }
    }

    fn difference(self, old: &str, plan: &Plan) -> Option<String> {
        let read: fn(&str) -> Skeleton = match self {
            Self::Mermaid => picture::skeleton_of_mermaid,
            Self::Dot => picture::skeleton_of_dot,
            Self::Svg => picture::skeleton_of_svg,
            Self::Json => {
                return match Plan::from_json(old) {
                    Ok(old) => {
                        let diff = old.diff(plan);
                        (!diff.is_empty()).then(|| diff.to_string())
                    }
                    Err(error) => Some(format!("the file can't be read: {error}")),
                };
            }
        };
        let new = self.text(plan);
        if old == new {
            return None;
        }
        let diff = diff::between_skeletons(&read(old), &read(&new));
        if !diff.is_empty() {
            return Some(diff.to_string());
        }
        Some(match self {
            // Its lines are places on paper.
            Self::Svg => {
                "the same steps and edges, but other labels, or drawn otherwise".to_owned()
            }
            _ => lines(old, &new),
        })
    }
}

/// The lines that only one of two texts has.
fn lines(old: &str, new: &str) -> String {
    let only = |sign: &str, a: &str, b: &str| {
        let mut theirs: Vec<&str> = b.lines().collect();
        let mut own = Vec::new();
        for line in a.lines() {
            match theirs.iter().position(|it| *it == line) {
                Some(place) => drop(theirs.remove(place)),
                None => own.push(format!("{sign} {}", line.trim_start())),
            }
        }
        own
    };
    let mut lines = only("-", old, new);
    lines.extend(only("+", new, old));
    let n_left = lines.len().saturating_sub(MAX_LINES);
    lines.truncate(MAX_LINES);
    match (lines.is_empty(), n_left) {
        (true, _) => lines.push("the same lines in another order".to_owned()),
        (false, 0) => {}
        (false, n_left) => lines.push(format!("and {n_left} lines more")),
    }
    lines.join("\n")
}

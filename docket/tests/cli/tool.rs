//! Running the command.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The command with the options that say where the rows are.
pub(crate) struct Tool {
    place: Vec<String>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Tool {
    pub(crate) fn new(place: &[&str]) -> Self {
        Self {
            place: place.iter().map(|it| (*it).to_owned()).collect(),
        }
    }

    /// The command, not yet started, with nothing on its standard input.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docket"));
        command.env_remove("CLICOLOR_FORCE");
        command
            .args(args)
            .args(&self.place)
            .env_remove("DOCKET_STORE")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Done {
        let output = self.command(args).output();
        Done::from(output.expect("the command starts"))
    }

    /// What it prints where it succeeds.
    #[track_caller]
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let done = self.run(args);
        assert_eq!(done.code, Some(0), "docket {args:?}: {done:?}");
        done.stdout
    }

    /// What it says where it fails with this code.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, args: &[&str]) -> String {
        let done = self.run(args);
        assert_eq!(done.code, Some(code), "docket {args:?}: {done:?}");
        assert_eq!(done.stdout, "", "docket {args:?}");
        done.stderr
    }

    /// What it prints as JSON lines.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Vec<Value> {
        let args = [args, &["--output", "json"]].concat();
        let parse = |line| serde_json::from_str(line).expect("each line is JSON");
        self.ok(&args).lines().map(parse).collect()
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

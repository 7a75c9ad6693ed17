//! A server of a test's own, which it can kill: `tests/server` does the work.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::stores::Kind;

/// A private server on loopback. It ends with its owner.
pub struct Server {
    kind: Kind,
    folder: TempDir,
    port: u16,
    is_up: bool,
}

impl Server {
    /// Makes a new one, and starts it.
    ///
    /// # Panics
    ///
    /// When there is no such server on this machine: `tests/run` installs them.
    pub fn start(kind: Kind) -> Self {
        let folder = TempDir::new().expect("a folder");
        // The server runs as a user of its own, and has to get there.
        #[cfg(unix)]
        {
            use std::fs::{Permissions, set_permissions};
            use std::os::unix::fs::PermissionsExt as _;

            set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
        }
        let mut server = Self {
            kind,
            folder,
            port: free_port(),
            is_up: false,
        };
        server.start_again();
        server
    }

    /// Its URL.
    ///
    /// # Panics
    ///
    /// As [`start`](Server::start).
    pub fn url(&self) -> String {
        self.run("url")
    }

    /// Ends it as a crash would.
    ///
    /// # Panics
    ///
    /// As [`start`](Server::start).
    pub fn kill(&mut self) {
        self.run("kill");
        self.is_up = false;
    }

    /// Starts it after a [`kill`](Server::kill), with all that it had kept; waits until it answers.
    ///
    /// # Panics
    ///
    /// As [`start`](Server::start).
    pub fn start_again(&mut self) {
        self.run("start");
        self.is_up = true;
    }

    fn run(&self, action: &str) -> String {
        let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("server");
        let done = Command::new(&program)
            .arg(format!("{:?}", self.kind).to_lowercase())
            .arg(action)
            .arg(self.folder.path().join("server"))
            .arg(self.port.to_string())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .expect("`tests/server` runs");
        assert!(
            done.status.success(),
            "`tests/server` could not {action} {:?}: {}",
            self.kind,
            done.status
        );
        let said = String::from_utf8(done.stdout).expect("is text");
        said.trim().to_owned()
    }
}

/// Also where a test fails.
impl Drop for Server {
    fn drop(&mut self) {
        if self.is_up {
            self.run("kill");
        }
    }
}

/// A port that nobody listens on, below those that the system gives to outgoing connections: while the server is down, one
/// of its clients could get such a port, and be in its way.
fn free_port() -> u16 {
    loop {
        let port = fastrand::u16(10_000..30_000);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

//! What a server remembers: one line of JSON for each effect, in a file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::Cents;

/// One effect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) idempotency_key: String,
    pub(crate) order: String,
    pub(crate) cents: Cents,
}

/// A file of entries. All is read anew each time, under the file's lock: several processes may write to it, and it is
/// short.
#[derive(Debug)]
pub(super) struct Ledger {
    path: PathBuf,
    /// What ids begin with.
    kind: &'static str,
}

impl Ledger {
    /// The file at `path`, which is made if it is missing.
    pub(super) fn open(path: PathBuf, kind: &'static str) -> io::Result<Self> {
        let ledger = Self { path, kind };
        ledger.file()?;
        Ok(ledger)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The entry of `idempotency_key`: the one that is there, or a new one, which is on disk when this returns.
    pub(super) fn enter(
        &self,
        idempotency_key: &str,
        order: &str,
        cents: Cents,
    ) -> io::Result<Entry> {
        let mut file = self.file()?;
        file.lock()?;
        let entries = self.read(&file)?;
        if let Some(seen) = with_key(&entries, idempotency_key) {
            return Ok(seen.clone());
        }
        let entry = Entry {
            id: format!("{}_{}", self.kind, entries.len() + 1),
            idempotency_key: idempotency_key.to_owned(),
            order: order.to_owned(),
            cents,
        };
        let mut line = serde_json::to_string(&entry)?;
        line.push('\n');
        file.write_all(line.as_bytes())?;
        file.sync_all()?;
        Ok(entry)
    }

    /// The entry of `idempotency_key`, if there is one.
    pub(super) fn find(&self, idempotency_key: &str) -> io::Result<Option<Entry>> {
        Ok(with_key(&self.entries()?, idempotency_key).cloned())
    }

    pub(super) fn entries(&self) -> io::Result<Vec<Entry>> {
        let file = self.file()?;
        file.lock_shared()?;
        self.read(&file)
    }

    fn file(&self) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&self.path)
    }

    fn read(&self, file: &File) -> io::Result<Vec<Entry>> {
        let lines = BufReader::new(file).lines();
        lines
            .map(|line| Ok(serde_json::from_str(&line?)?))
            .collect::<io::Result<_>>()
            .map_err(|error| {
                let words = format!("{} can't be read: {error}", self.path.display());
                io::Error::new(error.kind(), words)
            })
    }
}

fn with_key<'a>(entries: &'a [Entry], idempotency_key: &str) -> Option<&'a Entry> {
    entries
        .iter()
        .find(|it| it.idempotency_key == idempotency_key)
}

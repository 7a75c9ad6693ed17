//! The scripts, and the commands that run them.

use ::redis::{Cmd, Pipeline, cmd, pipe};

/// All moves of rows. What a script takes and returns is said at its top.
pub(super) struct Scripts {
    pub(super) claim: Script,
    pub(super) complete: Script,
    pub(super) fail: Script,
    pub(super) renew: Script,
    pub(super) mark_lost: Script,
    pub(super) release: Script,
    pub(super) purge: Script,
    pub(super) retry: Script,
    pub(super) resolve: Script,
}

/// A script and the hash that Redis knows it by.
pub(super) struct Script {
    code: &'static str,
    hash: String,
}

macro_rules! script {
    ($name:literal) => {
        Script::new(concat!(
            include_str!("lua/prelude.lua"),
            include_str!(concat!("lua/", $name, ".lua"))
        ))
    };
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            claim: script!("claim"),
            complete: script!("complete"),
            fail: script!("fail"),
            renew: script!("renew"),
            mark_lost: script!("mark_lost"),
            release: script!("release"),
            purge: script!("purge"),
            retry: script!("retry"),
            resolve: script!("resolve"),
        }
    }

    /// Brings all of them to the server.
    pub(super) fn load(&self) -> Pipeline {
        let Self {
            claim,
            complete,
            fail,
            renew,
            mark_lost,
            release,
            purge,
            retry,
            resolve,
        } = self;
        let all = [
            claim, complete, fail, renew, mark_lost, release, purge, retry, resolve,
        ];
        let mut pipe = pipe();
        for script in all {
            pipe.add_command(script.load()).ignore();
        }
        pipe
    }
}

impl Script {
    fn new(code: &'static str) -> Self {
        let hash = ::redis::Script::new(code).get_hash().to_owned();
        Self { code, hash }
    }

    pub(super) fn load(&self) -> Cmd {
        let mut load = cmd("SCRIPT");
        load.arg("LOAD").arg(self.code);
        load
    }

    /// The beginning of a command that runs it on `keys`; its arguments are to follow.
    pub(super) fn on(&self, keys: &[String]) -> Cmd {
        let mut run = cmd("EVALSHA");
        run.arg(&self.hash).arg(keys.len()).arg(keys);
        run
    }
}

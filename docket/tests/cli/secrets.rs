//! A password that stands in a URL stands nowhere in what is printed.

use crate::tool::{Done, Tool};

const CANARY: &str = "hunter2canary";

#[test]
fn a_password_is_never_printed() {
    // Nobody listens on port 1.
    let urls = [
        format!("postgres://docket:{CANARY}@127.0.0.1:1/docket"),
        format!("postgres://127.0.0.1:1/docket?user=docket&password={CANARY}"),
        format!("mysql://docket:{CANARY}@127.0.0.1:1/docket"),
        format!("redis://:{CANARY}@127.0.0.1:1"),
        format!("sqlite://docket:{CANARY}@no/such/file.db"),
        format!("sqlite://docket:{CANARY}@x.db?mode={CANARY}"),
        format!("http://docket:{CANARY}@127.0.0.1:1"),
        format!("postgres://docket:{CANARY}@127.0.0.1:port/docket"),
        "postgres://docket:%68unter2canary@127.0.0.1:1/docket".to_owned(),
        format!("postgres://docket:{CANARY}@[::1/docket"),
        format!("docket:{CANARY}@127.0.0.1"),
    ];
    let commands: [&[&str]; 6] = [
        &["ls"],
        &["doctor"],
        &["purge", "--yes"],
        &["stats", "--output", "json"],
        &["--help"],
        &["resolve", "00", "--help"],
    ];
    for url in &urls {
        for command in commands {
            check(url, Tool::new(&["--store", url]).run(command));
            let from_environment = Tool::new(&[])
                .command(command)
                .env("DOCKET_STORE", url)
                .output()
                .map(Done::from)
                .unwrap();
            check(url, from_environment);
        }
        // In the wrong places.
        for command in [&[&url[..]][..], &["--stor", url], &["--table", url, "ls"]] {
            check(url, Tool::new(&[]).run(command));
        }
        check(
            url,
            Tool::new(&["--store", "sqlite::memory:"]).run(&["show", url]),
        );
    }
}

/// The errors of servers that are there, about databases that are not.
#[cfg(all(feature = "postgres", feature = "mysql", feature = "redis"))]
#[test]
fn servers_are_not_quoted_with_a_password() {
    for variable in ["POSTGRES", "MARIADB", "REDIS"] {
        let variable = format!("DOCKET_TEST_{variable}");
        let url = std::env::var(&variable).unwrap_or_else(|_| {
            panic!("{variable} is not set: run `tests/run`, which starts the servers")
        });
        let (scheme, rest) = url.split_once("://").expect("it is a URL");
        let place = rest.rsplit_once('@').map_or(rest, |(_, it)| it);
        let server = place.split('/').next().unwrap_or_default();
        for database in ["", "/docket_nowhere", "/docket_nowhere?sslmode=require"] {
            let url = format!("{scheme}://docket_nobody:{CANARY}@{server}{database}");
            for command in [&["ls"][..], &["migrate"], &["doctor"]] {
                let done = Tool::new(&["--store", &url]).run(command);
                assert_ne!(done.code, Some(0), "{url}: {done:?}");
                check(&url, done);
            }
        }
    }
}

#[track_caller]
fn check(url: &str, done: Done) {
    for text in [&done.stdout, &done.stderr] {
        assert!(!text.contains(CANARY), "{url}: {done:?}");
        assert!(!text.contains("%68unter2"), "{url}: {done:?}");
        assert!(!text.contains("panicked"), "{url}: {done:?}");
    }
}

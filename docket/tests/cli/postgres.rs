//! The session on a PostgreSQL server.

use docket::store::{PostgresOptions, PostgresStore, TableName};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, query};

use crate::session::{Place, check};
use crate::tool::Tool;

/// A table of this test's own.
struct Table {
    url: String,
    name: String,
}

impl Place for Table {
    type Store = PostgresStore;

    fn tool(&self) -> Tool {
        Tool::new(&["--store", &self.url, "--table", &self.name])
    }

    async fn open(&self) -> PostgresStore {
        let table = TableName::new(&self.name).expect("it is a name");
        let options = PostgresOptions::new().table(table);
        options.connect(&self.url).await.expect("the store opens")
    }
}

impl Table {
    async fn drop_all(&self) {
        let mut connection = PgConnection::connect(&self.url)
            .await
            .expect("the server answers");
        for suffix in ["", "_migrations"] {
            let statement = format!("DROP TABLE IF EXISTS {}{suffix}", self.name);
            query(AssertSqlSafe(statement))
                .execute(&mut connection)
                .await
                .expect("the table goes");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_on_postgres() {
    let url = std::env::var("DOCKET_TEST_POSTGRES")
        .expect("DOCKET_TEST_POSTGRES is not set: run `tests/run`, which starts the servers");
    let table = Table {
        url,
        name: "docket_cli".to_owned(),
    };
    table.drop_all().await;
    let tool = table.tool();
    for command in [&["ls"][..], &["purge", "--yes"], &["stats"]] {
        let said = tool.fails(1, command);
        assert!(
            said.contains("migrate"),
            "it says what makes the table: {said}"
        );
    }
    check(&table).await;
    let found = tool.ok(&["doctor"]);
    assert!(found.contains("ok  durability"), "{found}");
    table.drop_all().await;

    let said = Tool::new(&["--store", "postgres://127.0.0.1:1/nowhere"]).fails(1, &["migrate"]);
    assert!(
        said.starts_with("error: the database can't be connected to: "),
        "{said}"
    );
    assert!(said.contains("Connection refused"), "{said}");
}

//! The session on a MariaDB server.

use docket::store::{MySqlOptions, MySqlStore, TableName};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, query};

use crate::session::{Place, check};
use crate::tool::Tool;

/// A table of this test's own.
struct Table {
    url: String,
    name: String,
}

impl Place for Table {
    type Store = MySqlStore;

    fn tool(&self) -> Tool {
        Tool::new(&["--store", &self.url, "--table", &self.name])
    }

    async fn open(&self) -> MySqlStore {
        let table = TableName::new(&self.name).expect("it is a name");
        let options = MySqlOptions::new().table(table);
        options.connect(&self.url).await.expect("the store opens")
    }
}

impl Table {
    async fn drop_all(&self) {
        let mut connection = MySqlConnection::connect(&self.url)
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
async fn a_session_on_mariadb() {
    let url = std::env::var("DOCKET_TEST_MARIADB")
        .expect("DOCKET_TEST_MARIADB is not set: run `tests/run`, which starts the servers");
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
}

//! Statements on their way to the server.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use sqlx::error::BoxDynError;
use sqlx::mysql::{MySql, MySqlArguments, MySqlConnection, MySqlQueryResult, MySqlRow};
use sqlx::{Arguments as _, Encode, Error, SqlStr, Type, query_with};
use tokio::time::{sleep, timeout};

use super::super::sql::Lender;
use super::error::is_to_be_repeated;
use super::to_the_end::ToTheEnd;

/// How often a statement is sent that the server undoes for the sake of another.
const TRIES: u32 = 5;

/// An answer that takes longer is not to come: the connection is dead without saying so.
const PATIENCE: Duration = Duration::from_secs(20);

/// A statement and its parameters, in their order.
pub(super) struct Bound {
    sql: SqlStr,
    arguments: Result<MySqlArguments, BoxDynError>,
}

type Query = sqlx::query::Query<'static, MySql, MySqlArguments>;
type Sent<'c, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'c>>;
type Sender<T> = for<'c> fn(Query, &'c mut MySqlConnection) -> Sent<'c, T>;

impl Bound {
    pub(super) fn new(sql: &SqlStr) -> Self {
        Self {
            sql: sql.clone(),
            arguments: Ok(MySqlArguments::default()),
        }
    }

    pub(super) fn bind<'t>(mut self, value: impl Encode<'t, MySql> + Type<MySql>) -> Self {
        if let Ok(arguments) = &mut self.arguments
            && let Err(error) = arguments.add(value)
        {
            self.arguments = Err(error);
        }
        self
    }

    /// Runs a statement that returns no rows.
    pub(super) async fn execute(self, lender: &Lender<MySql>) -> Result<MySqlQueryResult, Error> {
        self.run(lender, |query, connection| {
            Box::pin(query.execute(connection))
        })
        .await
    }

    /// Runs a statement that returns rows.
    pub(super) async fn fetch(self, lender: &Lender<MySql>) -> Result<Vec<MySqlRow>, Error> {
        self.run(lender, |query, connection| {
            Box::pin(query.fetch_all(connection))
        })
        .await
    }

    /// A caller may leave at any moment. While he waits for a connection, nothing has happened yet; but sqlx does not
    /// stand being left in the middle of a statement, and would give the connection up. So from there on it runs
    /// [`ToTheEnd`].
    async fn run<T: Send + 'static>(
        self,
        lender: &Lender<MySql>,
        send: Sender<T>,
    ) -> Result<T, Error> {
        let Self { sql, arguments } = self;
        let arguments = arguments.map_err(Error::Encode)?;
        let mut lent = lender.lend().await?;
        ToTheEnd::new(async move {
            let sending = repeated(send, sql, arguments, &mut lent);
            let answer = timeout(PATIENCE, sending).await;
            let Ok(answer) = answer else {
                lent.give_up();
                return Err(Error::Io(io::ErrorKind::TimedOut.into()));
            };
            lent.end(&answer);
            answer
        })
        .await
    }
}

/// Sends a statement again that the server undid.
async fn repeated<T>(
    send: Sender<T>,
    sql: SqlStr,
    arguments: MySqlArguments,
    connection: &mut MySqlConnection,
) -> Result<T, Error> {
    for _ in 1..TRIES {
        let query = query_with(sql.clone(), arguments.clone());
        match send(query, connection).await {
            Err(error) if is_to_be_repeated(&error) => {
                sleep(Duration::from_millis(fastrand::u64(1..10))).await;
            }
            answer => return answer,
        }
    }
    send(query_with(sql, arguments), connection).await
}

//! A connection that is made anew when it is lost, and what is sent over it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError,
    RedisResult, ServerErrorKind, cmd, pipe,
};
use tokio::runtime::Handle;

use super::StoreError;
use super::error::store_error;
use super::script::Script;

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How many commands may wait for their turn to be sent, before their callers wait to queue up.
const QUEUE: usize = 1024;

/// Commands of many callers go over it one behind the other. A caller who leaves leaves his command behind, and has the
/// connection tried: he may have left because it is dead without saying so, and he who waits longer than others do may be
/// nobody.
///
/// Whatever it was that a connection failed by, the next command finds another or is told why there is none: a server that
/// was down, or has refused a password, is not given up.
///
/// A clone is the same connection.
#[derive(Clone)]
pub(super) struct Link(Arc<Shared>);

struct Shared {
    client: Client,
    config: AsyncConnectionConfig,
    current: Current,
    /// Who has it makes the next connection, and those behind him use it.
    connecting: tokio::sync::Mutex<u64>,
}

/// The connection in use.
#[derive(Clone, Default)]
struct Current(Arc<Mutex<Option<Numbered>>>);

/// A connection, and a number by which it is known again.
#[derive(Clone)]
struct Numbered {
    connection: MultiplexedConnection,
    number: u64,
    /// Whether somebody is trying it.
    is_tried: Arc<AtomicBool>,
}

impl Link {
    /// Connects at once, so that a server that can't be reached is known from the beginning.
    pub(super) async fn open(
        client: &Client,
        response_timeout: Duration,
    ) -> Result<Self, StoreError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(response_timeout))
            .set_pipeline_buffer_size(QUEUE);
        let link = Self(Arc::new(Shared {
            client: client.clone(),
            config,
            current: Current::default(),
            connecting: tokio::sync::Mutex::new(0),
        }));
        link.connection().await.map_err(store_error)?;
        Ok(link)
    }

    /// Runs a script, which the server may have forgotten.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        command: &Cmd,
    ) -> Result<T, StoreError> {
        match self.ask(command).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                let mut both = pipe();
                both.add_command(script.load()).ignore();
                both.add_command(command.clone());
                let (answer,) = self.send(&both).await?;
                Ok(answer)
            }
            answer => answer.map_err(store_error),
        }
    }

    pub(super) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        self.ask(command).await.map_err(store_error)
    }

    /// Sends several commands in one go.
    pub(super) async fn send<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, StoreError> {
        let answer = match self.send_once(commands).await {
            Err(error) if error.is_connection_dropped() => self.send_once(commands).await,
            answer => answer,
        };
        answer.map_err(store_error)
    }

    async fn send_once<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<T> {
        let mut used = self.used().await?;
        let answer = commands.query_async(used.connection()).await;
        used.answered(&answer);
        answer
    }

    /// A connection is found to be lost when it is used, so that one which was idle for long fails the first command after
    /// that. All moves may be sent again, so that command is sent once more, over a new connection.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        match self.ask_once(command).await {
            Err(error) if error.is_connection_dropped() => self.ask_once(command).await,
            answer => answer,
        }
    }

    async fn ask_once<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let mut used = self.used().await?;
        let answer = command.query_async(used.connection()).await;
        used.answered(&answer);
        answer
    }

    async fn used(&self) -> RedisResult<Used> {
        Ok(Used {
            it: self.connection().await?,
            current: self.0.current.clone(),
            is_answered: false,
        })
    }

    async fn connection(&self) -> RedisResult<Numbered> {
        if let Some(it) = self.0.current.get() {
            return Ok(it);
        }
        let mut last_number = self.0.connecting.lock().await;
        if let Some(it) = self.0.current.get() {
            return Ok(it);
        }
        let Shared { client, config, .. } = &*self.0;
        let connect = client.get_multiplexed_async_connection_with_config(config);
        let connection = connect.await?;
        *last_number += 1;
        let it = Numbered {
            connection,
            number: *last_number,
            is_tried: Arc::default(),
        };
        *self.0.current.lock() = Some(it.clone());
        Ok(it)
    }
}

impl Current {
    /// Gives a connection up that has failed. One that does not answer in time has, too: nobody else would find out that
    /// the other end is gone without a word.
    fn judge<T>(&self, used: &Numbered, answer: &RedisResult<T>) {
        let has_failed = |error: &RedisError| error.is_io_error() || error.is_unrecoverable_error();
        if answer.as_ref().is_err_and(has_failed) {
            self.lock().take_if(|it| it.number == used.number);
        }
    }

    fn get(&self) -> Option<Numbered> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Numbered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection over which a command is under way.
struct Used {
    it: Numbered,
    current: Current,
    is_answered: bool,
}

impl Used {
    fn connection(&mut self) -> &mut MultiplexedConnection {
        &mut self.it.connection
    }

    fn answered<T>(mut self, answer: &RedisResult<T>) {
        self.is_answered = true;
        self.current.judge(&self.it, answer);
    }
}

impl Drop for Used {
    fn drop(&mut self) {
        if self.is_answered || self.it.is_tried.swap(true, Ordering::Relaxed) {
            return;
        }
        // A runtime that is gone has taken the connection along.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let (mut it, current) = (self.it.clone(), self.current.clone());
        runtime.spawn(async move {
            // It answers in the time that a command has, or an error is made of it. `TIME` is a right that the store needs.
            let answer: RedisResult<()> = cmd("TIME").query_async(&mut it.connection).await;
            it.is_tried.store(false, Ordering::Relaxed);
            current.judge(&it, &answer);
        });
    }
}

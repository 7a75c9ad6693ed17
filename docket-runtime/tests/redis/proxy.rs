//! A way to the server on which round trips are counted, and connections can be cut.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::url;

pub(super) struct Proxy {
    address: SocketAddr,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    /// How often somebody has sent something after he had been answered.
    n_trips: AtomicU32,
    /// Whether the next answer is lost, and its connection with it.
    loses_answer: AtomicBool,
    /// The ends of the connections that the server sees.
    ends: Mutex<Vec<SocketAddr>>,
}

impl Proxy {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner::default());
        let client = ::redis::Client::open(url()).unwrap();
        let server = client.get_connection_info().addr().to_string();
        tokio::spawn({
            let inner = inner.clone();
            async move {
                while let Ok((caller, _)) = listener.accept().await {
                    let server = TcpStream::connect(&server).await.unwrap();
                    inner.clone().join(caller, server);
                }
            }
        });
        Self { address, inner }
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// The round trips since this was last asked.
    pub(super) fn take_trips(&self) -> u32 {
        self.inner.n_trips.swap(0, Ordering::SeqCst)
    }

    pub(super) fn lose_next_answer(&self) {
        self.inner.loses_answer.store(true, Ordering::SeqCst);
    }

    /// The ends of the connections that the server sees, also of those that are closed.
    pub(super) fn ends(&self) -> Vec<SocketAddr> {
        self.inner.ends.lock().unwrap().clone()
    }
}

impl Inner {
    fn join(self: Arc<Self>, caller: TcpStream, server: TcpStream) {
        caller.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        self.ends.lock().unwrap().push(server.local_addr().unwrap());
        let (from_caller, to_caller) = caller.into_split();
        let (from_server, to_server) = server.into_split();
        let was_answered = Arc::new(AtomicBool::new(true));
        tokio::spawn(
            self.clone()
                .carry_questions(from_caller, to_server, was_answered.clone()),
        );
        tokio::spawn(self.carry_answers(from_server, to_caller, was_answered));
    }

    async fn carry_questions(
        self: Arc<Self>,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        was_answered: Arc<AtomicBool>,
    ) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(n @ 1..) = from.read(&mut buffer).await {
            if was_answered.swap(false, Ordering::SeqCst) {
                self.n_trips.fetch_add(1, Ordering::SeqCst);
            }
            if to.write_all(&buffer[..n]).await.is_err() {
                break;
            }
        }
    }

    async fn carry_answers(
        self: Arc<Self>,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        was_answered: Arc<AtomicBool>,
    ) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(n @ 1..) = from.read(&mut buffer).await {
            if self.loses_answer.swap(false, Ordering::SeqCst) {
                break;
            }
            was_answered.store(true, Ordering::SeqCst);
            if to.write_all(&buffer[..n]).await.is_err() {
                break;
            }
        }
    }
}

//! A proxy that counts what a client asks PostgreSQL.
//!
//! Each answer to a request ends with the message `ReadyForQuery`, so their number is that of the round trips.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Default)]
pub(super) struct Counts(Arc<AtomicU32>);

impl Counts {
    /// How many round trips have ended since this was last asked.
    pub(super) fn take(&self) -> u32 {
        self.0.swap(0, Ordering::SeqCst)
    }
}

/// Starts a proxy in front of the server at `url`, in a thread of its own. Gives the URL to use, and the count.
pub(super) fn start(url: &str) -> (String, Counts) {
    let (before, host, after) = split(url);
    let counts = Counts::default();
    let (bound, port) = std::sync::mpsc::channel();
    let (host, of_proxy) = (host.to_owned(), counts.clone());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            bound.send(listener.local_addr().unwrap().port()).unwrap();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(&host).await.unwrap();
                tokio::spawn(relay(client, server, of_proxy.clone()));
            }
        });
    });
    let port = port.recv().unwrap();
    (format!("{before}127.0.0.1:{port}{after}"), counts)
}

/// What is before `host:port`, that, and what is after it.
fn split(url: &str) -> (&str, &str, &str) {
    let start = url
        .find('@')
        .map_or_else(|| url.find("//").unwrap() + 2, |at| at + 1);
    let len = url[start..].find('/').unwrap();
    (&url[..start], &url[start..start + len], &url[start + len..])
}

async fn relay(client: TcpStream, server: TcpStream, counts: Counts) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    // A message is its kind, its length with these four bytes, and so much.
    let mut head = [0; 5];
    while from_server.read_exact(&mut head).await.is_ok() {
        let len = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut message = head.to_vec();
        message.resize(len + 1, 0);
        if from_server.read_exact(&mut message[5..]).await.is_err() {
            return;
        }
        if head[0] == b'Z' {
            counts.0.fetch_add(1, Ordering::SeqCst);
        }
        if to_client.write_all(&message).await.is_err() {
            return;
        }
    }
}

//! A proxy that counts the signs of life that a client asks MySQL for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Default)]
pub(super) struct Pings(Arc<AtomicU32>);

impl Pings {
    /// How many there were since this was last asked.
    pub(super) fn take(&self) -> u32 {
        self.0.swap(0, Ordering::SeqCst)
    }
}

/// Starts a proxy in front of the server at `url`. Gives the URL to use, and the count.
pub(super) async fn start(url: &str) -> (String, Pings) {
    let (server, database) = url.rsplit_once('/').expect("the URL names a database");
    let (before, host) = server.rsplit_once('@').expect("the URL names a user");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let pings = Pings::default();
    let (host, counted) = (host.to_owned(), pings.clone());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&host).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let (from_client, mut to_client) = client.into_split();
            let (mut from_server, to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            tokio::spawn(carry_questions(from_client, to_server, counted.clone()));
        }
    });
    // What is encrypted can't be counted.
    let url = format!("{before}@127.0.0.1:{port}/{database}?ssl-mode=DISABLED");
    (url, pings)
}

async fn carry_questions(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, pings: Pings) {
    const PING: u8 = 0x0e;
    // A packet is its length in three bytes, its number in the conversation, and so much. The first one names a command.
    let mut head = [0; 4];
    while from.read_exact(&mut head).await.is_ok() {
        let [a, b, c, number] = head;
        let mut packet = vec![0; u32::from_le_bytes([a, b, c, 0]) as usize];
        if from.read_exact(&mut packet).await.is_err() {
            return;
        }
        if number == 0 && packet.first() == Some(&PING) {
            pings.0.fetch_add(1, Ordering::SeqCst);
        }
        if to.write_all(&[&head[..], &packet].concat()).await.is_err() {
            return;
        }
    }
}

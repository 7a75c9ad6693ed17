//! A proxy on loopback, for a network that fails in ways a server does not.
//!
//! It knows no protocol. What it has to know of a request is a few bytes that occur in it. The reply to the next request
//! that has them can be cut off, so that the request took effect and its sender does not learn of it; or the connection can
//! die without a word when the reply has come.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// What is looked for in requests is not longer than this.
const LONGEST_NEEDLE: usize = 64;

/// The proxy; it ends with the process.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What the network is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// All goes through.
    Good,
    /// Each piece of a reply comes so much later.
    Slow(Duration),
    /// Requests go through, and replies wait for better times.
    Held,
    /// Nothing goes through any more, and nobody is told. A connection that was dead once stays so.
    Dead,
    /// Connections are closed, those that are there and those that come.
    Refused,
}

struct Shared {
    to: SocketAddr,
    network: watch::Sender<Network>,
    trap: Mutex<Trap>,
    cuts: AtomicU32,
    deaths: AtomicU32,
}

/// What is to happen to the replies to some requests.
#[derive(Default)]
struct Trap {
    /// To requests with these bytes.
    needle: Vec<u8>,
    /// How many.
    left: u32,
    end: End,
}

/// How a connection ends that has run into a trap.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum End {
    /// Before the reply, and both ends are told.
    #[default]
    Cut,
    /// After the reply, and nobody is told.
    Dead,
}

impl Proxy {
    /// Starts one in front of `to`, in a thread of its own, so that a test which blocks does not hold it up.
    ///
    /// # Panics
    ///
    /// When there is no port.
    pub fn start(to: SocketAddr) -> Self {
        let shared = Arc::new(Shared {
            to,
            network: watch::Sender::new(Network::Good),
            trap: Mutex::default(),
            cuts: AtomicU32::new(0),
            deaths: AtomicU32::new(0),
        });
        let (tell, told) = std::sync::mpsc::channel();
        let theirs = Arc::clone(&shared);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
                tell.send(listener.local_addr().expect("an address"))
                    .expect("the test waits for it");
                while let Ok((client, _)) = listener.accept().await {
                    // A connection that breaks is what this is for.
                    let shared = Arc::clone(&theirs);
                    tokio::spawn(async move { connect(client, &shared).await.ok() });
                }
            });
        });
        Self {
            address: told.recv().expect("the proxy starts"),
            shared,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes the network such, for the connections that are there too.
    pub fn set(&self, network: Network) {
        self.shared.network.send_replace(network);
    }

    /// Cuts off the replies to the next `times` requests in which `needle` occurs. A request has arrived as a whole, and
    /// the server has begun to answer it, when its connection is closed; not a byte of the reply comes back.
    ///
    /// # Panics
    ///
    /// When `needle` is empty, or longer than 64 bytes.
    pub fn cut_replies(&self, needle: &str, times: u32) {
        self.set_trap(needle, times, End::Cut);
    }

    /// Lets the connections of the next `times` requests in which `needle` occurs die when the first piece of the reply has
    /// gone back: nothing goes through any more, and neither end is told.
    ///
    /// # Panics
    ///
    /// When `needle` is empty, or longer than 64 bytes.
    pub fn die_after_replies(&self, needle: &str, times: u32) {
        self.set_trap(needle, times, End::Dead);
    }

    fn set_trap(&self, needle: &str, times: u32, end: End) {
        assert!((1..=LONGEST_NEEDLE).contains(&needle.len()), "{needle:?}");
        *self.shared.trap() = Trap {
            needle: needle.into(),
            left: times,
            end,
        };
    }

    /// How many connections have died after a reply.
    pub fn deaths(&self) -> u32 {
        self.shared.deaths.load(Ordering::SeqCst)
    }

    /// How many replies were cut off.
    pub fn cuts(&self) -> u32 {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn trap(&self) -> MutexGuard<'_, Trap> {
        self.trap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the connection is to end, if a request that ends in `bytes` runs into the trap.
    fn spring(&self, bytes: &[u8]) -> Option<End> {
        let mut trap = self.trap();
        let Trap { needle, left, end } = &mut *trap;
        if *left == 0 {
            return None;
        }
        let is_caught = bytes
            .windows(needle.len())
            .any(|it| it == needle.as_slice());
        *left -= u32::from(is_caught);
        is_caught.then_some(*end)
    }
}

async fn connect(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut network = shared.network.subscribe();
    let now = *network.borrow_and_update();
    match now {
        Network::Refused => return Ok(()),
        Network::Dead => return swallow(&mut client.split().0, &mut network).await,
        Network::Good | Network::Slow(_) | Network::Held => {}
    }
    let server = TcpStream::connect(shared.to).await?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    // How it ends with the next bytes of the server.
    let caught = Mutex::new(None);
    // Whichever ends first, both ends of the connection are closed.
    let end = tokio::select! {
        ended = requests(shared, &mut from_client, &mut to_server, &caught) => return ended,
        end = replies(shared, &mut from_server, &mut to_client, &caught) => end?,
        now = network.wait_for(|it| matches!(it, Network::Dead | Network::Refused)) => match now.as_deref() {
            Ok(Network::Dead) => End::Dead,
            _ => End::Cut,
        },
    };
    if end == End::Dead {
        swallow(&mut from_client, &mut network).await?;
    }
    Ok(())
}

async fn requests(
    shared: &Shared,
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    caught: &Mutex<Option<End>>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    // The end of what came before, since a request may come in pieces.
    let mut tail = Vec::new();
    loop {
        let n = from.read(&mut buffer).await?;
        if n == 0 {
            // A client that has said all it has to say may still wait for the reply.
            to.shutdown().await?;
            return pending().await;
        }
        tail.extend_from_slice(&buffer[..n]);
        if let Some(end) = shared.spring(&tail) {
            *caught.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
            tail.clear();
        }
        tail.drain(..tail.len().saturating_sub(LONGEST_NEEDLE));
        to.write_all(&buffer[..n]).await?;
    }
}

async fn replies(
    shared: &Shared,
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    caught: &Mutex<Option<End>>,
) -> io::Result<End> {
    let mut network = shared.network.subscribe();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = from.read(&mut buffer).await?;
        let end = *caught.lock().unwrap_or_else(PoisonError::into_inner);
        if end == Some(End::Cut) {
            shared.cuts.fetch_add(1, Ordering::SeqCst);
            return Ok(End::Cut);
        }
        if n == 0 {
            return Ok(End::Cut);
        }
        let now = network.wait_for(|it| *it != Network::Held).await;
        let now = now.map(|it| *it).map_err(io::Error::other)?;
        if let Network::Slow(delay) = now {
            sleep(delay).await;
        }
        if end.is_some() {
            // Before its reader can look.
            shared.deaths.fetch_add(1, Ordering::SeqCst);
        }
        to.write_all(&buffer[..n]).await?;
        if let Some(end) = end {
            return Ok(end);
        }
    }
}

/// A connection that was dead once stays so, and its client is not told, until it gives up.
async fn swallow(
    from: &mut (impl AsyncRead + Unpin),
    network: &mut watch::Receiver<Network>,
) -> io::Result<()> {
    let mut sink = tokio::io::sink();
    tokio::select! {
        ended = tokio::io::copy(from, &mut sink) => ended.map(drop),
        _ = network.wait_for(|it| *it == Network::Refused) => Ok(()),
    }
}

//! A provider of charges, as a server on loopback that drops what it has seen before.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The server; it ends with the test.
pub struct Provider {
    address: SocketAddr,
    ledger: Arc<Mutex<Ledger>>,
}

/// What the provider has seen and done.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The calls, by order.
    pub calls: BTreeMap<u32, u32>,
    /// The effects: of each idempotency key, the order.
    pub effects: HashMap<String, u32>,
    /// How often somebody asked whether a charge took place.
    pub looks: u32,
}

impl Ledger {
    /// How many effects each order had.
    pub fn effects_by_order(&self) -> BTreeMap<u32, u32> {
        let mut by_order = BTreeMap::new();
        for order in self.effects.values() {
            *by_order.entry(*order).or_default() += 1;
        }
        by_order
    }

    /// How often `order` was charged.
    pub fn calls_of(&self, order: u32) -> u32 {
        self.calls.get(&order).copied().unwrap_or(0)
    }
}

impl Provider {
    /// Starts it in a thread of its own, so that a test which blocks does not hold it up.
    ///
    /// # Panics
    ///
    /// When there is no port.
    pub fn start() -> Self {
        let ledger = Arc::<Mutex<Ledger>>::default();
        let (tell, told) = std::sync::mpsc::channel();
        let book = Arc::clone(&ledger);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
                tell.send(listener.local_addr().expect("an address"))
                    .expect("the test waits for it");
                while let Ok((stream, _)) = listener.accept().await {
                    let book = Arc::clone(&book);
                    // A worker that is killed breaks its connection, which is no concern of ours.
                    tokio::spawn(async move { serve(stream, &book).await.ok() });
                }
            });
        });
        Self {
            address: told.recv().expect("the provider starts"),
            ledger,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has seen so far.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `charge ORDER KEY` → `charged`, and `find KEY` → `found` or `none`; one line each.
async fn serve(stream: TcpStream, book: &Mutex<Ledger>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = {
            let mut ledger = book.lock().unwrap_or_else(PoisonError::into_inner);
            match *words {
                ["charge", order, key] => {
                    let order = order.parse().map_err(io::Error::other)?;
                    *ledger.calls.entry(order).or_default() += 1;
                    ledger.effects.entry(key.to_owned()).or_insert(order);
                    "charged\n"
                }
                ["find", key] => {
                    ledger.looks += 1;
                    match ledger.effects.contains_key(key) {
                        true => "found\n",
                        false => "none\n",
                    }
                }
                _ => return Err(io::Error::other("not a request")),
            }
        };
        stream.get_mut().write_all(answer.as_bytes()).await?;
        line.clear();
    }
    Ok(())
}

/// A client of the provider.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    address: SocketAddr,
}

impl Client {
    /// For the provider at `address`.
    pub fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Where the provider is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Charges `order`.
    ///
    /// # Errors
    ///
    /// When the provider can't be reached.
    pub async fn charge(&self, order: u32, key: &str) -> io::Result<()> {
        self.ask(&format!("charge {order} {key}\n")).await.map(drop)
    }

    /// Whether there was a charge under `key`.
    ///
    /// # Errors
    ///
    /// When the provider can't be reached.
    pub async fn find(&self, key: &str) -> io::Result<bool> {
        let answer = self.ask(&format!("find {key}\n")).await?;
        Ok(answer == "found\n")
    }

    async fn ask(&self, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(request.as_bytes()).await?;
        stream.shutdown().await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }
}

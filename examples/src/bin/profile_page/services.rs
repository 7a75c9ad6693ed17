//! The five backends: real HTTP servers on ports of this machine, with pretend data, as slow and as flaky as they are
//! told to be.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    Users,
    Orders,
    Preferences,
    Credit,
    Recommendations,
}

impl Service {
    pub(crate) const ALL: [Self; 5] = [
        Self::Users,
        Self::Orders,
        Self::Preferences,
        Self::Credit,
        Self::Recommendations,
    ];
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Users => "users",
            Self::Orders => "orders",
            Self::Preferences => "preferences",
            Self::Credit => "credit",
            Self::Recommendations => "recommendations",
        })
    }
}

/// How a server treats its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Behaviour {
    /// How long each answer takes.
    pub(crate) delay: Duration,
    pub(crate) failures: Failures,
}

/// Which requests are answered with 503.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failures {
    /// So many of the first for each key.
    First(u32),
    Always,
}

/// A server under way. It ends with the runtime.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    desk: Arc<Desk>,
}

/// What the handler of one server has.
#[derive(Debug)]
struct Desk {
    service: Service,
    behaviour: Behaviour,
    requests_by_key: Mutex<HashMap<String, u32>>,
}

impl Server {
    pub(crate) async fn start(service: Service, behaviour: Behaviour) -> io::Result<Self> {
        let desk = Arc::new(Desk {
            service,
            behaviour,
            requests_by_key: Mutex::default(),
        });
        let router = Router::new()
            .route(&format!("/{service}/{{key}}"), get(answer))
            .with_state(Arc::clone(&desk));
        // Port 0 lets the system choose a free one.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Self { address, desk })
    }

    pub(crate) fn service(&self) -> Service {
        self.desk.service
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests have come in so far.
    pub(crate) fn requests(&self) -> u32 {
        self.desk
            .requests_by_key
            .lock()
            .expect("no handler panics")
            .values()
            .sum()
    }
}

async fn answer(
    State(desk): State<Arc<Desk>>,
    Path(key): Path<String>,
) -> Result<Json<Value>, StatusCode> {
    let nth = desk.count(&key);
    tokio::time::sleep(desk.behaviour.delay).await;
    let fails = match desk.behaviour.failures {
        Failures::First(n) => nth <= n,
        Failures::Always => true,
    };
    if fails {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    data(desk.service, &key)
        .map(Json)
        .ok_or(StatusCode::NOT_FOUND)
}

impl Desk {
    /// Counts a request for `key`, and says which of its requests this is, from 1.
    fn count(&self, key: &str) -> u32 {
        let mut requests_by_key = self.requests_by_key.lock().expect("no handler panics");
        let n = requests_by_key.entry(key.to_owned()).or_default();
        *n += 1;
        *n
    }
}

const PEOPLE: [(&str, &str, &str); 4] = [
    ("Ada Lovelace", "London", "en"),
    ("Emmy Noether", "Erlangen", "de"),
    ("Grace Hopper", "New York", "en"),
    ("Sophie Germain", "Paris", "fr"),
];
const ITEMS: [(&str, [&str; 2]); 3] = [
    ("kettle", ["teapot", "strainer"]),
    ("bicycle", ["bell", "lamp"]),
    ("tent", ["stove", "rope"]),
];

/// What `service` knows of `key`: always the same for the same key.
fn data(service: Service, key: &str) -> Option<Value> {
    if service == Service::Recommendations {
        let (_, items) = ITEMS.iter().find(|(item, _)| *item == key)?;
        return Some(json!({ "items": items }));
    }
    let id: u64 = key.parse().ok()?;
    let (name, city, language) = PEOPLE[pick(id, PEOPLE.len())];
    Some(match service {
        Service::Users => json!({ "name": name, "city": city }),
        Service::Orders => {
            json!({ "count": 1 + id % 9, "last_item": ITEMS[pick(id, ITEMS.len())].0 })
        }
        Service::Preferences => json!({ "language": language }),
        Service::Credit => json!({ "points": 550 + id.wrapping_mul(37) % 300 }),
        Service::Recommendations => return None,
    })
}

fn pick(id: u64, len: usize) -> usize {
    (id % len as u64) as usize
}

//! A hit of `MemoryStore`, beside those of caches that do nothing else: no claims, no leases, no policies.
//!
//! ```text
//! cargo bench --manifest-path benches/Cargo.toml -p docket-benches-caches
//! ```
//!
//! All of them have the same 10,000 keys of 32 bytes, whose values are shared. The threads begin together, and the sides
//! take turns; what is told are medians.

#[path = "../../../docket-runtime/benches/stores/requests.rs"]
mod requests;

use std::hint::black_box;
use std::pin::pin;
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use docket_runtime::store::{ClaimOutcome, ClaimRequest, MemoryStore, Store};

type Key = [u8; 32];
type Value = Arc<[u8]>;

const N_KEYS: usize = 10_000;
const N_HITS: usize = 100_000;
const N_ROUNDS: usize = 31;

/// A cache that is full of all keys.
trait Cache: Send + Sync {
    /// Takes the value of `keys[at]`.
    fn hit(&self, at: usize) -> usize;
}

struct Docket {
    store: MemoryStore,
    requests: Vec<ClaimRequest>,
}

impl Cache for Docket {
    fn hit(&self, at: usize) -> usize {
        match ready(self.store.claim(&self.requests[at])) {
            Ok(ClaimOutcome::Hit(stored)) => stored.bytes.map_or(0, |it| it.len()),
            other => panic!("it is there, and not {other:?}"),
        }
    }
}

struct QuickCache(quick_cache::sync::Cache<Key, Value>, Vec<Key>);

impl Cache for QuickCache {
    fn hit(&self, at: usize) -> usize {
        self.0.get(&self.1[at]).expect("it is there").len()
    }
}

struct Moka(moka::sync::Cache<Key, Value>, Vec<Key>);

impl Cache for Moka {
    fn hit(&self, at: usize) -> usize {
        self.0.get(&self.1[at]).expect("it is there").len()
    }
}

fn main() {
    let keys: Vec<Key> = (0..N_KEYS).map(key).collect();
    let value: Value = [7; 200].into();
    let quick_cache = quick_cache::sync::Cache::new(2 * N_KEYS);
    let moka = moka::sync::Cache::new(2 * N_KEYS as u64);
    for key in &keys {
        quick_cache.insert(*key, value.clone());
        moka.insert(*key, value.clone());
    }
    moka.run_pending_tasks();
    let sides: [(&str, Box<dyn Cache>); 4] = [
        (
            "`MemoryStore`, for ever",
            Box::new(docket(&keys, &value, None)),
        ),
        (
            "`MemoryStore`, `ttl`",
            Box::new(docket(&keys, &value, Some(Duration::from_secs(3600)))),
        ),
        (
            "quick_cache 0.7",
            Box::new(QuickCache(quick_cache, keys.clone())),
        ),
        ("moka 0.12, sync", Box::new(Moka(moka, keys.clone()))),
    ];
    println!(
        "| ns for a hit | 1 thread | 2 threads | 8 threads | 2 threads, one key | 8 threads, one key |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    let columns = [(1, N_KEYS), (2, N_KEYS), (8, N_KEYS), (2, 1), (8, 1)];
    let mut cells = vec![Vec::new(); sides.len()];
    for (n_threads, n_keys) in columns {
        let mut times = vec![Vec::new(); sides.len()];
        for _ in 0..N_ROUNDS {
            for (times, (_, cache)) in times.iter_mut().zip(&sides) {
                times.push(round(&**cache, n_threads, n_keys));
            }
        }
        for (cells, mut times) in cells.iter_mut().zip(times) {
            times.sort_unstable_by(f64::total_cmp);
            cells.push(times[times.len() / 2]);
        }
    }
    for ((name, _), cells) in sides.iter().zip(cells) {
        let cells: Vec<_> = cells.iter().map(|it| format!("{it:.0}")).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
}

/// The time of one hit, in nanoseconds, as each thread sees it where there are as many cores.
fn round(cache: &dyn Cache, n_threads: usize, n_keys: usize) -> f64 {
    let start = Barrier::new(n_threads);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads)
            .map(|i| {
                let start = &start;
                scope.spawn(move || {
                    // A stride that meets all keys, in an order that no cache line follows.
                    let mut at = i * 31 % n_keys;
                    start.wait();
                    let begin = Instant::now();
                    for _ in 0..N_HITS / n_threads {
                        black_box(cache.hit(black_box(at)));
                        at = (at + 7919) % n_keys;
                    }
                    (begin, Instant::now())
                })
            })
            .collect();
        let times: Vec<_> = threads.into_iter().map(|it| it.join().unwrap()).collect();
        let begin = times.iter().map(|it| it.0).min().unwrap();
        let end = times.iter().map(|it| it.1).max().unwrap();
        (end - begin).as_nanos() as f64 / N_HITS as f64
    })
}

fn key(i: usize) -> Key {
    // As evenly spread as a SHA-256.
    let mut key = [0; 32];
    let mut state = i as u64;
    for part in key.chunks_exact_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        part.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
    }
    key
}

fn docket(keys: &[Key], value: &Value, ttl: Option<Duration>) -> Docket {
    let store = MemoryStore::new();
    let requests: Vec<_> = keys.iter().copied().map(request).collect();
    for request in &requests {
        let Ok(ClaimOutcome::Claimed(claimed)) = ready(store.claim(request)) else {
            panic!("a new row is claimed");
        };
        let claim = requests::claim(request, claimed);
        let completion = requests::completion(value.clone(), ttl);
        ready(store.complete(&claim, &completion)).expect("it is recorded");
    }
    Docket { store, requests }
}

/// Of a cache: a store may answer it from memory.
fn request(key: Key) -> ClaimRequest {
    ClaimRequest {
        is_cache: true,
        ..requests::request(key)
    }
}

/// The answer of a future that does not wait.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("memory makes nobody wait"),
    }
}

//! The rating service: a real HTTP server on a port of this machine, which nobody would run in the program that asks it. It
//! answers for many films at once, and for so many requests a second. What it was asked for is in a file of its own, and
//! outlives this process.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::future::IntoFuture as _;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Map, Value};
use tokio::net::TcpListener;

use crate::model::{FilmId, Rating};
use crate::rows;

/// How many films one request may ask for.
pub(crate) const MOST_FILMS: usize = 50;

/// The server under way. It ends with the runtime.
#[derive(Debug)]
pub(crate) struct RatingService {
    address: SocketAddr,
    desk: Arc<Desk>,
}

/// What it was asked by this process.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub(crate) struct Requests {
    /// Those that were answered.
    pub(crate) answered: usize,
    /// For how many films.
    pub(crate) films: usize,
    /// Those that came too fast.
    pub(crate) refused: usize,
}

/// What the handler has.
#[derive(Debug)]
struct Desk {
    ratings: HashMap<FilmId, Rating>,
    state: Mutex<Counter>,
}

#[derive(Debug)]
struct Counter {
    bucket: Bucket,
    requests: Requests,
    ledger: File,
}

/// So many tokens a second, of which each request takes one; no more are saved up than come in a second.
#[derive(Debug)]
struct Bucket {
    rate: f64,
    tokens: f64,
    filled: Instant,
}

impl RatingService {
    /// Starts it with the ratings that stand in `list`, its file in `folder`, for `rate` requests a second.
    pub(crate) async fn start(list: &str, folder: &Path, rate: u32) -> io::Result<Self> {
        let ledger = OpenOptions::new()
            .append(true)
            .create(true)
            .open(folder.join("asked.txt"))?;
        let rate = f64::from(rate);
        let desk = Arc::new(Desk {
            ratings: ratings(list),
            state: Mutex::new(Counter {
                bucket: Bucket {
                    rate,
                    tokens: rate,
                    filled: Instant::now(),
                },
                requests: Requests::default(),
                ledger,
            }),
        });
        let router = Router::new()
            .route("/ratings", post(answer))
            .layer(DefaultBodyLimit::max(1 << 20))
            .with_state(Arc::clone(&desk));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Self { address, desk })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn requests(&self) -> Requests {
        let state = self.desk.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).requests
    }
}

/// Says what it knows. A film that it does not know is not in the answer.
async fn answer(
    State(desk): State<Arc<Desk>>,
    Json(films): Json<Vec<FilmId>>,
) -> Result<Json<Vec<(FilmId, Rating)>>, (StatusCode, String)> {
    if films.len() > MOST_FILMS {
        let words = format!(
            "{} films at once, and {MOST_FILMS} is the most",
            films.len()
        );
        return Err((StatusCode::PAYLOAD_TOO_LARGE, words));
    }
    desk.count(&films)?;
    let known = films.into_iter().filter_map(|film| {
        let rating = *desk.ratings.get(&film)?;
        Some((film, rating))
    });
    Ok(Json(known.collect()))
}

impl Desk {
    fn count(&self, films: &[FilmId]) -> Result<(), (StatusCode, String)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Counter {
            bucket,
            requests,
            ledger,
        } = &mut *state;
        if !bucket.take(Instant::now()) {
            requests.refused += 1;
            return Err((StatusCode::TOO_MANY_REQUESTS, "too fast".to_owned()));
        }
        requests.answered += 1;
        requests.films += films.len();
        let mut lines = String::new();
        for film in films {
            lines.push_str(&format!("{film}\n"));
        }
        // In one piece, so that whoever is killed leaves no half of a line.
        let written = ledger.write_all(lines.as_bytes());
        written.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
    }
}

impl Bucket {
    fn take(&mut self, now: Instant) -> bool {
        let new = now.duration_since(self.filled).as_secs_f64() * self.rate;
        self.tokens = (self.tokens + new).min(self.rate);
        self.filled = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

/// The service knows what the list knows, but for the films of which the list has no rating.
fn ratings(list: &str) -> HashMap<FilmId, Rating> {
    let rows = rows::rows(list);
    rows.filter_map(|row| {
        let fields: Map<String, Value> = serde_json::from_str(&row.text).ok()?;
        let id = FilmId {
            title: rows::title(&fields).ok()?,
            released: rows::released(&fields).ok()?.day,
        };
        let rating = fields.get("IMDB Rating")?.as_f64()?;
        let rating = Rating {
            tenths: (rating * 10.0).round() as u16,
            votes: u32::try_from(fields.get("IMDB Votes")?.as_u64()?).ok()?,
        };
        Some((id, rating))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn so_many_requests_are_answered_in_a_second_and_more_after_it() {
        let start = Instant::now();
        let mut bucket = Bucket {
            rate: 3.0,
            tokens: 3.0,
            filled: start,
        };
        let answered = |bucket: &mut Bucket, now| (0..10).filter(|_| bucket.take(now)).count();
        assert_eq!(answered(&mut bucket, start), 3);
        assert_eq!(answered(&mut bucket, start + Duration::from_millis(400)), 1);
        assert_eq!(answered(&mut bucket, start + Duration::from_secs(60)), 3);
    }
}

//! A graph that has something of everything, whose steps say when they run.

use std::fmt;
use std::sync::{Arc, Mutex};

use docket::{graph, step};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Hash, docket::Value, Serialize, Deserialize)]
pub(crate) struct UserId(pub(crate) u64);
#[derive(Clone, Debug, PartialEq, docket::Value, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
}
#[derive(Clone, Debug, PartialEq, Eq, Hash, docket::Value, Serialize, Deserialize)]
pub(crate) struct Score(pub(crate) u64);
#[derive(Clone, Debug, PartialEq, docket::Value, Serialize, Deserialize)]
pub(crate) struct Limit(pub(crate) u64);
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Offers(pub(crate) Vec<String>);
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page(pub(crate) String);
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Total(pub(crate) u64);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed")
    }
}

impl std::error::Error for Closed {}

/// What ran, and whether the bureau is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran(Arc<Mutex<Vec<&'static str>>>);

impl Ran {
    fn push(&self, step: &'static str) {
        self.0.lock().unwrap().push(step);
    }

    pub(crate) fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[step]
pub(crate) async fn fetch_profile(id: &UserId, #[resource] ran: &Ran) -> Result<Profile, Closed> {
    ran.push("fetch_profile");
    Ok(Profile {
        name: format!("user {}", id.0),
    })
}

/// Users from 100 on are refused.
#[step(persist = "global", ttl = "24h")]
pub(crate) async fn score_credit(id: &UserId, #[resource] ran: &Ran) -> Result<Score, Closed> {
    ran.push("score_credit");
    if id.0 < 100 {
        Ok(Score(id.0))
    } else {
        Err(Closed)
    }
}

#[step(persist = "global", repeat = "never")]
pub(crate) async fn set_limit(score: &Score, #[resource] ran: &Ran) -> Result<Limit, Closed> {
    ran.push("set_limit");
    if score.0 < 50 {
        Ok(Limit(score.0 * 10))
    } else {
        Err(Closed)
    }
}

fn no_offers() -> Offers {
    Offers(Vec::new())
}

#[step(fallback = no_offers)]
pub(crate) async fn find_offers(
    profile: &Profile,
    #[resource] ran: &Ran,
) -> Result<Offers, Closed> {
    ran.push("find_offers");
    Ok(Offers(vec![format!("a hat for {}", profile.name)]))
}

#[derive(Clone, Debug, PartialEq, docket::Value, Serialize, Deserialize)]
pub(crate) struct Found(pub(crate) u64);

fn nothing_found() -> Found {
    Found(0)
}

#[step(fallback = nothing_found)]
pub(crate) async fn find_limit(score: &Score) -> Result<Found, Closed> {
    Ok(Found(score.0))
}

#[step]
pub(crate) fn compose(
    profile: &Profile,
    limit: Option<&Limit>,
    offers: &Offers,
    #[resource] ran: &Ran,
) -> Page {
    ran.push("compose");
    let limit = limit.map_or(0, |it| it.0);
    Page(format!(
        "{}, {limit}, {} offers",
        profile.name,
        offers.0.len()
    ))
}

#[step]
pub(crate) fn add_up(scores: &[Score], #[resource] ran: &Ran) -> Total {
    ran.push("add_up");
    Total(scores.iter().map(|it| it.0).sum())
}

graph! {
    pub(crate) struct Shop {
        inputs { UserId }
        resources { Ran }
        steps { fetch_profile, score_credit, set_limit, find_offers, find_limit, compose, add_up }
        pub(crate) async fn page(id: UserId) -> Page;
        pub(crate) async fn page_of(id: UserId, profile: Profile) -> Page;
        pub(crate) async fn limit(id: UserId) -> Limit;
        pub(crate) async fn score(id: UserId) -> Score;
        pub(crate) async fn found(id: UserId) -> Found;
        pub(crate) async fn total(ids: [UserId]) -> Total;
    }
}

//! A crate that allows nothing gets nothing from the code that the macros write.

#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    rust_2018_idioms,
    unused,
    nonstandard_style,
    future_incompatible
)]
#![deny(
    let_underscore_drop,
    unused_qualifications,
    unused_lifetimes,
    single_use_lifetimes,
    missing_debug_implementations
)]
#![deny(
    trivial_casts,
    trivial_numeric_casts,
    unused_results,
    elided_lifetimes_in_paths,
    meta_variable_misuse
)]
#![forbid(unsafe_code)]

use docket::{MemoryStore, StepContext, StepOptions, graph, step};

/// Who it is about.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub u64);
/// What is told.
#[derive(Debug)]
pub struct Profile(u64);
/// A tool.
#[derive(Clone, Copy, Debug)]
pub struct Client;

#[step(timeout = "1s", retry(attempts = 2), retry_if = always, fallback = nobody)]
async fn fetch(
    id: &Id,
    #[resource] _client: &Client,
    context: &StepContext,
) -> Result<Profile, std::io::Error> {
    Ok(Profile(id.0 + u64::from(context.attempt())))
}

fn always(_error: &std::io::Error) -> bool {
    true
}

fn nobody() -> Profile {
    Profile(0)
}

#[step(persist = "workflow", ttl = "1h")]
fn score(#[key] number: &u64, soft: Option<&String>, why: Result<&String, &docket::Error>) -> u32 {
    u32::try_from(*number).unwrap_or(0) + u32::from(soft.is_some() && why.is_ok())
}

/// A number.
#[step(spawn)]
pub async fn number(profile: &Profile) -> u64 {
    profile.0
}

/// Its text.
#[step(blocking)]
pub fn text(number: &u64) -> String {
    number.to_string()
}

docket::steps! {
    /// Two of them.
    pub numbers { number, text, #[cfg(false)] nowhere }
}

#[step]
fn mean(all: &[Profile], seed: &u8) -> u16 {
    u16::try_from(all.len()).unwrap_or(0) + u16::from(*seed)
}

#[step]
async fn compare(profile: &Profile, mean: &u16) -> Result<i64, std::io::Error> {
    Ok(i64::try_from(profile.0).unwrap_or(0) - i64::from(*mean))
}

graph! {
    /// What is told of many.
    pub struct Profiles {
        inputs { Id, u8 }
        resources { Client }
        steps { fetch, mean, compare }

        /// Of each.
        pub async fn compared(seed: u8, ids: [Id]) -> [docket::Result<i64>];

        /// Of all.
        pub async fn means(ids: [Id], seed: u8) -> (u16, [Profile]);
    }
}

graph! {
    /// All that is known.
    pub struct Graph {
        inputs { Id, #[cfg(false)] Nobody }
        resources { Client, #[cfg(false)] off: Client }
        steps { fetch, ..numbers, #[cfg(true)] score, #[cfg(false)] nowhere::step }

        /// The score.
        pub async fn score_of(id: Id) -> u32;
        /// The score and the profile.
        pub async fn both(id: Id) -> (u32, Profile);
        /// From the middle.
        pub async fn from_number(number: u64) -> u32;
    }
}

fn main() {
    let graph = Graph::builder()
        .client(Client)
        .store(MemoryStore::new())
        .configure::<fetch>(StepOptions::new())
        .build();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let score = runtime.map(|runtime| runtime.block_on(graph.score_of("1", Id(1))));
    assert!(score.is_ok_and(|score| score.is_ok_and(|score| score == 3)));
    let profiles = Profiles::builder().client(Client).build();
    drop(profiles.means("1", [Id(1)], 0));
}

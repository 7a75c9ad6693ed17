//! Means for tests: of programs that have a graph, and of stores that somebody writes.
//!
//! None of it needs a feature, or brings a dependency: what a program does not name is not in it. A test in virtual time
//! needs the feature `test-util` of `tokio`, as a dev-dependency.
//!
//! | to | there is |
//! | --- | --- |
//! | assert on what ran, was found, was retried | [`EventLog`], an observer |
//! | assert on how long it took, without waiting | `#[tokio::test(start_paused = true)]` and [`timed`] |
//! | answer in the place of a backend | [`Scripted`], inside of a fake of your own |
//! | go on from the values of a real run, or from made-up ones | [`Recorder`], [`Recording`] and [`Replay`] |
//! | see what becomes of it when the store fails | [`FaultyStore`] |
//! | test a store | [`store_suite!`](store_suite) |
//!
//! A step is a function, and the first means to test it is to call it.
//!
//! # Virtual time
//!
//! ```
//! # use docket_runtime as docket;
//! # use std::time::Duration;
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! # async fn page() -> u32 { tokio::time::sleep(Duration::from_millis(80)).await; 7 }
//! // In a test with `#[tokio::test(start_paused = true)]`:
//! let (page, took) = docket::testing::timed(page()).await;
//! assert_eq!((page, took), (7, Duration::from_millis(80)));
//! # }
//! ```
//!
//! A paused clock stands still while anything can run, and jumps to the next timer when nothing can. Whatever waits for
//! something outside of the runtime, a socket, a file, the blocking pool, looks to it like nothing: its timeouts go off at
//! once. So a test in virtual time has fakes for backends and [`MemoryStore`](crate::store::MemoryStore) for a store; SQLite
//! and the like want a clock that runs.
//!
//! # Fakes of resources
//!
//! A step names the type of its resource. Let that be a type of your own, which can be made for a test:
//!
//! ```
//! # use docket_runtime as docket;
//! use docket::testing::Scripted;
//!
//! # #[derive(Clone, Debug, PartialEq)] pub struct Profile(&'static str);
//! # #[derive(Clone, Debug, PartialEq)] pub struct Down;
//! # pub struct Http;
//! # impl Http { async fn profile(&self, id: u64) -> Result<Profile, Down> { Err(Down) } }
//! pub enum Users {
//!     Real(Http),
//!     Fake(Scripted<u64, Result<Profile, Down>>),
//! }
//!
//! impl Users {
//!     pub async fn profile(&self, id: u64) -> Result<Profile, Down> {
//!         match self {
//!             Self::Real(http) => http.profile(id).await,
//!             Self::Fake(script) => script.call(id),
//!         }
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let script = Scripted::new([Err(Down), Ok(Profile("Ada"))]);
//! let users = Users::Fake(script.clone());
//! assert_eq!(users.profile(42).await, Err(Down)); // a step with `retry` would ask again
//! assert_eq!(users.profile(42).await, Ok(Profile("Ada")));
//! assert_eq!(script.calls(), [42, 42]);
//! # }
//! ```

mod event_log;
mod faulty;
mod replay;
mod scripted;
mod suite;
mod time;

pub use event_log::EventLog;
pub use faulty::{Fault, FaultyStore, StoreOperation};
pub use replay::{Recorder, Recording, RecordingError, Replay};
pub use scripted::Scripted;
#[doc(hidden)]
pub use suite::__conformance;
pub use suite::StoreFixture;
pub use time::timed;

#[doc(inline)]
pub use crate::store_suite;

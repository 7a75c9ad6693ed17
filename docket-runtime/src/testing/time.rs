//! [`timed`].

use std::time::Duration;

use tokio::time::Instant;

/// What `future` comes to, and how long it took by tokio's clock: to the millisecond and the same each time, where the clock
/// is paused.
///
/// ```
/// # use docket_runtime as docket;
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let work = tokio::time::sleep(Duration::from_secs(3600));
/// let ((), took) = docket::testing::timed(work).await;
/// assert_eq!(took, Duration::from_secs(3600));
/// # }
/// ```
pub async fn timed<F: Future>(future: F) -> (F::Output, Duration) {
    let started = Instant::now();
    let output = future.await;
    (output, started.elapsed())
}

//! A graph with a slow step in each layer, on different branches: 100 ms then 10 ms on one, 10 ms then 100 ms on the other,
//! and 10 ms at the end. Its optimum is 120 ms; layer by layer it takes 210. A timer of tokio's ends up to a millisecond late,
//! so they are long.

use std::time::Duration;

use docket::{graph, step};
use tokio::time::sleep;

pub struct Seed(pub u64);
pub struct SlowFirst(u64);
pub struct FastFirst(u64);
pub struct FastSecond(u64);
pub struct SlowSecond(u64);
pub struct End(u64);

const FAST: Duration = Duration::from_millis(10);
const SLOW: Duration = Duration::from_millis(100);

#[step]
pub async fn slow_first(seed: &Seed) -> SlowFirst {
    sleep(SLOW).await;
    SlowFirst(seed.0)
}
#[step]
pub async fn fast_first(seed: &Seed) -> FastFirst {
    sleep(FAST).await;
    FastFirst(seed.0)
}
#[step]
pub async fn fast_second(first: &SlowFirst) -> FastSecond {
    sleep(FAST).await;
    FastSecond(first.0)
}
#[step]
pub async fn slow_second(first: &FastFirst) -> SlowSecond {
    sleep(SLOW).await;
    SlowSecond(first.0)
}
#[step]
pub async fn end(fast: &FastSecond, slow: &SlowSecond) -> End {
    sleep(FAST).await;
    End(fast.0 + slow.0)
}

graph! {
    pub struct Skewed {
        inputs { Seed }
        steps { slow_first, fast_first, fast_second, slow_second, end }
        pub async fn resolve(seed: Seed) -> End;
    }
}

pub async fn by_layers(_id: &str, seed: Seed) -> Result<End, docket::Error> {
    let (slow, fast) = tokio::join!(slow_first(&seed), fast_first(&seed));
    let (fast, slow) = tokio::join!(fast_second(&slow), slow_second(&fast));
    Ok(end(&fast, &slow).await)
}

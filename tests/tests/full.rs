//! A graph of as many steps as a word has bits: the scheduler notes with one bit each who runs and who waits, and the last
//! step is where a word ends. And one of two more, of which the last needs one in each word.

use docket::{ErrorKind, graph, step};
use docket_tests::Oops;
use tokio::task::yield_now;

/// How the last step ends.
#[derive(Clone, Copy)]
enum End {
    Makes,
    Waits,
    Fails,
    Panics,
}

struct Made<const N: usize>(usize);

#[step]
fn s1(_end: &End) -> Made<1> {
    Made(1)
}

#[derive(Debug, PartialEq)]
struct Last(usize);

#[step]
async fn last(before: &Made<63>, end: &End) -> Result<Last, Oops> {
    match end {
        End::Makes => {}
        End::Waits => yield_now().await,
        End::Fails => {
            yield_now().await;
            return Err(Oops("a reason"));
        }
        End::Panics => {
            yield_now().await;
            panic!("at the end");
        }
    }
    Ok(Last(before.0 + 1))
}

struct Over(usize);

/// Of this and the last step of the chain, the one waits where the other does not.
#[step]
async fn over(end: &End) -> Over {
    if let End::Makes = end {
        yield_now().await;
    }
    Over(1)
}

#[derive(Debug, PartialEq)]
struct Both(usize);

#[step]
fn both(last: &Last, over: &Over) -> Both {
    Both(last.0 + over.0)
}

macro_rules! chain {
    ($($step:ident $before:literal $this:literal,)*) => {
        $(
            #[step]
            fn $step(before: &Made<$before>) -> Made<$this> {
                Made(before.0 + 1)
            }
        )*

        graph! {
            struct Full {
                inputs { End }
                steps { s1, $($step,)* last }
                async fn resolve(end: End) -> Last;
            }
        }

        graph! {
            struct Overfull {
                inputs { End }
                steps { s1, $($step,)* last, over, both }
                async fn resolve(end: End) -> Both;
            }
        }
    };
}

chain! {
    s2 1 2, s3 2 3, s4 3 4, s5 4 5, s6 5 6, s7 6 7, s8 7 8, s9 8 9, s10 9 10, s11 10 11, s12 11 12, s13 12 13,
    s14 13 14, s15 14 15, s16 15 16, s17 16 17, s18 17 18, s19 18 19, s20 19 20, s21 20 21, s22 21 22, s23 22 23,
    s24 23 24, s25 24 25, s26 25 26, s27 26 27, s28 27 28, s29 28 29, s30 29 30, s31 30 31, s32 31 32, s33 32 33,
    s34 33 34, s35 34 35, s36 35 36, s37 36 37, s38 37 38, s39 38 39, s40 39 40, s41 40 41, s42 41 42, s43 42 43,
    s44 43 44, s45 44 45, s46 45 46, s47 46 47, s48 47 48, s49 48 49, s50 49 50, s51 50 51, s52 51 52, s53 52 53,
    s54 53 54, s55 54 55, s56 55 56, s57 56 57, s58 57 58, s59 58 59, s60 59 60, s61 60 61, s62 61 62, s63 62 63,
}

#[tokio::test]
async fn the_last_step_of_a_word_makes_its_value_at_once_or_later() {
    let graph = Full::builder().build();
    for end in [End::Makes, End::Waits] {
        assert_eq!(graph.resolve("x", end).await.unwrap(), Last(64));
    }
}

#[tokio::test]
async fn it_fails_and_panics_as_any_other() {
    let graph = Full::builder().build();
    let error = graph.resolve("x", End::Fails).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Failed, Some("last"))
    );
    let error = graph.resolve("x", End::Panics).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Panicked, Some("last"))
    );
}

#[tokio::test]
async fn a_step_waits_for_those_it_needs_in_every_word() {
    let graph = Overfull::builder().build();
    for end in [End::Makes, End::Waits] {
        assert_eq!(graph.resolve("x", end).await.unwrap(), Both(65));
    }
    let error = graph.resolve("x", End::Fails).await.unwrap_err();
    assert_eq!(error.step(), Some("last"));
}

//! Whole batches without a runtime, small enough for Miri: values in columns, lent to items that rest and go on, that move
//! together over gaps, and that are taken out or dropped.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use docket::{Execution, graph, step};

/// Something with a heap to lose or to free twice.
struct Item(Box<u32>);
struct Checked(Arc<u32>);
struct Sum(u32);
struct Measured(Box<u32>);
struct Largest(u32);
#[derive(Debug, PartialEq)]
struct Report(u32);

#[derive(Debug)]
struct Odd;

impl std::fmt::Display for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("odd")
    }
}

impl std::error::Error for Odd {}

/// Wakes at once, `polls` times.
async fn yields(mut polls: u32) {
    std::future::poll_fn(move |cx| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[step]
async fn check(item: &Item) -> Result<Checked, Odd> {
    yields(*item.0 % 3).await;
    if *item.0 % 4 == 3 {
        return Err(Odd);
    }
    Ok(Checked(Arc::new(*item.0)))
}

#[step]
async fn sum(all: &[Checked]) -> Sum {
    yields(2).await;
    Sum(all.iter().map(|it| *it.0).sum())
}

#[step]
async fn size(checked: &Checked, sum: &Sum) -> Measured {
    yields(*checked.0 % 2).await;
    Measured(Box::new(*checked.0 + sum.0))
}

#[step]
fn largest(all: &[Measured]) -> Largest {
    Largest(all.iter().map(|it| *it.0).max().unwrap_or(0))
}

/// Refers to the value of the first stage in the last one.
#[step]
async fn report(item: &Item, checked: &Checked, sized: &Measured, largest: &Largest) -> Report {
    yields(1).await;
    Report(*item.0 + *checked.0 + *sized.0 + largest.0)
}

graph! {
    struct Reports {
        inputs { Item }
        steps { check, sum, size, largest, report }
        async fn reports(items: [Item]) -> [docket::Result<Report>];
        async fn all(items: [Item]) -> ([Item], [Checked], Largest);
        fn stream(items: [Item]) -> impl Stream<Item = docket::Result<(Item, Checked)>>;
    }
}

fn items(numbers: impl IntoIterator<Item = u32>) -> Vec<Item> {
    numbers.into_iter().map(|it| Item(Box::new(it))).collect()
}

fn to_the_end<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return output;
        }
    }
}

#[test]
fn values_are_found_again_after_they_moved() {
    let graph = Reports::builder().build();
    let sum: u32 = (0..10).filter(|it| it % 4 != 3).sum();
    for n in [1, 3, 64] {
        let execution = Execution::new("x").max_concurrency(n);
        let reports = to_the_end(graph.reports(execution, items(0..10))).unwrap();
        for (i, report) in (0..).zip(reports) {
            match report {
                Ok(report) => assert_eq!(report, Report(3 * i + sum + 9 + sum)),
                Err(error) => assert!(i % 4 == 3 && error.downcast_ref::<Odd>().is_some()),
            }
        }
    }
}

#[test]
fn columns_are_taken_out_as_they_are() {
    let graph = Reports::builder().build();
    let (items, checked, largest) = to_the_end(graph.all("x", items([2, 4, 6]))).unwrap();
    assert!(items.iter().map(|it| *it.0).eq([2, 4, 6]));
    assert!(checked.iter().map(|it| *it.0).eq([2, 4, 6]));
    assert_eq!(largest.0, 18);
}

#[test]
fn a_batch_may_be_dropped_at_any_poll() {
    let graph = Reports::builder().build();
    for polls in 0..12 {
        let execution = Execution::new("x").max_concurrency(2);
        let mut batch = Box::pin(graph.reports(execution, items(0..6)));
        for _ in 0..polls {
            if batch
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_ready()
            {
                break;
            }
        }
    }
}

#[test]
fn a_failure_that_ends_the_batch_drops_the_rest() {
    let graph = Reports::builder().build();
    assert!(to_the_end(graph.all("x", items(0..6))).is_err());
}

#[test]
fn a_stream_hands_out_what_it_took_in_and_made() {
    let graph = Reports::builder().build();
    for n in [1, 3, 64] {
        let execution = Execution::new("x").max_concurrency(n);
        let mut stream = graph.stream(execution, items(0..10));
        let (mut sum, mut n_odd) = (0, 0);
        while let Some(item) = to_the_end(stream.next()) {
            match item {
                Ok((item, checked)) => sum += *item.0 + *checked.0,
                Err(error) => n_odd += usize::from(error.downcast_ref::<Odd>().is_some()),
            }
        }
        let even: u32 = (0..10).filter(|it| it % 4 != 3).sum();
        assert_eq!((sum, n_odd), (2 * even, 2));
    }
}

#[test]
fn a_stream_may_be_dropped_at_any_item_and_any_poll() {
    let graph = Reports::builder().build();
    for polls in 0..12 {
        let execution = Execution::new("x").max_concurrency(2);
        let mut stream = graph.stream(execution, items(0..6));
        for _ in 0..polls {
            let mut next = pin!(stream.next());
            let _ = next.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

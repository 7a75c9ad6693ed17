//! What an execution keeps is dropped once, however far it comes. Miri runs it too.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use docket::{graph, step};

thread_local! {
    /// The values that were dropped, by name.
    static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

struct Noted(&'static str);

impl Drop for Noted {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

struct Input(Noted, Plan);
struct First(#[expect(dead_code, reason = "it is dropped")] Noted);
struct Second(#[expect(dead_code, reason = "it is dropped")] Noted, Plan);
struct Third(#[expect(dead_code, reason = "it is dropped")] Noted);
struct Output(#[expect(dead_code, reason = "it is dropped")] Noted);

#[derive(Clone, Copy, PartialEq)]
enum Plan {
    Finish,
    Wait,
    Fail,
    /// To wait, and to panic when the second value is dropped.
    PanicInDrop,
}

impl Drop for Second {
    fn drop(&mut self) {
        assert!(self.1 != Plan::PanicInDrop, "as planned");
    }
}

#[step]
async fn first(input: &Input) -> First {
    let _ = &input.0;
    First(Noted("first"))
}

#[step]
async fn second(input: &Input, _first: &First) -> Second {
    Second(Noted("second"), input.1)
}

#[step]
async fn third(_second: &Second) -> Third {
    Third(Noted("third"))
}

#[step]
async fn output(input: &Input, _third: &Third) -> Result<Output, std::fmt::Error> {
    match input.1 {
        Plan::Finish => Ok(Output(Noted("output"))),
        Plan::Wait | Plan::PanicInDrop => std::future::pending().await,
        Plan::Fail => Err(std::fmt::Error),
    }
}

graph! {
    struct Line {
        inputs { Input }
        steps { first, second, third, output }
        async fn resolve(input: Input) -> Output;
        async fn all(input: Input) -> (Third, Output);
    }
}

fn dropped() -> Vec<&'static str> {
    let mut dropped = DROPPED.take();
    dropped.sort_unstable();
    dropped
}

fn input(plan: Plan) -> Input {
    Input(Noted("input"), plan)
}

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

#[test]
fn what_was_never_polled_drops_what_it_was_given() {
    let graph = Line::builder().build();
    drop(graph.resolve("x", input(Plan::Finish)));
    assert_eq!(dropped(), ["input"]);
}

#[test]
fn what_comes_to_its_end_gives_its_outputs_and_drops_the_rest() {
    let graph = Line::builder().build();
    {
        let execution = pin!(graph.all("x", input(Plan::Finish)));
        let Poll::Ready(Ok(outputs)) = execution.poll(&mut cx()) else {
            panic!("it has nothing to wait for")
        };
        assert_eq!(dropped(), ["first", "input", "second"]);
        drop(outputs);
    }
    assert_eq!(dropped(), ["output", "third"]);
}

#[test]
fn what_fails_drops_all() {
    let graph = Line::builder().build();
    let execution = pin!(graph.resolve("x", input(Plan::Fail)));
    assert!(matches!(execution.poll(&mut cx()), Poll::Ready(Err(_))));
    assert_eq!(dropped(), ["first", "input", "second", "third"]);
}

#[test]
fn what_is_dropped_while_it_waits_drops_all() {
    let graph = Line::builder().build();
    {
        let execution = pin!(graph.resolve("x", input(Plan::Wait)));
        assert!(execution.poll(&mut cx()).is_pending());
        assert_eq!(dropped(), [""; 0]);
    }
    assert_eq!(dropped(), ["first", "input", "second", "third"]);
}

#[test]
fn a_value_that_panics_when_it_is_dropped_keeps_no_other_from_that() {
    let graph = Line::builder().build();
    let mut execution = Box::pin(graph.resolve("x", input(Plan::PanicInDrop)));
    assert!(execution.as_mut().poll(&mut cx()).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(execution))).is_err());
    assert_eq!(dropped(), ["first", "input", "second", "third"]);
}

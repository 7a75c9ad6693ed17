//! A step starts when its own inputs are there, runs once, and only where it is needed.

use docket::{graph, step};
use docket_tests::{Log, ms, nodes};
use tokio::time::sleep;

nodes!(Id, A, B, C, D, E, F, G, H, I, J);

fn sends<T: Send>(future: T) -> T {
    future
}

/// Two chains and a joint: `slow_first` 10 → `short` 1, `fast_first` 1 → `long` 10, and the joint of both takes 1.
mod skewed {
    use super::*;

    #[step]
    async fn slow_first(_id: &Id, #[resource] log: &Log) -> A {
        log.stamp("slow_first");
        sleep(ms(10)).await;
        A(1)
    }

    #[step]
    async fn fast_first(_id: &Id, #[resource] log: &Log) -> B {
        log.stamp("fast_first");
        sleep(ms(1)).await;
        B(2)
    }

    #[step]
    async fn short(a: &A, #[resource] log: &Log) -> C {
        log.stamp("short");
        sleep(ms(1)).await;
        C(a.0)
    }

    #[step]
    async fn long(b: &B, #[resource] log: &Log) -> D {
        log.stamp("long");
        sleep(ms(10)).await;
        D(b.0)
    }

    #[step]
    async fn joint(c: &C, d: &D, #[resource] log: &Log) -> E {
        log.stamp("joint");
        sleep(ms(1)).await;
        E(c.0 + d.0)
    }

    graph! {
        struct Skewed {
            inputs { Id }
            resources { Log }
            steps { joint, long, short, fast_first, slow_first }
            async fn resolve(id: Id) -> E;
        }
    }

    /// Layer by layer it would be 10 + 10 + 1.
    #[tokio::test(start_paused = true)]
    async fn a_skewed_graph_takes_the_time_of_its_longest_path() {
        let log = Log::new();
        let graph = Skewed::builder().log(log.clone()).build();
        let e = sends(graph.resolve("x", Id(0))).await.unwrap();
        assert_eq!(e, E(3));
        assert_eq!(log.elapsed_ms(), 12);
        assert_eq!(
            log.sorted(),
            [
                "0ms: fast_first",
                "0ms: slow_first",
                "10ms: short",
                "11ms: joint",
                "1ms: long"
            ]
        );
    }
}

mod independent {
    use super::*;

    #[step]
    async fn one(_id: &Id, #[resource] log: &Log) -> A {
        log.work("one", 50).await;
        A(1)
    }

    #[step]
    async fn two(_id: &Id, #[resource] log: &Log) -> B {
        log.work("two", 50).await;
        B(1)
    }

    #[step]
    async fn three(_id: &Id, #[resource] log: &Log) -> C {
        log.work("three", 50).await;
        C(1)
    }

    #[step]
    async fn four(_id: &Id, #[resource] log: &Log) -> D {
        log.work("four", 50).await;
        D(1)
    }

    #[step]
    async fn five(_id: &Id, #[resource] log: &Log) -> E {
        log.work("five", 50).await;
        E(1)
    }

    #[step]
    fn sum(a: &A, b: &B, c: &C, d: &D, e: &E) -> F {
        F(a.0 + b.0 + c.0 + d.0 + e.0)
    }

    graph! {
        struct Independent {
            inputs { Id }
            resources { Log }
            steps { one, two, three, four, five, sum }
            async fn resolve(id: Id) -> F;
            async fn two_of_them(id: Id) -> (A, B);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn five_independent_steps_take_the_time_of_one() {
        let log = Log::new();
        let graph = Independent::builder().log(log.clone()).build();
        assert_eq!(graph.resolve("x", Id(0)).await.unwrap(), F(5));
        assert_eq!(log.elapsed_ms(), 50);
    }

    #[tokio::test(start_paused = true)]
    async fn the_outputs_of_a_tuple_are_made_at_the_same_time() {
        let log = Log::new();
        let graph = Independent::builder().log(log.clone()).build();
        assert_eq!(graph.two_of_them("x", Id(0)).await.unwrap(), (A(1), B(1)));
        assert_eq!(log.elapsed_ms(), 50);
        assert_eq!(log.sorted(), ["one", "one done", "two", "two done"]);
    }

    #[tokio::test(start_paused = true)]
    async fn executions_of_one_graph_run_at_the_same_time() {
        let log = Log::new();
        let graph = Independent::builder().log(log.clone()).build();
        let (first, second) = tokio::join!(graph.resolve("x", Id(0)), graph.resolve("y", Id(1)));
        assert_eq!((first.unwrap(), second.unwrap()), (F(5), F(5)));
        assert_eq!(log.elapsed_ms(), 50);
        assert_eq!(log.count("one"), 2);
    }
}

mod diamond {
    use super::*;

    #[step]
    async fn top(id: &Id, #[resource] log: &Log) -> A {
        log.push("top");
        tokio::task::yield_now().await;
        A(id.0)
    }

    #[step]
    async fn left(a: &A, #[resource] log: &Log) -> B {
        log.push("left");
        B(a.0 + 1)
    }

    #[step]
    fn right(a: &A, #[resource] log: &Log) -> C {
        log.push("right");
        C(a.0 + 2)
    }

    #[step]
    fn bottom(a: &A, b: &B, c: &C, #[resource] log: &Log) -> D {
        log.push("bottom");
        D(a.0 + b.0 + c.0)
    }

    graph! {
        struct Diamond {
            inputs { Id }
            resources { Log }
            steps { bottom, right, left, top }
            async fn resolve(id: Id) -> D;
            async fn all(id: Id) -> (A, B, C, D);
        }
    }

    #[tokio::test]
    async fn a_step_runs_once_however_many_need_it() {
        let log = Log::new();
        let graph = Diamond::builder().log(log.clone()).build();
        assert_eq!(graph.resolve("x", Id(1)).await.unwrap(), D(6));
        assert_eq!(log.sorted(), ["bottom", "left", "right", "top"]);
    }

    #[tokio::test]
    async fn a_value_can_be_read_by_steps_and_be_returned_too() {
        let log = Log::new();
        let graph = Diamond::builder().log(log.clone()).build();
        assert_eq!(
            graph.all("x", Id(1)).await.unwrap(),
            (A(1), B(2), C(3), D(6))
        );
        assert_eq!(log.sorted(), ["bottom", "left", "right", "top"]);
    }

    #[tokio::test]
    async fn each_execution_runs_its_own_steps() {
        let log = Log::new();
        let graph = Diamond::builder().log(log.clone()).build();
        for _ in 0..3 {
            graph.resolve("the same id", Id(1)).await.unwrap();
        }
        assert_eq!(log.count("top"), 3);
    }

    #[tokio::test]
    async fn nothing_runs_before_the_first_poll() {
        let log = Log::new();
        let graph = Diamond::builder().log(log.clone()).build();
        drop(graph.resolve("x", Id(1)));
        assert_eq!(log.lines(), [""; 0]);
    }
}

mod lazy {
    use super::*;

    #[step]
    async fn cheap(id: &Id, #[resource] log: &Log) -> A {
        log.push("cheap");
        A(id.0)
    }

    /// Its future keeps 64 KiB across its await.
    #[step]
    async fn huge(id: &Id, #[resource] log: &Log) -> B {
        let memory = [id.0; 16 * 1024];
        log.push("huge");
        tokio::task::yield_now().await;
        B(memory.iter().sum())
    }

    #[step]
    fn of_huge(b: &B, #[resource] log: &Log) -> C {
        log.push("of_huge");
        C(b.0)
    }

    #[step]
    fn both(a: &A, c: &C, #[resource] log: &Log) -> D {
        log.push("both");
        D(a.0 + c.0)
    }

    graph! {
        struct Lazy {
            inputs { Id }
            resources { Log }
            steps { cheap, huge, of_huge, both }
            async fn only_cheap(id: Id) -> A;
            async fn everything(id: Id) -> D;
            async fn given_what_huge_is_for(id: Id, c: C) -> D;
            async fn all_given(a: A, c: C) -> D;
        }
    }

    const HUGE: usize = 64 * 1024;

    fn graph() -> (Lazy, Log) {
        let log = Log::new();
        (Lazy::builder().log(log.clone()).build(), log)
    }

    #[tokio::test]
    async fn what_an_entry_does_not_need_never_runs() {
        let (graph, log) = graph();
        assert_eq!(graph.only_cheap("x", Id(1)).await.unwrap(), A(1));
        assert_eq!(log.lines(), ["cheap"]);
    }

    #[tokio::test]
    async fn what_an_entry_does_not_need_is_no_part_of_its_future() {
        let (graph, _log) = graph();
        assert!(size_of_val(&graph.only_cheap("x", Id(1))) < 4 * 1024);
        assert!(size_of_val(&graph.given_what_huge_is_for("x", Id(1), C(1))) < 4 * 1024);
        assert!(size_of_val(&graph.everything("x", Id(1))) > HUGE);
    }

    #[tokio::test]
    async fn the_producer_of_a_given_type_and_what_only_it_needed_do_not_run() {
        let (graph, log) = graph();
        assert_eq!(
            graph
                .given_what_huge_is_for("x", Id(1), C(7))
                .await
                .unwrap(),
            D(8)
        );
        assert_eq!(log.lines(), ["cheap", "both"]);
    }

    #[tokio::test]
    async fn an_entry_that_is_given_all_it_needs_runs_the_last_step_alone() {
        let (graph, log) = graph();
        assert_eq!(graph.all_given("x", A(1), C(7)).await.unwrap(), D(8));
        assert_eq!(log.lines(), ["both"]);
    }
}

mod order {
    use super::*;

    #[step]
    async fn first(_id: &Id, #[resource] log: &Log) -> A {
        log.work("first", 1).await;
        A(0)
    }

    #[step]
    async fn slow(_id: &Id, #[resource] log: &Log) -> B {
        log.work("slow", 9).await;
        B(0)
    }

    #[step]
    fn after_first(_a: &A, #[resource] log: &Log) -> C {
        log.stamp("after_first");
        C(0)
    }

    #[step]
    fn after_both(_b: &B, _c: &C, #[resource] log: &Log) -> D {
        log.stamp("after_both");
        D(0)
    }

    graph! {
        struct Order {
            inputs { Id }
            resources { Log }
            steps { after_both, after_first, slow, first }
            async fn resolve(id: Id) -> D;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_starts_the_moment_its_own_inputs_are_there() {
        let log = Log::new();
        Order::builder()
            .log(log.clone())
            .build()
            .resolve("x", Id(0))
            .await
            .unwrap();
        let stamped: Vec<_> = log
            .lines()
            .into_iter()
            .filter(|line| line.contains("ms: "))
            .collect();
        assert_eq!(stamped, ["1ms: after_first", "9ms: after_both"]);
    }
}

mod wide {
    use super::*;

    #[step]
    fn a(x: &Id) -> A {
        A(x.0)
    }
    #[step]
    fn b(x: &Id) -> B {
        B(x.0)
    }
    #[step]
    fn c(x: &Id) -> C {
        C(x.0)
    }
    #[step]
    fn d(x: &Id) -> D {
        D(x.0)
    }
    #[step]
    fn e(x: &Id) -> E {
        E(x.0)
    }
    #[step]
    fn f(x: &Id) -> F {
        F(x.0)
    }
    #[step]
    fn g(x: &Id) -> G {
        G(x.0)
    }
    #[step]
    fn h(x: &Id) -> H {
        H(x.0)
    }
    #[step]
    fn i(x: &Id) -> I {
        I(x.0)
    }

    #[allow(clippy::too_many_arguments)]
    #[step]
    async fn join(x: &Id, a: &A, b: &B, c: &C, d: &D, e: &E, f: &F, g: &G, h: &H, i: &I) -> J {
        J(x.0 + a.0 + b.0 + c.0 + d.0 + e.0 + f.0 + g.0 + h.0 + i.0)
    }

    graph! {
        struct Wide {
            inputs { Id }
            steps { a, b, c, d, e, f, g, h, i, join }
            async fn resolve(x: Id) -> J;
        }
    }

    #[tokio::test]
    async fn a_step_may_need_as_much_as_it_likes() {
        assert_eq!(
            Wide::builder().build().resolve("x", Id(2)).await.unwrap(),
            J(20)
        );
    }
}

/// Seventy steps in a chain: more than one word of bits.
mod long {
    use super::*;

    #[allow(unreachable_pub)]
    pub struct Link<const N: usize>(pub u32);

    macro_rules! chain {
        ($($step:ident $from:literal $to:literal),+ $(,)?) => {
            $(
                #[step]
                async fn $step(link: &Link<$from>) -> Link<$to> {
                    if $to % 7 == 0 {
                        tokio::task::yield_now().await;
                    }
                    Link(link.0 + 1)
                }
            )+
            graph! {
                struct Long {
                    inputs { Link<0> }
                    steps { $($step),+ }
                    async fn resolve(start: Link<0>) -> Link<70>;
                }
            }
        };
    }

    chain! {
        s1 0 1, s2 1 2, s3 2 3, s4 3 4, s5 4 5, s6 5 6, s7 6 7, s8 7 8, s9 8 9, s10 9 10,
        s11 10 11, s12 11 12, s13 12 13, s14 13 14, s15 14 15, s16 15 16, s17 16 17, s18 17 18, s19 18 19, s20 19 20,
        s21 20 21, s22 21 22, s23 22 23, s24 23 24, s25 24 25, s26 25 26, s27 26 27, s28 27 28, s29 28 29, s30 29 30,
        s31 30 31, s32 31 32, s33 32 33, s34 33 34, s35 34 35, s36 35 36, s37 36 37, s38 37 38, s39 38 39, s40 39 40,
        s41 40 41, s42 41 42, s43 42 43, s44 43 44, s45 44 45, s46 45 46, s47 46 47, s48 47 48, s49 48 49, s50 49 50,
        s51 50 51, s52 51 52, s53 52 53, s54 53 54, s55 54 55, s56 55 56, s57 56 57, s58 57 58, s59 58 59, s60 59 60,
        s61 60 61, s62 61 62, s63 62 63, s64 63 64, s65 64 65, s66 65 66, s67 66 67, s68 67 68, s69 68 69, s70 69 70,
    }

    #[tokio::test]
    async fn a_graph_may_have_more_steps_than_a_word_has_bits() {
        assert_eq!(
            Long::builder()
                .build()
                .resolve("x", Link(0))
                .await
                .unwrap()
                .0,
            70
        );
    }
}

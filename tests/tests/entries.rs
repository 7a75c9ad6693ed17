//! What can be asked of a graph, and what it can be made of.

use docket::{graph, step};
use docket_tests::{Log, nodes};

nodes!(Id, Viewer, A, B, C, D, E);

#[step]
fn a(id: &Id, #[resource] log: &Log) -> A {
    log.push("a");
    A(id.0)
}

#[step]
async fn b(a: &A, #[resource] log: &Log) -> B {
    log.push("b");
    B(a.0 * 10)
}

#[step]
async fn c(a: &A, viewer: &Viewer, #[resource] log: &Log) -> C {
    log.push("c");
    C(a.0 * 100 + viewer.0)
}

#[step]
fn d(b: &B, c: &C, #[resource] log: &Log) -> D {
    log.push("d");
    D(b.0 + c.0)
}

graph! {
    /// Documentation of the graph.
    struct Several {
        inputs { Id, Viewer }
        resources { Log }
        steps { d, c, b, a }

        /// One value.
        async fn b_of(id: Id) -> B;
        async fn d_of(viewer: Viewer, id: Id) -> D;
        async fn tuple(id: Id, viewer: Viewer) -> (D, A, C);
        async fn tuple_of_one(id: Id) -> (A,);
        async fn given_one(a: A, viewer: Viewer) -> D;
        async fn given_two(b: B, c: C) -> D;
        async fn given_and_returned(a: A) -> (B, A);
        async fn input_and_output(id: Id) -> (A, Id);
        #[deprecated = "ask for `b_of`"]
        async fn old(id: Id) -> B;
    }
}

fn graph() -> (Several, Log) {
    let log = Log::new();
    (Several::builder().log(log.clone()).build(), log)
}

#[tokio::test]
async fn a_graph_has_several_entries_and_each_runs_what_it_needs() {
    let (graph, log) = graph();
    assert_eq!(graph.b_of("x", Id(1)).await.unwrap(), B(10));
    assert_eq!(log.take(), ["a", "b"]);
    assert_eq!(graph.d_of("x", Viewer(5), Id(1)).await.unwrap(), D(115));
    assert_eq!(log.take(), ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn a_tuple_is_several_values_of_one_execution() {
    let (graph, log) = graph();
    assert_eq!(
        graph.tuple("x", Id(1), Viewer(5)).await.unwrap(),
        (D(115), A(1), C(105))
    );
    assert_eq!(log.count("a"), 1);
    assert_eq!(graph.tuple_of_one("x", Id(1)).await.unwrap(), (A(1),));
}

#[tokio::test]
async fn an_entry_can_be_given_any_type_that_a_step_makes() {
    let (graph, log) = graph();
    assert_eq!(
        graph.given_one("x", A(2), Viewer(5)).await.unwrap(),
        D(20 + 205)
    );
    assert_eq!(log.take(), ["b", "c", "d"]);
    assert_eq!(graph.given_two("x", B(3), C(4)).await.unwrap(), D(7));
    assert_eq!(log.take(), ["d"]);
}

#[tokio::test]
async fn what_was_given_can_be_returned() {
    let (graph, log) = graph();
    assert_eq!(
        graph.given_and_returned("x", A(2)).await.unwrap(),
        (B(20), A(2))
    );
    assert_eq!(
        graph.input_and_output("x", Id(3)).await.unwrap(),
        (A(3), Id(3))
    );
    assert_eq!(log.take(), ["b", "a"]);
}

#[tokio::test]
async fn the_attributes_of_an_entry_are_kept() {
    let (graph, _log) = graph();
    // `expect` would be a warning of its own were there nothing to expect.
    #[expect(deprecated)]
    let b = graph.old("x", Id(1)).await.unwrap();
    assert_eq!(b, B(10));
}

#[test]
fn a_graph_value_is_send_sync_and_clone() {
    fn check<T: Clone + Send + Sync + 'static>() {}
    check::<Several>();
}

/// Lists of steps that were made elsewhere.
mod bundles {
    use super::*;

    mod pricing {
        use super::*;

        #[step]
        pub(crate) fn net(id: &Id, #[resource] log: &Log) -> A {
            log.push("pricing::net");
            A(id.0)
        }

        pub(crate) mod taxes {
            use super::*;

            #[step]
            pub(crate) async fn gross(a: &A, #[resource] log: &Log) -> B {
                log.push("pricing::taxes::gross");
                B(a.0 + 1)
            }
        }

        /// The paths of the bundle resolve here, not where it is used.
        #[step]
        pub(crate) fn with_tip(b: &B, #[resource] log: &Log) -> C {
            log.push("pricing::with_tip");
            C(b.0 + 1)
        }

        docket::steps! { pub(crate) all { net, taxes::gross, with_tip } }
        docket::steps! { pub(crate) empty {} }
    }

    #[step]
    fn other_gross(a: &A, #[resource] log: &Log) -> B {
        log.push("other_gross");
        B(a.0 + 100)
    }

    #[step]
    fn label(c: &C, #[resource] log: &Log) -> D {
        log.push("label");
        D(c.0)
    }

    graph! {
        struct Whole {
            inputs { Id }
            resources { Log }
            steps { label, ..pricing::all }
            async fn resolve(id: Id) -> D;
        }
    }

    graph! {
        struct Trimmed {
            inputs { Id }
            resources { Log }
            steps { ..pricing::empty, ..pricing::all without { gross }, other_gross, label }
            async fn resolve(id: Id) -> D;
        }
    }

    #[tokio::test]
    async fn a_bundle_is_its_steps() {
        let log = Log::new();
        let graph = Whole::builder().log(log.clone()).build();
        assert_eq!(graph.resolve("x", Id(1)).await.unwrap(), D(3));
        assert_eq!(
            log.lines(),
            [
                "pricing::net",
                "pricing::taxes::gross",
                "pricing::with_tip",
                "label"
            ]
        );
    }

    #[tokio::test]
    async fn a_bundle_can_be_had_without_some_of_its_steps() {
        let log = Log::new();
        let graph = Trimmed::builder().log(log.clone()).build();
        assert_eq!(graph.resolve("x", Id(1)).await.unwrap(), D(102));
        assert_eq!(
            log.lines(),
            ["pricing::net", "other_gross", "pricing::with_tip", "label"]
        );
    }

    #[tokio::test]
    async fn a_bundle_of_another_crate_is_its_steps() {
        use docket_tests::bundled::{Doubled, Number, Tripled, doubling};

        #[step]
        fn tripled(n: &Number) -> Tripled {
            Tripled(n.0 * 3)
        }

        graph! {
            struct Abroad {
                inputs { Number }
                steps { ..doubling, tripled }
                async fn both(n: Number) -> (Doubled, Tripled);
            }
        }

        let graph = Abroad::builder().build();
        let (doubled, tripled) = graph.both("x", Number(2)).await.unwrap();
        assert_eq!((doubled.0, tripled.0), (4, 6));
    }
}

/// A graph others may use, of steps and bundles that only it may.
mod visibility {
    mod inside {
        use super::super::*;

        #[derive(Debug, PartialEq)]
        struct Hidden(u32);

        #[step]
        fn hidden(id: &Id) -> Hidden {
            Hidden(id.0)
        }

        #[step]
        fn shown(hidden: &Hidden) -> A {
            A(hidden.0)
        }

        graph! {
            pub(crate) struct Shown {
                inputs { Id }
                steps { hidden, shown }
                pub(crate) async fn resolve(id: Id) -> A;
            }
        }
    }

    #[tokio::test]
    async fn a_graph_may_be_seen_further_than_its_steps() {
        let graph = inside::Shown::builder().build();
        assert_eq!(graph.resolve("x", super::Id(1)).await.unwrap(), super::A(1));
    }
}

/// Sections that are empty may be left out.
mod sections {
    use super::*;

    #[step]
    fn constant() -> A {
        A(7)
    }

    #[step]
    fn unneeded(_a: &A) -> B {
        B(0)
    }

    graph! {
        struct Small {
            steps { constant, #[allow(unused)] unneeded }
            async fn resolve() -> A;
        }
    }

    #[tokio::test]
    async fn a_graph_needs_no_inputs_and_no_resources() {
        assert_eq!(Small::builder().build().resolve("x").await.unwrap(), A(7));
    }

    #[step]
    fn of_id(id: &Id) -> A {
        A(id.0)
    }

    graph! {
        struct Backwards {
            async fn resolve(id: Id) -> A;
            steps { of_id, }
            inputs { Id, }
        }
    }

    #[tokio::test]
    async fn sections_and_entries_may_come_in_any_order() {
        assert_eq!(
            Backwards::builder()
                .build()
                .resolve("x", Id(2))
                .await
                .unwrap(),
            A(2)
        );
    }
}

/// Resources are borrowed from the graph.
mod resources {
    use super::*;

    /// Neither `Clone` nor `Default`.
    #[derive(Debug)]
    struct Client {
        name: &'static str,
    }

    struct HTTPClient(u32);

    #[step]
    async fn first(_id: &Id, #[resource] client: &Client, #[resource] log: &Log) -> A {
        log.push(format!("{:p} {}", client, client.name));
        A(1)
    }

    #[step]
    fn second(_a: &A, #[resource] client: &Client, #[resource] log: &Log) -> B {
        log.push(format!("{:p} {}", client, client.name));
        B(1)
    }

    #[step]
    fn third(#[resource] http: &HTTPClient, #[resource] limits: &[u32; 2], b: &B) -> C {
        C(http.0 + limits[1] + b.0)
    }

    graph! {
        struct Tools {
            inputs { Id }
            resources {
                /// Documented.
                Client,
                Log,
                HTTPClient,
                limits: [u32; 2],
            }
            steps { first, second, third }
            async fn resolve(id: Id) -> C;
        }
    }

    #[tokio::test]
    async fn all_steps_of_all_clones_borrow_one_resource() {
        let log = Log::new();
        let graph = Tools::builder()
            .limits([1, 2])
            .http_client(HTTPClient(10))
            .client(Client { name: "the one" })
            .log(log.clone())
            .build();
        assert_eq!(graph.clone().resolve("x", Id(0)).await.unwrap(), C(13));
        assert_eq!(graph.resolve("y", Id(0)).await.unwrap(), C(13));
        let mut lines = log.lines();
        assert_eq!(lines.len(), 4);
        lines.dedup();
        assert_eq!(lines.len(), 1, "{lines:?}");
    }

    #[tokio::test]
    async fn a_resource_is_dropped_with_the_last_clone_of_its_graph() {
        #[allow(dead_code)]
        struct Pool(docket_tests::Guard);

        #[step]
        fn uses(_id: &Id, #[resource] _pool: &Pool) -> A {
            A(1)
        }

        graph! {
            struct Holds {
                inputs { Id }
                resources { Pool }
                steps { uses }
                async fn resolve(id: Id) -> A;
            }
        }

        let log = Log::new();
        let graph = Holds::builder().pool(Pool(log.guard("pool"))).build();
        let clone = graph.clone();
        drop(graph);
        clone.resolve("x", Id(0)).await.unwrap();
        assert_eq!(log.lines(), [""; 0]);
        drop(clone);
        assert_eq!(log.lines(), ["pool dropped"]);
    }
}

//! A node is a type, by whatever name; a step is a function, wherever it stands.

use docket::{graph, step};
use docket_tests::{Log, nodes};

nodes!(Id, A, B, C);

mod model {
    #[derive(Debug, PartialEq)]
    pub(crate) struct Profile(pub(crate) u32);

    pub(crate) type Alias = Profile;
    pub(crate) use self::Profile as Renamed;
}

/// One type by four names.
mod names {
    use super::model::{Alias, Profile};
    use super::*;

    #[step]
    fn makes(id: &Id) -> Alias {
        Profile(id.0)
    }

    #[step]
    fn by_path(profile: &super::model::Profile) -> A {
        A(profile.0)
    }

    #[step]
    fn by_use(profile: &Profile) -> B {
        B(profile.0)
    }

    #[step]
    fn by_new_name(profile: &crate::types::model::Renamed) -> C {
        C(profile.0)
    }

    graph! {
        struct Names {
            inputs { Id }
            steps { makes, by_path, by_use, by_new_name }
            async fn resolve(id: Id) -> (A, B, C, model::Alias);
            async fn given(profile: model::Renamed) -> A;
        }
    }

    use super::model;

    #[tokio::test]
    async fn aliases_reexports_and_paths_of_one_type_are_one_node() {
        let graph = Names::builder().build();
        assert_eq!(
            graph.resolve("x", Id(3)).await.unwrap(),
            (A(3), B(3), C(3), Profile(3))
        );
        assert_eq!(graph.given("x", Profile(4)).await.unwrap(), A(4));
    }
}

mod generics {
    use super::*;
    use std::collections::HashMap;
    use std::sync::Arc;

    #[derive(Debug, PartialEq)]
    struct Page<T> {
        items: Vec<T>,
    }

    #[derive(Debug, PartialEq)]
    struct User(u32);

    #[derive(Debug, PartialEq)]
    struct Order(u32);

    type Users = Page<User>;

    #[step]
    fn users(id: &Id) -> Page<User> {
        Page {
            items: vec![User(id.0)],
        }
    }

    #[step]
    async fn orders(users: &Users) -> Result<Page<Order>, std::fmt::Error> {
        Ok(Page {
            items: users.items.iter().map(|user| Order(user.0 * 10)).collect(),
        })
    }

    #[step]
    fn index(orders: &Page<Order>) -> HashMap<u32, Arc<str>> {
        orders
            .items
            .iter()
            .map(|order| (order.0, "an order".into()))
            .collect()
    }

    #[step]
    fn built_in(index: &HashMap<u32, Arc<str>>, orders: &Page<Order>) -> (usize, [u32; 1]) {
        (index.len(), [orders.items[0].0])
    }

    #[step]
    fn boxed(pair: &(usize, [u32; 1])) -> Box<dyn Fn() -> usize + Send + Sync> {
        let n = pair.0;
        Box::new(move || n)
    }

    #[step]
    fn list(orders: Option<&Page<Order>>) -> Vec<u32> {
        orders.map_or_else(Vec::new, |orders| {
            orders.items.iter().map(|order| order.0).collect()
        })
    }

    graph! {
        struct Generic {
            inputs { Id }
            steps { users, orders, index, built_in, boxed, list }
            async fn orders(id: Id) -> Page<Order>;
            async fn boxed(id: Id) -> (Box<dyn Fn() -> usize + Send + Sync>, Vec<u32>);
            async fn given_users(users: Page<User>) -> Vec<u32>;
        }
    }

    #[tokio::test]
    async fn each_instance_of_a_generic_type_is_a_node_of_its_own() {
        let graph = Generic::builder().build();
        assert_eq!(
            graph.orders("x", Id(4)).await.unwrap(),
            Page {
                items: vec![Order(40)]
            }
        );
    }

    #[tokio::test]
    async fn any_type_may_be_a_node() {
        let graph = Generic::builder().build();
        let (boxed, list) = graph.boxed("x", Id(4)).await.unwrap();
        assert_eq!((boxed(), list), (1, vec![40]));
    }
}

/// `…Result` aliases.
mod results {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("ours")]
    struct OurError;

    type AppResult<T> = Result<T, OurError>;
    type UnitResult = Result<A, OurError>;

    #[step]
    fn alone(id: &Id) -> UnitResult {
        if id.0 == 0 {
            Err(OurError)
        } else {
            Ok(A(id.0))
        }
    }

    #[step]
    async fn of_a_type(a: &A) -> AppResult<B> {
        Ok(B(a.0))
    }

    #[step]
    async fn of_a_crate(b: &B) -> anyhow::Result<C> {
        anyhow::ensure!(b.0 < 10, "too large");
        Ok(C(b.0))
    }

    /// Not a `Result`, and no name for one.
    #[step]
    fn of_io(_c: &C) -> std::io::Result<String> {
        Ok("io".to_owned())
    }

    graph! {
        struct Results {
            inputs { Id }
            steps { alone, of_a_type, of_a_crate, of_io }
            async fn resolve(id: Id) -> (C, String);
        }
    }

    #[tokio::test]
    async fn any_alias_of_a_result_is_one() {
        let graph = Results::builder().build();
        assert_eq!(
            graph.resolve("x", Id(1)).await.unwrap(),
            (C(1), "io".to_owned())
        );
        let error = graph.resolve("x", Id(0)).await.unwrap_err();
        assert!(error.downcast_ref::<OurError>().is_some());
        let error = graph.resolve("x", Id(10)).await.unwrap_err();
        assert_eq!(format!("{error:#}"), "step `of_a_crate` failed: too large");
    }
}

/// The function stays what it was.
mod untouched {
    use super::*;

    /// Adds one.
    #[step(
        retry(attempts = 3, delay = "1h"),
        timeout = "1ms",
        persist = "global",
        name = "SomethingElse"
    )]
    #[must_use = "its attributes stay, too"]
    #[allow(dead_code)]
    const fn plus_one(id: &u32, #[key] factor: &u32) -> u64 {
        (*id + *factor) as u64
    }

    #[step(blocking)]
    fn with_marks(#[resource] log: &Log, id: &Id) -> Result<A, std::fmt::Error> {
        log.push("called");
        Ok(A(id.0))
    }

    #[step(spawn)]
    async fn asynchronous(id: &Id, soft: Option<&A>, reason: Result<&B, &docket::Error>) -> C {
        C(id.0 + soft.map_or(0, |a| a.0) + reason.map_or(0, |b| b.0))
    }

    #[cfg(any())]
    const THREE: u64 = plus_one(&1, &2);

    #[tokio::test]
    async fn a_step_can_be_called_as_the_function_it_is() {
        let log = Log::new();
        assert_eq!(with_marks(&log, &Id(3)), Ok(A(3)));
        assert_eq!(log.lines(), ["called"]);
        assert_eq!(asynchronous(&Id(1), Some(&A(2)), Ok(&B(3))).await, C(6));
        assert_eq!(asynchronous(&Id(1), None, Ok(&B(3))).await, C(4));
    }

    #[test]
    fn a_step_can_be_passed_as_the_function_it_is() {
        let function: fn(&Log, &Id) -> Result<A, std::fmt::Error> = with_marks;
        assert_eq!(function(&Log::new(), &Id(3)), Ok(A(3)));
    }
}

#[tokio::test]
async fn steps_graphs_and_bundles_may_stand_in_a_function() {
    struct Local(u32);

    #[step]
    fn local(id: &Id) -> Local {
        Local(id.0 + 1)
    }

    #[step]
    async fn more(local: &Local) -> A {
        A(local.0)
    }

    docket::steps! { both { local, more } }

    graph! {
        struct InFunction {
            inputs { Id }
            steps { ..both }
            async fn resolve(id: Id) -> A;
        }
    }

    assert_eq!(
        InFunction::builder()
            .build()
            .resolve("x", Id(1))
            .await
            .unwrap(),
        A(2)
    );
}

mod raw {
    use super::*;
    use docket::ErrorKind;

    #[allow(non_camel_case_types)]
    #[derive(Debug)]
    struct r#struct(u32);

    struct Match;

    #[step]
    fn r#type(r#in: &Id, #[resource] r#match: &Match) -> r#struct {
        let Match = r#match;
        r#struct(r#in.0)
    }

    #[step]
    fn r#loop(r#for: &r#struct) -> Result<A, String> {
        if r#for.0 == 0 {
            Err("raw".to_owned())
        } else {
            Ok(A(r#for.0))
        }
    }

    docket::steps! { r#mod { r#loop } }

    graph! {
        struct r#Raw {
            inputs { Id }
            resources { r#match: Match }
            steps { r#type, ..r#mod }
            async fn r#fn(r#in: Id) -> A;
        }
    }

    #[tokio::test]
    async fn names_may_be_raw_and_are_told_without_their_mark() {
        let graph = Raw::builder().r#match(Match).build();
        assert_eq!(graph.r#fn("x", Id(1)).await.unwrap(), A(1));
        let error = graph.r#fn("x", Id(0)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.step()),
            (ErrorKind::Failed, Some("loop"))
        );
    }
}

mod switched {
    use super::*;

    #[cfg(not(any()))]
    #[step]
    fn on(id: &Id) -> A {
        A(id.0)
    }

    #[cfg(any())]
    #[step]
    fn off(id: &Id) -> A {
        A(id.0 + 100)
    }

    #[step]
    #[cfg(any())]
    fn off_too(thing: &DoesNotExist) -> Neither {
        thing.0
    }

    #[step]
    fn end(a: &A) -> B {
        B(a.0)
    }

    docket::steps! { bundle { #[cfg(any())] off, #[cfg(not(any()))] end } }

    graph! {
        struct Switched {
            inputs { Id, #[cfg(any())] DoesNotExist }
            resources { #[cfg(any())] DoesNotExist, #[cfg(not(any()))] Log }
            steps {
                #[cfg(not(any()))]
                on,
                #[cfg(any())]
                off,
                #[cfg(any())]
                off_too,
                ..bundle,
            }
            async fn resolve(id: Id) -> B;
            #[cfg(any())]
            async fn neither(id: Id) -> Neither;
            #[cfg(not(any()))]
            async fn kept(id: Id) -> A;
        }
    }

    #[tokio::test]
    async fn a_step_an_input_a_resource_and_an_entry_can_be_switched_off() {
        let graph = Switched::builder().log(Log::new()).build();
        assert_eq!(graph.resolve("x", Id(1)).await.unwrap(), B(1));
        assert_eq!(graph.kept("x", Id(1)).await.unwrap(), A(1));
    }
}

/// Names that the macros use themselves.
mod clashes {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Slots_(u32);

    #[step]
    fn view(graph: &Id, #[resource] core: &Log) -> Slots_ {
        core.push("view");
        Slots_(graph.0)
    }

    #[step]
    fn frame(execution: &Slots_, context: &docket::StepContext) -> A {
        A(execution.0 + context.attempt())
    }

    graph! {
        struct Graph {
            inputs { Id }
            resources { Log }
            steps { view, frame }
            async fn drive(this: Id) -> A;
        }
    }

    #[tokio::test]
    async fn ordinary_names_do_not_clash_with_those_of_the_macros() {
        let graph = Graph::builder().log(Log::new()).build();
        assert_eq!(graph.drive("x", Id(1)).await.unwrap(), A(2));
    }

    /// Without the prelude's names.
    mod shadowed {
        #[allow(dead_code, non_camel_case_types)]
        mod names {
            pub(super) struct Option;
            pub(super) struct Vec;
            pub(super) struct Send;
            pub(super) enum Result {
                Ok,
                Err,
            }
            pub(super) struct String;
        }
        #[allow(unused_imports)]
        use names::{Option, Result, Send, String, Vec};

        use super::super::{A, Id};

        #[docket::step(timeout = "1s", retry(attempts = 2))]
        async fn step(id: &Id) -> A {
            A(id.0)
        }

        docket::graph! {
            struct Shadowed {
                inputs { Id }
                steps { step }
                async fn resolve(id: Id) -> A;
            }
        }

        #[tokio::test]
        async fn the_macros_do_not_rely_on_the_prelude() {
            assert_eq!(
                Shadowed::builder()
                    .build()
                    .resolve("x", Id(1))
                    .await
                    .unwrap(),
                A(1)
            );
        }
    }
}

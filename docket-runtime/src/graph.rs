//! What `graph!` implements for the type it makes, so that the compiler can resolve steps against it.

use std::sync::Arc;

use crate::builder::Bool;
use crate::plan::{Need, NodeInfo, NodeKind, StepFacts, mode};
use crate::runtime::{Core, CoreBuilder};
use crate::step::{Makes, Step, StepIn, StepOptions};

/// A graph made by `graph!`.
pub trait Graph: Clone + Send + Sync + 'static {
    /// What all graphs have beside their resources.
    fn core(&self) -> &Core;
}

/// The graph has a node whose value is a `T`.
#[diagnostic::on_unimplemented(
    message = "nothing in `{Self}` produces `{T}`",
    label = "this needs `{T}`",
    note = "add a step that returns `{T}` to `steps`, or list `{T}` under `inputs`; a resource is asked for by \
            `#[resource]`"
)]
pub trait Produces<T>: Graph {
    /// The number of that node.
    const NODE: usize;
}

/// The graph has a node that an entry may be given as a `T`.
#[diagnostic::on_unimplemented(
    message = "no step of `{Self}` needs `{T}`",
    label = "not a type of this graph",
    note = "take this parameter away, or list `{T}` under `inputs` for a step that needs it"
)]
pub trait Takes<T>: Graph {
    /// The number of that node.
    const NODE: usize;
}

#[diagnostic::do_not_recommend]
impl<G: Produces<T>, T> Takes<T> for G {
    const NODE: usize = G::NODE;
}

/// The graph lists the step `S`.
#[diagnostic::on_unimplemented(
    message = "`{S}` is not a step of `{Self}`",
    label = "not listed there",
    note = "only the steps under `steps` in its `graph!` can be configured"
)]
pub trait Lists<S>: Graph {
    /// Sets options of the step.
    fn configure(core: &mut CoreBuilder, options: StepOptions);
}

/// The graph has a resource of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no resource `{T}`",
    label = "this needs the resource `{T}`",
    note = "list `{T}` under `resources`"
)]
pub trait Provides<T>: Graph {
    /// The resource.
    fn provide(&self) -> &T;
}

/// Which steps a graph has. It is a type of its own, private to the code that `graph!` writes, so that a public graph may
/// be made of private steps.
pub trait Wiring: 'static {
    /// The graph.
    type Graph: Graph;
}

/// The graph has a step at number `I`.
pub trait Node<const I: usize>: Wiring {
    /// The step.
    type Step: StepIn<Self::Graph>;
}

/// Stands for an entry of a list that is switched off by `#[cfg]`: the number is kept, and nothing is there.
#[derive(Debug)]
pub struct Absent<G, const I: usize>(std::marker::PhantomData<fn() -> G>);

impl<G: 'static, const I: usize> Step for Absent<G, I> {
    type Output = Absent<G, I>;
    const NAME: &'static str = "";
    const IDENT: &'static str = "";
    const PRESENT: bool = false;
}

impl<Of, G: 'static, const I: usize> Makes<Of> for Absent<G, I> {
    type Output = Absent<G, I>;
}

#[diagnostic::do_not_recommend]
impl<Of: Graph, G: 'static, const I: usize> StepIn<Of> for Absent<G, I> {
    const NEEDS: &'static [Need] = &[];
}

/// One item of a bundle made by `steps!`, as the graph `G` sees it. See [`Makes`] for why it has to be named.
pub trait BundleItem<const I: usize, G> {
    /// The step.
    type Step: Step;
}

/// The inside of a graph value: its resources, and a [`Core`].
#[derive(Debug)]
pub struct Inner<R> {
    /// A tuple, in the order of the list.
    pub resources: R,
    /// The rest.
    pub core: Core,
}

/// The only field of a graph value.
pub type Handle<R> = Arc<Inner<R>>;

/// `T`, where `KNOWN` is a constant that could be worked out. Where it could not, since what it is made of has a mistake,
/// this is no type, and the compiler, which has told that mistake, tells of nothing that follows from it.
pub type Known<const KNOWN: bool, T> = <Bool<KNOWN> as Knowing<T>>::Type;

/// See [`Known`].
pub trait Knowing<T> {
    /// `T`.
    type Type;
}

impl<T, const KNOWN: bool> Knowing<T> for Bool<KNOWN> {
    type Type = T;
}

/// A hard need of `T`.
pub const fn need<G: Produces<T>, T>() -> Need {
    Need {
        node: G::NODE,
        soft: false,
        all: false,
        bulk: false,
    }
}

/// A need of all `T` of a batch.
pub const fn need_all<G: Produces<T>, T>() -> Need {
    Need {
        node: G::NODE,
        soft: false,
        all: true,
        bulk: false,
    }
}

/// A need of the `T` that a step with `bulk` is asked for.
pub const fn need_bulk<G: Produces<T>, T>() -> Need {
    Need {
        node: G::NODE,
        soft: false,
        all: false,
        bulk: true,
    }
}

/// A soft need of `T`.
pub const fn soft_need<G: Produces<T>, T>() -> Need {
    Need {
        node: G::NODE,
        soft: true,
        all: false,
        bulk: false,
    }
}

/// Describes an input.
pub const fn input(ident: &'static str, present: bool) -> NodeInfo {
    let kind = if present {
        NodeKind::Input
    } else {
        NodeKind::Absent
    };
    NodeInfo {
        kind,
        ident,
        path: ident,
        name: ident,
        needs: &[],
        mode: mode::OFF,
        bulk: false,
        may_be_unused: true,
        is_whole: true,
        facts: None,
    }
}

/// `true`, of the [`IS_STEP`](Makes::IS_STEP) of each listed step. What asks for it depends on all of them being steps, and
/// so has no mistake of its own where one is something else.
pub const fn are_steps(_are_steps: &[bool]) -> bool {
    true
}

/// The same of [`SHARED`](crate::step::Shared::SHARED).
pub const fn are_shared(_shared: &[bool]) -> bool {
    true
}

/// Describes a step, listed as `path`.
pub const fn step<S: Step>(
    path: &'static str,
    needs: &'static [Need],
    may_be_unused: bool,
) -> NodeInfo {
    NodeInfo {
        kind: if S::PRESENT {
            NodeKind::Step
        } else {
            NodeKind::Absent
        },
        ident: S::IDENT,
        path,
        name: S::NAME,
        needs,
        mode: S::OPTIONS.mode(),
        bulk: S::OPTIONS.bulk.is_some(),
        may_be_unused,
        is_whole: S::WHOLE,
        facts: Some(StepFacts::of::<S>),
    }
}

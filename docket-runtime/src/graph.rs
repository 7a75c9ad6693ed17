//! What `graph!` implements for the type it makes, so that the compiler can resolve steps against it.

use std::sync::Arc;

use crate::plan::{Need, NodeInfo, NodeKind, mode};
use crate::runtime::Core;
use crate::step::{Step, StepIn};

/// A graph made by `graph!`.
pub trait Graph: Clone + Send + Sync + 'static {
    /// What all graphs have beside their resources.
    fn core(&self) -> &Core;
}

/// The graph has a node whose value is a `T`.
#[diagnostic::on_unimplemented(
    message = "nothing in `{Self}` produces `{T}`",
    label = "this needs `{T}`",
    note = "add a step that returns `{T}` to `steps`, or list `{T}` under `inputs`"
)]
pub trait Produces<T>: Graph {
    /// The number of that node.
    const NODE: usize;
}

/// The graph lists the step `S`.
#[diagnostic::on_unimplemented(
    message = "`{S}` is not a step of `{Self}`",
    label = "not listed there",
    note = "only the steps under `steps` in its `graph!` can be configured"
)]
pub trait Lists<S>: Graph {
    /// The number of its node.
    const NODE: usize;
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

/// The graph has a step at number `I`. The bound on `Step` is the one place where a step is asked whether the graph has
/// all it needs, so that a missing producer is told once.
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

impl<G: Graph, const I: usize> StepIn<G> for Absent<G, I> {
    const NEEDS: &'static [Need] = &[];
}

/// One item of a bundle made by `steps!`.
pub trait BundleItem<const I: usize> {
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

/// The number of the node that makes `T`.
pub const fn node<G: Produces<T>, T>() -> usize {
    G::NODE
}

/// A hard need of `T`.
pub const fn need<G: Produces<T>, T>() -> Need {
    Need { node: G::NODE, soft: false }
}

/// A soft need of `T`.
pub const fn soft_need<G: Produces<T>, T>() -> Need {
    Need { node: G::NODE, soft: true }
}

/// Describes an input.
pub const fn input(ident: &'static str, present: bool) -> NodeInfo {
    let kind = if present { NodeKind::Input } else { NodeKind::Absent };
    NodeInfo { kind, ident, name: ident, needs: &[], mode: mode::OFF, may_be_unused: true }
}

/// Describes the step at number `I`.
pub const fn step<W: Node<I>, const I: usize>(may_be_unused: bool) -> NodeInfo {
    NodeInfo {
        kind: if W::Step::PRESENT { NodeKind::Step } else { NodeKind::Absent },
        ident: W::Step::IDENT,
        name: W::Step::NAME,
        needs: W::Step::NEEDS,
        mode: W::Step::OPTIONS.mode(),
        may_be_unused,
    }
}

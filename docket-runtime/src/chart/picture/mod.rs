//! The plan as a drawing.

mod dot;
mod label;
mod mermaid;
mod svg;

use super::{Edge, EdgeKind, Node, NodeKind, Plan};

pub(super) use dot::skeleton as skeleton_of_dot;
pub(super) use mermaid::skeleton as skeleton_of_mermaid;
pub(super) use svg::skeleton as skeleton_of_svg;

/// A plan as a drawing, and what is to be on it. Made by [`Plan::picture`].
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    plan: &'a Plan,
    resources: bool,
}

impl<'a> Picture<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        Self {
            plan,
            resources: false,
        }
    }

    /// Whether resources are drawn, and who uses them. Most steps use one, so they are not, at first.
    #[must_use]
    pub fn resources(mut self, drawn: bool) -> Self {
        self.resources = drawn;
        self
    }

    /// See [`Plan::to_mermaid`].
    pub fn to_mermaid(&self) -> String {
        mermaid::mermaid(self)
    }

    /// See [`Plan::to_dot`].
    pub fn to_dot(&self) -> String {
        dot::dot(self)
    }

    /// See [`Plan::to_svg`].
    pub fn to_svg(&self) -> String {
        svg::svg(self)
    }

    fn nodes(&self) -> impl Iterator<Item = &'a Node> {
        let resources = self.resources;
        let nodes = self.plan.nodes.iter();
        nodes.filter(move |node| resources || !matches!(node.kind, NodeKind::Resource(_)))
    }

    /// Whether an entry has it for each of its items.
    fn is_each(&self, node: &Node) -> bool {
        let items = self.plan.entries.iter().filter_map(|it| it.items.as_ref());
        items.flat_map(|items| &items.each).any(|id| *id == node.id)
    }

    fn edges(&self) -> impl Iterator<Item = &'a Edge> {
        let resources = self.resources;
        let edges = self.plan.edges.iter();
        edges.filter(move |edge| resources || edge.kind != EdgeKind::Resource)
    }
}

/// How a node is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Input,
    Step,
    Persisted,
    Resource,
}

impl Look {
    fn of(node: &Node) -> Self {
        match node.kind {
            NodeKind::Input => Self::Input,
            NodeKind::Step(_) if node.is_persisted() => Self::Persisted,
            NodeKind::Step(_) => Self::Step,
            NodeKind::Resource(_) => Self::Resource,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Step => "step",
            Self::Persisted => "persisted",
            Self::Resource => "resource",
        }
    }
}

//! The plan for algorithms of others.

use std::collections::HashMap;

use petgraph::graph::DiGraph;

use super::{Edge, Node, Plan};

impl Plan {
    /// As a graph of the crate `petgraph`, for its algorithms: an edge runs from what is needed to the step that needs it.
    /// Nodes and edges have the indices that they have in [`nodes`](Plan::nodes) and [`edges`](Plan::edges). Needs the feature
    /// `petgraph`.
    pub fn to_petgraph(&self) -> DiGraph<&Node, &Edge> {
        let mut graph = DiGraph::with_capacity(self.nodes.len(), self.edges.len());
        let indices: HashMap<&str, _> = self
            .nodes
            .iter()
            .map(|node| (node.id.as_str(), graph.add_node(node)))
            .collect();
        for edge in &self.edges {
            graph.add_edge(indices[edge.from.as_str()], indices[edge.to.as_str()], edge);
        }
        graph
    }
}

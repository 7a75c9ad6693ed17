//! Which column each node stands in, and which columns each edge passes.

use std::collections::HashMap;

use super::text::{NAME, SMALL, width};
use super::{Columns, Item};
use crate::chart::picture::{Picture, label};
use crate::chart::{EdgeKind, Node, NodeKind};

/// Left and right of the text of a node.
const PADDING: f64 = 12.0;
const MIN_WIDTH: f64 = 64.0;

pub(super) fn columns(picture: &Picture<'_>) -> Columns {
    let nodes: Vec<&Node> = picture.nodes().collect();
    let edges: Vec<_> = picture.edges().collect();
    let numbers: HashMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(i, node)| (node.id.as_str(), i))
        .collect();
    let ends = |i: usize| {
        (
            numbers[edges[i].from.as_str()],
            numbers[edges[i].to.as_str()],
        )
    };
    let places = places(&nodes, (0..edges.len()).map(ends));
    let mut items: Vec<Item> = nodes
        .iter()
        .zip(&places)
        .enumerate()
        .map(|(i, (node, column))| item(i, node, *column))
        .collect();
    // Edges of one kind that come from one node share their bends: they are one line until they part.
    let mut bends: HashMap<(usize, EdgeKind, usize), usize> = HashMap::new();
    let mut routes = Vec::new();
    for (i, edge) in edges.iter().enumerate() {
        let (from, to) = ends(i);
        let mut route = vec![from];
        for column in places[from] + 1..places[to] {
            let bend = *bends.entry((from, edge.kind, column)).or_insert_with(|| {
                items.push(Item {
                    node: None,
                    column,
                    width: 0.0,
                    height: 6.0,
                    y: 0.0,
                });
                items.len() - 1
            });
            route.push(bend);
        }
        route.push(to);
        routes.push(route);
    }
    let n_columns = places.iter().max().map_or(0, |last| last + 1);
    let mut columns = vec![Vec::new(); n_columns];
    for (i, item) in items.iter().enumerate() {
        columns[item.column].push(i);
    }
    let (mut before, mut after) = (vec![Vec::new(); items.len()], vec![Vec::new(); items.len()]);
    for pair in routes.iter().flat_map(|route| route.windows(2)) {
        if !after[pair[0]].contains(&pair[1]) {
            after[pair[0]].push(pair[1]);
            before[pair[1]].push(pair[0]);
        }
    }
    Columns {
        items,
        columns,
        routes,
        before,
        after,
    }
}

/// A step stands at its level, and what a caller brings right before the first step that reads it. Columns with nothing in
/// them are left out.
fn places(nodes: &[&Node], edges: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut places: Vec<usize> = nodes.iter().map(|node| node.level).collect();
    let mut first_reader: Vec<Option<usize>> = vec![None; nodes.len()];
    for (from, to) in edges {
        let reader = first_reader[from].get_or_insert(nodes[to].level);
        *reader = (*reader).min(nodes[to].level);
    }
    for (i, node) in nodes.iter().enumerate() {
        if !matches!(node.kind, NodeKind::Step(_)) {
            places[i] = first_reader[i].map_or(0, |level| level.saturating_sub(1));
        }
    }
    let mut used = places.clone();
    used.sort_unstable();
    used.dedup();
    for place in &mut places {
        *place = used.partition_point(|it| it < place);
    }
    places
}

fn item(i: usize, node: &Node, column: usize) -> Item {
    let lines = label::lines(node);
    let widths = lines.iter().enumerate().map(|(line, text)| {
        let size = if line == 0 { NAME } else { SMALL };
        width(text, size)
    });
    let widest = widths.fold(0.0, f64::max);
    // A persisted step has a mark behind its name.
    let mark = if node.is_persisted() { 22.0 } else { 0.0 };
    let name = lines.first().map_or(0.0, |name| width(name, NAME)) + mark;
    Item {
        node: Some(i),
        column,
        width: (widest.max(name) + 2.0 * PADDING).max(MIN_WIDTH).ceil(),
        height: height(lines.len()),
        y: 0.0,
    }
}

/// Of a node with so many lines.
fn height(n_lines: usize) -> f64 {
    match n_lines {
        1 => 28.0,
        n => 28.0 + 15.0 * (n - 1) as f64,
    }
}

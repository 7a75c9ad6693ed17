//! From places to SVG.

use std::fmt::Write as _;

use super::text::{NAME, SMALL, escape, width};
use super::{Columns, Item, legend};
use crate::chart::picture::{Look, Picture, label};
use crate::chart::{Edge, EdgeKind, Entry, Node, NodeKind};

/// It names no element but those of this picture, which may stand inside of a page.
const STYLE: &str = include_str!("style.css");

const MARGIN: f64 = 24.0;
/// More signatures of entries than this are counted only.
const MAX_ENTRIES: usize = 6;
/// Signatures are cut where the columns end, but not to less than this.
const MIN_LETTERS: usize = 72;
/// Between two columns: room for the curves, more where there are many of them.
const MIN_GUTTER: f64 = 48.0;
const MAX_GUTTER: f64 = 130.0;

pub(super) fn draw(picture: &Picture<'_>, columns: &Columns) -> String {
    let plan = picture.plan;
    let nodes: Vec<&Node> = picture.nodes().collect();
    let (lefts, right) = lefts(columns);
    let (head, head_width, top) = head(&plan.name, &plan.entries, right);
    let place = Places {
        columns,
        lefts: &lefts,
        top,
    };
    let mut body = String::new();
    for (edge, route) in picture.edges().zip(&columns.routes) {
        body.push_str(&self::edge(&place, edge, route));
    }
    for item in &columns.items {
        if let Some(i) = item.node {
            let is_each = picture.is_each(nodes[i]);
            body.push_str(&node(&place, item, nodes[i], is_each));
        }
    }
    for (column, items) in columns.columns.iter().enumerate() {
        let step = items
            .iter()
            .filter_map(|&item| columns.items[item].node)
            .find(|&node| nodes[node].level > 0);
        if let Some(step) = step {
            let (x, y, level) = (lefts[column], top - 14.0, nodes[step].level);
            let _ = writeln!(body, "<text x=\"{x}\" y=\"{y}\">level {level}</text>");
        }
    }
    let bottom = columns
        .items
        .iter()
        .map(|item| place.y(item) + item.height / 2.0)
        .fold(top, f64::max);
    let (legend, legend_right) = legend::legend(picture, MARGIN, bottom + 34.0);
    let height = bottom + if legend.is_empty() { MARGIN } else { 56.0 };
    let width = right.max(head_width).max(legend_right) + MARGIN;
    let (name, doc) = (escape(&plan.name), escape(&label_of(picture)));
    let (width, height) = (width.round(), height.round());
    format!(
        "<svg class=\"docket\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"{doc}\">\n<title>{name}</title>\n<style>\n{STYLE}</style>\n<defs><marker id=\"docket-head\" \
         viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" \
         orient=\"auto\"><path class=\"head\" d=\"M0 0.8L8 4L0 7.2z\"/></marker></defs>\n<rect class=\"paper\" width=\"{width}\" \
         height=\"{height}\"/>\n{head}{body}{legend}</svg>\n"
    )
}

/// What a reader hears who does not see it.
fn label_of(picture: &Picture<'_>) -> String {
    let plan = picture.plan;
    let (n_steps, n_levels) = (plan.steps().count(), plan.longest_chain().len());
    format!(
        "The graph {}: {n_steps} steps in {n_levels} levels",
        plan.name
    )
}

/// The name and the entries above columns that end at `right`; how wide they are, and where the columns begin.
fn head(name: &str, entries: &[Entry], right: f64) -> (String, f64, f64) {
    let n_letters = ((right - MARGIN) / width("m", SMALL)) as usize;
    let mut out = format!(
        "<text class=\"title\" x=\"{MARGIN}\" y=\"36\">{}</text>\n",
        escape(name)
    );
    let mut lines: Vec<String> = entries.iter().map(Entry::signature).collect();
    let n_more = lines.len().saturating_sub(MAX_ENTRIES);
    lines.truncate(MAX_ENTRIES);
    if n_more > 0 {
        lines.push(format!("and {n_more} more"));
    }
    let (mut y, mut right) = (36.0, MARGIN + width(name, 15.0));
    for line in lines {
        y += 17.0;
        let line = shorten(&line, n_letters.max(MIN_LETTERS));
        right = right.max(MARGIN + width(&line, SMALL));
        let _ = writeln!(
            out,
            "<text x=\"{MARGIN}\" y=\"{y}\">{}</text>",
            escape(&line)
        );
    }
    (out, right, y + 46.0)
}

/// An entry may take a dozen inputs.
fn shorten(line: &str, max: usize) -> String {
    if line.chars().count() <= max {
        return line.to_owned();
    }
    let (front, back) = line.rsplit_once(") -> ").unwrap_or((line, ""));
    let room = max.saturating_sub(back.chars().count() + 7).max(20);
    let front: String = front.chars().take(room).collect();
    format!("{front}…) -> {back}")
}

/// Where each column begins, and where the last one ends.
fn lefts(columns: &Columns) -> (Vec<f64>, f64) {
    let mut x = MARGIN;
    let mut right = x;
    let mut lefts = Vec::new();
    for items in &columns.columns {
        lefts.push(x);
        let n_edges: usize = items.iter().map(|&item| columns.after[item].len()).sum();
        right = x + column_width(columns, items);
        x = right + (MIN_GUTTER + 3.0 * n_edges as f64).min(MAX_GUTTER);
    }
    (lefts, right)
}

fn column_width(columns: &Columns, items: &[usize]) -> f64 {
    let widths = items.iter().map(|&item| columns.items[item].width);
    widths.fold(0.0, f64::max)
}

/// Where the items stand on the paper.
struct Places<'a> {
    columns: &'a Columns,
    lefts: &'a [f64],
    top: f64,
}

impl Places<'_> {
    fn x(&self, item: &Item) -> f64 {
        self.lefts[item.column]
    }

    fn y(&self, item: &Item) -> f64 {
        self.top + item.y
    }

    /// Where the column of `item` ends.
    fn right(&self, item: &Item) -> f64 {
        self.x(item) + column_width(self.columns, &self.columns.columns[item.column])
    }

    /// Where the edge that comes by `before` meets `item`: one below the other, in the order in which they come.
    fn port(&self, item: usize, before: usize) -> f64 {
        let Columns { items, .. } = self.columns;
        let mut comers = self.columns.before[item].clone();
        comers.sort_by(|&a, &b| items[a].y.total_cmp(&items[b].y));
        let place = comers.iter().position(|&it| it == before).unwrap_or(0);
        let room = items[item].height - 12.0;
        let step = match comers.len() {
            0 | 1 => 0.0,
            n => (room / (n - 1) as f64).min(8.0),
        };
        let middle = (comers.len().saturating_sub(1)) as f64 / 2.0;
        self.y(&items[item]) + (place as f64 - middle) * step
    }
}

fn edge(place: &Places<'_>, edge: &Edge, route: &[usize]) -> String {
    let items = &place.columns.items;
    let first = &items[route[0]];
    let mut y = place.y(first);
    let mut path = format!("M{} {y}", place.x(first) + first.width);
    for pair in route.windows(2) {
        let (from, to) = (&items[pair[0]], &items[pair[1]]);
        // Across its own column it is straight: nothing else stands there at its height.
        let (left, right) = (place.right(from), place.x(to));
        let arrival = if to.is_bend() {
            place.y(to)
        } else {
            place.port(pair[1], pair[0])
        };
        let (near, far) = (left + (right - left) * 0.5, right - (right - left) * 0.5);
        let arrival = (arrival * 10.0).round() / 10.0;
        let _ = write!(path, "H{left}C{near} {y} {far} {arrival} {right} {arrival}");
        y = arrival;
    }
    let kind = match edge.kind {
        EdgeKind::Need => "need",
        EdgeKind::Soft => "soft",
        EdgeKind::All => "all",
        EdgeKind::Resource => "resource",
    };
    let key = if edge.key { " key" } else { "" };
    let head = match edge.kind {
        EdgeKind::Resource => "",
        _ => " marker-end=\"url(#docket-head)\"",
    };
    let (from, to) = (escape(&edge.from), escape(&edge.to));
    format!(
        "<path class=\"edge {kind}{key}\" data-from=\"{from}\" data-to=\"{to}\" d=\"{path}\"{head}/>\n"
    )
}

fn node(place: &Places<'_>, item: &Item, node: &Node, is_each: bool) -> String {
    let look = Look::of(node);
    let (x, middle) = (place.x(item), place.y(item));
    let (
        top,
        Item {
            width: w,
            height: h,
            ..
        },
    ) = (middle - item.height / 2.0, item);
    let radius = if look == Look::Input { h / 2.0 } else { 6.0 };
    let (id, class) = (escape(&node.id), look.class());
    let tip = escape(&tip(node, is_each));
    // The first of a stack.
    let back = if is_each {
        legend::back(x, top, *w, *h, radius)
    } else {
        String::new()
    };
    let mut out = format!(
        "<g class=\"node {class}\" data-id=\"{id}\">\n<title>{tip}</title>\n{back}<rect class=\"box\" x=\"{x}\" y=\"{top}\" \
         width=\"{w}\" height=\"{h}\" rx=\"{radius}\"/>\n"
    );
    let lines = label::lines(node);
    let mut y = top + 18.5;
    for (i, line) in lines.iter().enumerate() {
        let class = match i {
            0 => " class=\"name\"",
            1 => "",
            _ => " class=\"options\"",
        };
        let at = match look {
            Look::Input | Look::Resource => x + (w - width(line, NAME)) / 2.0,
            Look::Step | Look::Persisted => x + 12.0,
        };
        let at = (at * 10.0).round() / 10.0;
        let _ = writeln!(
            out,
            "<text{class} x=\"{at}\" y=\"{y}\">{}</text>",
            escape(line)
        );
        y += 15.0;
    }
    if look == Look::Persisted {
        // A drum, as stores are drawn.
        let (x, y) = (x + w - 24.0, top + 9.5);
        let _ = writeln!(
            out,
            "<path class=\"mark\" d=\"M{x} {y}v8a6 2.5 0 0 0 12 0v-8a6 2.5 0 0 0 -12 0a6 2.5 0 0 0 12 0\"/>"
        );
    }
    out.push_str("</g>\n");
    out
}

/// What is shown of a node to who points at it.
fn tip(node: &Node, is_each: bool) -> String {
    let mut lines = vec![node.id.clone(), node.ty.clone()];
    match &node.kind {
        NodeKind::Step(step) => {
            let parameters: Vec<&str> = step.parameters.iter().map(|it| it.ty.as_str()).collect();
            lines[0] = format!(
                "{}({}) -> {}",
                step.function,
                parameters.join(", "),
                node.ty
            );
            lines[1] = step.options.to_string();
            lines.push(step.doc.clone());
        }
        NodeKind::Input => lines[1] = "given by the caller".to_owned(),
        NodeKind::Resource(resource) => lines[1] = resource.doc.clone(),
    }
    if is_each {
        lines.push("for each item".to_owned());
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

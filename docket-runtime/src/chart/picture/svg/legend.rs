//! Below the picture: what its signs mean, of those that are in it.

use std::fmt::Write as _;

use super::text::{SMALL, width};
use crate::chart::EdgeKind;
use crate::chart::picture::{Look, Picture};

const SAMPLE: f64 = 26.0;
const GAP: f64 = 22.0;

/// How far those of a stack look out.
const STACKED: f64 = 4.0;

/// A box behind the one at `x` and `y`: there is more than one of it.
pub(super) fn back(x: f64, y: f64, width: f64, height: f64, radius: f64) -> String {
    let (x, y) = (x + STACKED, y - STACKED);
    format!(
        "<rect class=\"box back\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>\n"
    )
}

/// The signs from `x` to the right, their middle at `y`, and where they end.
pub(super) fn legend(picture: &Picture<'_>, x: f64, y: f64) -> (String, f64) {
    let has_look = |look| picture.nodes().any(|node| Look::of(node) == look);
    let has_edge = |kind| picture.edges().any(|edge| edge.kind == kind);
    let nodes = [
        (Look::Input, "given by the caller"),
        (Look::Persisted, "recorded in the store"),
        (Look::Resource, "resource"),
    ];
    let edges = [
        (has_edge(EdgeKind::Soft), "soft", "can do without"),
        (has_edge(EdgeKind::All), "all", "of all items"),
        (
            picture.edges().any(|edge| edge.key),
            "need key",
            "part of the key",
        ),
    ];
    let (mut out, mut x) = (String::new(), x);
    let mut sign = |sample: &dyn Fn(f64) -> String, meaning: &str| {
        let _ = writeln!(out, "{}", sample(x));
        let (at, base) = (x + SAMPLE + 7.0, y + 4.0);
        let _ = writeln!(out, "<text x=\"{at}\" y=\"{base}\">{meaning}</text>");
        x = (at + width(meaning, SMALL) + GAP).round();
    };
    for (look, meaning) in nodes.into_iter().filter(|(look, _)| has_look(*look)) {
        let class = look.class();
        let top = y - 6.0;
        let radius = if look == Look::Input { 6.0 } else { 3.0 };
        sign(
            &|x| {
                format!(
                    "<g class=\"{class}\"><rect class=\"box\" x=\"{x}\" y=\"{top}\" width=\"{SAMPLE}\" height=\"12\" \
                     rx=\"{radius}\"/></g>"
                )
            },
            meaning,
        );
    }
    if picture.nodes().any(|node| picture.is_each(node)) {
        let (top, wide) = (y - 5.0, SAMPLE - STACKED);
        sign(
            &|x| {
                let back = back(x, top, wide, 11.0, 3.0);
                format!(
                    "<g class=\"step\">{back}<rect class=\"box\" x=\"{x}\" y=\"{top}\" width=\"{wide}\" height=\"11\" rx=\"3\"/></g>"
                )
            },
            "for each item",
        );
    }
    for (_, class, meaning) in edges.into_iter().filter(|(is_there, ..)| *is_there) {
        sign(
            &|x| {
                format!(
                    "<path class=\"edge {class}\" d=\"M{x} {y}H{}\"/>",
                    x + SAMPLE
                )
            },
            meaning,
        );
    }
    (out, x - GAP)
}

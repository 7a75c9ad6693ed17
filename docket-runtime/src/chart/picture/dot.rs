//! The plan as a text for Graphviz.

use std::fmt::Write as _;

use super::{Look, Picture, label};
use crate::chart::EdgeKind;
use crate::chart::skeleton::Skeleton;

const HEAD: &str = "
    rankdir=LR;
    nodesep=0.25;
    ranksep=0.7;
    node [fontname=\"monospace\", fontsize=11, shape=box, style=\"rounded,filled\", color=\"#4a7dff\", fillcolor=\"#eef3ff\"];
    edge [color=\"#5b6472\", arrowsize=0.7];
";

pub(super) fn dot(picture: &Picture<'_>) -> String {
    let mut out = format!("digraph {} {{{HEAD}", quoted(&picture.plan.name));
    for node in picture.nodes() {
        let is_each = picture.is_each(node);
        let lines = if is_each {
            label::lines_of_each(node)
        } else {
            label::lines(node)
        };
        let lines: Vec<String> = lines.iter().map(|it| escape(it)).collect();
        let style = match Look::of(node) {
            Look::Input => ", shape=oval, style=filled, color=\"#8a94a3\", fillcolor=\"#f2f4f7\"",
            Look::Step => "",
            Look::Persisted => {
                ", shape=cylinder, style=filled, penwidth=2, color=\"#d97706\", fillcolor=\"#fff4e5\""
            }
            Look::Resource => ", style=dashed, color=\"#8a94a3\"",
        };
        let (id, text, class) = (quoted(&node.id), lines.join("\\n"), Look::of(node).class());
        // Another line around it.
        let each = if is_each { ", peripheries=2" } else { "" };
        let _ = writeln!(
            out,
            "    {id} [class=\"{class}\", label=\"{text}\"{style}{each}];"
        );
    }
    for level in picture.plan.levels() {
        let ids: Vec<String> = level.iter().map(|node| quoted(&node.id)).collect();
        let _ = writeln!(out, "    {{ rank=same; {}; }}", ids.join("; "));
    }
    for edge in picture.edges() {
        let (class, style) = match edge.kind {
            EdgeKind::Need => ("need", ""),
            EdgeKind::Soft => ("soft", ", style=dashed"),
            EdgeKind::All => ("all", ", penwidth=2.5"),
            EdgeKind::Resource => ("resource", ", style=dotted, dir=none"),
        };
        let key = if edge.key {
            ", label=\"key\", fontsize=9"
        } else {
            ""
        };
        let (from, to) = (quoted(&edge.from), quoted(&edge.to));
        let _ = writeln!(out, "    {from} -> {to} [class=\"{class}\"{style}{key}];");
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escape(text))
}

/// Graphviz reads entities of HTML in texts between quotes, and `\n`, `\N` and their like.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '&' => out.push_str("&amp;"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

/// What [`dot`] drew.
pub(crate) fn skeleton(text: &str) -> Skeleton {
    let mut skeleton = Skeleton::default();
    for line in text.lines().map(str::trim) {
        let Some((id, rest)) = read_quoted(line) else {
            continue;
        };
        let class = rest
            .split_once("class=\"")
            .and_then(|(_, it)| it.split_once('"'));
        let Some((class, _)) = class else { continue };
        let Some((to, _)) = rest.trim_start().strip_prefix("-> ").and_then(read_quoted) else {
            skeleton.node(&id, if class == "persisted" { "step" } else { class });
            continue;
        };
        let kind = match class {
            "soft" => EdgeKind::Soft,
            "all" => EdgeKind::All,
            "resource" => EdgeKind::Resource,
            _ => EdgeKind::Need,
        };
        skeleton.edge(&id, &to, kind);
    }
    skeleton
}

/// The text between quotes at the beginning of `line`, and the rest.
fn read_quoted(line: &str) -> Option<(String, &str)> {
    let inside = line.strip_prefix('"')?;
    let mut text = String::new();
    let mut letters = inside.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return Some((text.replace("&amp;", "&"), &inside[place + 1..])),
            '\\' => text.extend(letters.next().map(|(_, letter)| letter)),
            letter => text.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_come_back() {
        let odd = r#"Page<'a, "x"> & \N &amp; {}"#;
        let line = format!("{} -> x", quoted(odd));
        let (back, rest) = read_quoted(&line).unwrap();
        assert_eq!(back, odd);
        assert_eq!(rest, " -> x");
    }
}

//! The plan as a Mermaid flowchart.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::{Look, Picture, label, text};
use crate::chart::skeleton::Skeleton;
use crate::chart::{EdgeKind, Node};

/// By day and by night: on GitHub, Mermaid's own colours follow the reader's, and these stand on both.
const STYLES: &str = "    classDef input fill:#8883,stroke:#888
    classDef step fill:#4a7dff22,stroke:#4a7dff
    classDef persisted fill:#d9770633,stroke:#d97706,stroke-width:2px
    classDef resource fill:none,stroke:#888,stroke-dasharray:4 3
";

pub(super) fn mermaid(picture: &Picture<'_>) -> String {
    let mut out = format!(
        "%% {}\nflowchart LR\n",
        text::cut(&picture.plan.name, label::MAX_CHARS)
    );
    let names = names(picture.nodes());
    for node in picture.nodes() {
        let is_each = picture.is_each(node);
        let lines = if is_each {
            label::lines_of_each(node)
        } else {
            label::lines(node)
        };
        let lines: Vec<String> = lines.iter().map(|it| escape(it)).collect();
        let (open, close) = match Look::of(node) {
            Look::Input => ("([", "])"),
            Look::Step => ("[", "]"),
            Look::Persisted => ("[(", ")]"),
            Look::Resource => ("[[", "]]"),
        };
        let (name, text) = (&names[node.id.as_str()], lines.join("<br>"));
        let class = Look::of(node).class();
        let _ = writeln!(out, "    {name}{open}\"{text}\"{close}:::{class}");
        if is_each {
            let _ = writeln!(out, "    style {name} stroke-width:4px");
        }
    }
    for edge in picture.edges() {
        let arrow = arrow(edge.kind);
        let key = if edge.key { "|key|" } else { "" };
        let (from, to) = (&names[edge.from.as_str()], &names[edge.to.as_str()]);
        let _ = writeln!(out, "    {from} {arrow}{key} {to}");
    }
    out.push_str(STYLES);
    out
}

const ARROWS: [(EdgeKind, &str); 4] = [
    (EdgeKind::Need, "-->"),
    (EdgeKind::Soft, "-.->"),
    (EdgeKind::All, "==>"),
    (EdgeKind::Resource, "---"),
];

fn arrow(kind: EdgeKind) -> &'static str {
    let arrow = ARROWS.iter().find(|(it, _)| *it == kind);
    arrow.map_or("-->", |(_, arrow)| arrow)
}

/// Names that Mermaid takes: letters and digits, and in front a word, since some words mean something to it.
fn names<'a>(nodes: impl Iterator<Item = &'a Node>) -> HashMap<&'a str, String> {
    let mut taken = HashSet::new();
    let mut names = HashMap::new();
    for node in nodes {
        let letters = node.id.chars();
        let letters = letters.map(|it| if it.is_ascii_alphanumeric() { it } else { '_' });
        let plain = format!("{}_{}", node.word(), letters.collect::<String>());
        let mut name = plain.clone();
        let mut n = 1;
        while !taken.insert(name.clone()) {
            n += 1;
            name = format!("{plain}_{n}");
        }
        names.insert(node.id.as_str(), name);
    }
    names
}

/// Mermaid reads a label as HTML, as Markdown where it begins with a backtick, and `#` as the beginning of an entity.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '<' | '>' | '&' | '"' | '#' | '`' | '\\' => {
                let _ = write!(out, "#{};", u32::from(letter));
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

/// What [`mermaid`] drew, by the first line of each label.
pub(crate) fn skeleton(text: &str) -> Skeleton {
    let mut skeleton = Skeleton::default();
    let mut ids: HashMap<&str, String> = HashMap::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, label, class)) = read_node(line) {
            let id = unescape(label.split("<br>").next().unwrap_or_default());
            skeleton.node(&id, if class == "persisted" { "step" } else { class });
            ids.insert(name, id);
        } else if let [from, arrow, to] = *line.split(' ').collect::<Vec<_>>()
            && let Some((from, to)) = ids.get(from).zip(ids.get(to))
            && let arrow = arrow.split('|').next().unwrap_or_default()
            && let Some((kind, _)) = ARROWS.iter().find(|(_, it)| *it == arrow)
        {
            skeleton.edge(from, to, *kind);
        }
    }
    skeleton
}

fn read_node(line: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = line.split_once(['[', '('])?;
    let (_, rest) = rest.split_once('"')?;
    let (label, rest) = rest.rsplit_once('"')?;
    let (_, class) = rest.split_once(":::")?;
    Some((name, label, class))
}

fn unescape(text: &str) -> String {
    let mut parts = text.split('#');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let entity = part.split_once(';').and_then(|(digits, rest)| {
            let letter = digits.parse().ok().and_then(char::from_u32)?;
            Some((letter, rest))
        });
        if let Some((letter, rest)) = entity {
            out.push(letter);
            out.push_str(rest);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_come_back() {
        let odd = "Page<'a, \"x\"> & #1; `f` [T; 2] \\ {|}";
        let escaped = escape(odd);
        assert!(
            !escaped.contains(['<', '>', '"', '&', '`', '\\']),
            "{escaped}"
        );
        assert_eq!(unescape(&escaped), odd);
    }
}

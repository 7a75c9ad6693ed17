//! The difference between two plans, in words.

use std::collections::BTreeSet;
use std::fmt;

use super::skeleton::Skeleton;
use super::{EdgeKind, EntryItems, Node, NodeKind, Plan};

/// What is different between two plans. Printed, it is a line for each difference, `+` for what is new, `-` for what is gone
/// and `~` for what has changed.
///
/// What only the compiler or an editor would notice does not count: lines, files, paths of modules, and the order of lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    lines: Vec<String>,
}

impl Diff {
    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Its lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    fn push(&mut self, sign: char, text: &str) {
        self.lines.push(format!("{sign} {text}"));
    }

    /// What has become of something that was there before.
    fn changed(&mut self, what: &str, aspect: &str, old: &str, new: &str) {
        if old != new {
            let name = |text: &str| match text {
                "" => "none".to_owned(),
                text => format!("`{text}`"),
            };
            let (old, new) = (name(old), name(new));
            self.push('~', &format!("{what}: {aspect} {old} -> {new}"));
        }
    }

    /// The same of a text that is too long to be shown.
    fn reworded(&mut self, what: &str, old: &str, new: &str) {
        if old != new {
            self.push('~', &format!("{what}: another documentation"));
        }
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

pub(super) fn between(old: &Plan, new: &Plan) -> Diff {
    let mut diff = Diff::default();
    diff.changed("graph", "name", &old.name, &new.name);
    diff.reworded("graph", &old.doc, &new.doc);
    let (old_skeleton, new_skeleton) = (Skeleton::of(old), Skeleton::of(new));
    nodes(&mut diff, &old_skeleton, &new_skeleton);
    for new in &new.nodes {
        if let Some(old) = old.node(&new.id) {
            node(&mut diff, old, new);
        }
    }
    edges(&mut diff, &old_skeleton, &new_skeleton);
    keys(&mut diff, old, new);
    entries(&mut diff, old, new);
    chains(&mut diff, &old_skeleton, &new_skeleton);
    diff
}

/// Of drawings, which do not show all.
pub(super) fn between_skeletons(old: &Skeleton, new: &Skeleton) -> Diff {
    let mut diff = Diff::default();
    nodes(&mut diff, old, new);
    edges(&mut diff, old, new);
    chains(&mut diff, old, new);
    diff
}

fn nodes(diff: &mut Diff, old: &Skeleton, new: &Skeleton) {
    for (id, word) in &old.nodes {
        if new.nodes.get(id) != Some(word) {
            diff.push('-', &format!("{word} `{id}`"));
        }
    }
    for (id, word) in &new.nodes {
        if old.nodes.get(id) != Some(word) {
            diff.push('+', &format!("{word} `{id}`"));
        }
    }
}

fn node(diff: &mut Diff, old: &Node, new: &Node) {
    let what = format!("{} `{}`", new.word(), new.id);
    match (&old.kind, &new.kind) {
        (NodeKind::Step(was), NodeKind::Step(is)) => {
            diff.changed(&what, "function", &was.function, &is.function);
            diff.changed(&what, "makes", &old.ty, &new.ty);
            let (before, after) = (was.options.to_string(), is.options.to_string());
            diff.changed(&what, "options", &before, &after);
            if before == after && was.options != is.options {
                diff.push('~', &format!("{what}: other delays between its attempts"));
            }
            diff.reworded(&what, &was.doc, &is.doc);
        }
        (NodeKind::Resource(was), NodeKind::Resource(is)) => {
            diff.changed(&what, "setter", &was.setter, &is.setter);
            diff.reworded(&what, &was.doc, &is.doc);
        }
        _ => {}
    }
}

fn edges(diff: &mut Diff, old: &Skeleton, new: &Skeleton) {
    // By the step that needs something, so that a need that has moved from one producer to another stands together.
    let mut ends: Vec<&(String, String)> = old.edges.keys().chain(new.edges.keys()).collect();
    ends.sort_by_key(|(from, to)| (to, from));
    ends.dedup();
    for ends in ends {
        let (from, to) = ends;
        let text = |verbs: &str| format!("`{to}` {verbs} `{from}`");
        match (old.edges.get(ends), new.edges.get(ends)) {
            (Some(old), None) => diff.push('-', &text(&verbs(old))),
            (None, Some(new)) => diff.push('+', &text(&verbs(new))),
            (Some(old), Some(new)) if old != new => {
                let (old, new) = (verbs(old), verbs(new));
                diff.push('~', &format!("`{to}` {old} -> {new} `{from}`"));
            }
            _ => {}
        }
    }
}

fn verbs(kinds: &BTreeSet<EdgeKind>) -> String {
    let verbs: Vec<&str> = kinds.iter().map(|kind| kind.verb()).collect();
    verbs.join(" and ")
}

fn keys(diff: &mut Diff, old: &Plan, new: &Plan) {
    for edge in &new.edges {
        let before = old
            .edges
            .iter()
            .find(|it| it.from == edge.from && it.to == edge.to && it.kind == edge.kind);
        match before.map(|it| (it.key, edge.key)) {
            Some((false, true)) => {
                diff.push(
                    '~',
                    &format!("`{}` becomes a key of `{}`", edge.from, edge.to),
                );
            }
            Some((true, false)) => {
                diff.push(
                    '~',
                    &format!("`{}` is no key of `{}` any more", edge.from, edge.to),
                );
            }
            _ => {}
        }
    }
}

fn entries(diff: &mut Diff, old: &Plan, new: &Plan) {
    for was in &old.entries {
        if !new.entries.iter().any(|it| it.name == was.name) {
            diff.push('-', &format!("entry `{}`", was.signature()));
        }
    }
    for is in &new.entries {
        let Some(was) = old.entries.iter().find(|it| it.name == is.name) else {
            diff.push('+', &format!("entry `{}`", is.signature()));
            continue;
        };
        let what = format!("entry `{}`", is.name);
        diff.changed(&what, "signature", &was.signature(), &is.signature());
        diff.reworded(&what, &was.doc, &is.doc);
        let (before, after) = (n_levels(was.levels), n_levels(is.levels));
        diff.changed(&what, "longest chain", &before, &after);
        items(diff, &what, was.items.as_ref(), is.items.as_ref());
    }
}

/// What is there for each item, and was not before, and the other way round.
fn items(diff: &mut Diff, what: &str, old: Option<&EntryItems>, new: Option<&EntryItems>) {
    let (Some(old), Some(new)) = (old, new) else {
        return;
    };
    for id in new.each.iter().filter(|id| !old.each.contains(id)) {
        if old.aggregates.contains(id) || old.shared.contains(id) {
            diff.push('~', &format!("{what}: `{id}` once -> for each item"));
        }
    }
    for id in old.each.iter().filter(|id| !new.each.contains(id)) {
        if new.aggregates.contains(id) || new.shared.contains(id) {
            diff.push('~', &format!("{what}: `{id}` for each item -> once"));
        }
    }
}

fn chains(diff: &mut Diff, old: &Skeleton, new: &Skeleton) {
    let (old, new) = (old.n_levels(), new.n_levels());
    if old != new {
        let text = format!("longest chain: {old} -> {}", n_levels(new));
        diff.lines.push(text);
    }
}

fn n_levels(n: usize) -> String {
    match n {
        1 => "1 level".to_owned(),
        n => format!("{n} levels"),
    }
}

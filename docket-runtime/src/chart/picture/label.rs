//! What is written into a node.

use super::text::cut;
use crate::chart::{Node, NodeKind};

/// More of a line than this is not readable in a picture.
pub(super) const MAX_CHARS: usize = 40;

/// The lines of a node: what it is called, what it makes, and its options. The first is always there.
pub(super) fn lines(node: &Node) -> Vec<String> {
    match &node.kind {
        NodeKind::Input | NodeKind::Resource(_) => vec![cut(&node.ty, MAX_CHARS)],
        NodeKind::Step(step) => {
            let mut lines = vec![cut(&node.id, MAX_CHARS), cut(&node.ty, MAX_CHARS)];
            lines.extend(fill(&step.options.words()));
            lines
        }
    }
}

/// The same of a node that is there for each item, where that can't be drawn.
pub(super) fn lines_of_each(node: &Node) -> Vec<String> {
    let mut lines = lines(node);
    lines.push("for each item".to_owned());
    lines
}

/// `words` in as few lines as hold them without cutting one.
fn fill(words: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + word.chars().count() <= MAX_CHARS => {
                line.push_str(" · ");
                line.push_str(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_types_are_cut() {
        let ty = format!("HashMap<{}>", "Key, ".repeat(20));
        assert_eq!(cut(&ty, MAX_CHARS).chars().count(), MAX_CHARS);
        assert_eq!(cut("Page<User>", MAX_CHARS), "Page<User>");
    }

    #[test]
    fn options_are_broken_between_words() {
        let words = ["persist global", "repeat never", "reconcile", "timeout 5s"];
        let lines = fill(&words.map(str::to_owned));
        assert_eq!(
            lines,
            ["persist global · repeat never", "reconcile · timeout 5s"]
        );
    }
}

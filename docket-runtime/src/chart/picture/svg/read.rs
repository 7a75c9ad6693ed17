//! Reading back what was drawn.

use super::text::unescape;
use crate::chart::EdgeKind;
use crate::chart::skeleton::Skeleton;

/// What [`svg`](super::svg) drew, by the attributes that say so.
pub(crate) fn skeleton(text: &str) -> Skeleton {
    let mut skeleton = Skeleton::default();
    for line in text.lines() {
        let Some(class) = attribute(line, "class") else {
            continue;
        };
        match class.split_once(' ') {
            Some(("node", look)) => {
                let Some(id) = attribute(line, "data-id") else {
                    continue;
                };
                skeleton.node(&id, if look == "persisted" { "step" } else { look });
            }
            Some(("edge", kinds)) => {
                let from = attribute(line, "data-from");
                let Some((from, to)) = from.zip(attribute(line, "data-to")) else {
                    continue;
                };
                let kind = match kinds.split(' ').next() {
                    Some("soft") => EdgeKind::Soft,
                    Some("all") => EdgeKind::All,
                    Some("resource") => EdgeKind::Resource,
                    _ => EdgeKind::Need,
                };
                skeleton.edge(&from, &to, kind);
            }
            _ => {}
        }
    }
    skeleton
}

fn attribute(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(unescape(value))
}

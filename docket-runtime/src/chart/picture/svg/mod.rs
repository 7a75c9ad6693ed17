//! The plan as a picture, without the help of any other program.
//!
//! Steps stand in columns by level (`columns.rs`), are sorted so that few edges cross (`order.rs`), and moved up and down
//! so that edges are straight (`place.rs`). An edge that passes a column has a place of its own there, so that it crosses no
//! node. What is then drawn stands in `draw.rs`, and its colours in `style.css`.

mod columns;
mod draw;
mod legend;
mod order;
mod place;
mod read;
pub(crate) mod text;

use super::Picture;

pub(crate) use read::skeleton;

pub(super) fn svg(picture: &Picture<'_>) -> String {
    let mut columns = columns::columns(picture);
    order::sort(&mut columns);
    place::place(&mut columns);
    draw::draw(picture, &columns)
}

/// What is placed: nodes, and the bends of edges that pass a column.
#[derive(Debug)]
struct Item {
    /// The number of the node among those that are drawn. `None` for a bend.
    node: Option<usize>,
    column: usize,
    width: f64,
    height: f64,
    /// Of its middle.
    y: f64,
}

/// Items in columns, and what connects those of one column with those of the next.
#[derive(Debug)]
struct Columns {
    items: Vec<Item>,
    /// The items of each column, from top to bottom.
    columns: Vec<Vec<usize>>,
    /// For each edge that is drawn, the items that it goes through, from what is needed to who needs it.
    routes: Vec<Vec<usize>>,
    /// For each item, those it is connected with in the column before, and in the one after; each once.
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
}

impl Item {
    fn is_bend(&self) -> bool {
        self.node.is_none()
    }
}

//! Columns that are as wide as what stands in them.

use std::io::{self, Write};

/// Rows of cells. Cells are single lines; see [`plain`](super::plain).
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

/// Between two columns.
const GAP: &str = "  ";

impl Table {
    /// A table with these words above its columns, if any. It is printed only once there is a row.
    pub(crate) fn new<const N: usize>(header: [&str; N]) -> Self {
        Self {
            rows: vec![header.map(str::to_owned).to_vec()],
        }
    }

    pub(crate) fn push<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// The last cell of a line is not filled up, so that nothing but text is at its end.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        if self.rows.len() == 1 {
            return Ok(());
        }
        let widths = self.widths();
        for row in self.rows.iter().filter(|it| !it.is_empty()) {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(&format!("{cell:width$}{GAP}"));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn widths(&self) -> Vec<usize> {
        let n_columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|it| it.chars().count()).max().unwrap_or(0)
        };
        (0..n_columns).map(width).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    fn written(table: &Table) -> String {
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_aligned_and_lines_end_with_text() {
        let mut table = Table::new(["KEY", "STEP", "ERROR"]);
        assert_eq!(written(&table), "", "without rows there is no header");
        table.push(["0af3".into(), "größe".into(), String::new()]);
        table.push(["1".into(), "a".into(), "x".into()]);
        assert_eq!(
            written(&table),
            "KEY   STEP   ERROR\n\
             0af3  größe\n\
             1     a      x\n"
        );
    }
}

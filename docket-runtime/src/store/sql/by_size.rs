//! [`BySize`]: a statement for one row and for many, in so few sizes that each is prepared once.

use std::iter::repeat_n;

use sqlx::SqlStr;

/// A statement for one row, and for as many as each of a few sizes says: a batch takes the next larger one.
#[derive(Clone)]
pub(in crate::store) struct BySize {
    pub(in crate::store) one: SqlStr,
    many: Vec<(usize, SqlStr)>,
}

impl BySize {
    /// `statement` for one row, and for each of `sizes`, of which the least comes first.
    pub(in crate::store) fn new(sizes: &[usize], statement: impl Fn(usize) -> SqlStr) -> Self {
        Self {
            one: statement(1),
            many: sizes.iter().map(|it| (*it, statement(*it))).collect(),
        }
    }

    /// The statement for so many rows, and how many it is for.
    pub(in crate::store) fn of(&self, n_rows: usize) -> (&SqlStr, usize) {
        let fits = self.many.iter().find(|(size, _)| *size >= n_rows);
        match fits {
            Some((size, sql)) if n_rows > 1 => (sql, *size),
            _ => (&self.one, n_rows),
        }
    }
}

/// `rows`, and the last one once more for each that is left of `size`.
pub(in crate::store) fn padded<T>(rows: &[T], size: usize) -> impl Iterator<Item = &T> {
    let padding = repeat_n(rows.last(), size.saturating_sub(rows.len()));
    rows.iter().chain(padding.flatten())
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, SqlSafeStr as _};

    use super::*;

    #[test]
    fn a_batch_takes_the_next_larger_statement() {
        let sql = BySize::new(&[2, 8], |n| AssertSqlSafe(n.to_string()).into_sql_str());
        for (n_rows, text, size) in [(1, "1", 1), (2, "2", 2), (3, "8", 8), (8, "8", 8)] {
            let (sql, of) = sql.of(n_rows);
            assert_eq!((sql.as_str(), of), (text, size), "{n_rows} rows");
        }
        let rows: Vec<_> = padded(&['a', 'b'], 4).collect();
        assert_eq!(rows, [&'a', &'b', &'b', &'b']);
    }
}

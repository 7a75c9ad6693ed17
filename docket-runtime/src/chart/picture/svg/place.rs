//! Moving the items of each column up and down, in their order, so that edges are as straight as may be.

use super::{Columns, Item};

const N_ROUNDS: usize = 16;

/// Between two nodes, and beside a bend.
const GAP: f64 = 20.0;
const BEND_GAP: f64 = 9.0;

pub(super) fn place(columns: &mut Columns) {
    for column in &columns.columns {
        let mut y = 0.0;
        for (i, &item) in column.iter().enumerate() {
            if i > 0 {
                y += distance(&columns.items[column[i - 1]], &columns.items[item]);
            }
            columns.items[item].y = y;
        }
    }
    for round in 0..N_ROUNDS {
        let n_columns = columns.columns.len();
        // In the last rounds both sides count, so that none is straight at the cost of the other.
        let both = round + 4 >= N_ROUNDS;
        for i in 0..n_columns {
            let column = if round % 2 == 0 { i } else { n_columns - 1 - i };
            align(
                columns,
                column,
                both || round % 2 == 0,
                both || round % 2 == 1,
            );
        }
    }
    let top = columns
        .items
        .iter()
        .map(|item| item.y - item.height / 2.0)
        .fold(f64::INFINITY, f64::min);
    for item in &mut columns.items {
        item.y = (item.y - top).round();
    }
}

/// How far the middles of two that stand next to each other are apart, at least.
fn distance(upper: &Item, lower: &Item) -> f64 {
    let gap = if upper.is_bend() || lower.is_bend() {
        BEND_GAP
    } else {
        GAP
    };
    (upper.height + lower.height) / 2.0 + gap
}

/// Moves the items of a column as near as their order and distances allow to those they are connected with.
fn align(columns: &mut Columns, column: usize, to_before: bool, to_after: bool) {
    let column = &columns.columns[column];
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(column.len());
    // What is asked for, less the distances: that has to grow from one to the next, and nothing else.
    let mut wishes = Vec::with_capacity(column.len());
    for (i, &item) in column.iter().enumerate() {
        if i > 0 {
            offset += distance(&columns.items[column[i - 1]], &columns.items[item]);
        }
        offsets.push(offset);
        let (wish, weight) = wish(columns, item, to_before, to_after);
        wishes.push((wish - offset, weight));
    }
    let placed = ascending(&wishes);
    for ((&item, offset), y) in column.iter().zip(&offsets).zip(placed) {
        columns.items[item].y = y + offset;
    }
}

/// Where an item should be, and how much that matters.
fn wish(columns: &Columns, item: usize, to_before: bool, to_after: bool) -> (f64, f64) {
    let own = &columns.items[item];
    let before = columns.before[item].iter().filter(|_| to_before);
    let after = columns.after[item].iter().filter(|_| to_after);
    let (mut sum, mut weights) = (0.0, 0.0);
    for &other in before.chain(after) {
        let other = &columns.items[other];
        // A long edge that is straight is easier to follow than a short one.
        let weight = match (own.is_bend(), other.is_bend()) {
            (true, true) => 8.0,
            (true, false) | (false, true) => 2.0,
            (false, false) => 1.0,
        };
        sum += weight * other.y;
        weights += weight;
    }
    if weights == 0.0 {
        return (own.y, 0.01);
    }
    (sum / weights, weights)
}

/// The ascending list that is nearest to `wishes` by the weighted squares: neighbours that want to pass each other are
/// pooled, and meet at their mean.
fn ascending(wishes: &[(f64, f64)]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for &(wish, weight) in wishes {
        let mut pool = (wish, weight, 1);
        while let Some((above, its_weight, n)) = pools.pop_if(|(above, ..)| *above > pool.0) {
            let weight = pool.1 + its_weight;
            pool = (
                (pool.0 * pool.1 + above * its_weight) / weight,
                weight,
                pool.2 + n,
            );
        }
        pools.push(pool);
    }
    pools
        .into_iter()
        .flat_map(|(mean, _, n)| std::iter::repeat_n(mean, n))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_would_pass_each_other_meet() {
        let even = |wishes: &[f64]| {
            let wishes: Vec<_> = wishes.iter().map(|it| (*it, 1.0)).collect();
            ascending(&wishes)
        };
        assert_eq!(even(&[1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]);
        assert_eq!(even(&[3.0, 1.0, 5.0]), [2.0, 2.0, 5.0]);
        assert_eq!(even(&[5.0, 4.0, 0.0]), [3.0, 3.0, 3.0]);
        assert_eq!(ascending(&[(4.0, 3.0), (0.0, 1.0)]), [3.0, 3.0]);
    }
}

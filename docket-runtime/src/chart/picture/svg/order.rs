//! Sorting each column so that few edges cross: by the barycentre, to and fro, keeping the best there was.

use super::Columns;

/// More rounds hardly ever find anything better.
const N_ROUNDS: usize = 24;

pub(super) fn sort(columns: &mut Columns) {
    let mut best = columns.columns.clone();
    let mut fewest = n_crossings(columns);
    for round in 0..N_ROUNDS {
        let n_columns = columns.columns.len();
        if round % 2 == 0 {
            (1..n_columns).for_each(|column| sort_column(columns, column, true));
        } else {
            (0..n_columns.saturating_sub(1))
                .rev()
                .for_each(|column| sort_column(columns, column, false));
        }
        swap_neighbours(columns);
        let crossings = n_crossings(columns);
        if crossings < fewest {
            fewest = crossings;
            best.clone_from(&columns.columns);
        }
        if fewest == 0 {
            break;
        }
    }
    columns.columns = best;
}

/// Each item at the mean place of those it is connected with on one side. What is connected with none stays where it is.
fn sort_column(columns: &mut Columns, column: usize, from_before: bool) {
    let place = places(columns);
    let others = if from_before {
        &columns.before
    } else {
        &columns.after
    };
    let mean = |item: usize| {
        let others = &others[item];
        if others.is_empty() {
            return place[item] as f64;
        }
        others.iter().map(|&it| place[it] as f64).sum::<f64>() / others.len() as f64
    };
    let mut sorted = columns.columns[column].clone();
    sorted.sort_by(|&a, &b| mean(a).total_cmp(&mean(b)));
    columns.columns[column] = sorted;
}

/// Swaps two that stand next to each other wherever it takes crossings away: what a mean does not see.
fn swap_neighbours(columns: &mut Columns) {
    let mut place = places(columns);
    for column in 0..columns.columns.len() {
        for i in 1..columns.columns[column].len() {
            let (a, b) = (columns.columns[column][i - 1], columns.columns[column][i]);
            let crossings = |upper: usize, lower: usize| {
                let sides = [&columns.before, &columns.after];
                let pairs = sides.iter().flat_map(|side| {
                    let lowers = &side[lower];
                    side[upper]
                        .iter()
                        .flat_map(move |it| lowers.iter().map(move |other| (*it, *other)))
                });
                pairs
                    .filter(|(it, other)| place[*it] > place[*other])
                    .count()
            };
            if crossings(b, a) < crossings(a, b) {
                columns.columns[column].swap(i - 1, i);
                place[a] = i;
                place[b] = i - 1;
            }
        }
    }
}

/// The place of each item in its column.
fn places(columns: &Columns) -> Vec<usize> {
    let mut places = vec![0; columns.items.len()];
    for column in &columns.columns {
        for (place, &item) in column.iter().enumerate() {
            places[item] = place;
        }
    }
    places
}

/// How often edges cross between columns.
fn n_crossings(columns: &Columns) -> usize {
    let place = places(columns);
    columns
        .columns
        .iter()
        .map(|column| {
            let mut ends = Vec::new();
            for &item in column {
                let mut after: Vec<usize> =
                    columns.after[item].iter().map(|&it| place[it]).collect();
                after.sort_unstable();
                ends.extend(after);
            }
            n_inversions(&mut ends)
        })
        .sum()
}

/// How many pairs stand in the wrong order: by merging, since a large graph has many edges.
fn n_inversions(list: &mut [usize]) -> usize {
    if list.len() < 2 {
        return 0;
    }
    let (left, right) = list.split_at_mut(list.len() / 2);
    let mut n = n_inversions(left) + n_inversions(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let mut rights = right.iter().copied().peekable();
    for (i, &it) in left.iter().enumerate() {
        while let Some(other) = rights.next_if(|other| *other < it) {
            n += left.len() - i;
            merged.push(other);
        }
        merged.push(it);
    }
    merged.extend(rights);
    list.copy_from_slice(&merged);
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inversions_are_crossings() {
        for (list, n) in [
            (vec![], 0),
            (vec![0, 0, 1], 0),
            (vec![1, 0], 1),
            (vec![3, 2, 1, 0], 6),
            (vec![2, 0, 2, 1], 3),
        ] {
            assert_eq!(n_inversions(&mut list.clone()), n, "{list:?}");
        }
    }
}

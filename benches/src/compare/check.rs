//! Before anything is measured: that all come to the same.

use docket_benches_common::{Entrant, Mode, Once, Runtimes, mix};
use docket_benches_shapes::Shape;

/// What each does once; an error if one of them does not come to what the shape says.
pub(crate) fn same_results(
    runtimes: &Runtimes,
    mode: Mode,
    shape: &Shape,
    entrants: &[&Entrant],
) -> Result<Vec<Once>, String> {
    let expected = value(shape, 1);
    let check = |entrant: &&Entrant| {
        let once = (entrant.once)(runtimes, mode);
        match once.value == expected {
            true => Ok(once),
            false => Err(format!(
                "{} comes to {} in {} ({}), not to {expected}",
                entrant.library,
                once.value,
                shape.title,
                mode.name()
            )),
        }
    };
    entrants.iter().map(check).collect()
}

/// What the last step of a shape makes, one step after the other.
fn value(shape: &Shape, seed: u64) -> u64 {
    let mut values: Vec<u64> = Vec::new();
    for (i, step) in shape.steps.iter().enumerate() {
        let inputs = match step.needs.as_slice() {
            [] => seed,
            needs => needs.iter().map(|&need| values[need]).sum(),
        };
        values.push(mix(i, [inputs]));
    }
    *values.last().expect("a shape has steps")
}

//! Where, among what is kept of an entry, the value of each node stands.

/// For each node, how many of those before it are `kept`: its place among them, if it is.
pub const fn places<const N: usize>(kept: &[bool; N]) -> [u16; N] {
    let mut places = [0; N];
    let mut count = 0;
    let mut node = 0;
    while node < N {
        // What is not kept has a place too, so that each can be looked up: any will do.
        if kept[node] {
            places[node] = count;
            count += 1;
        }
        node += 1;
    }
    places
}

/// How many such places there are, and at least one.
pub const fn n_places<const N: usize>(kept: &[bool; N]) -> usize {
    let mut count = 0;
    let mut node = 0;
    while node < N {
        count += kept[node] as usize;
        node += 1;
    }
    if count == 0 { 1 } else { count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_kept_have_a_place_each() {
        let kept = [false, true, true, false, true];
        assert_eq!(places(&kept), [0, 0, 1, 0, 2]);
        assert_eq!(n_places(&kept), 3);
    }

    #[test]
    fn where_nothing_is_kept_there_is_a_place_to_look_up() {
        assert_eq!(places(&[false; 2]), [0; 2]);
        assert_eq!(n_places(&[false; 2]), 1);
    }
}

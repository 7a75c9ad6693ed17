//! Places in the order of an entry, from one to another, and the bits that stand for them in words.

pub(super) use crate::plan::NOBODY;

/// The places from the first to the second, without that.
pub(super) type Span = (u32, u32);

/// Every place.
pub(super) const ALL: Span = (0, u32::MAX);

/// All from the first place of one of them to the last.
#[inline]
pub(super) fn both(one: Span, other: Span) -> Span {
    (one.0.min(other.0), one.1.max(other.1))
}

/// A bit for each place of `span` that is in the word.
#[inline]
pub(super) fn within((from, to): Span, word: usize) -> u64 {
    let below = |place: u32| match (place as usize).checked_sub(word * 64) {
        None => 0,
        Some(place @ 0..64) => !(u64::MAX << place),
        Some(_) => u64::MAX,
    };
    below(to) & !below(from)
}

/// A bit for each place from `from` to `to`.
pub(super) fn all_from<const W: usize>(from: usize, to: usize) -> [u64; W] {
    let place = |it: usize| u32::try_from(it).expect("no graph has so many steps");
    std::array::from_fn(|word| within((place(from), place(to)), word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_a_bit_for_each_of_its_places() {
        let words = |span: Span| [0, 1, 2].map(|word| within(span, word));
        assert_eq!(words((0, 0)), [0; 3]);
        assert_eq!(words((2, 5)), [0b11100, 0, 0]);
        assert_eq!(words((63, 64)), [1 << 63, 0, 0]);
        assert_eq!(words((64, 65)), [0, 1, 0]);
        assert_eq!(words((63, 129)), [1 << 63, u64::MAX, 1]);
        assert_eq!(words((0, u32::MAX)), [u64::MAX; 3]);
        assert_eq!(words((u32::MAX, 0)), [0; 3], "nobody");
    }
}

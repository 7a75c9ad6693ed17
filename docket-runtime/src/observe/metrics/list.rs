//! [`List`]: what is made once for each key, and found without a lock.

use std::sync::OnceLock;

/// Values by keys of which there are few: a new one is put at the end, and none is taken away.
pub(super) struct List<K, V>(OnceLock<Box<Entry<K, V>>>);

struct Entry<K, V> {
    key: K,
    value: V,
    rest: List<K, V>,
}

impl<K: Copy + PartialEq, V> List<K, V> {
    /// The value of `key`, which `make` makes where there is none yet.
    #[inline]
    pub(super) fn get(&self, key: K, make: impl Fn() -> V) -> &V {
        let mut list = self;
        loop {
            let entry = list.0.get_or_init(|| {
                Box::new(Entry {
                    key,
                    value: make(),
                    rest: Self::default(),
                })
            });
            if entry.key == key {
                return &entry.value;
            }
            list = &entry.rest;
        }
    }
}

impl<K, V> Default for List<K, V> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

/// A name that stands in the code, of which there is nearly always one copy.
#[derive(Clone, Copy)]
pub(super) struct Name(pub(super) &'static str);

impl PartialEq for Name {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.0 == other.0
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn each_key_has_one_value_that_is_made_once() {
        let (list, n_made) = (List::default(), Cell::new(0));
        for (name, expected) in [("a", 1), ("b", 2), ("a", 1), ("c", 3), ("b", 2)] {
            // Another copy of the name.
            let name = Name(String::from(name).leak());
            let value = list.get(name, || {
                n_made.set(n_made.get() + 1);
                n_made.get()
            });
            assert_eq!(*value, expected);
        }
        assert_eq!(n_made.get(), 3);
    }
}

//! Whether the items of a sequence have an order, as far as the name of its type tells.

/// What is known of the order of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// It is part of the value.
    Given,
    /// There is none: the items are sorted.
    None,
    /// A type that we don't know.
    Unknown,
}

const TRANSPARENT: [&str; 6] = [
    "&",
    "mut ",
    "alloc::boxed::Box<",
    "alloc::sync::Arc<",
    "alloc::rc::Rc<",
    "alloc::borrow::Cow<",
];

const SETS: [&str; 4] = [
    "std::collections::hash::set::HashSet<",
    "hashbrown::set::HashSet<",
    "indexmap::set::IndexSet<",
    "alloc::collections::binary_heap::BinaryHeap<",
];

const LISTS: [&str; 5] = [
    "[",
    "alloc::vec::Vec<",
    "alloc::collections::vec_deque::VecDeque<",
    "alloc::collections::linked_list::LinkedList<",
    "alloc::collections::btree::set::BTreeSet<",
];

impl Order {
    /// By the name that [`std::any::type_name`] gives. It promises no form, and need not: a set whose name has changed
    /// is of [`Order::Unknown`], which is tried out, never believed.
    pub(super) fn of(type_name: &str) -> Self {
        let mut name = type_name;
        while let Some(inner) = TRANSPARENT.iter().find_map(|it| name.strip_prefix(it)) {
            name = inner;
        }
        let is_one_of = |names: &[&str]| names.iter().any(|it| name.starts_with(it));
        if is_one_of(&SETS) {
            Order::None
        } else if is_one_of(&LISTS) {
            Order::Given
        } else {
            Order::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use std::any::type_name;
    use std::collections::{BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};
    use std::sync::Arc;

    use super::Order;

    fn of<T: ?Sized>() -> Order {
        Order::of(type_name::<T>())
    }

    #[test]
    fn this_compiler_names_the_types_of_std_as_we_expect() {
        assert_eq!(of::<HashSet<u8>>(), Order::None);
        assert_eq!(of::<&&Box<Arc<HashSet<u8>>>>(), Order::None);
        assert_eq!(of::<BinaryHeap<u8>>(), Order::None);
        assert_eq!(of::<Vec<HashSet<u8>>>(), Order::Given);
        assert_eq!(of::<&[u8]>(), Order::Given);
        assert_eq!(of::<VecDeque<u8>>(), Order::Given);
        assert_eq!(of::<LinkedList<u8>>(), Order::Given);
        assert_eq!(of::<BTreeSet<u8>>(), Order::Given);
        assert_eq!(of::<Option<HashSet<u8>>>(), Order::Unknown);
    }
}

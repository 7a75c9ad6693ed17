//! What was proven of a type once holds for the life of the process.

use std::any::TypeId;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{OnceLock, PoisonError, RwLock};

/// More places than this are not remembered but proven each time: bytes that a stranger chose can look like messages
/// of any shape, and must not fill the memory.
const MAX_PLACES: usize = 4096;

/// The places of types that were found to be stable.
pub(super) struct Proven<P> {
    types: OnceLock<RwLock<HashMap<TypeId, HashSet<P>>>>,
}

impl<P: Eq + Hash> Proven<P> {
    pub(super) const fn new() -> Self {
        Self {
            types: OnceLock::new(),
        }
    }

    pub(super) fn contains<Q>(&self, id: TypeId, place: &Q) -> bool
    where
        P: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let Some(types) = self.types.get() else {
            return false;
        };
        let types = types.read().unwrap_or_else(PoisonError::into_inner);
        types.get(&id).is_some_and(|it| it.contains(place))
    }

    pub(super) fn insert(&self, id: TypeId, place: P) {
        let types = self.types.get_or_init(RwLock::default);
        let mut types = types.write().unwrap_or_else(PoisonError::into_inner);
        let places = types.entry(id).or_default();
        if places.len() < MAX_PLACES {
            places.insert(place);
        }
    }
}

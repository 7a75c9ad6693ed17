//! The atomics and locks under what is synchronized by hand. In the models of `.ci/loom` they are loom's, which tries all
//! orders in which threads may take turns, and all values that a load may see.

#[cfg(not(docket_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard, atomic};

#[cfg(docket_loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard};

#[cfg(docket_loom)]
pub(crate) mod atomic {
    pub(crate) use loom::sync::atomic::*;

    /// What the atomics of the standard library have, and loom's have not.
    pub(crate) trait GetMut<T> {
        fn get_mut(&mut self) -> &mut T;
    }

    macro_rules! get_mut {
        ($($atomic:ty: $value:ty),*) => {
            $(impl GetMut<$value> for $atomic {
                fn get_mut(&mut self) -> &mut $value {
                    let value: *mut $value = self.with_mut(std::ptr::from_mut);
                    // SAFETY: it is a part of `self`, which is borrowed for as long as this is.
                    unsafe { &mut *value }
                }
            })*
        };
    }

    get_mut!(AtomicU8: u8, AtomicUsize: usize);
}

/// A value that loom knows who writes and who reads.
#[cfg(all(test, docket_loom))]
pub(crate) struct Told(loom::cell::UnsafeCell<u32>);

// SAFETY: loom fails where two threads use it at once.
#[cfg(all(test, docket_loom))]
unsafe impl Sync for Told {}

#[cfg(all(test, docket_loom))]
impl Told {
    pub(crate) fn new(value: u32) -> Self {
        let told = Self(loom::cell::UnsafeCell::new(0));
        told.set(value);
        told
    }

    pub(crate) fn set(&self, value: u32) {
        // SAFETY: loom sees to it that nobody else uses it.
        self.0.with_mut(|it| unsafe { *it = value });
    }

    pub(crate) fn get(&self) -> u32 {
        // SAFETY: loom sees to it that nobody writes it.
        self.0.with(|it| unsafe { *it })
    }
}

//! The atomics and locks under what is synchronized by hand. In the models of `.ci/loom` they are loom's, which tries all
//! orders in which threads may take turns, and all values that a load may see.

#[cfg(not(docket_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard, atomic};

#[cfg(docket_loom)]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{Mutex, MutexGuard},
};

/// A cell with the methods of loom's.
#[cfg(not(docket_loom))]
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(docket_loom))]
impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    /// The pointer is valid; what may be done with it is up to the caller.
    #[inline(always)]
    pub(crate) fn with<R>(&self, look: impl FnOnce(*const T) -> R) -> R {
        look(self.0.get())
    }

    /// The same, to write.
    #[inline(always)]
    pub(crate) fn with_mut<R>(&self, change: impl FnOnce(*mut T) -> R) -> R {
        change(self.0.get())
    }
}

/// A store by the only one who knows of the atomic.
pub(crate) trait StoreAlone {
    /// # Safety
    ///
    /// Nobody else uses it until this returns.
    unsafe fn store_alone(&self, value: u8);
}

impl StoreAlone for atomic::AtomicU8 {
    #[inline(always)]
    unsafe fn store_alone(&self, value: u8) {
        #[cfg(not(docket_loom))]
        // SAFETY: the pointer is valid, and the caller promises the rest.
        unsafe {
            self.as_ptr().write(value);
        }
        #[cfg(docket_loom)]
        self.store(value, atomic::Ordering::Relaxed);
    }
}

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

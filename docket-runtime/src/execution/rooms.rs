//! The rooms of an execution: where what its steps run stands while it runs.
//!
//! A step that needs another one starts when that one has ended, so both can use one room. The steps of an entry are dealt
//! out to blocks of sixteen, and a block has a room for each number that [`rooms`](crate::plan::rooms) gives its steps, as
//! large as the largest that goes in there.
//!
//! What holds whenever nobody has borrowed `taken`: of the steps of one room at most one has a bit set in it, and if so, one:
//! that of its own future, or that of another in its stead; that future is what the room holds. Meanwhile, what is polled for
//! the first time has no bit yet, and what is dropped has none any more. It is asked each time before something goes in,
//! so that it does not hang on the plan; a straight pass alone need not ask, since it ends with the first step that stays in
//! its room. What has been polled in a room is not moved, and is dropped in its place before anything else goes in or the room
//! is gone.

#[cfg(test)]
mod tests;

use std::alloc::Layout;
use std::fmt;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{ManuallyDrop, MaybeUninit, forget, offset_of};
use std::pin::Pin;
use std::ptr::{NonNull, drop_in_place};
use std::task::Poll;

use super::{At, Pass, PollStep, Turn, Turned, no_such_step};

/// What has a room.
pub trait Tenant: Send {
    /// What stands there while the step runs: its own future.
    type Own: Send;
    /// Or another in its stead.
    type Other: Send;
    /// Which room of its block it is: a [`RoomAt`].
    type Room: Choose;
}

/// Chooses, in a type, the room of a step.
#[derive(Debug)]
pub enum RoomAt<const NUMBER: u8> {}

/// A room, as one of its steps sees it.
pub struct Room<'r, D: Tenant> {
    place: NonNull<Space<D::Own, D::Other>>,
    taken: &'r mut u32,
    /// Where the step stands in the block.
    number: u32,
    /// The bits of all steps that have this room.
    shared_by: u32,
    held: PhantomData<&'r mut D>,
}

/// Space for one of two.
#[allow(dead_code, reason = "it has a size")]
union Space<A, B> {
    none: (),
    own: ManuallyDrop<A>,
    other: ManuallyDrop<B>,
}

impl<'r, D: Tenant> Room<'r, D> {
    /// The room for the step's own future.
    #[inline(always)]
    pub(super) fn own(&mut self) -> Stay<'_, D::Own> {
        Stay {
            place: self.place.cast(),
            taken: self.taken,
            bit: 1 << self.number,
            shared_by: self.shared_by,
            held: PhantomData,
        }
    }

    /// The room for one in its stead.
    #[inline(always)]
    pub(super) fn other(&mut self) -> Stay<'_, D::Other> {
        Stay {
            place: self.place.cast(),
            taken: self.taken,
            bit: OTHER << self.number,
            shared_by: self.shared_by,
            held: PhantomData,
        }
    }

    /// Drops what the step runs, if it does.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.own().leave();
        self.other().leave();
    }
}

/// The bit of what stands in the stead of the first step's own future.
const OTHER: u32 = 1 << 16;

/// A room, for one future, a `T`, that may be in it.
pub(super) struct Stay<'r, T> {
    /// Valid for a `T`. If `bit` is set in `taken`, there is one, and if none of `shared_by` is, there is nothing.
    place: NonNull<T>,
    taken: &'r mut u32,
    bit: u32,
    shared_by: u32,
    held: PhantomData<&'r mut T>,
}

impl<T> Stay<'_, T> {
    #[inline(always)]
    fn is_free(&self) -> bool {
        *self.taken & self.shared_by == 0
    }

    /// Whether it is there.
    #[inline(always)]
    pub(super) fn is_taken(&self) -> bool {
        *self.taken & self.bit != 0
    }

    /// Puts in `future`, and polls it for the first time. If that ends it, in whatever way, it is dropped.
    ///
    /// # Panics
    ///
    /// When the room is taken, be it by this step or by another.
    #[inline(always)]
    pub(super) fn start<R>(
        &mut self,
        future: T,
        poll: impl FnOnce(Pin<&mut T>) -> Poll<R>,
    ) -> Poll<R> {
        assert!(self.is_free(), "a room holds one at a time");
        // SAFETY: it is free.
        unsafe { self.start_free(future, poll) }
    }

    /// The same of a room that is known to be free.
    ///
    /// # Safety
    ///
    /// No step that has this room has anything in it.
    #[inline(always)]
    pub(super) unsafe fn start_free<R>(
        &mut self,
        future: T,
        poll: impl FnOnce(Pin<&mut T>) -> Poll<R>,
    ) -> Poll<R> {
        debug_assert!(self.is_free(), "a room holds one at a time");
        // SAFETY: it is valid for a `T`, and the caller promises that it holds nothing.
        unsafe { self.place.write(future) };
        // It is dropped should `poll` panic. The bit is set only when that is over, since mostly it need not be.
        let standing = Standing(self.place);
        // SAFETY: it was put there, is not moved until it is dropped, and nothing else refers to it.
        let polled = poll(unsafe { Pin::new_unchecked(&mut *self.place.as_ptr()) });
        if polled.is_pending() {
            forget(standing);
            *self.taken |= self.bit;
        }
        polled
    }

    /// Polls what is there. If that ends it, it is dropped.
    ///
    /// # Panics
    ///
    /// When it is not there.
    #[inline(always)]
    pub(super) fn go_on<R>(&mut self, poll: impl FnOnce(Pin<&mut T>) -> Poll<R>) -> Poll<R> {
        assert!(self.is_taken(), "only what runs is polled");
        // SAFETY: its bit is set, so it is there. It is not moved until it is dropped, and nothing else refers to it.
        let polled = poll(unsafe { Pin::new_unchecked(&mut *self.place.as_ptr()) });
        if polled.is_ready() {
            self.leave();
        }
        polled
    }

    /// Drops what is there, if it is.
    #[inline]
    fn leave(&mut self) {
        if self.is_taken() {
            *self.taken &= !self.bit;
            drop(Standing(self.place));
        }
    }
}

/// What stands in a room and has no bit, for it is dropped with this.
struct Standing<T>(NonNull<T>);

impl<T> Drop for Standing<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: whoever makes this says that it is there, and no bit says so to others.
        unsafe { drop_in_place(self.0.as_ptr()) };
    }
}

/// The bits of those that have the same room as the one at `place`, of those with the rooms `numbers`.
const fn shared_by(numbers: &[usize; 16], place: usize) -> u32 {
    let mut bits = 0;
    let mut i = 0;
    while i < numbers.len() {
        if numbers[i] == numbers[place] {
            bits |= (1 | OTHER) << i;
        }
        i += 1;
    }
    bits
}

/// Clears the rooms of a block when it is dropped: also if the drop before it panicked.
struct Clearing<'b, B: Clear>(Pin<&'b mut B>);

trait Clear {
    /// Drops all that stands in its rooms.
    fn clear(self: Pin<&mut Self>);
}

impl<B: Clear> Drop for Clearing<'_, B> {
    fn drop(&mut self) {
        self.0.as_mut().clear();
    }
}

macro_rules! choose {
    ([$($before:ident)*]) => {};
    ([$($before:ident)*] $n:literal $In:ident $($m:literal $After:ident)*) => {
        impl Choose for RoomAt<$n> {
            const NUMBER: usize = $n;
            $(type $before<T> = ();)*
            type $In<T> = T;
            $(type $After<T> = ();)*
        }
        choose!([$($before)* $In] $($m $After)*);
    };
}

/// The space of the room `$In` of a block of `$D`.
macro_rules! space {
    ($In:ident [$($D:ident)*]) => {
        AnyOf<$(<$D::Room as Choose>::$In<Space<$D::Own, $D::Other>>),*>
    };
}

macro_rules! blocks {
    ($($n:tt $D:ident $In:ident $place:ident $pass:ident)*) => {
        /// See [`RoomAt`].
        pub trait Choose: 'static {
            /// The number of the room.
            const NUMBER: usize;
            $(
                /// `T` in the room of this number, and nothing in others.
                type $In<T>;
            )*
        }

        choose!([] $($n $In)*);
        blocks!(@ [$($D)*] $($n $D $In $place $pass)*);
    };
    (@ $all:tt $($n:tt $D:ident $In:ident $place:ident $pass:ident)*) => {
        /// Space for one of these.
        #[allow(dead_code, reason = "it has a size")]
        union AnyOf<$($D),*> {
            none: (),
            $($place: ManuallyDrop<$D>,)*
        }

        /// The rooms of a block, with such spaces.
        struct Rooms<$($D),*> {
            $($place: $D,)*
            // What stands there may refer to itself.
            _pinned: PhantomPinned,
        }

        impl<$($D),*> Rooms<$($D),*> {
            const OFFSETS: [usize; 16] = [$(offset_of!(Self, $place)),*];
            const SPACES: [Layout; 16] = [$(Layout::new::<$D>()),*];

            /// The room of `T`.
            ///
            /// # Safety
            ///
            /// `this` is valid.
            #[inline(always)]
            unsafe fn of<T: Tenant>(this: *mut MaybeUninit<Self>) -> NonNull<Space<T::Own, T::Other>> {
                const {
                    let its = Layout::new::<Space<T::Own, T::Other>>();
                    let space = Self::SPACES[T::Room::NUMBER];
                    assert!(its.size() <= space.size() && its.align() <= space.align());
                }
                // SAFETY: it is a place in `this`.
                unsafe {
                    let place = this.byte_add(const { Self::OFFSETS[T::Room::NUMBER] });
                    NonNull::new_unchecked(place.cast())
                }
            }
        }

        /// Sixteen drivers, and the rooms of their steps.
        struct Block<$($D: Tenant),*> {
            /// By step, whether its own future is in its room; and from `OTHER` on, whether another is.
            taken: u32,
            drivers: ($($D,)*),
            rooms: MaybeUninit<Rooms<$(space!($In $all)),*>>,
        }

        // SAFETY: it holds drivers and what they run, and both can be sent.
        unsafe impl<$($D: Tenant),*> Send for Block<$($D),*> {}

        impl<$($D: Tenant),*> Block<$($D),*> {
            const NUMBERS: [usize; 16] = [$(<$D::Room as Choose>::NUMBER),*];

            #[inline(always)]
            #[allow(clippy::too_many_arguments, reason = "see `block`")]
            fn new($($place: $D),*) -> Self {
                // Written as one value, it would be a constant of the compiler, and that is copied whole, rooms included.
                let mut block = MaybeUninit::<Self>::uninit();
                let this = block.as_mut_ptr();
                // SAFETY: the two are places in `block`, and of its rooms nothing is asked.
                unsafe {
                    (&raw mut (*this).taken).write(0);
                    (&raw mut (*this).drivers).write(($($place,)*));
                    block.assume_init()
                }
            }

            $(
                /// The driver at this place, and its room.
                #[inline(always)]
                fn $place(self: Pin<&mut Self>) -> (&$D, Room<'_, $D>) {
                    // SAFETY: nothing is moved.
                    let this = unsafe { self.get_unchecked_mut() };
                    let room = Room {
                        // SAFETY: it is a place in `self`.
                        place: unsafe { Rooms::of::<$D>(&raw mut this.rooms) },
                        taken: &mut this.taken,
                        number: $n,
                        shared_by: const { shared_by(&Self::NUMBERS, $n) },
                        held: PhantomData,
                    };
                    (&this.drivers.$n, room)
                }
            )*
        }

        impl<$($D: Tenant),*> Clear for Block<$($D),*> {
            #[cold]
            #[inline(never)]
            fn clear(mut self: Pin<&mut Self>) {
                if self.taken == 0 {
                    return;
                }
                let place = self.taken.trailing_zeros() % 16;
                let mut rest = Clearing(self.as_mut());
                match place {
                    $($n => rest.0.as_mut().$place().1.leave(),)*
                    _ => unreachable!("a block has sixteen places"),
                }
            }
        }

        impl<$($D: Tenant),*> Drop for Block<$($D),*> {
            #[inline(always)]
            fn drop(&mut self) {
                // Mostly there is nothing, and that is seen by one comparison.
                if self.taken != 0 {
                    // SAFETY: it is not moved before it is gone.
                    unsafe { Pin::new_unchecked(self) }.clear();
                }
            }
        }

        /// The turns of the drivers of one block, or of more, by their places in it.
        pub trait Blocks<'a, H, O>: Send {
            /// How many blocks there are.
            const COUNT: usize;

            $(
                /// Shows the driver at this place of each block to `pass`. `false` when the pass ends with one.
                ///
                /// # Safety
                ///
                /// See [`Pass::step`].
                unsafe fn $pass<P: Pass<'a, H, O>>(self: Pin<&mut Self>, pass: &mut P) -> bool;
            )*

            /// A turn of the driver at `place` of the block number `block`.
            fn turn(
                self: Pin<&mut Self>,
                block: usize,
                place: usize,
                at: At<'a, H, O>,
                turn: Turn<'_, '_>,
            ) -> Turned;
        }

        impl<'a, H, O, $($D: PollStep<'a, H, O>),*> Blocks<'a, H, O> for Block<$($D),*> {
            const COUNT: usize = 1;

            $(
                #[inline(always)]
                unsafe fn $pass<P: Pass<'a, H, O>>(self: Pin<&mut Self>, pass: &mut P) -> bool {
                    let (driver, room) = self.$place();
                    // SAFETY: the caller promises it.
                    unsafe { pass.step(driver, room) }
                }
            )*

            #[inline(always)]
            fn turn(
                self: Pin<&mut Self>,
                _block: usize,
                place: usize,
                at: At<'a, H, O>,
                turn: Turn<'_, '_>,
            ) -> Turned {
                match place {
                    $(
                        $n => {
                            let (driver, room) = self.$place();
                            driver.turn(room, at, turn)
                        }
                    )*
                    _ => no_such_step(),
                }
            }
        }

        /// A block of drivers that work at `at`, and have not had a turn.
        #[inline(always)]
        #[allow(clippy::too_many_arguments, reason = "generated code counts them")]
        pub fn block<'a, H, O, $($D: PollStep<'a, H, O>),*>(
            _at: At<'a, H, O>,
            $($place: $D),*
        ) -> impl Blocks<'a, H, O> {
            Block::new($($place),*)
        }
    };
}

blocks! {
    0 D0 In0 at0 pass0
    1 D1 In1 at1 pass1
    2 D2 In2 at2 pass2
    3 D3 In3 at3 pass3
    4 D4 In4 at4 pass4
    5 D5 In5 at5 pass5
    6 D6 In6 at6 pass6
    7 D7 In7 at7 pass7
    8 D8 In8 at8 pass8
    9 D9 In9 at9 pass9
    10 D10 In10 at10 pass10
    11 D11 In11 at11 pass11
    12 D12 In12 at12 pass12
    13 D13 In13 at13 pass13
    14 D14 In14 at14 pass14
    15 D15 In15 at15 pass15
}

impl<D: Tenant> fmt::Debug for Room<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").finish_non_exhaustive()
    }
}

//! All drivers of one entry: a tree of blocks, in which they are dealt out one by one.
//!
//! It could be written for each graph by `graph!`; here, the compiler checks it once. It is made by the names of its types
//! and not by functions, and it is flat: of each value that is moved on the way there, the compiler looks at all drivers that
//! are in it.

use std::pin::Pin;

use super::{At, Blocks, Pass, Turn, Turned, Turns, no_such_step};

/// The blocks of the first, then those of the second, and so on; `()` has none.
#[derive(Debug)]
pub struct Group<B0, B1, B2, B3, B4, B5, B6, B7>(
    pub B0,
    pub B1,
    pub B2,
    pub B3,
    pub B4,
    pub B5,
    pub B6,
    pub B7,
);

/// The drivers of an entry, in the blocks `B`. The first of them is that of the node `FIRST`.
#[derive(Debug)]
pub struct Drivers<B, const FIRST: usize>(pub B, pub First<FIRST>);

/// The node of the first driver.
#[derive(Debug)]
pub struct First<const NODE: usize>;

impl<B, const FIRST: usize> Drivers<B, FIRST> {
    #[inline(always)]
    fn blocks(self: Pin<&mut Self>) -> Pin<&mut B> {
        // SAFETY: what is pinned is not moved, here or anywhere else.
        unsafe { self.map_unchecked_mut(|it| &mut it.0) }
    }
}

/// Each pass goes to the drivers at one place of all blocks, then to those at the next: that is the order of the list.
macro_rules! places {
    ($($pass:ident)*; $($B:ident $n:tt $child:ident)*) => {
        impl<$($B),*> Group<$($B),*> {
            $(
                #[inline(always)]
                fn $child(self: Pin<&mut Self>) -> Pin<&mut $B> {
                    // SAFETY: as above.
                    unsafe { self.map_unchecked_mut(|it| &mut it.$n) }
                }
            )*
        }

        places!(@group [$($pass)*] $($B $child)*);

        impl<'a, H, O> Blocks<'a, H, O> for () {
            const COUNT: usize = 0;

            $(
                unsafe fn $pass<P: Pass<'a, H, O>>(self: Pin<&mut Self>, _pass: &mut P) -> bool {
                    true
                }
            )*

            fn turn(
                self: Pin<&mut Self>,
                _block: usize,
                _place: usize,
                _at: At<'a, H, O>,
                _turn: Turn<'_, '_>,
            ) -> Turned {
                no_such_step()
            }
        }

        impl<'a, H, O, B: Blocks<'a, H, O>, const FIRST: usize> Turns<'a, H, O> for Drivers<B, FIRST> {
            #[inline(always)]
            unsafe fn pass<P: Pass<'a, H, O>>(mut self: Pin<&mut Self>, pass: &mut P) -> bool {
                // SAFETY: the caller promises it.
                unsafe { $(self.as_mut().blocks().$pass(pass))&&* }
            }

            #[inline(always)]
            fn turn(
                self: Pin<&mut Self>,
                node: usize,
                at: At<'a, H, O>,
                turn: Turn<'_, '_>,
            ) -> Turned {
                let step = node - FIRST;
                self.blocks().turn(step % B::COUNT, step / B::COUNT, at, turn)
            }
        }
    };
    (@group $passes:tt $($B:ident $child:ident)*) => {
        impl<'a, H, O, $($B: Blocks<'a, H, O>),*> Blocks<'a, H, O> for Group<$($B),*> {
            const COUNT: usize = 0 $(+ $B::COUNT)*;

            places!(@passes $passes [$($child)*]);

            #[inline(always)]
            fn turn(
                self: Pin<&mut Self>,
                block: usize,
                place: usize,
                at: At<'a, H, O>,
                turn: Turn<'_, '_>,
            ) -> Turned {
                $(
                    let Some(block) = block.checked_sub($B::COUNT) else {
                        return self.$child().turn(block, place, at, turn);
                    };
                )*
                let _ = block;
                no_such_step()
            }
        }
    };
    (@passes [$($pass:ident)*] $children:tt) => {
        $(places!(@pass $pass $children);)*
    };
    (@pass $pass:ident [$($child:ident)*]) => {
        #[inline(always)]
        unsafe fn $pass<P: Pass<'a, H, O>>(mut self: Pin<&mut Self>, pass: &mut P) -> bool {
            // SAFETY: the caller promises it.
            unsafe { $(self.as_mut().$child().$pass(pass))&&* }
        }
    };
}

places! {
    pass0 pass1 pass2 pass3 pass4 pass5 pass6 pass7 pass8 pass9 pass10 pass11 pass12 pass13 pass14 pass15;
    B0 0 b0
    B1 1 b1
    B2 2 b2
    B3 3 b3
    B4 4 b4
    B5 5 b5
    B6 6 b6
    B7 7 b7
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::pin::pin;

    use super::super::{End, PollStep, Room, Site};
    use super::*;

    thread_local! {
        /// The blocks that were asked, each for the driver at a place.
        static ASKED: RefCell<Vec<(usize, usize)>> = const { RefCell::new(Vec::new()) };
    }

    /// A block that notes when it is asked.
    struct Block<const NUMBER: usize>;

    impl<const NUMBER: usize> Block<NUMBER> {
        fn note(place: usize) {
            ASKED.with_borrow_mut(|asked| asked.push((NUMBER, place)));
        }
    }

    macro_rules! noting {
        ($($place:literal $pass:ident)*) => {
            impl<'a, H, O, const NUMBER: usize> Blocks<'a, H, O> for Block<NUMBER> {
                const COUNT: usize = 1;

                $(
                    unsafe fn $pass<P: Pass<'a, H, O>>(self: Pin<&mut Self>, _pass: &mut P) -> bool {
                        Self::note($place);
                        true
                    }
                )*

                fn turn(
                    self: Pin<&mut Self>,
                    _block: usize,
                    place: usize,
                    _at: At<'a, H, O>,
                    _turn: Turn<'_, '_>,
                ) -> Turned {
                    Self::note(place);
                    Turned::Waiting
                }
            }
        };
    }

    noting! {
        0 pass0 1 pass1 2 pass2 3 pass3 4 pass4 5 pass5 6 pass6 7 pass7
        8 pass8 9 pass9 10 pass10 11 pass11 12 pass12 13 pass13 14 pass14 15 pass15
    }

    struct NoDriver;

    impl<'a, H, O> Pass<'a, H, O> for NoDriver {
        unsafe fn step<D: PollStep<'a, H, O>>(&mut self, _driver: &D, _room: Room<'_, D>) -> bool {
            unreachable!("the blocks show none")
        }
    }

    /// The steps are dealt out to four blocks, in three groups and one of these: step `i` stands in block `i % 4`.
    #[test]
    fn a_pass_and_turns_go_by_the_order_of_the_list() {
        let pair = Group(Block::<0>, Block::<1>, (), (), (), (), (), ());
        let single = Group(Block::<2>, (), (), (), (), (), (), ());
        let all = Group(pair, single, Block::<3>, (), (), (), (), ());
        let mut drivers = pin!(Drivers(all, First::<5>));
        let list: Vec<_> = (0..64).map(|step| (step % 4, step / 4)).collect();
        let site = Site {
            frame: (),
            outputs: (),
        };
        // SAFETY: no driver writes.
        let at = unsafe { At::new(&site) };

        // SAFETY: it asks for nothing.
        assert!(unsafe { Turns::<(), ()>::pass(drivers.as_mut(), &mut NoDriver) });
        assert_eq!(ASKED.take(), list);

        for step in 0..64 {
            let mut end = End::Panicked(String::new());
            drivers.as_mut().turn(5 + step, at, Turn::End(&mut end));
        }
        assert_eq!(ASKED.take(), list);
    }
}

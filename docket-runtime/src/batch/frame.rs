//! The frame of one item, which stands before that of the batch: in the caller's future, or shared with tasks.

use std::any::Any;
use std::sync::Arc;

use crate::bulk::AnyDesk;
use crate::error::Error;
use crate::execution::{
    Filled, Found, Frame, Never, Place, Readers, Run, Slots, View, Watch, check, check_narrower,
    unread_in_time,
};
use crate::graph::Graph;
use crate::observe::RunId;
use crate::plan::Need;

/// Chooses, in a type, where the slots of an item live.
pub trait ItemHome {
    /// The frame of an item.
    type Item<'b, G: Graph, F: Frame<G> + 'b, S: Slots>: Frame<G>;

    /// The item number `item` of the batch whose frame is `batch`. All that it may read is in `reads`.
    fn open<'b, G: Graph, F: Frame<G> + 'b, S: Slots>(
        batch: &'b F,
        item: usize,
        reads: &'static [Need],
        slots: S,
    ) -> Self::Item<'b, G, F, S>;
}

impl ItemHome for Place<false> {
    type Item<'b, G: Graph, F: Frame<G> + 'b, S: Slots> = LocalItem<'b, F, S>;

    #[inline]
    fn open<'b, G: Graph, F: Frame<G> + 'b, S: Slots>(
        batch: &'b F,
        item: usize,
        _reads: &'static [Need],
        slots: S,
    ) -> LocalItem<'b, F, S> {
        LocalItem {
            slots,
            watch: watch(batch, item),
            batch,
            item,
        }
    }
}

impl ItemHome for Place<true> {
    type Item<'b, G: Graph, F: Frame<G> + 'b, S: Slots> = SharedItem<F::Owned, S>;

    fn open<'b, G: Graph, F: Frame<G> + 'b, S: Slots>(
        batch: &'b F,
        item: usize,
        reads: &'static [Need],
        slots: S,
    ) -> SharedItem<F::Owned, S> {
        SharedItem {
            inner: Arc::new(SharedItemInner {
                slots,
                watch: watch(batch, item),
                item,
                readers: Readers::default(),
            }),
            batch: batch.owned(reads),
        }
    }
}

/// Who watches an item: those who want to know of the steps of the batch.
#[inline]
fn watch<G: Graph>(batch: &impl Frame<G>, item: usize) -> Option<Watch> {
    let watch = batch.watch()?;
    watch.sees_items().then(|| watch.of_item(item))
}

/// What the item keeps itself, or else what the batch keeps.
#[inline(always)]
fn slot_of<'a, G: Graph>(slots: &'a impl Slots, batch: &'a impl View<G>, node: usize) -> Found<'a> {
    let own = slots.slot(node);
    if own.is_vacant() {
        batch.slot_at(node)
    } else {
        own
    }
}

/// The frame of an item inside the caller's future.
#[derive(Debug)]
pub struct LocalItem<'b, F, S> {
    // Before what it may refer to.
    slots: S,
    /// Its drop tells of the steps that go with it.
    watch: Option<Watch>,
    batch: &'b F,
    item: usize,
}

impl<G: Graph, F: Frame<G>, S: Slots> View<G> for LocalItem<'_, F, S> {
    type Owned = Never;

    #[inline(always)]
    fn graph(&self) -> &G {
        self.batch.graph()
    }

    #[inline(always)]
    fn slot_at(&self, node: usize) -> Found<'_> {
        slot_of(&self.slots, self.batch, node)
    }

    #[inline(always)]
    fn column_at(&self, node: usize) -> &dyn Any {
        self.batch.slot_at(node).what()
    }

    fn items_missing(&self, node: usize) -> usize {
        self.batch.items_missing(node)
    }

    fn item(&self) -> Option<usize> {
        Some(self.item)
    }

    fn run_id(&self) -> Option<RunId> {
        self.batch.run_id()
    }

    fn desk_at(&self, node: usize) -> Option<&dyn AnyDesk> {
        self.batch.desk_at(node)
    }

    #[inline(always)]
    fn run(&self) -> &Run<'_> {
        self.batch.run()
    }

    #[inline(always)]
    fn watch(&self) -> Option<&Watch> {
        self.watch.as_ref()
    }

    fn owned(&self, _needs: &'static [Need]) -> Never {
        unreachable!("an entry whose steps outlive a poll has a shared frame")
    }
}

impl<G: Graph, F: Frame<G>, S: Slots> Frame<G> for LocalItem<'_, F, S> {
    async fn take<T: Send + Sync + 'static>(
        &mut self,
        node: usize,
    ) -> Option<Result<Filled<T>, Error>> {
        let slot = self.slots.slot(node).typed::<T>()?;
        // SAFETY: references to the values of a local item are borrowed from it, and it is borrowed mutably.
        unsafe { slot.take_unread() }
    }
}

/// The frame of an item that tasks share.
#[derive(Debug)]
pub struct SharedItem<V, S> {
    // Before what it may refer to.
    inner: Arc<SharedItemInner<S>>,
    /// Of all that an item may read. A task that outlives the item has one of its own, of what it reads itself.
    batch: V,
}

#[derive(Debug)]
struct SharedItemInner<S> {
    slots: S,
    watch: Option<Watch>,
    item: usize,
    readers: Readers,
}

impl<G: Graph, V: View<G, Owned = V> + Clone + 'static, S: Slots> View<G> for SharedItem<V, S> {
    type Owned = OwnedItem<V, S>;

    fn graph(&self) -> &G {
        self.batch.graph()
    }

    fn slot_at(&self, node: usize) -> Found<'_> {
        slot_of(&self.inner.slots, &self.batch, node)
    }

    fn column_at(&self, node: usize) -> &dyn Any {
        self.batch.slot_at(node).what()
    }

    fn items_missing(&self, node: usize) -> usize {
        self.batch.items_missing(node)
    }

    fn item(&self) -> Option<usize> {
        Some(self.inner.item)
    }

    fn run_id(&self) -> Option<RunId> {
        self.batch.run_id()
    }

    fn desk_at(&self, node: usize) -> Option<&dyn AnyDesk> {
        self.batch.desk_at(node)
    }

    fn run(&self) -> &Run<'_> {
        self.batch.run()
    }

    fn watch(&self) -> Option<&Watch> {
        self.inner.watch.as_ref()
    }

    fn owned(&self, needs: &'static [Need]) -> OwnedItem<V, S> {
        OwnedItem::new(Arc::clone(&self.inner), self.batch.owned(needs), needs)
    }
}

impl<G: Graph, V: View<G, Owned = V> + Clone + 'static, S: Slots> Frame<G> for SharedItem<V, S> {
    fn may_be_read(&self, node: usize) -> bool {
        self.inner.readers.may_read(node)
    }

    async fn unread(&self, node: usize) {
        self.inner.readers.unread(node).await;
    }

    async fn take<T: Send + Sync + 'static>(
        &mut self,
        node: usize,
    ) -> Option<Result<Filled<T>, Error>> {
        if let Err(error) = unread_in_time::<G, _>(self, node).await {
            return Some(Err(error));
        }
        let slot = self.inner.slots.slot(node).typed::<T>()?;
        // SAFETY: references to the values of a shared item are borrowed from it, and it is borrowed mutably, or from an
        // `OwnedItem` that may read this slot. There is none, and none can be made: a view of a task comes from the item,
        // or from another view that may read as much.
        unsafe { slot.take_unread() }
    }
}

/// The item ends here, whoever may still have a view.
impl<V, S> Drop for SharedItem<V, S> {
    fn drop(&mut self) {
        if let Some(watch) = &self.inner.watch {
            watch.end();
        }
    }
}

/// The view of a task of an item. Of the batch, too, it says that it reads what it needs, and no more.
#[derive(Debug)]
pub struct OwnedItem<V, S> {
    // Before what it may refer to.
    inner: Arc<SharedItemInner<S>>,
    batch: V,
    needs: &'static [Need],
}

impl<V, S> OwnedItem<V, S> {
    fn new(inner: Arc<SharedItemInner<S>>, batch: V, needs: &'static [Need]) -> Self {
        inner.readers.enter(needs);
        Self {
            inner,
            batch,
            needs,
        }
    }
}

impl<V: Clone, S> Clone for OwnedItem<V, S> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.inner), self.batch.clone(), self.needs)
    }
}

impl<V, S> Drop for OwnedItem<V, S> {
    fn drop(&mut self) {
        self.inner.readers.leave(self.needs);
    }
}

impl<G: Graph, V: View<G, Owned = V> + Clone + 'static, S: Slots> View<G> for OwnedItem<V, S> {
    type Owned = Self;

    fn graph(&self) -> &G {
        self.batch.graph()
    }

    fn slot_at(&self, node: usize) -> Found<'_> {
        check(self.needs, node);
        slot_of(&self.inner.slots, &self.batch, node)
    }

    fn column_at(&self, node: usize) -> &dyn Any {
        check(self.needs, node);
        self.batch.slot_at(node).what()
    }

    fn items_missing(&self, node: usize) -> usize {
        self.batch.items_missing(node)
    }

    fn item(&self) -> Option<usize> {
        Some(self.inner.item)
    }

    fn run_id(&self) -> Option<RunId> {
        self.batch.run_id()
    }

    fn desk_at(&self, node: usize) -> Option<&dyn AnyDesk> {
        self.batch.desk_at(node)
    }

    fn run(&self) -> &Run<'_> {
        self.batch.run()
    }

    fn watch(&self) -> Option<&Watch> {
        self.inner.watch.as_ref()
    }

    fn owned(&self, needs: &'static [Need]) -> Self {
        check_narrower(self.needs, needs);
        Self::new(Arc::clone(&self.inner), self.batch.owned(needs), needs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Column, Room, Sealing, recall, seal, take_tried};
    use crate::error::{Error, ErrorKind};
    use crate::execution::{Empty as _, Execution, Home, Slot};
    use crate::graph::Produces;
    use crate::runtime::{Core, CoreBuilder};

    #[derive(Clone)]
    struct Both(Arc<Core>);

    impl Graph for Both {
        fn core(&self) -> &Core {
            &self.0
        }
    }

    impl Produces<String> for Both {
        const NODE: usize = 0;
    }

    impl Produces<Box<u32>> for Both {
        const NODE: usize = 1;
    }

    struct Two<A, B>(A, B);

    // SAFETY: each number has a field of its own.
    unsafe impl<A: Room + Send + Sync + 'static, B: Room + Send + Sync + 'static> Slots for Two<A, B> {
        fn slot(&self, node: usize) -> Found<'_> {
            match node {
                0 => self.0.found(),
                _ => self.1.found(),
            }
        }
    }

    const fn need(node: usize) -> Need {
        Need {
            node,
            soft: false,
            all: false,
            bulk: false,
        }
    }

    const FIRST: &[Need] = &[need(0)];
    const BOTH: &[Need] = &[need(0), need(1)];

    /// Puts `value` into its column for item 0, and nothing for item 1, and lends it to `item`.
    fn put<T>(batch: &impl Frame<Both>, item: &mut impl Frame<Both>, value: T)
    where
        Both: Produces<T>,
        T: Send + Sync + 'static,
    {
        let column = Column::<T>::of(batch.slot_at(<Both as Produces<T>>::NODE).what());
        let column = column.expect("the batch has columns");
        column.put(0, value);
        column.fail(1, Error::new(ErrorKind::Failed));
        // SAFETY: the item is one of the batch, and is dropped before it; it has no drivers.
        unsafe { recall::<Both, T>(batch, item, 0) };
    }

    /// What is lent beside it is gone before it is, which Miri looks at.
    #[test]
    fn a_task_of_an_item_keeps_what_it_reads_and_nothing_else() {
        let graph = Both(Arc::new(CoreBuilder::default().build(&[], &[])));
        let columns = || Two(Column::<String>::new(2), Column::<Box<u32>>::new(2));
        let run = Execution::new("x").into_run();
        let mut batch = <Place<true> as Home>::open(&graph, run, columns);
        let slots = Two(Slot::<String>::empty(), Slot::<Box<u32>>::empty());
        let mut item = <Place<true> as ItemHome>::open::<Both, _, _>(&batch, 0, BOTH, slots);
        put(&batch, &mut item, String::from("a"));
        put(&batch, &mut item, Box::new(7));
        let task = View::<Both>::owned(&item, FIRST);
        drop(item);

        // SAFETY: the only item is gone.
        let sealed = unsafe { seal::<Both, String>(&batch, true) };
        assert_eq!(sealed, Sealing::Held);
        // SAFETY: as above.
        let other = unsafe { seal::<Both, Box<u32>>(&batch, true) };
        assert_eq!(other, Sealing::Sealed);
        let taken = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            // SAFETY: as above.
            .block_on(unsafe { take_tried::<Both, Box<u32>>(&mut batch) });
        let taken: Vec<_> = taken.unwrap().into_iter().flatten().collect();
        assert_eq!(taken, [Box::new(7)]);
        drop(taken);
        assert_eq!(View::<Both>::need::<String>(&task), "a");
        drop(task);
        // SAFETY: as above.
        let sealed = unsafe { seal::<Both, String>(&batch, true) };
        assert_eq!(sealed, Sealing::Sealed);
    }
}

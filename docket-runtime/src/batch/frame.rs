//! The frame of one item, which stands before that of the batch: in the caller's future, or shared with tasks.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::bulk::AnyDesk;
use crate::error::Error;
use crate::execution::{Filled, Frame, Never, Place, Run, Slots, Vacant, View, Watch, typed};
use crate::graph::Graph;
use crate::observe::RunId;
use crate::plan::Need;

/// Chooses, in a type, where the slots of an item live.
pub trait ItemHome {
    /// The frame of an item.
    type Item<'b, G: Graph, F: Frame<G> + 'b, S: Slots>: Frame<G>;

    /// The item number `item` of the batch whose frame is `batch`, in which it may read `reads`.
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
                batch: batch.owned(reads),
                item,
                readers: Mutex::default(),
                left: Notify::new(),
            }),
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
fn slot_of<'a, G: Graph>(
    slots: &'a impl Slots,
    batch: &'a impl View<G>,
    node: usize,
) -> &'a dyn Any {
    let own = slots.slot(node);
    if own.is::<Vacant>() {
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
    fn slot_at(&self, node: usize) -> &dyn Any {
        slot_of(&self.slots, self.batch, node)
    }

    #[inline(always)]
    fn column_at(&self, node: usize) -> &dyn Any {
        self.batch.slot_at(node)
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
        let slot = typed::<T>(self.slots.slot(node))?;
        // SAFETY: references to the values of a local item are borrowed from it, and it is borrowed mutably.
        unsafe { slot.take_unread() }
    }
}

/// The frame of an item that tasks share. While it lives, so does a view of the batch, which says what may be read there.
#[derive(Debug)]
pub struct SharedItem<V, S> {
    inner: Arc<SharedItemInner<V, S>>,
}

#[derive(Debug)]
struct SharedItemInner<V, S> {
    // Before what it may refer to.
    slots: S,
    watch: Option<Watch>,
    batch: V,
    item: usize,
    /// What each view of a task that is alive may read.
    readers: Mutex<Vec<&'static [Need]>>,
    /// Rung when one is gone.
    left: Notify,
}

impl<V, S> SharedItemInner<V, S> {
    fn readers(&self) -> MutexGuard<'_, Vec<&'static [Need]>> {
        // Nothing that can panic happens while it is held.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_be_read(&self, node: usize) -> bool {
        self.readers()
            .iter()
            .any(|needs| needs.iter().any(|need| need.node == node))
    }
}

impl<G: Graph, V: View<G> + Clone + 'static, S: Slots> View<G> for SharedItem<V, S> {
    type Owned = OwnedItem<V, S>;

    fn graph(&self) -> &G {
        self.inner.batch.graph()
    }

    fn slot_at(&self, node: usize) -> &dyn Any {
        slot_of(&self.inner.slots, &self.inner.batch, node)
    }

    fn column_at(&self, node: usize) -> &dyn Any {
        self.inner.batch.slot_at(node)
    }

    fn items_missing(&self, node: usize) -> usize {
        self.inner.batch.items_missing(node)
    }

    fn item(&self) -> Option<usize> {
        Some(self.inner.item)
    }

    fn run_id(&self) -> Option<RunId> {
        self.inner.batch.run_id()
    }

    fn desk_at(&self, node: usize) -> Option<&dyn AnyDesk> {
        self.inner.batch.desk_at(node)
    }

    fn run(&self) -> &Run<'_> {
        self.inner.batch.run()
    }

    fn watch(&self) -> Option<&Watch> {
        self.inner.watch.as_ref()
    }

    fn owned(&self, needs: &'static [Need]) -> OwnedItem<V, S> {
        OwnedItem::new(Arc::clone(&self.inner), needs)
    }
}

impl<G: Graph, V: View<G> + Clone + 'static, S: Slots> Frame<G> for SharedItem<V, S> {
    fn may_be_read(&self, node: usize) -> bool {
        self.inner.may_be_read(node)
    }

    async fn unread(&self, node: usize) {
        while self.inner.may_be_read(node) {
            self.inner.left.notified().await;
        }
    }

    async fn take<T: Send + Sync + 'static>(
        &mut self,
        node: usize,
    ) -> Option<Result<Filled<T>, Error>> {
        Frame::<G>::unread(self, node).await;
        let slot = typed::<T>(self.inner.slots.slot(node))?;
        // SAFETY: references to the values of a shared item are borrowed from it, and it is borrowed mutably, or from an
        // `OwnedItem` that may read this slot. There is none, and none can be made: a view of a task comes from the item,
        // or from another view with the same needs.
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

/// The view of a task of an item.
#[derive(Debug)]
pub struct OwnedItem<V, S> {
    inner: Arc<SharedItemInner<V, S>>,
    needs: &'static [Need],
}

impl<V, S> Clone for OwnedItem<V, S> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.inner), self.needs)
    }
}

impl<V, S> Drop for OwnedItem<V, S> {
    fn drop(&mut self) {
        let mut readers = self.inner.readers();
        let own = readers
            .iter()
            .position(|needs| std::ptr::eq(*needs, self.needs));
        readers.swap_remove(own.expect("it was put in when the view was made"));
        drop(readers);
        self.inner.left.notify_one();
    }
}

impl<V, S> OwnedItem<V, S> {
    fn new(inner: Arc<SharedItemInner<V, S>>, needs: &'static [Need]) -> Self {
        inner.readers().push(needs);
        Self { inner, needs }
    }

    fn check(&self, node: usize) {
        // What a task may not read is still being written.
        assert!(
            self.needs.iter().any(|need| need.node == node),
            "a step reads what it says it needs"
        );
    }
}

impl<G: Graph, V: View<G> + Clone + 'static, S: Slots> View<G> for OwnedItem<V, S> {
    type Owned = Self;

    fn graph(&self) -> &G {
        self.inner.batch.graph()
    }

    fn slot_at(&self, node: usize) -> &dyn Any {
        self.check(node);
        slot_of(&self.inner.slots, &self.inner.batch, node)
    }

    fn column_at(&self, node: usize) -> &dyn Any {
        self.check(node);
        self.inner.batch.slot_at(node)
    }

    fn items_missing(&self, node: usize) -> usize {
        self.inner.batch.items_missing(node)
    }

    fn item(&self) -> Option<usize> {
        Some(self.inner.item)
    }

    fn run_id(&self) -> Option<RunId> {
        self.inner.batch.run_id()
    }

    fn desk_at(&self, node: usize) -> Option<&dyn AnyDesk> {
        self.inner.batch.desk_at(node)
    }

    fn run(&self) -> &Run<'_> {
        self.inner.batch.run()
    }

    fn watch(&self) -> Option<&Watch> {
        self.inner.watch.as_ref()
    }

    fn owned(&self, _needs: &'static [Need]) -> Self {
        self.clone()
    }
}

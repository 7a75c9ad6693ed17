//! [`Watch`]: what is kept of a frame for those who observe it, and how they are told.

mod attempts;
mod cells;
mod scene;
mod span;
mod steps;

use std::fmt;
use std::sync::Arc;

use cells::Cells;
pub(crate) use scene::{Scene, is_on};

use crate::error::Error;
use crate::observe::{Asker, BatchProgress, Interest};
use crate::runtime::Core;

/// What is kept of one frame, that of an execution or of one item of a batch, while somebody watches it.
///
/// Only the thread whose turn it is changes it; what is told, it tells at once.
pub struct Watch {
    scene: Arc<Scene>,
    item: Option<usize>,
    cells: Cells,
}

impl Watch {
    /// Of a new execution, which is told of here, if anybody wants to know.
    #[cold]
    pub(crate) fn open(core: &Core, execution_id: &str, entry: &'static str) -> Option<Box<Self>> {
        let scene = Scene::open(core, execution_id, entry)?;
        Some(Box::new(Self {
            cells: Cells::new(core.names().len(), scene.is_traced()),
            scene: Arc::new(scene),
            item: None,
        }))
    }

    /// Of an item of the batch that this is the watch of.
    pub(crate) fn of_item(&self, item: usize) -> Box<Self> {
        Box::new(Self {
            cells: Cells::new(self.cells.len(), self.scene.is_traced()),
            scene: Arc::clone(&self.scene),
            item: Some(item),
        })
    }

    /// Whether anybody wants to know of steps, so that they have to be told apart.
    #[inline]
    pub(crate) fn sees_steps(&self) -> bool {
        self.scene.sees_steps()
    }

    /// Whether a step is to be run by way of attempts, though nothing else asks for that.
    #[inline]
    pub(crate) fn sees_attempts(&self) -> bool {
        self.scene.sees(Interest::ATTEMPTS)
    }

    /// Which execution it is of, and which item.
    pub(crate) fn asker(&self) -> Asker {
        Asker {
            run: Some(self.scene.run()),
            item: self.item,
        }
    }

    /// Notes how the execution came out, for when its frame goes.
    #[cold]
    pub(crate) fn note(&self, outcome: Result<(), &Error>) {
        self.scene.note(outcome);
    }

    /// Tells that `item` ended; `done` and `failed` of `total` have, it included.
    #[cold]
    pub(crate) fn progressed(
        &self,
        item: usize,
        is_ok: bool,
        [done, failed]: [usize; 2],
        total: Option<usize>,
    ) {
        self.scene.tell(Interest::BATCHES, |observer, scene| {
            observer.batch_progress(&BatchProgress {
                run: scene.run(),
                execution_id: scene.execution_id(),
                entry: scene.entry(),
                item,
                is_ok,
                done,
                failed,
                total,
            });
        });
    }

    /// Tells of the steps that were under way and go with the frame, and, if it is that of the execution, of its end. To
    /// call it again is of no effect.
    #[cold]
    pub(crate) fn end(&self) {
        self.drop_steps();
        if self.item.is_none() {
            self.scene.end();
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("run", &self.scene.run())
            .field("item", &self.item)
            .finish_non_exhaustive()
    }
}

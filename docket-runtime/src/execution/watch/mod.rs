//! [`Watch`]: what is kept of a frame for those who observe it, and how they are told.

mod attempts;
mod begun;
mod cells;
mod eye;
mod scene;
mod span;
mod steps;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub(super) use begun::Begun;
use cells::Cells;
pub use eye::{Blind, Eye, Seeing};
use scene::Scene;
pub(crate) use scene::is_on;

use crate::error::Error;
use crate::observe::{BatchProgress, Interest, RunId};
use crate::runtime::Core;

/// What is kept of one frame, that of an execution or of one item of a batch, while somebody watches it.
///
/// Only the thread whose turn it is changes it; what is told, it tells at once.
pub struct Watch(Arc<Watched>);

/// All that a [`Watch`] has, in one allocation.
struct Watched {
    whose: Whose,
    /// See [`Watch::sees_steps`]. It is asked at each turn of each step.
    sees_steps: bool,
    /// The same of [`Watch::is_traced`].
    is_traced: bool,
    /// Only where there is something to keep: as long as steps are ready at their first poll, there is not.
    cells: OnceLock<Cells>,
}

/// Whose frame it is.
enum Whose {
    Execution(Scene),
    Item { batch: Arc<Watched>, item: usize },
}

/// Nanoseconds since the execution started; centuries fit in.
type Nanos = u64;

impl Watched {
    #[inline]
    fn scene(&self) -> &Scene {
        let mut it = self;
        loop {
            match &it.whose {
                Whose::Execution(scene) => return scene,
                Whose::Item { batch, .. } => it = batch,
            }
        }
    }
}

impl Watch {
    /// Of a new execution, which is told of here, if anybody wants to know.
    #[cold]
    pub(crate) fn open(core: &Core, execution_id: &str, entry: &'static str) -> Option<Self> {
        let scene = Scene::open(core, execution_id, entry)?;
        let sees = [scene.sees_steps(), scene.is_traced()];
        let watch = Self::new(Whose::Execution(scene), sees);
        watch.scene().begin();
        Some(watch)
    }

    /// Of an item of the batch that this is the watch of.
    pub(crate) fn of_item(&self, item: usize) -> Self {
        let batch = Arc::clone(&self.0);
        let sees = [self.sees_steps(), self.is_traced()];
        Self::new(Whose::Item { batch, item }, sees)
    }

    fn new(whose: Whose, [sees_steps, is_traced]: [bool; 2]) -> Self {
        Self(Arc::new(Watched {
            whose,
            sees_steps,
            is_traced,
            cells: OnceLock::new(),
        }))
    }

    #[inline]
    fn scene(&self) -> &Scene {
        self.0.scene()
    }

    fn item(&self) -> Option<usize> {
        match self.0.whose {
            Whose::Execution(_) => None,
            Whose::Item { item, .. } => Some(item),
        }
    }

    /// Where it is kept how far the steps are, made where there is no such place yet.
    fn cells(&self) -> &Cells {
        self.0.cells.get_or_init(|| {
            let scene = self.scene();
            Cells::new(scene.n_steps(), self.is_traced())
        })
    }

    /// Whether drivers have to tell of steps.
    #[inline]
    pub(crate) fn sees_steps(&self) -> bool {
        self.0.sees_steps
    }

    /// Whether `tracing` has a use for the spans of steps.
    #[inline]
    pub(crate) fn is_traced(&self) -> bool {
        self.0.is_traced
    }

    /// Whether items of a batch have to be told apart.
    #[inline]
    pub(crate) fn sees_items(&self) -> bool {
        self.sees_steps() || self.scene().sees(Interest::STEP_WAITS)
    }

    /// Which execution it is of.
    pub(crate) fn run(&self) -> RunId {
        self.scene().run()
    }

    /// Notes how the execution came out, for when its frame goes.
    #[cold]
    pub(crate) fn note(&self, outcome: Result<(), &Error>) {
        self.scene().note(outcome);
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
        self.scene().tell(Interest::BATCHES, |observer, scene| {
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
        if let Whose::Execution(scene) = &self.0.whose {
            scene.end();
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
            .field("run", &self.run())
            .field("item", &self.item())
            .finish_non_exhaustive()
    }
}

//! One execution: its slots, the drivers of its steps, and the future that polls them.

mod drive;
mod driver;
mod ended;
mod filled;
mod frame;
mod id;
mod readiness;
mod slot;
mod slots;
mod task;

pub(crate) use drive::late;
pub use drive::{End, Turn, Turned, drive, no_such_step};
pub use driver::{At, Drive, Mode, PollStep, driver};
pub use ended::{Ended, Made};
pub use filled::Filled;
pub use frame::{Frame, Home, Local, Never, Owned, Place, Shared, View, take};
pub use id::{Execution, Run};
pub use readiness::Readiness;
pub use slot::Slot;
pub(crate) use slots::typed;
pub use slots::{Empty, Held, Hold, Keep, Slots, Vacant};
pub(crate) use task::Task;

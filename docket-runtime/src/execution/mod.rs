//! One execution: its slots, the drivers of its steps, and the future that polls them.

mod drive;
mod driver;
mod ended;
mod frame;
mod id;
mod slot;
mod task;

pub use drive::{End, Turn, Turned, drive, no_such_step};
pub use driver::{At, Drive, Mode, PollStep, driver};
pub use ended::{Ended, Made};
pub use frame::{Frame, Home, Local, Never, Owned, Place, Shared, View, take};
pub use id::{Execution, Run};
pub use slot::{Empty, Filled, Held, Hold, Keep, Readiness, Slot, Slots, Vacant};
pub(crate) use task::Task;

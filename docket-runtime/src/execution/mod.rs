//! One execution: its slots, the drivers of its steps, and the future that polls them.

mod at;
mod bells;
mod deadline;
mod drive;
mod driver;
mod drivers;
mod ended;
mod executing;
mod few;
mod filled;
mod frame;
mod id;
mod mode;
#[cfg(all(test, docket_loom))]
mod models;
mod readers;
mod readiness;
mod rooms;
mod slot;
mod slots;
mod span;
mod state;
mod steps;
mod straight;
mod task;
#[cfg(test)]
mod tests;
mod turns;
mod watch;

pub use at::{At, Site};
pub use drive::A_FEW;
pub(crate) use driver::Boxed;
pub use driver::PollStep;
pub use drivers::{Drivers, First, Group};
pub use ended::{Ended, Made};
pub use executing::execute;
pub(crate) use executing::late;
pub use filled::Filled;
pub(crate) use frame::unread_in_time;
pub use frame::{
    Frame, Home, Local, Never, Owned, Place, Shared, View, noted, resolved, take, take_now,
};
pub use id::{Execution, Run};
pub(crate) use mode::lost as lost_task;
pub use mode::{Chosen, Drive, How, Mode, Nobody, driver};
pub(crate) use readers::{Readers, check, check_narrower};
pub use readiness::Readiness;
pub use rooms::{Blocks, Choose, Room, RoomAt, Tenant, block};
pub use slot::{Clear, Fill, Slot, SlotRef, Spot};
pub use slots::{
    Aside, Clearing, Empty, Fills, Found, Held, Hold, Keep, SetAside, Slots, Vacant, any,
};
pub use state::{Crowd, CrowdOf, Hung, Int, Unneeded, Word, WordOf};
pub use steps::{Entry, Steps};
pub(crate) use task::Task;
pub use turns::{End, Pass, Turn, Turned, Turns, no_such_step};
pub use watch::{Blind, Eye, Seeing, Watch};

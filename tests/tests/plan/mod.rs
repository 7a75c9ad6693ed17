//! A graph as data: what the plan says, how it is drawn, and what `assert_plan!` says of a file.

mod batches;
mod checked;
mod data;
mod drawn;
mod sixty;

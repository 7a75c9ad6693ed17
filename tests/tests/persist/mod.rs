//! Results that are recorded: for whom, under which key, how often the code behind them runs.

mod doubts;
mod every_poll;
mod limits;
mod memory;
mod pitch;
mod processes;
mod suite;

//! Results that are recorded: for whom, under which key, how often the code behind them runs.

mod every_poll;
mod memory;
mod processes;
mod suite;

//! Seeing what would run, what has run, and making it run otherwise in a test. Each test is named by its claim.

mod event_log;
mod explain;
mod faulty;
mod page;
mod perfetto;
mod replay;
mod report;
mod scripted;
mod shop;

//! Ending the process in the middle of an order, as a `kill -9` or a loss of power would.

use std::io::{self, Write as _};
use std::process;

use clap::ValueEnum;
use docket::Step;

use crate::{
    apply_discounts, calculate_pricing, check_inventory, finalize_order, process_payment,
    reserve_inventory, validate_order,
};

/// Where the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CrashPoint {
    /// After `validate_order`
    Validate,
    /// After `calculate_pricing`
    Pricing,
    /// After `apply_discounts`
    Discounts,
    /// After `check_inventory`
    Inventory,
    /// Within `reserve_inventory`: the warehouse holds the goods, and its answer is lost
    Hold,
    /// After `reserve_inventory`, which is recorded
    Reservation,
    /// Within `process_payment`: the card is charged, and the answer is lost
    Charge,
    /// After `process_payment`, which is recorded
    Payment,
    /// After `finalize_order`
    Finalize,
}

impl CrashPoint {
    /// The step that has ended there; `None` where the server is what ends the process, in the middle of one.
    pub(crate) fn step(self) -> Option<&'static str> {
        Some(match self {
            Self::Validate => validate_order::NAME,
            Self::Pricing => calculate_pricing::NAME,
            Self::Discounts => apply_discounts::NAME,
            Self::Inventory => check_inventory::NAME,
            Self::Reservation => reserve_inventory::NAME,
            Self::Payment => process_payment::NAME,
            Self::Finalize => finalize_order::NAME,
            Self::Hold | Self::Charge => return None,
        })
    }

    /// Says what has happened, and ends the process: no destructor runs, no connection is closed, no claim given back.
    pub(crate) fn crash(self) -> ! {
        let scene = match self {
            Self::Hold => "the warehouse holds the goods, and its answer is lost".to_owned(),
            Self::Charge => "the card is charged, and the answer is lost".to_owned(),
            after => format!("after `{}`", after.step().unwrap_or_default()),
        };
        let mut out = io::stdout().lock();
        // There is nobody left to tell if that fails.
        let _ = writeln!(out, "crash: {scene}");
        let _ = out.flush();
        process::abort()
    }
}

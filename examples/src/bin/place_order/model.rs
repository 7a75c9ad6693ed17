//! What the caller brings and what the steps make. Each type is one node of the graph.
//!
//! A type that derives `Value` is part of a key or of a record; the others never leave the process.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an order is known by to its customer, and to all runs of this program.
#[derive(Clone, Debug, Serialize, Deserialize, docket::Value)]
pub(crate) struct OrderId(pub(crate) String);

/// The cart.
#[derive(Clone, Debug)]
pub(crate) struct OrderRequest {
    pub(crate) lines: Vec<Line>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) item: String,
    pub(crate) quantity: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(crate) name: &'static str,
    pub(crate) discount_percent: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, docket::Value)]
pub(crate) struct PaymentMethod {
    pub(crate) card: String,
}

/// Lines that are in the catalogue, with their prices.
#[derive(Debug)]
pub(crate) struct ValidatedOrder {
    pub(crate) lines: Vec<PricedLine>,
}

#[derive(Debug)]
pub(crate) struct PricedLine {
    pub(crate) line: Line,
    pub(crate) price: Cents,
}

/// What is there to be reserved. How much of it is there is left out on purpose: it differs from run to run, and what a
/// persisted step takes has to be the same when the order is resumed.
#[derive(Debug, Serialize, Deserialize, docket::Value)]
pub(crate) struct InventoryCheck {
    pub(crate) lines: Vec<Line>,
}

#[derive(Debug)]
pub(crate) struct Pricing {
    pub(crate) sum: Cents,
}

#[derive(Debug, Serialize, Deserialize, docket::Value)]
pub(crate) struct FinalPrice {
    pub(crate) total: Cents,
}

#[derive(Debug, Serialize, Deserialize, docket::Value)]
pub(crate) struct Reservation {
    pub(crate) hold: String,
}

#[derive(Debug, Serialize, Deserialize, docket::Value)]
pub(crate) struct Payment {
    pub(crate) charge: String,
    pub(crate) paid: Cents,
}

/// What the caller asked for.
#[derive(Debug)]
pub(crate) struct CompletedOrder {
    pub(crate) paid: Cents,
    pub(crate) charge: String,
    pub(crate) hold: String,
}

/// Hundredths of a dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Cents(pub(crate) u64);

impl Cents {
    pub(crate) fn times(self, quantity: u32) -> Self {
        Self(self.0 * u64::from(quantity))
    }

    pub(crate) fn less_percent(self, percent: u64) -> Self {
        Self(self.0 - self.0 * percent / 100)
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|it| it.0).sum())
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { item, quantity } = self;
        let plural = if *quantity == 1 { "" } else { "s" };
        write!(f, "{quantity} {item}{plural}")
    }
}

impl fmt::Display for OrderRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, line) in self.lines.iter().enumerate() {
            let separator = if n == 0 { "" } else { ", " };
            write!(f, "{separator}{line}")?;
        }
        Ok(())
    }
}

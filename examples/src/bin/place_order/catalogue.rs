//! What the shop sells, and which carts it takes: plain functions, which know nothing of Docket.

use std::error::Error;
use std::fmt;

use crate::model::{Cents, OrderRequest, PricedLine};

const PRICES: [(&str, Cents); 3] = [
    ("bicycle", Cents(42_000)),
    ("kettle", Cents(3_900)),
    ("tent", Cents(17_900)),
];

const MAX_QUANTITY: u32 = 999;

/// The lines of `request` with their prices.
pub(crate) fn price(request: &OrderRequest) -> Result<Vec<PricedLine>, BadCart> {
    let mut priced: Vec<PricedLine> = Vec::new();
    for line in &request.lines {
        let item = &line.item;
        if priced.iter().any(|it| it.line.item == *item) {
            return Err(BadCart::Twice { item: item.clone() });
        }
        if !(1..=MAX_QUANTITY).contains(&line.quantity) {
            return Err(BadCart::Quantity { item: item.clone() });
        }
        let Some(&(_, price)) = PRICES.iter().find(|(it, _)| it == item) else {
            return Err(BadCart::Unknown { item: item.clone() });
        };
        priced.push(PricedLine {
            line: line.clone(),
            price,
        });
    }
    Ok(priced)
}

/// Why a cart is not taken.
#[derive(Debug)]
pub(crate) enum BadCart {
    Unknown { item: String },
    Twice { item: String },
    Quantity { item: String },
}

impl fmt::Display for BadCart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { item } => {
                let known = PRICES.map(|(item, _)| item).join(", ");
                write!(f, "there is no `{item}` in the catalogue: {known}")
            }
            Self::Twice { item } => write!(f, "`{item}` is listed twice"),
            Self::Quantity { item } => {
                write!(f, "from 1 to {MAX_QUANTITY} of `{item}` can be ordered")
            }
        }
    }
}

impl Error for BadCart {}

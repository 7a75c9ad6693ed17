//! Another crate, whose steps and bundles the programs in `pass` use.

#![deny(warnings, missing_docs, unreachable_pub, rust_2018_idioms)]
#![forbid(unsafe_code)]

/// Who places an order.
#[derive(Clone, Debug)]
pub struct Buyer(pub u64);

/// What was ordered.
#[derive(Clone, Debug, PartialEq)]
pub struct Order(pub u64);

/// What the order costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Price(pub u64);

/// Finds the order of a buyer.
#[docket::step]
pub async fn find_order(buyer: &Buyer) -> Result<Order, std::io::Error> {
    Ok(Order(buyer.0 + 1))
}

/// Prices an order.
#[docket::step]
pub fn price_order(order: &Order) -> Price {
    Price(order.0 * 100)
}

docket::steps! {
    /// All that there is to know about an order.
    pub ordering { find_order, price_order }
}

/// A module with a bundle of its own.
pub mod shipping {
    /// Where the order goes.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Parcel(pub u64);

    /// Packs an order.
    #[docket::step]
    pub fn pack(order: &super::Order) -> Parcel {
        Parcel(order.0)
    }

    docket::steps! {
        /// The whole way of an order.
        pub all { super::find_order, pack, #[cfg(false)] nowhere::step }
    }
}

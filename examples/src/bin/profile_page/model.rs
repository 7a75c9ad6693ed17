//! What the steps make. Each type is one node of the graph, so no two steps make the same one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The one input. It is all that [`score_credit`](crate::score_credit) needs, and so what its record is found by: that
/// is why it must be storable, too.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, docket::Value)]
pub(crate) struct UserId(pub(crate) u64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) city: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Orders {
    pub(crate) count: u32,
    pub(crate) last_item: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Preferences {
    pub(crate) language: String,
}

/// The only value that is kept: it goes into the store, and comes back from it.
#[derive(Debug, Serialize, Deserialize, docket::Value)]
pub(crate) struct CreditScore {
    pub(crate) points: u32,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Recommendations {
    pub(crate) items: Vec<String>,
}

/// What the caller asked for.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) greeting: String,
    pub(crate) city: String,
    pub(crate) orders: String,
    pub(crate) credit: String,
    /// `None` where there was no answer in time.
    pub(crate) suggestions: Option<String>,
}

impl Page {
    pub(crate) fn new(
        user: &User,
        preferences: &Preferences,
        orders: &Orders,
        credit: &CreditScore,
        recommendations: Option<&Recommendations>,
    ) -> Self {
        let hello = match preferences.language.as_str() {
            "de" => "Guten Tag",
            "fr" => "Bonjour",
            _ => "Hello",
        };
        let rating = match credit.points {
            700.. => "good",
            600.. => "fair",
            _ => "poor",
        };
        Self {
            greeting: format!("{hello}, {}", user.name),
            city: user.city.clone(),
            orders: format!("{}, the last one a {}", orders.count, orders.last_item),
            credit: format!("{}, {rating}", credit.points),
            suggestions: recommendations.map(|it| it.items.join(", ")),
        }
    }
}

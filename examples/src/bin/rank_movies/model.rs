//! The types that the steps make. Each is a node of the graph.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One line of the list of films, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// What is worth ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Film {
    pub(crate) line: usize,
    pub(crate) title: String,
    pub(crate) released: Released,
    /// In dollars, and not 0.
    pub(crate) budget: u64,
    /// In dollars, and not 0.
    pub(crate) gross: u64,
}

/// A day, as the list writes it: `Jun 12 1998`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Released {
    pub(crate) day: String,
    pub(crate) year: u16,
}

/// What the rating service knows a film by: there are two films of many a title.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
pub(crate) struct FilmId {
    pub(crate) title: String,
    pub(crate) released: String,
}

/// What the rating service says of a film: that it does not know it is an answer, too, and worth keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, docket::Value)]
pub(crate) struct Answer {
    pub(crate) rating: Option<Rating>,
}

/// What people think of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rating {
    /// From 10 to 100, in tenths.
    pub(crate) tenths: u16,
    pub(crate) votes: u32,
}

/// A film with its rating.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RatedFilm {
    pub(crate) film: Film,
    pub(crate) rating: Rating,
}

/// What all films have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct BatchStats {
    pub(crate) films: usize,
    /// How many films had no part in it, since something of them is missing.
    pub(crate) missing: usize,
    pub(crate) rating: Spread,
    /// What half of the films have more of.
    pub(crate) median_votes: u32,
    /// Of the logarithm of gross through budget.
    pub(crate) gain: Spread,
}

/// How values are spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

/// A film with its score among all.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct RankedFilm {
    pub(crate) line: usize,
    pub(crate) title: String,
    pub(crate) year: u16,
    /// From 1 to 10, nearer to the mean of all the fewer have voted.
    pub(crate) rating: f64,
    /// How many times its budget it made.
    pub(crate) gain: f64,
    /// By how many deviations it is above the mean, in both together.
    pub(crate) score: f64,
}

impl fmt::Display for FilmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of {}", self.title, self.released)
    }
}

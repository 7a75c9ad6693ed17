//! What makes a film better than others: arithmetic that knows nothing of Docket.

use crate::model::{BatchStats, RankedFilm, RatedFilm, Spread};

pub(crate) fn stats(films: &[RatedFilm], missing: usize) -> BatchStats {
    let mut votes: Vec<u32> = films.iter().map(|it| it.rating.votes).collect();
    votes.sort_unstable();
    let median_votes = votes.get(votes.len() / 2).copied().unwrap_or(0);
    let mean = spread(films.iter().map(raw_rating)).mean;
    BatchStats {
        films: films.len(),
        missing,
        rating: Spread {
            mean,
            ..spread(
                films
                    .iter()
                    .map(|it| weighted_rating(it, mean, median_votes)),
            )
        },
        median_votes,
        gain: spread(films.iter().map(|it| gain(it).ln())),
    }
}

pub(crate) fn rank(rated: &RatedFilm, stats: &BatchStats) -> RankedFilm {
    let RatedFilm { film, rating: _ } = rated;
    let rating = weighted_rating(rated, stats.rating.mean, stats.median_votes);
    let gain = gain(rated);
    RankedFilm {
        line: film.line,
        title: film.title.clone(),
        year: film.released.year,
        rating,
        gain,
        score: stats.rating.above(rating) + stats.gain.above(gain.ln()),
    }
}

/// The best first; the order of the list decides where two are equal.
pub(crate) fn order(films: &mut [RankedFilm]) {
    films.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.line.cmp(&b.line)));
}

fn raw_rating(rated: &RatedFilm) -> f64 {
    f64::from(rated.rating.tenths) / 10.0
}

/// The rating as if, beside those who did, so many had voted for the mean as half of the films have votes.
fn weighted_rating(rated: &RatedFilm, mean: f64, median_votes: u32) -> f64 {
    let (votes, others) = (f64::from(rated.rating.votes), f64::from(median_votes));
    if votes + others == 0.0 {
        return mean;
    }
    (votes * raw_rating(rated) + others * mean) / (votes + others)
}

fn gain(rated: &RatedFilm) -> f64 {
    rated.film.gross as f64 / rated.film.budget as f64
}

fn spread(values: impl Iterator<Item = f64> + Clone) -> Spread {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|it| (it - mean).powi(2)).sum::<f64>() / n;
    Spread {
        mean,
        deviation: variance.sqrt(),
    }
}

impl Spread {
    /// By how many deviations `value` is above the mean.
    fn above(&self, value: f64) -> f64 {
        if self.deviation == 0.0 {
            return 0.0;
        }
        (value - self.mean) / self.deviation
    }
}

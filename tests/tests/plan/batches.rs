//! What the plan says of entries with items.

use docket::plan::EntryItems;
use docket::{Plan, graph, step};
use docket_tests::nodes;

nodes!(Viewer, Taste, Movie, Rated, Stats, Best, Ranked, Around);

#[step]
fn taste(viewer: &Viewer) -> Taste {
    Taste(viewer.0)
}

#[step]
fn rate(movie: &Movie, taste: &Taste) -> Rated {
    Rated(movie.0 + taste.0)
}

#[step]
fn stats(all: &[Rated]) -> Stats {
    Stats(all.iter().map(|it| it.0).sum())
}

/// There once, as what it reads is.
#[step]
fn best(stats: &Stats) -> Best {
    Best(stats.0)
}

#[step]
fn rank(rated: &Rated, best: &Best) -> Ranked {
    Ranked(best.0 - rated.0)
}

/// For each item, with all of them in view.
#[step]
fn around(movie: &Movie, all: &[Rated]) -> Around {
    Around(movie.0 + all.iter().map(|it| it.0).sum::<u32>())
}

graph! {
    struct Movies {
        inputs { Viewer, Movie }
        steps { taste, rate, stats, best, rank, around }
        async fn one(viewer: Viewer, movie: Movie) -> Rated;
        async fn ranked(viewer: Viewer, movies: [Movie]) -> [Ranked];
        async fn arounds(taste: Taste, movies: [Movie]) -> [docket::Result<Around>];
        fn rated(viewer: Viewer, movies: [Movie]) -> impl Stream<Item = docket::Result<Rated>>;
        async fn of_viewers(viewers: [Viewer], movie: Movie) -> [Rated];
    }
}

fn items<'a>(plan: &'a Plan, entry: &str) -> Option<&'a EntryItems> {
    let entry = plan.entries.iter().find(|it| it.name == entry);
    entry.and_then(|it| it.items.as_ref())
}

#[test]
fn each_entry_divides_its_nodes() {
    let plan = Movies::plan();
    assert_eq!(items(&plan, "one"), None);
    let check = |entry, each: &[&str], aggregates: &[&str], shared: &[&str]| {
        let items = items(&plan, entry).unwrap();
        assert_eq!(items.each, each, "{entry}");
        assert_eq!(items.aggregates, aggregates, "{entry}");
        assert_eq!(items.shared, shared, "{entry}");
    };
    check(
        "ranked",
        &["Movie", "rate", "rank"],
        &["stats"],
        &["Viewer", "taste", "best"],
    );
    check("arounds", &["Movie", "rate", "around"], &[], &["taste"]);
    check("rated", &["Movie", "rate"], &[], &["Viewer", "taste"]);
    check("of_viewers", &["Viewer", "taste", "rate"], &[], &["Movie"]);
    let signature =
        "rated(viewer: Viewer, movies: [Movie]) -> impl Stream<Item = docket::Result<Rated>>";
    assert_eq!(plan.entries[3].signature(), signature);
}

#[test]
fn it_comes_back_from_json_and_what_moves_is_told() {
    let plan = Movies::plan();
    assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
    let mut old = plan.clone();
    let ranked = old.entries[1].items.as_mut().unwrap();
    ranked.each.retain(|id| id != "rate");
    ranked.shared.push("rate".to_owned());
    assert_eq!(
        old.diff(&plan).to_string(),
        "~ entry `ranked`: `rate` once -> for each item"
    );
    assert_eq!(
        plan.diff(&old).to_string(),
        "~ entry `ranked`: `rate` for each item -> once"
    );
    assert!(Plan::from_json(&plan.to_json().replace("\"rate\"\n", "\"rat\"\n")).is_err());
}

#[test]
fn what_is_there_for_each_item_is_marked_in_every_picture() {
    let plan = Movies::plan();
    // All but the statistics and the best are there for each item of some entry.
    assert_eq!(plan.to_svg().matches("\"box back\"").count(), 6 + 1);
    assert_eq!(plan.to_mermaid().matches("for each item").count(), 6);
    assert_eq!(plan.to_dot().matches("peripheries=2").count(), 6);
}

//! What an entry may take and return.

use docket::{graph, step};
use docket_tests::{Log, nodes};

nodes!(Viewer, Taste, Movie, Rating, Ranked, Stats, Banner);

#[step]
fn taste(viewer: &Viewer, #[resource] log: &Log) -> Taste {
    log.push("taste");
    Taste(viewer.0 * 100)
}

#[step]
fn rank(movie: &Movie, taste: &Taste, #[resource] log: &Log) -> Ranked {
    log.push(format!("rank {}", movie.0));
    Ranked(movie.0 + taste.0)
}

#[step]
fn rank_rated(movie: &Movie, rating: &Rating) -> Banner {
    Banner(movie.0 * 10 + rating.0)
}

#[step]
fn stats(all: &[Ranked], #[resource] log: &Log) -> Stats {
    log.push(format!("stats of {}", all.len()));
    Stats(all.iter().map(|it| it.0).sum())
}

/// Which step is needed depends on the entry, and so does what is there for each item.
#[step]
fn rated(all: &[Rating], movies: &[Movie]) -> (u32, u32) {
    let sum = |numbers: &mut dyn Iterator<Item = u32>| numbers.sum::<u32>();
    (
        sum(&mut all.iter().map(|it| it.0)),
        sum(&mut movies.iter().map(|it| it.0)),
    )
}

graph! {
    struct Movies {
        inputs { Viewer, Movie, Rating }
        resources { Log }
        steps { taste, rank, rank_rated, stats, rated }

        async fn one(viewer: Viewer, movie: Movie) -> Ranked;
        async fn rank_movies(viewer: Viewer, movies: [Movie]) -> [Ranked];
        async fn given_the_taste(movies: [Movie], taste: Taste) -> [Ranked];
        async fn tried(viewer: Viewer, movies: [Movie]) -> [docket::Result<Ranked>];
        async fn stats_alone(viewer: Viewer, movies: [Movie]) -> Stats;
        async fn all_of_it(viewer: Viewer, movies: [Movie]) -> (Stats, [Ranked], Taste);
        async fn zipped(movies: [(Movie, Rating)]) -> [Banner];
        async fn zipped_and_read_whole(movies: [(Movie, Rating)]) -> ([Banner], (u32, u32));
        async fn for_each_viewer(viewers: [Viewer], movie: Movie) -> [Ranked];
        async fn back(movies: [Movie], viewer: Viewer) -> ([Movie], [Ranked]);
    }
}

fn movies() -> (Movies, Log) {
    let log = Log::new();
    (Movies::builder().log(log.clone()).build(), log)
}

#[tokio::test]
async fn results_keep_the_order_of_the_items_and_what_is_shared_runs_once() {
    let (graph, log) = movies();
    let ranked = graph
        .rank_movies("x", Viewer(1), vec![Movie(3), Movie(1), Movie(2)])
        .await
        .unwrap();
    assert_eq!(ranked, [Ranked(103), Ranked(101), Ranked(102)]);
    assert_eq!(log.lines(), ["taste", "rank 3", "rank 1", "rank 2"]);
}

#[tokio::test]
async fn the_same_steps_serve_an_entry_without_items() {
    let (graph, log) = movies();
    assert_eq!(
        graph.one("x", Viewer(1), Movie(3)).await.unwrap(),
        Ranked(103)
    );
    assert_eq!(log.lines(), ["taste", "rank 3"]);
}

#[tokio::test]
async fn what_is_given_is_not_made() {
    let (graph, log) = movies();
    let ranked = graph
        .given_the_taste("x", [Movie(3)], Taste(7))
        .await
        .unwrap();
    assert_eq!(ranked, [Ranked(10)]);
    assert_eq!(log.lines(), ["rank 3"]);
}

#[tokio::test]
async fn what_is_shared_depends_on_which_side_the_items_are() {
    let (graph, log) = movies();
    let ranked = graph
        .for_each_viewer("x", [Viewer(1), Viewer(2)], Movie(5))
        .await
        .unwrap();
    assert_eq!(ranked, [Ranked(105), Ranked(205)]);
    assert_eq!(log.lines(), ["taste", "rank 5", "taste", "rank 5"]);
}

#[tokio::test]
async fn each_item_may_come_with_its_own_result() {
    let (graph, _) = movies();
    let tried = graph
        .tried("x", Viewer(0), [Movie(1), Movie(2)])
        .await
        .unwrap();
    let tried: Vec<_> = tried.into_iter().map(docket::Result::unwrap).collect();
    assert_eq!(tried, [Ranked(1), Ranked(2)]);
}

#[tokio::test]
async fn a_batch_may_come_to_one_value() {
    let (graph, log) = movies();
    let stats = graph
        .stats_alone("x", Viewer(0), [Movie(1), Movie(2)])
        .await
        .unwrap();
    assert_eq!(stats, Stats(3));
    assert_eq!(log.lines(), ["taste", "rank 1", "rank 2", "stats of 2"]);
}

#[tokio::test]
async fn a_tuple_may_hold_what_is_there_once_and_what_is_there_for_each() {
    let (graph, log) = movies();
    let (stats, ranked, taste) = graph
        .all_of_it("x", Viewer(1), [Movie(1), Movie(2)])
        .await
        .unwrap();
    assert_eq!((stats, taste), (Stats(203), Taste(100)));
    assert_eq!(ranked, [Ranked(101), Ranked(102)]);
    assert_eq!(log.lines(), ["taste", "rank 1", "rank 2", "stats of 2"]);
}

#[tokio::test]
async fn two_inputs_for_each_item_come_zipped() {
    let (graph, _) = movies();
    let items = vec![(Movie(1), Rating(5)), (Movie(2), Rating(6))];
    assert_eq!(
        graph.zipped("x", items.clone()).await.unwrap(),
        [Banner(15), Banner(26)]
    );
    let (banners, sums) = graph.zipped_and_read_whole("x", items).await.unwrap();
    assert_eq!((banners, sums), (vec![Banner(15), Banner(26)], (11, 3)));
}

#[tokio::test]
async fn the_items_themselves_can_be_had_back() {
    let (graph, _) = movies();
    let (movies, ranked) = graph.back("x", [Movie(4)], Viewer(0)).await.unwrap();
    assert_eq!((movies, ranked), (vec![Movie(4)], vec![Ranked(4)]));
}

#[tokio::test]
async fn items_are_taken_from_an_iterator_as_places_become_free() {
    let (graph, log) = movies();
    let pulls = log.clone();
    let items = (1..=3).map(move |i| {
        pulls.push(format!("pull {i}"));
        Movie(i)
    });
    let execution = docket::Execution::new("x").max_concurrency(1);
    graph
        .rank_movies(execution, Viewer(0), items)
        .await
        .unwrap();
    assert_eq!(
        log.lines(),
        [
            "taste", "pull 1", "rank 1", "pull 2", "rank 2", "pull 3", "rank 3"
        ]
    );
}

#[tokio::test]
async fn an_iterator_need_not_know_how_many_items_it_has() {
    let (graph, _) = movies();
    let items = (1..=5).filter(|it| it % 2 == 1).map(Movie);
    let ranked = graph.rank_movies("x", Viewer(0), items).await.unwrap();
    assert_eq!(ranked, [Ranked(1), Ranked(3), Ranked(5)]);
}

#[tokio::test]
async fn an_empty_batch_comes_to_nothing_and_runs_nothing() {
    let (graph, log) = movies();
    assert_eq!(graph.rank_movies("x", Viewer(1), []).await.unwrap(), []);
    assert!(graph.tried("x", Viewer(1), []).await.unwrap().is_empty());
    assert_eq!(log.lines(), [""; 0]);
}

#[tokio::test]
async fn an_empty_batch_runs_what_its_result_needs() {
    let (graph, log) = movies();
    assert_eq!(
        graph.stats_alone("x", Viewer(1), []).await.unwrap(),
        Stats(0)
    );
    assert_eq!(log.take(), ["stats of 0"]);
    let all = graph.all_of_it("x", Viewer(1), []).await.unwrap();
    assert_eq!(all, (Stats(0), vec![], Taste(100)));
    assert_eq!(log.sorted(), ["stats of 0", "taste"]);
}

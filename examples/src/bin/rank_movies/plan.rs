//! The pictures of the graph, in `examples/plans`: a test keeps them true, and with `DOCKET_BLESS=1` it draws them anew.

use crate::Movies;

#[test]
fn the_graph_is_drawn_as_kept() {
    docket::assert_plan!("plans/rank_movies.svg", Movies);
    docket::assert_plan!("plans/rank_movies.mmd", Movies);
    docket::assert_plan!("plans/rank_movies.dot", Movies);
    docket::assert_plan!("plans/rank_movies.json", Movies);
}

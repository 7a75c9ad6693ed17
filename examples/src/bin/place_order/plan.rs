//! The pictures of the graph, in `examples/plans`: a test keeps them true, and with `DOCKET_BLESS=1` it draws them anew.

use crate::Orders;

#[test]
fn the_graph_is_drawn_as_kept() {
    docket::assert_plan!("plans/place_order.svg", Orders);
    docket::assert_plan!("plans/place_order.mmd", Orders);
    docket::assert_plan!("plans/place_order.dot", Orders);
    docket::assert_plan!("plans/place_order.json", Orders);
}

//! `assert_plan!`.

/// Checks that a file still shows the graph as it is: the picture beside the code, and in review the change of a graph
/// beside the change of its steps.
///
/// ```
/// # use docket::{graph, step};
/// # #[step] fn double(number: &u64) -> i64 { 2 * *number as i64 }
/// # graph! { pub struct UserGraph { inputs { u64 } steps { double } pub async fn f(number: u64) -> i64; } }
/// # fn main() {} /*
/// #[test]
/// # */
/// fn the_plan_is_as_kept() {
///     docket::assert_plan!("plans/user_graph.mmd", UserGraph);
/// }
/// ```
///
/// The first argument is the path of the file, from the folder of the package's `Cargo.toml`; its extension says what it
/// holds: `.mmd` (Mermaid), `.dot` (Graphviz), `.svg`, or `.json`, which alone holds all that is known. The second is the type
/// of the graph.
///
/// # Panics
///
/// Where the file shows another graph. The message says what is different, in the words of graphs:
///
/// ```text
/// the plan of `UserGraph` is not what `plans/user_graph.mmd` says:
///
/// + step `score_credit`
/// - `enrich_user` needs `fetch_prefs`
/// + `enrich_user` needs `score_credit`
/// longest chain: 3 -> 4 levels
///
/// if that is meant, `DOCKET_BLESS=1 cargo test` rewrites the file
/// ```
///
/// With the variable `DOCKET_BLESS` set to anything but `0`, it writes the file instead, and its folder, if need be. In the CI
/// the variable is not set, so there a file that is missing is a failure too.
#[macro_export]
macro_rules! assert_plan {
    ($path:expr, $graph:ty $(,)?) => {
        $crate::__private::assert_plan(::core::env!("CARGO_MANIFEST_DIR"), $path, &<$graph>::plan())
    };
}

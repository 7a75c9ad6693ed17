//! What the plan says.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use docket::plan::{EdgeKind, Node, NodeKind, Runs, StepNode};
use docket::store::Scope;
use docket::{Plan, Repeat, StepContext, graph, step};

use super::sixty::Shop;

#[derive(Clone, serde::Serialize, serde::Deserialize, docket::Value)]
pub(crate) struct Id(pub u64);
#[derive(Clone, serde::Serialize, serde::Deserialize, docket::Value)]
pub(crate) struct Score(pub u64);
pub(crate) struct Page<T>(pub T);
pub(crate) struct Pool;
pub(crate) struct Cache;
type Client = Pool;
type Alias = Page<Score>;

/// Asks the bureau.
///
/// It takes "long" & costs <money>.
#[step(
    name = "ScoreCredit",
    version = 3,
    persist = "global",
    ttl = "24h",
    repeat = "free",
    timeout = "800ms",
    retry(attempts = 3, initial = "50ms", factor = 3.0, max_delay = "1s", jitter)
)]
async fn score(
    #[key] id: &Id,
    salt: &u32,
    #[resource] pool: &Client,
    _ctx: &StepContext,
) -> Result<Score, std::io::Error> {
    let _ = pool;
    Ok(Score(id.0 + u64::from(*salt)))
}

#[step(max_concurrency = 4, fallback = no_page)]
async fn first(id: &Id, #[resource] _cache: &Cache) -> Alias {
    Page(Score(id.0))
}

fn no_page() -> Alias {
    Page(Score(0))
}

#[doc = concat!("Made of ", "parts.")]
#[step(blocking)]
fn count(page: Option<&Alias>, score: Result<&Score, &docket::Error>) -> Vec<u8> {
    let _ = (page, score);
    Vec::new()
}

#[step(spawn)]
async fn last(bytes: &Vec<u8>, id: &Id) -> String {
    format!("{bytes:?} {}", id.0)
}

#[cfg(any())]
#[step]
fn absent(id: &Id) -> i128 {
    0
}

graph! {
    /// All there is.
    pub(crate) struct All {
        inputs { Id, u32, #[cfg(any())] u16 }
        resources {
            /// Connections.
            Pool,
            cache_of_pages: Cache,
        }
        steps { last, score, first, count, #[cfg(any())] absent }

        /// The last word.
        pub(crate) async fn word(id: Id, salt: u32) -> String;

        pub(crate) async fn word_of(id: Id, score: Score) -> (Vec<u8>, String);
    }
}

fn ids<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> Vec<&'a str> {
    nodes.into_iter().map(|node| node.id.as_str()).collect()
}

#[track_caller]
fn step_of<'a>(plan: &'a Plan, id: &str) -> &'a StepNode {
    match &plan.node(id).expect("it is there").kind {
        NodeKind::Step(step) => step,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nodes_are_inputs_then_steps_then_resources() {
    let plan = All::plan();
    assert_eq!(
        ids(&plan.nodes),
        [
            "Id",
            "u32",
            "last",
            "ScoreCredit",
            "first",
            "count",
            "Pool",
            "Cache"
        ]
    );
    let levels: Vec<usize> = plan.nodes.iter().map(|node| node.level).collect();
    assert_eq!(levels, [0, 0, 3, 1, 1, 2, 0, 0]);
    let levels: Vec<Vec<&str>> = plan.levels().into_iter().map(ids).collect();
    assert_eq!(
        levels,
        [vec!["ScoreCredit", "first"], vec!["count"], vec!["last"]]
    );
}

#[test]
fn types_are_as_written_and_as_the_compiler_knows_them() {
    let plan = All::plan();
    let first = plan.node("first").unwrap();
    assert_eq!(first.ty, "Alias");
    assert!(
        first.resolved.contains("Page<") && first.resolved.ends_with("Score>"),
        "{}",
        first.resolved
    );
    assert_eq!(plan.node("ScoreCredit").unwrap().ty, "Score");
    assert_eq!(plan.node("count").unwrap().resolved, "alloc::vec::Vec<u8>");
    assert_eq!(plan.node("u32").unwrap().resolved, "u32");
    assert!(plan.path.ends_with("plan::data::All"), "{}", plan.path);
}

#[test]
fn edges_say_what_happens_without() {
    let plan = All::plan();
    let edges: Vec<String> = plan.edges.iter().map(ToString::to_string).collect();
    assert_eq!(
        edges,
        [
            "last needs count",
            "last needs Id",
            "ScoreCredit needs Id",
            "ScoreCredit needs u32",
            "ScoreCredit uses Pool",
            "first needs Id",
            "first uses Cache",
            "count can do without first",
            "count can do without ScoreCredit",
        ]
    );
    let keys: Vec<&str> = plan
        .edges
        .iter()
        .filter(|it| it.key)
        .map(|it| it.parameter.as_str())
        .collect();
    assert_eq!(keys, ["id"]);
    assert_eq!(plan.edges[7].kind, EdgeKind::Soft);
}

#[test]
fn steps_have_their_options_and_their_place() {
    let plan = All::plan();
    let score = step_of(&plan, "ScoreCredit");
    assert_eq!(score.function, "score");
    assert!(score.path.ends_with("plan::data::score"), "{}", score.path);
    assert_eq!(
        score.doc,
        "Asks the bureau.\n\nIt takes \"long\" & costs <money>."
    );
    assert!(score.file.ends_with("tests/plan/data.rs"), "{}", score.file);
    let line = include_str!("data.rs").lines().nth(score.line as usize - 1);
    assert_eq!(line, Some("async fn score("));
    let persist = score.options.persist.as_ref().unwrap();
    assert_eq!(
        (persist.scope, persist.repeat),
        (Scope::Global, Repeat::Free)
    );
    assert_eq!(persist.ttl, Some(Duration::from_secs(86_400)));
    let retry = score.options.retry.as_ref().unwrap();
    assert_eq!((retry.attempts, retry.factor, retry.jitter), (3, 3.0, true));
    assert_eq!(score.options.version, 3);
    let options = |id| step_of(&plan, id).options.to_string();
    assert_eq!(
        options("ScoreCredit"),
        "persist global · repeat free · ttl 1day · timeout 800ms · 3 attempts · version 3"
    );
    assert_eq!(options("first"), "fallback · max 4 at once");
    assert_eq!(step_of(&plan, "count").options.runs, Runs::Blocking);
    assert_eq!(step_of(&plan, "last").options.runs, Runs::Spawn);
    assert_eq!(step_of(&plan, "count").doc, "Made of parts.");
    let names: Vec<&str> = score.parameters.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["id", "salt", "pool"]);
}

#[test]
fn entries_say_what_runs() {
    let plan = All::plan();
    let [word, word_of] = &plan.entries[..] else {
        panic!("two entries")
    };
    assert_eq!(word.doc, "The last word.");
    assert_eq!(word.signature(), "word(id: Id, salt: u32) -> String");
    assert_eq!((word.steps.len(), word.levels), (4, 3));
    assert_eq!(
        word_of.signature(),
        "word_of(id: Id, score: Score) -> (Vec<u8>, String)"
    );
    assert_eq!(word_of.parameters[1].node, "ScoreCredit");
    assert_eq!(word_of.outputs, ["count", "last"]);
    assert_eq!(word_of.steps, ["first", "count", "last"]);
}

#[test]
fn the_longest_chain_is_by_levels_and_the_critical_path_by_time() {
    let plan = All::plan();
    assert_eq!(ids(plan.longest_chain()), ["first", "count", "last"]);
    let millis = Duration::from_millis;
    let durations = HashMap::from([
        ("ScoreCredit".to_owned(), millis(9)),
        ("last".to_owned(), millis(1)),
    ]);
    let path = plan.critical_path(&durations);
    assert_eq!(ids(path.steps), ["ScoreCredit", "count", "last"]);
    assert_eq!(path.time, millis(10));
    let durations = BTreeMap::from([("first", millis(2))]);
    assert_eq!(plan.critical_path(&durations).time, millis(2));
}

#[test]
fn json_brings_all_of_it_back() {
    for plan in [All::plan(), Shop::plan()] {
        let json = plan.to_json();
        assert_eq!(Plan::from_json(&json).unwrap(), plan);
        assert_eq!(Plan::from_json(&json).unwrap().to_json(), json);
    }
}

#[test]
fn what_is_no_plan_is_refused_in_words() {
    let refused = |text: &str| Plan::from_json(text).unwrap_err().to_string();
    assert_eq!(refused("{"), "it is no JSON");
    assert_eq!(refused("{}"), "it is no plan of Docket");
    assert_eq!(
        refused(r#"{"docket_plan":2}"#),
        "it is a plan of form 2, and this version of Docket reads 1 at most"
    );
    let json = All::plan().to_json();
    assert_eq!(
        refused(&json.replace("\"from\": \"u32\"", "\"from\": \"u9\"")),
        "it has no node `u9`, and speaks of one"
    );
    assert_eq!(
        refused(&json.replace("\"id\": \"u32\"", "\"id\": \"Id\"")),
        "two of its nodes are `Id`"
    );
    assert_eq!(
        refused(&json.replace("\"level\": 2", "\"level\": 3")),
        "its levels are wrong: last needs count"
    );
}

#[test]
fn petgraph_gets_the_same_graph() {
    let plan = All::plan();
    let graph = plan.to_petgraph();
    assert_eq!(
        (graph.node_count(), graph.edge_count()),
        (plan.nodes.len(), plan.edges.len())
    );
    let edge = graph.edge_indices().next().unwrap();
    let (from, to) = graph.edge_endpoints(edge).unwrap();
    assert_eq!(
        (graph[from].id.as_str(), graph[to].id.as_str()),
        ("count", "last")
    );
}

mod elsewhere {
    pub(crate) struct Id(pub u64);

    #[docket::step]
    pub(crate) fn name_it(id: &Id) -> i8 {
        id.0 as i8
    }
}

#[step(name = "Id")]
fn copy(id: &elsewhere::Id, other: &Id, name: &i8) -> i16 {
    id.0 as i16 + other.0 as i16 + i16::from(*name)
}

graph! {
    struct Namesakes {
        inputs { elsewhere::Id, Id }
        steps { elsewhere::name_it, copy }
        async fn f(a: elsewhere::Id, b: Id) -> i16;
    }
}

#[test]
fn ids_are_told_apart() {
    let plan = Namesakes::plan();
    assert_eq!(
        ids(&plan.nodes),
        ["elsewhere::Id", "Id (2)", "name_it", "Id"]
    );
    assert_eq!(plan.edges[2].to_string(), "Id needs Id (2)");
}

//! The dashboard asks for what there is.

use std::collections::BTreeSet;

use docket::MetricsObserver;

const DASHBOARD: &str = include_str!("../../../docs/grafana.json");

/// The queries of the dashboard.
fn queries() -> Vec<String> {
    fn collect(value: &serde_json::Value, into: &mut Vec<String>) {
        match value {
            serde_json::Value::Array(values) => values.iter().for_each(|it| collect(it, into)),
            serde_json::Value::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        serde_json::Value::String(text) if key == "expr" || key == "query" => {
                            into.push(text.clone());
                        }
                        value => collect(value, into),
                    }
                }
            }
            _ => {}
        }
    }
    let mut queries = Vec::new();
    collect(&serde_json::from_str(DASHBOARD).unwrap(), &mut queries);
    queries
}

/// The metrics that a query asks for, by the names they have here.
fn asked(query: &str) -> impl Iterator<Item = &str> {
    query
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("docket_"))
        .map(|word| word.strip_suffix("_bucket").unwrap_or(word))
}

#[test]
fn the_dashboard_asks_for_each_metric_that_there_is_and_for_no_other() {
    let queries = queries();
    assert!(queries.len() > 15, "{queries:#?}");
    let asked: BTreeSet<&str> = queries.iter().flat_map(|query| asked(query)).collect();
    let told: BTreeSet<&str> = MetricsObserver::NAMES.iter().copied().collect();
    assert_eq!(asked, told);
}

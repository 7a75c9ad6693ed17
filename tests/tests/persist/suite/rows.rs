//! What people find in the table.

use super::*;

#[tokio::test]
async fn annotations_status_attempt_and_error_stand_in_the_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("steps.db").display());
    let (graph, _log, switches) = open(&SqliteStore::connect(&url).await.unwrap());
    graph.annotated("x", order(1)).await.unwrap();
    switches.set_down(true);
    graph.keyed("x", order(1)).await.unwrap_err();
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT step_name, status, metadata FROM step_cache ORDER BY step_name")
            .fetch_all(&pool)
            .await
            .unwrap();
    let (name, status, metadata) = &rows[0];
    assert_eq!((&**name, &**status), ("Annotated", "succeeded"));
    for part in [
        r#""model":"gpt-3000""#,
        r#""tokens":42"#,
        r#""status":"succeeded""#,
        r#""attempt":1"#,
    ] {
        assert!(metadata.contains(part), "{part} in {metadata}");
    }
    let (name, status, metadata) = &rows[1];
    assert_eq!((&**name, &**status), ("keyed", "failed"));
    assert!(metadata.contains(r#""status":"failed""#), "{metadata}");
}

//! What the settings of a server promise.
//!
//! They are the whole server's, so whoever changes or asserts one has [`SETTINGS`] to himself.

use docket_runtime::store::{Admin, Durability, MySqlStore, Store};
use sqlx::raw_sql;
use tokio::sync::Mutex;

use super::{Scratch, blocking, run};

static SETTINGS: Mutex<()> = Mutex::const_new(());

/// Sets it back at the end, also of a test that fails.
struct SetBack;

impl Drop for SetBack {
    fn drop(&mut self) {
        blocking("SET GLOBAL innodb_flush_log_at_trx_commit = 1".to_owned());
    }
}

#[tokio::test]
async fn weak_settings_are_told_with_the_setting_to_change() {
    let scratch = Scratch::new("weak").await;
    let _alone = SETTINGS.lock().await;
    {
        let _set_back = SetBack;
        run("SET GLOBAL innodb_flush_log_at_trx_commit = 2").await;
        let weak = scratch.store().await;
        let Durability::Weak { reason } = weak.durability() else {
            panic!("{:?}", weak.durability());
        };
        assert!(
            reason.contains("innodb_flush_log_at_trx_commit") && reason.contains("set it to 1"),
            "{reason}"
        );
        let findings = weak.doctor().await.unwrap();
        assert!(findings[0].advice.is_some(), "{findings:?}");
    }
    assert_eq!(scratch.store().await.durability(), Durability::Durable);
}

#[tokio::test]
async fn a_table_of_another_engine_is_weak() {
    let scratch = Scratch::new("engine").await;
    let _alone = SETTINGS.lock().await;
    let pool = scratch.pool().await;
    let store = MySqlStore::new(pool.clone()).await.unwrap();
    assert_eq!(store.durability(), Durability::Durable);
    store.migrate().await.unwrap();
    raw_sql("ALTER TABLE step_cache ENGINE = MyISAM")
        .execute(&pool)
        .await
        .unwrap();
    let store = MySqlStore::new(pool).await.unwrap();
    match store.durability() {
        Durability::Weak { reason } => assert!(reason.contains("ENGINE = InnoDB"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_doctor_finds_a_server_as_it_should_be() {
    let scratch = Scratch::new("doctor").await;
    let _alone = SETTINGS.lock().await;
    let store = MySqlStore::new(scratch.pool().await).await.unwrap();
    let advice = |findings: &[docket_runtime::store::Finding]| -> Vec<String> {
        let bad = findings.iter().filter(|it| it.advice.is_some());
        bad.map(|it| it.subject.clone()).collect()
    };
    let findings = store.doctor().await.unwrap();
    assert_eq!(advice(&findings), ["table step_cache"], "{findings:?}");
    store.migrate().await.unwrap();
    let findings = store.doctor().await.unwrap();
    assert_eq!(advice(&findings), [""; 0], "{findings:?}");
    let subjects: Vec<_> = findings.iter().map(|it| it.subject.as_str()).collect();
    assert!(subjects.contains(&"clock") && subjects.contains(&"sync_binlog"));
}

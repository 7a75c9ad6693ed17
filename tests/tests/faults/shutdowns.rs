//! A run that ends badly without its process: a panic, a runtime that is shut down, a caller who leaves.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use docket::store::{AnyStore, RowStatus, RowView};
use docket::{ErrorKind, graph, step};
use docket_tests::faults::charge::{Charges, Order, Policy, Receipt, Setup};
use docket_tests::faults::halts::called;
use docket_tests::faults::provider::{Client, Provider};
use docket_tests::faults::proxy::{Network, Proxy};
use docket_tests::faults::stores::{Kind, Place};
use docket_tests::{ms, poll};
use tokio::runtime::Runtime;
use tokio::time::timeout;

const LEASE: Duration = ms(1_500);
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a step that stands on it falls.
#[derive(Clone, Default)]
struct Trap(Arc<AtomicBool>);

impl Trap {
    fn step_on(&self, order: Order) -> Receipt {
        assert!(!self.0.load(Ordering::SeqCst), "the step fell");
        Receipt {
            order: order.0,
            reconciled: false,
        }
    }
}

#[step(persist = "global", repeat = "never")]
async fn fall_never(order: &Order, #[resource] trap: &Trap) -> Receipt {
    trap.step_on(*order)
}

#[step(persist = "global")]
async fn fall_keyed(order: &Order, #[resource] trap: &Trap) -> Receipt {
    trap.step_on(*order)
}

graph! {
    struct FallNever {
        inputs { Order }
        resources { Trap }
        steps { fall_never }
        async fn run(order: Order) -> Receipt;
    }
}

graph! {
    struct FallKeyed {
        inputs { Order }
        resources { Trap }
        steps { fall_keyed }
        async fn run(order: Order) -> Receipt;
    }
}

async fn only_row(place: &Place) -> RowView {
    let mut rows = place.address().rows().await.unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

async fn open(place: &Place) -> AnyStore {
    place.address().open().await.unwrap()
}

async fn after_a_panic_nobody_knows(kind: Kind) {
    let (place, trap) = (Place::new(kind), Trap::default());
    let store = open(&place).await;
    let graph = FallNever::builder().trap(trap.clone()).store(store).build();
    trap.0.store(true, Ordering::SeqCst);
    let error = graph.run("first", Order(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked, "{error:?}");
    let row = only_row(&place).await;
    assert_eq!(row.status, RowStatus::Unknown);
    assert!(row.metadata.contains("panicked"), "{}", row.metadata);

    trap.0.store(false, Ordering::SeqCst);
    let error = graph.run("second", Order(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt, "{error:?}");
}

async fn after_a_panic_it_runs_again(kind: Kind) {
    let (place, trap) = (Place::new(kind), Trap::default());
    let store = open(&place).await;
    let graph = FallKeyed::builder().trap(trap.clone()).store(store).build();
    trap.0.store(true, Ordering::SeqCst);
    let error = graph.run("first", Order(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked, "{error:?}");
    let row = only_row(&place).await;
    assert_eq!(row.status, RowStatus::Failed);
    assert!(row.metadata.contains("panicked"), "{}", row.metadata);

    trap.0.store(false, Ordering::SeqCst);
    assert_eq!(graph.run("second", Order(1)).await.unwrap().order, 1);
    let row = only_row(&place).await;
    assert_eq!((row.status, row.attempt), (RowStatus::Succeeded, 2));
}

fn setup(policy: Policy, provider: Client, lease: Duration) -> Setup {
    Setup {
        policy,
        provider,
        lease,
        work: Duration::ZERO,
        crash: None,
        fails: false,
        max_attempts: 3,
        ttl: None,
    }
}

/// Shuts a runtime down in which a charge is under way. Another runtime waits for the same charge: what it is told.
async fn shut_down(place: &Place, provider: &Provider, policy: Policy) -> docket::Result<Receipt> {
    let line = Proxy::start(provider.address());
    line.set(Network::Held);
    let doomed = Runtime::new().unwrap();
    let address = place.address();
    let setup = setup(policy, Client::new(line.address()), LEASE);
    let charges = doomed.spawn(async move {
        let charges = Charges::new(address.open().await.unwrap(), &setup);
        Arc::new(charges)
    });
    let charges = charges.await.unwrap();
    let caller = Arc::clone(&charges);
    let caller = doomed.spawn(async move { caller.charge(1, PATIENCE).await });
    called(provider, 1).await;
    let mut waiter = pin!(charges.charge(1, PATIENCE));
    assert!(poll::once(waiter.as_mut()).is_pending(), "it waits");

    doomed.shutdown_background();
    line.set(Network::Good);
    let told = timeout(PATIENCE / 2, waiter)
        .await
        .expect("no waiter hangs");
    let gone = timeout(PATIENCE / 2, caller)
        .await
        .expect("its task is gone");
    assert!(gone.unwrap_err().is_cancelled());
    told
}

async fn after_a_shutdown_nobody_knows(kind: Kind) {
    let (place, provider) = (Place::new(kind), Provider::start());
    let told = shut_down(&place, &provider, Policy::Never).await;
    assert_eq!(told.unwrap_err().kind(), ErrorKind::InDoubt);
    let setup = setup(Policy::Never, Client::new(provider.address()), LEASE);
    let charges = Charges::new(open(&place).await, &setup);
    let error = charges.charge(1, PATIENCE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt, "{error:?}");
    assert_eq!(only_row(&place).await.status, RowStatus::Unknown);
    assert_eq!(provider.ledger().calls_of(1), 1);
}

/// Who waited has it run again, as if a process were lost: unless his store's connections were those of that runtime too.
async fn after_a_shutdown_it_runs_again_under_the_same_key(kind: Kind) {
    let (place, provider) = (Place::new(kind), Provider::start());
    let told = shut_down(&place, &provider, Policy::Keyed).await;
    match told {
        Ok(receipt) => assert_eq!(receipt.order, 1),
        Err(error) => {
            let is_of_the_store = error.kind() == ErrorKind::Store;
            assert!(is_of_the_store && kind != Kind::Sqlite, "{error:?}");
        }
    }
    let setup = setup(Policy::Keyed, Client::new(provider.address()), LEASE);
    let charges = Charges::new(open(&place).await, &setup);
    charges.charge(1, PATIENCE).await.unwrap();
    let row = only_row(&place).await;
    assert_eq!((row.status, row.attempt), (RowStatus::Succeeded, 2));
    let ledger = provider.ledger();
    assert_eq!((ledger.calls_of(1), ledger.effects.len()), (2, 1));
}

/// Another order after each number of polls, until one caller comes to the end.
async fn a_caller_who_leaves_at_any_poll_loses_nothing(kind: Kind) {
    let (place, provider) = (Place::new(kind), Provider::start());
    let setup = setup(
        Policy::Never,
        Client::new(provider.address()),
        Duration::from_secs(60),
    );
    let leaves = Charges::new(open(&place).await, &setup);
    let stays = Charges::new(open(&place).await, &setup);
    for polls in 0..1_000 {
        let order = u32::try_from(polls).unwrap();
        let outcome = poll::at_most(polls, leaves.charge(order, PATIENCE)).await;
        let receipt = stays.charge(order, PATIENCE).await.unwrap();
        assert_eq!(receipt.order, order, "after {polls} polls");
        assert_eq!(provider.ledger().calls_of(order), 1, "after {polls} polls");
        if let Some(receipt) = outcome {
            assert_eq!(receipt.unwrap().order, order);
            assert!(polls >= 2, "{polls} polls are too few to be a test");
            return;
        }
    }
    panic!("it never came to the end");
}

macro_rules! on_each_store {
    ($($test:ident)+) => {
        on_each_store!(@ sqlite: Sqlite [$($test)+]);
        #[cfg(feature = "servers")]
        on_each_store!(@ postgres: Postgres [$($test)+]);
        #[cfg(feature = "servers")]
        on_each_store!(@ mariadb: MariaDb [$($test)+]);
        #[cfg(feature = "servers")]
        on_each_store!(@ redis: Redis [$($test)+]);
    };
    (@ $store:ident: $kind:ident [$($test:ident)+]) => {
        mod $store {
            use super::Kind;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test(Kind::$kind).await;
                }
            )+
        }
    };
}
on_each_store! {
    after_a_panic_nobody_knows
    after_a_panic_it_runs_again
    after_a_shutdown_nobody_knows
    after_a_shutdown_it_runs_again_under_the_same_key
    a_caller_who_leaves_at_any_poll_loses_nothing
}

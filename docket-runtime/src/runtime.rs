//! [`Core`]: what every graph value has beside its resources, and the part of the builder that makes it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::graph::Node;
use crate::observe::{Observer, Observers, ObserversBuilder};
use crate::persist::{Counts, Keeper, Repeat, Settings};
use crate::step::{Options, Policy, Step, StepOptions};
use crate::store::{AnyStore, Durability, Store};

/// What every graph value has beside its resources.
pub struct Core {
    default_timeout: Option<Duration>,
    namespace: Arc<str>,
    keeper: Option<Keeper>,
    observers: Observers,
    /// By node number.
    policies: Box<[Policy]>,
    /// Whether each step has the options of its attribute.
    is_plain: bool,
}

impl Core {
    #[inline]
    pub(crate) fn default_timeout(&self) -> Option<Duration> {
        self.default_timeout
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    #[inline]
    pub(crate) fn policy(&self, node: usize) -> &Policy {
        &self.policies[node]
    }

    pub(crate) fn keeper(&self) -> &Keeper {
        self.keeper
            .as_ref()
            .expect("a graph that persists is not built without a store")
    }

    /// See the graph's method of the same name.
    pub fn counts(&self) -> Counts {
        self.keeper.as_ref().map(Keeper::counts).unwrap_or_default()
    }

    /// See the graph's method of the same name.
    pub async fn shutdown(&self, grace: Duration) -> usize {
        match &self.keeper {
            Some(keeper) => keeper.shutdown(grace).await,
            None => 0,
        }
    }

    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    #[inline]
    pub(crate) fn is_observed(&self) -> bool {
        self.observers.interest().is_some()
    }

    pub(crate) fn observers(&self) -> &Observers {
        &self.observers
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            default_timeout,
            namespace,
            keeper,
            observers,
            policies: _,
            is_plain: _,
        } = self;
        f.debug_struct("Core")
            .field("default_timeout", default_timeout)
            .field("namespace", namespace)
            .field("persists", &keeper.is_some())
            .field("observers", observers)
            .finish_non_exhaustive()
    }
}

/// What the builder of a graph collects beside its resources.
#[derive(Default)]
pub struct CoreBuilder {
    default_timeout: Option<Duration>,
    namespace: Option<Arc<str>>,
    store: Option<AnyStore>,
    settings: Settings,
    observers: ObserversBuilder,
    configured: HashMap<usize, StepOptions>,
}

impl CoreBuilder {
    /// See the builder's method of the same name.
    pub fn default_timeout(&mut self, timeout: Duration) {
        self.default_timeout = Some(timeout);
    }

    /// See the builder's method of the same name.
    pub fn namespace(&mut self, namespace: &str) {
        self.namespace = Some(namespace.into());
    }

    /// See the builder's method of the same name.
    pub fn store(&mut self, store: impl Store) {
        self.store = Some(AnyStore::new(store));
    }

    /// See the builder's method of the same name.
    pub fn lease(&mut self, lease: Duration) {
        self.settings.lease = lease;
    }

    /// See the builder's method of the same name.
    #[track_caller]
    pub fn max_attempts(&mut self, n: u32) {
        assert!(
            n > 0,
            "`max_attempts` counts the first, so it can't be 0: that step would never run"
        );
        self.settings.max_attempts = n;
    }

    /// See the builder's method of the same name.
    #[track_caller]
    pub fn max_value_bytes(&mut self, n: usize) {
        assert!(
            n > 0,
            "`max_value_bytes` can't be 0: no value would be kept"
        );
        self.settings.max_value_bytes = n;
    }

    /// See the builder's method of the same name.
    pub fn observer(&mut self, observer: impl Observer) {
        self.observers.add(observer);
    }

    /// See the builder's method of the same name.
    #[track_caller]
    pub fn configure<S: Step>(&mut self, node: usize, options: StepOptions) {
        assert!(
            S::OPTIONS.persist.is_some() || !options.sets_persistence(),
            "`{}` is not persisted, so `ttl`, `stale` and `repeat` have no meaning for it; add `persist = \"…\"` to its `#[step]`",
            S::IDENT,
        );
        assert!(
            S::OPTIONS.bulk.is_some() || !options.sets_bulk(),
            "`{}` is asked for one item at a time, so `bulk` has no meaning for it; add `bulk` to its `#[step]`",
            S::IDENT,
        );
        self.configured.insert(node, options);
    }

    /// The core of a graph whose nodes are `nodes`, with these `names`.
    ///
    /// # Panics
    ///
    /// When the store is too weak for a step with `repeat = "never"`, or such a step would be retried; and when a step that
    /// persists and has `bulk` would be anything but free to repeat.
    #[track_caller]
    pub fn build(self, nodes: &[StepRow], names: &'static [&'static str]) -> Core {
        let Self {
            default_timeout,
            namespace,
            store,
            settings,
            observers,
            configured,
        } = self;
        let unset = StepOptions::new();
        let policies: Box<[Policy]> = nodes
            .iter()
            .enumerate()
            .map(|(node, row)| Policy::new(&row.options, configured.get(&node).unwrap_or(&unset)))
            .collect();
        check_retries(nodes, &policies);
        check_bulk(nodes, &policies);
        if let Some(store) = &store {
            check_strength(store, nodes, &policies);
        }
        let observers = observers.build(names);
        let namespace = namespace.unwrap_or_else(|| "".into());
        let keeper = store.map(|store| {
            Keeper::observed(store, Arc::clone(&namespace), settings, observers.clone())
        });
        Core {
            default_timeout,
            namespace,
            keeper,
            is_plain: configured.is_empty(),
            observers,
            policies,
        }
    }
}

/// What the attribute refuses, options set at run time must not bring in by the back door.
#[track_caller]
fn check_retries(nodes: &[StepRow], policies: &[Policy]) {
    for (row, policy) in nodes.iter().zip(policies) {
        let may_not_repeat = row.options.persist.is_some() && policy.repeat == Repeat::Never;
        assert!(
            !may_not_repeat || policy.retry.is_none(),
            "the step `{}` must not happen twice, so it can't be retried: configure it with `no_retry()`, or with \
             another `repeat`",
            row.name,
        );
    }
}

/// The same of calls for many items: they have no one key that a provider could tell a repeat by.
#[track_caller]
fn check_bulk(nodes: &[StepRow], policies: &[Policy]) {
    for (row, policy) in nodes.iter().zip(policies) {
        let is_recorded = row.options.persist.is_some() && row.options.bulk.is_some();
        assert!(
            !is_recorded || policy.repeat == Repeat::Free,
            "the step `{}` asks for many items in one call, which has no one idempotency key: it can only be \
             `Repeat::Free`",
            row.name,
        );
    }
}

/// A store that may forget can't keep the promise of `never`, so the graph is not built on it.
#[track_caller]
fn check_strength(store: &AnyStore, nodes: &[StepRow], policies: &[Policy]) {
    let Durability::Weak { reason } = store.durability() else {
        return;
    };
    for (row, policy) in nodes.iter().zip(policies) {
        if row.options.persist.is_some() && policy.repeat == Repeat::Never {
            panic!(
                "the store can't keep `repeat = \"never\"` of the step `{}`: {reason}",
                row.name
            );
        }
    }
}

impl fmt::Debug for CoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoreBuilder")
            .field("default_timeout", &self.default_timeout)
            .finish_non_exhaustive()
    }
}

/// What the builder needs to know of a node.
#[derive(Clone, Copy, Debug)]
pub struct StepRow {
    name: &'static str,
    options: Options,
}

impl StepRow {
    /// An input.
    pub const INPUT: Self = Self {
        name: "",
        options: Options::NONE,
    };

    /// The names of the steps, by node number; that of an input is empty.
    pub const fn names<const N: usize>(rows: &[Self; N]) -> [&'static str; N] {
        let mut names = [""; N];
        let mut node = 0;
        while node < N {
            names[node] = rows[node].name;
            node += 1;
        }
        names
    }

    /// The step at number `I`.
    pub const fn step<W: Node<I>, const I: usize>() -> Self {
        Self {
            name: W::Step::NAME,
            options: W::Step::OPTIONS,
        }
    }
}

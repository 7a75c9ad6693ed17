//! What came of a storm, in numbers and in words.

use std::collections::BTreeMap;
use std::fmt;

use super::Plan;
use crate::faults::charge::Policy;
use crate::faults::stores::Kind;

/// What came of a storm.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where.
    pub kind: Kind,
    /// Under which policy.
    pub policy: Policy,
    /// The random choices can be made again by this.
    pub seed: u64,
    /// How many orders there were.
    pub orders: u32,
    /// How many processes were killed.
    pub kills: u32,
    /// How many were halted for longer than a lease.
    pub halts: u32,
    /// Calls that the provider saw.
    pub calls: u32,
    /// Orders with more than one call.
    pub repeated_calls: u32,
    /// Orders with more than one effect.
    pub repeated_effects: u32,
    /// Orders whose result is in the store.
    pub recorded: u32,
    /// Of those, the ones that the provider never heard of.
    pub recorded_without_effect: u32,
    /// Orders of which nobody knows how they ended.
    pub in_doubt: u32,
    /// Of those, the ones that took effect.
    pub in_doubt_with_effect: u32,
    /// Of those in doubt, the ones that a graph with `reconcile` brought to their end.
    pub resolved: u32,
    /// Orders with more than one effect after that.
    pub repeated_after_resolving: u32,
    /// What the workers counted that lived to tell.
    pub counts: BTreeMap<String, u64>,
}

impl Report {
    pub(super) fn new(
        plan: &Plan,
        orders: u32,
        kills: u32,
        halts: u32,
        counts: BTreeMap<String, u64>,
    ) -> Self {
        Self {
            kind: plan.kind,
            policy: plan.policy,
            seed: plan.seed,
            orders,
            kills,
            halts,
            counts,
            calls: 0,
            repeated_calls: 0,
            repeated_effects: 0,
            recorded: 0,
            recorded_without_effect: 0,
            in_doubt: 0,
            in_doubt_with_effect: 0,
            resolved: 0,
            repeated_after_resolving: 0,
        }
    }

    /// What the workers that lived to tell counted under `name`.
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            policy,
            seed,
            orders,
            kills,
            halts,
            calls,
            repeated_calls,
            repeated_effects,
            recorded,
            recorded_without_effect,
            in_doubt,
            in_doubt_with_effect,
            resolved,
            repeated_after_resolving,
            counts,
        } = self;
        writeln!(f, "{kind:?}, {}, seed {seed}", policy.name())?;
        writeln!(
            f,
            "  {orders} orders, {kills} kills, {halts} halts longer than a lease"
        )?;
        writeln!(
            f,
            "  provider: {calls} calls, {repeated_calls} orders called for more than once, {repeated_effects} with more \
             than one effect"
        )?;
        writeln!(
            f,
            "  store: {recorded} recorded, of which {recorded_without_effect} without an effect"
        )?;
        writeln!(
            f,
            "  in doubt: {in_doubt}, of which {in_doubt_with_effect} had taken effect; {resolved} resolved by \
             `reconcile`, after which {repeated_after_resolving} orders have more than one effect"
        )?;
        write!(f, "  workers that lived to tell:")?;
        for (name, count) in counts {
            write!(f, " {name} {count}")?;
        }
        writeln!(f)
    }
}

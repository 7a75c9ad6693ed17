//! How each step of an entry runs, and where: which of them may use one room, since one ends before the other begins.

use super::{GraphPlan, NodeKind, mode};

/// How many steps stand in one block, which has as many rooms.
const PLACES: usize = 16;

/// Has a bit for each step of some blocks. It is as large as it can be, since the compiler goes through all steps once for
/// each such number of blocks.
type Steps = u128;

const BLOCKS_AT_ONCE: usize = Steps::BITS as usize / PLACES;

/// For each node, how its step runs: its room in the lower four bits, and above them its `mode`, one of [`mode`]. One number
/// for both, since each constant that selects types takes the compiler its time. The steps run in `order`, and those of the
/// graph begin at the node `first`.
pub const fn hows<const N: usize>(
    graph: &GraphPlan<N>,
    mode: [u8; N],
    order: &[usize],
    first: usize,
) -> [u8; N] {
    let mut hows = rooms(graph, &mode, order, first);
    let mut node = 0;
    while node < N {
        hows[node] |= mode[node] << 4;
        node += 1;
    }
    hows
}

/// How many rooms there are in all, and so how many steps may be in flight at once, of which [`hows`] said how they run.
pub const fn n_rooms<const N: usize>(hows: &[u8; N], first: usize) -> usize {
    let n_blocks = (N - first).div_ceil(PLACES);
    let mut count = 0;
    let mut block = 0;
    while block < n_blocks {
        // A step takes the first room that it can.
        let mut of_block = 0;
        let mut node = first + block;
        while node < N {
            let room = (hows[node] & 0b1111) as usize;
            if hows[node] >> 4 != mode::OFF && room >= of_block {
                of_block = room + 1;
            }
            node += n_blocks;
        }
        count += of_block;
        block += 1;
    }
    count
}

/// For each node, the room of its step, if it runs. The steps are dealt out to the blocks one by one: lists mostly follow the
/// order in which steps run, so that those far from each other there need each other.
///
/// A step that starts has all that it needs. Of what it needs hard, it has the value; so that step has started, and of that
/// the same can be said. What it needs soft may have been left out, since one of the steps that are needed there failed; of
/// the others some may still run.
const fn rooms<const N: usize>(
    graph: &GraphPlan<N>,
    mode: &[u8; N],
    order: &[usize],
    first: usize,
) -> [u8; N] {
    let n_blocks = (N - first).div_ceil(PLACES);
    let mut rooms = [0; N];
    let mut first_block = 0;
    while first_block < n_blocks {
        let bits = bits::<N>(first, n_blocks, first_block);
        // By node, the steps of these blocks that have ended when its step begins, and when it has ended or is left out.
        let (mut at_start, mut at_end): ([Steps; N], [Steps; N]) = ([0; N], [0; N]);
        // By block and room, the steps that have it.
        let mut tenants: [[Steps; PLACES]; BLOCKS_AT_ONCE] = [[0; PLACES]; BLOCKS_AT_ONCE];
        let mut at = 0;
        while at < order.len() {
            let node = order[at];
            let needs = graph.nodes[node].needs;
            let (mut before, mut anyway) = (0, !0);
            let mut i = 0;
            while i < needs.len() {
                let need = needs[i].node;
                if mode[need] != mode::OFF {
                    let end = at_end[need] | bits[need];
                    before |= end;
                    if !needs[i].soft {
                        before |= at_start[need];
                    }
                    anyway &= end;
                } else if matches!(graph.nodes[need].kind, NodeKind::Step) {
                    // It runs elsewhere in a batch, and may fail while all others that are needed here still run.
                    anyway = 0;
                }
                i += 1;
            }
            at_start[node] = before;
            at_end[node] = before & anyway;
            let own = bits[node];
            if own != 0 {
                let block = &mut tenants[(node - first) % n_blocks - first_block];
                let mut room = 0;
                while block[room] & !before != 0 {
                    room += 1;
                }
                block[room] |= own;
                rooms[node] = room as u8;
            }
            at += 1;
        }
        first_block += BLOCKS_AT_ONCE;
    }
    rooms
}

/// By node, the bit of its step, if that stands in one of these blocks.
const fn bits<const N: usize>(first: usize, n_blocks: usize, first_block: usize) -> [Steps; N] {
    let mut bits = [0; N];
    let (mut node, mut block, mut place) = (first, 0, 0);
    while node < N {
        if block >= first_block && block < first_block + BLOCKS_AT_ONCE {
            bits[node] = 1 << ((block - first_block) * PLACES + place);
        }
        node += 1;
        block += 1;
        if block == n_blocks {
            (block, place) = (0, place + 1);
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plan::{EntryPlan, Need, NodeInfo, NodeKind};

    const fn need(node: usize, soft: bool) -> Need {
        Need {
            node,
            soft,
            all: false,
            bulk: false,
        }
    }

    const fn node(kind: NodeKind, needs: &'static [Need]) -> NodeInfo {
        NodeInfo {
            kind,
            ident: "",
            path: "",
            name: "",
            needs,
            mode: match kind {
                NodeKind::Step => mode::PLAIN,
                _ => mode::OFF,
            },
            bulk: false,
            may_be_unused: true,
            is_whole: true,
            facts: None,
        }
    }

    /// A graph of steps with such needs. Node 0 is an input.
    fn graph<const N: usize>(needs: [&[(usize, bool)]; N]) -> GraphPlan<N> {
        let nodes = needs.map(|needs| {
            let needs: Vec<Need> = needs.iter().map(|(at, soft)| need(*at, *soft)).collect();
            let kind = if needs.is_empty() {
                NodeKind::Input
            } else {
                NodeKind::Step
            };
            node(kind, needs.leak())
        });
        GraphPlan::new(nodes)
    }

    /// The rooms of such steps, of which the last is what is asked for.
    fn check<const N: usize>(
        needs: [&[(usize, bool)]; N],
        given: &'static [usize],
        expect: [u8; N],
    ) {
        let graph = graph(needs);
        let entry = EntryPlan::new(&graph, given, vec![N - 1].leak());
        let modes = entry.modes();
        assert_eq!(rooms(&graph, &modes, entry.order(), 1), expect);
    }

    const HARD: bool = false;
    const SOFT: bool = true;

    #[test]
    fn a_chain_has_one_room() {
        check(
            [&[], &[(0, HARD)], &[(1, HARD)], &[(2, SOFT)]],
            &[0],
            [0; 4],
        );
    }

    #[test]
    fn those_that_run_side_by_side_have_rooms_of_their_own() {
        check(
            [
                &[],
                &[(0, HARD)],
                &[(1, HARD)],
                &[(1, HARD)],
                &[(2, HARD), (3, HARD)],
            ],
            &[0],
            [0, 0, 0, 1, 0],
        );
    }

    /// The third is left out when the first fails, while the second still runs; and the last can do without the third.
    #[test]
    fn what_is_needed_by_way_of_a_soft_need_may_still_run() {
        check(
            [
                &[],
                &[(0, HARD)],
                &[(0, HARD)],
                &[(1, HARD), (2, HARD)],
                &[(3, SOFT)],
            ],
            &[0],
            [0, 0, 1, 0, 2],
        );
    }

    /// The same where the first of the two that are needed is a shared step of a batch.
    #[test]
    fn what_is_left_out_for_a_step_that_runs_elsewhere_says_nothing_of_others() {
        let graph = graph([
            &[],
            &[(0, HARD)],
            &[(0, HARD)],
            &[(1, HARD), (2, HARD)],
            &[(3, SOFT)],
        ]);
        let (off, on) = (mode::OFF, mode::PLAIN);
        let modes = [off, off, on, on, on];
        assert_eq!(rooms(&graph, &modes, &[2, 3, 4], 1), [0, 0, 0, 0, 1]);
    }

    /// Plays executions of random graphs, in which steps end in random order, and some fail.
    #[test]
    fn of_those_that_have_one_room_only_one_runs() {
        const N: usize = 40;
        let mut seed = 1_u64;
        let mut below = |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % n
        };
        let (mut n_steps, mut n_rooms) = (0, 0);
        for _ in 0..300 {
            let needs: [&[(usize, bool)]; N] = std::array::from_fn(|node| {
                let n_needs = if node == 0 { 0 } else { 1 + below(3) };
                let needs = (0..n_needs).map(|_| (below(node), below(3) == 0));
                &*needs.collect::<Vec<_>>().leak()
            });
            // Some run elsewhere.
            let modes: [u8; N] = std::array::from_fn(|node| match node {
                0 => mode::OFF,
                _ if below(8) == 0 => mode::OFF,
                _ => mode::PLAIN,
            });
            let order: Vec<usize> = (1..N).filter(|node| modes[*node] != mode::OFF).collect();
            let rooms = rooms(&graph(needs), &modes, &order, 1);
            let n_blocks = (N - 1).div_ceil(PLACES);
            let room = |node: usize| ((node - 1) % n_blocks, rooms[node]);
            n_steps += order.len();
            let of_all = BTreeSet::from_iter(order.iter().map(|node| room(*node))).len();
            let hows = std::array::from_fn(|node| rooms[node] | modes[node] << 4);
            assert_eq!(super::n_rooms::<N>(&hows, 1), of_all);
            n_rooms += of_all;
            // By node, what it came to: whether it made its value.
            let mut ended: [Option<bool>; N] = [None; N];
            for (node, its) in ended.iter_mut().enumerate() {
                *its = (modes[node] == mode::OFF).then(|| node == 0 || below(2) == 0);
            }
            let mut running: Vec<usize> = Vec::new();
            let mut waiting = order;
            while !waiting.is_empty() || !running.is_empty() {
                waiting.retain(|&node| {
                    let all = |is: fn(Option<bool>, bool) -> bool| {
                        needs[node].iter().all(|(at, soft)| is(ended[*at], *soft))
                    };
                    if !all(|its, soft| soft || its != Some(false)) {
                        ended[node] = Some(false);
                        return false;
                    }
                    let is_ready = all(|its, _| its.is_some());
                    if is_ready {
                        let is_free = running.iter().all(|it| room(*it) != room(node));
                        assert!(is_free, "{needs:?}, {modes:?}");
                        running.push(node);
                    }
                    !is_ready
                });
                if !running.is_empty() {
                    let node = running.swap_remove(below(running.len()));
                    ended[node] = Some(below(4) != 0);
                }
            }
        }
        assert!(n_rooms * 10 < n_steps * 9, "{n_rooms} of {n_steps}");
    }

    #[test]
    fn what_is_given_needs_nothing() {
        check(
            [&[], &[(0, HARD)], &[(1, HARD)], &[(1, HARD), (2, HARD)]],
            &[0, 2],
            [0, 0, 0, 0],
        );
        check(
            [
                &[],
                &[(0, HARD)],
                &[(1, HARD)],
                &[(2, HARD)],
                &[(1, HARD), (3, HARD)],
            ],
            &[0, 2],
            [0, 0, 0, 1, 0],
        );
    }

    #[test]
    fn steps_of_different_blocks_know_what_ends_before_them() {
        let chain: [&[(usize, bool)]; 101] = std::array::from_fn(|i| match i {
            0 => &[] as &[_],
            i => vec![(i - 1, HARD)].leak(),
        });
        check(chain, &[0], [0; 101]);
        // All need the input.
        let wide: [&[(usize, bool)]; 41] = std::array::from_fn(|i| match i {
            0 => &[] as &[_],
            40 => (1..40).map(|i| (i, HARD)).collect::<Vec<_>>().leak(),
            _ => &[(0, HARD)],
        });
        let expect = std::array::from_fn(|i| match i {
            0 | 40 => 0,
            i => ((i - 1) / 3) as u8,
        });
        check(wide, &[0], expect);
    }
}

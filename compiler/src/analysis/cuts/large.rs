//! A good cut of a large component.
//!
//! What does not agree with a good order is cut, and what proves needless is given back, dearest
//! first. Then each coupling that is cut is put to the test: to keep it, the cheapest set that
//! separates its owners from its users would be cut instead; where that is cheaper, it is. When
//! nothing is cheaper any more, each is kept all the same for once, and what follows from that is
//! kept if the whole cut has become cheaper.

use super::flow::Flow;
use super::network::{CouplingId, CutMask, Network};
use super::order::{Budget, Order};
use super::sequence::sequence;

/// Costs that differ by less are equal.
pub(super) const TOLERANCE: f64 = 1e-6;

/// A cut after which no services need one another.
pub(super) fn cut(network: &Network, budget: Budget) -> CutMask {
    let start = sequence(network, &network.whole());
    let mut order = Order::new(network, &start, budget);
    order.give_back();
    let mut flow = Flow::new(network);
    improve(&mut order, &mut flow, None);
    while shake(&mut order, &mut flow) {}
    order.cut
}

/// Trades what is cut for what is cheaper, dearest first, until there is nothing to gain; `locked`
/// is kept in any case.
pub(super) fn improve(order: &mut Order<'_>, flow: &mut Flow<'_>, locked: Option<CouplingId>) {
    let mut gained = true;
    while std::mem::take(&mut gained) {
        for id in order.dearest() {
            let cost = order.network.couplings[id].cost;
            if order.budget.is_spent() {
                return;
            }
            if order.cut[id] {
                gained |= trade(order, flow, id, locked, cost - TOLERANCE);
            }
        }
    }
}

/// Keeps a coupling for others that together cost less than `limit`; whether there are such.
fn trade(
    order: &mut Order<'_>,
    flow: &mut Flow<'_>,
    id: CouplingId,
    locked: Option<CouplingId>,
    limit: f64,
) -> bool {
    let Some(instead) = flow.instead(order, id, locked, limit) else {
        return false;
    };
    for other in instead {
        order.cut[other] = true;
    }
    order.keep(id);
    order.give_back();
    true
}

/// Keeps one coupling after another although others must be cut for it that cost more, up to all
/// that is cut; whether one of them led to a cheaper cut, at which it stops.
fn shake(order: &mut Order<'_>, flow: &mut Flow<'_>) -> bool {
    let network = order.network;
    let best = network.cost(&order.cut);
    for id in order.dearest() {
        if !network.couplings[id].cost.is_finite() {
            continue;
        }
        let saved = order.save();
        if trade(order, flow, id, None, best) {
            improve(order, flow, Some(id));
            improve(order, flow, None);
        }
        if network.cost(&order.cut) + TOLERANCE < best {
            return true;
        }
        order.restore(saved);
        if order.budget.is_spent() {
            break;
        }
    }
    false
}

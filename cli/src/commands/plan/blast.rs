//! The static blast radius: how much one move that goes wrong can hurt, without chances.
//!
//! What fails is down entirely; whoever needs it is down for the share of its requests that go
//! there and have no fallback, and so on up: u_A = 1 − (1 − e_A) · Π_B (1 − s_AB (1 − φ_AB) u_B),
//! the least fixed point, as the simulator has it. The simulator says how likely it is; this says
//! how bad it may get.

use std::collections::BTreeSet;

use whimbrel_plan::{
    Amount, CallMode, Inventory, Need, Node, Plan, Relation, RelationKind, ResourceId, ServiceId,
    Target,
};

/// A service counts as hurt from this share of its requests on.
const HURT: f64 = 0.001;
/// The fixed point has settled below this change.
const SETTLED: f64 = 1e-12;
/// Sweeps after which a cycle of hard calls is left as it is.
const SWEEPS: u32 = 10_000;

/// The worst single move.
#[derive(Clone, Debug, PartialEq)]
pub struct BlastRadius {
    /// What moves.
    pub of: Node,
    /// How many services it hurts.
    pub services: usize,
    /// The share of the requests from outside that fail; none when nothing has traffic.
    pub share: Option<f64>,
}

/// The mover that can hurt the most services, then the largest share, then the first.
pub fn worst(plan: &Plan) -> Option<BlastRadius> {
    let mut reach = Reach::new(&plan.inventory);
    let mut worst: Option<BlastRadius> = None;
    for mover in &plan.movers {
        let found = reach.blast_radius(mover.node);
        let key = |blast: &BlastRadius| (blast.services, blast.share.unwrap_or(0.0));
        if worst.as_ref().is_none_or(|worst| key(&found) > key(worst)) {
            worst = Some(found);
        }
    }
    worst
}

/// One service as the others see it.
#[derive(Clone, Debug, Default)]
struct Member {
    /// The services it calls, each with the share of its requests that fail with them.
    needs: Vec<(ServiceId, f64)>,
    /// The services that call it and fail with it.
    callers: Vec<ServiceId>,
    /// Requests per second that come from outside.
    entry: f64,
    /// Its share of failed requests when it fails of itself, and with what it needs.
    own: f64,
    hurt: f64,
    /// Its place in an order in which services come after what they need, cycles apart.
    rank: usize,
}

struct Reach {
    members: Vec<Member>,
    /// Who reads or writes this resource, and how much of it fails with it.
    users: Vec<Vec<(ServiceId, f64)>>,
    inside: Vec<Vec<ResourceId>>,
    entry: f64,
    /// The services by rank.
    order: Vec<ServiceId>,
    /// The services with a harm to be cleared before the next question.
    touched: Vec<ServiceId>,
}

impl Reach {
    fn new(inventory: &Inventory) -> Self {
        let services = inventory.services.values().map(|service| Member {
            entry: mean(&service.traffic).unwrap_or(0.0),
            ..Member::default()
        });
        let mut reach = Self {
            members: services.collect(),
            users: vec![Vec::new(); inventory.resources.len()],
            inside: vec![Vec::new(); inventory.resources.len()],
            entry: 0.0,
            order: Vec::new(),
            touched: Vec::new(),
        };
        for relation in inventory.relations.values() {
            reach.add(inventory, relation);
        }
        for (id, resource) in inventory.resources.iter() {
            let parent = resource
                .parent
                .and_then(|parent| reach.inside.get_mut(parent.index()));
            parent.into_iter().for_each(|inside| inside.push(id));
        }
        for member in &mut reach.members {
            member.entry = member.entry.max(0.0);
        }
        reach.entry = reach.members.iter().map(|member| member.entry).sum();
        reach.rank(inventory.services.ids());
        reach
    }

    /// Ranks services as a search through their needs leaves them.
    fn rank(&mut self, services: impl Iterator<Item = ServiceId>) {
        let mut seen = vec![false; self.members.len()];
        let mut first = |id: ServiceId| {
            let seen = seen.get_mut(id.index());
            seen.is_some_and(|seen| !std::mem::replace(seen, true))
        };
        for root in services {
            // A service and how many of its needs have been looked at.
            let mut open: Vec<(ServiceId, usize)> = Vec::new();
            open.extend(first(root).then_some((root, 0)));
            while let Some((id, looked)) = open.last_mut() {
                let id = *id;
                let Some(member) = self.members.get_mut(id.index()) else {
                    break;
                };
                if let Some((need, _)) = member.needs.get(*looked) {
                    *looked += 1;
                    open.extend(first(*need).then_some((*need, 0)));
                } else {
                    member.rank = self.order.len();
                    self.order.push(id);
                    open.pop();
                }
            }
        }
    }

    fn add(&mut self, inventory: &Inventory, relation: &Relation) {
        match (&relation.kind, &relation.to) {
            (RelationKind::Calls, Target::Service(callee)) => {
                let traffic = mean(&inventory.services[relation.from].traffic);
                let share = call_share(mean(&relation.rate), traffic) * uncovered(relation);
                if let Some(callee) = self.members.get_mut(callee.index()) {
                    callee.entry -= mean(&relation.rate).unwrap_or(0.0);
                    if share > 0.0 {
                        callee.callers.push(relation.from);
                    }
                }
                if let Some(caller) = self.members.get_mut(relation.from.index())
                    && share > 0.0
                {
                    caller.needs.push((*callee, share));
                }
            }
            (RelationKind::Reads | RelationKind::Writes, Target::Resource(resource)) => {
                let share = uncovered(relation);
                if let Some(users) = self.users.get_mut(resource.index())
                    && share > 0.0
                {
                    users.push((relation.from, share));
                }
            }
            _ => {}
        }
    }

    fn blast_radius(&mut self, of: Node) -> BlastRadius {
        let failing = match of {
            Node::Service(service) => vec![(service, 1.0)],
            Node::Resource(resource) => self.users_of(resource),
        };
        self.spread(&failing);
        let (mut services, mut requests) = (0, 0.0);
        for id in std::mem::take(&mut self.touched) {
            let Some(member) = self.members.get_mut(id.index()) else {
                continue;
            };
            services += usize::from(member.hurt >= HURT);
            requests += member.entry * member.hurt;
            (member.own, member.hurt) = (0.0, 0.0);
        }
        BlastRadius {
            of,
            services,
            share: (self.entry > 0.0).then(|| requests / self.entry),
        }
    }

    /// Sets how much each service is hurt, visiting only those that hang on what fails: each
    /// once, and again in the next sweep where it hangs on itself.
    fn spread(&mut self, failing: &[(ServiceId, f64)]) {
        let mut sweep = BTreeSet::new();
        for (id, share) in failing {
            if let Some(member) = self.members.get_mut(id.index()) {
                member.own = 1.0 - (1.0 - member.own) * (1.0 - share);
                sweep.insert(member.rank);
                self.touched.push(*id);
            }
        }
        for _ in 0..SWEEPS {
            let mut next = BTreeSet::new();
            while let Some(rank) = sweep.pop_first() {
                for caller in self.update(rank) {
                    let when = if caller > rank { &mut sweep } else { &mut next };
                    when.insert(caller);
                }
            }
            if next.is_empty() {
                return;
            }
            sweep = next;
        }
    }

    /// Sets how much the service of this rank is hurt; the ranks of its callers where that changes
    /// anything.
    fn update(&mut self, rank: usize) -> Vec<usize> {
        let Some(id) = self.order.get(rank).copied() else {
            return Vec::new();
        };
        let hurt = self.hurt(id);
        let callers = match self.members.get_mut(id.index()) {
            Some(member) if hurt - member.hurt >= SETTLED => {
                member.hurt = hurt;
                member.callers.clone()
            }
            _ => return Vec::new(),
        };
        self.touched.push(id);
        let rank = |caller: &ServiceId| Some(self.members.get(caller.index())?.rank);
        callers.iter().filter_map(rank).collect()
    }

    /// The share of the requests of `id` that fail, its needs being hurt as they are.
    fn hurt(&self, id: ServiceId) -> f64 {
        let Some(member) = self.members.get(id.index()) else {
            return 0.0;
        };
        let well = member.needs.iter().map(|(on, share)| {
            let on = self.members.get(on.index());
            1.0 - share * on.map_or(0.0, |on| on.hurt)
        });
        1.0 - (1.0 - member.own) * well.product::<f64>()
    }

    fn users_of(&self, resource: ResourceId) -> Vec<(ServiceId, f64)> {
        let mut users = Vec::new();
        let mut open = vec![resource];
        while let Some(resource) = open.pop() {
            users.extend(self.users.get(resource.index()).into_iter().flatten());
            open.extend(self.inside.get(resource.index()).into_iter().flatten());
        }
        users
    }
}

/// s = min(1, r / T), 1 if unknown.
fn call_share(rate: Option<f64>, traffic: Option<f64>) -> f64 {
    match (rate, traffic) {
        (Some(rate), Some(traffic)) if traffic > 0.0 => (rate / traffic).min(1.0),
        (Some(0.0), Some(_)) => 0.0,
        _ => 1.0,
    }
}

fn mean(amount: &Option<Amount>) -> Option<f64> {
    amount.as_ref().map(Amount::mean)
}

/// The share that no fallback covers; nothing of what is soft or asynchronous.
fn uncovered(relation: &Relation) -> f64 {
    let copes = relation.need == Need::Soft || relation.mode == CallMode::Async;
    match &relation.fallback {
        _ if copes => 0.0,
        Some(fallback) => 1.0 - fallback.covers.mean(),
        None => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use whimbrel_plan::{Fallback, Service};

    /// `name`, taking `traffic` requests per second from everyone together.
    fn service(name: &str, traffic: f64) -> Service {
        let value: Value = json!({
            "name": name, "tier": "supporting", "kind": "stateless", "traffic": traffic,
            "moves": true, "cost": {},
        });
        serde_json::from_value(value).unwrap()
    }

    fn call(from: ServiceId, to: ServiceId, rate: f64) -> Relation {
        let value = json!({
            "from": from, "kind": "calls", "to": { "service": to }, "rate": rate,
            "need": "hard", "need_guessed": false, "mode": "sync", "ordering_required": false,
            "evidence": { "kind": "declared", "location": { "file": "plan.mig", "line": 1 } },
        });
        serde_json::from_value(value).unwrap()
    }

    /// What a failure of `c` hurts in a → b → c, where `change` alters the call a → b.
    fn chain(change: impl Fn(&mut Relation)) -> BlastRadius {
        let mut inventory = Inventory::default();
        let a = inventory.services.push(service("a", 30.0));
        let b = inventory.services.push(service("b", 40.0));
        let c = inventory.services.push(service("c", 60.0));
        let mut first = call(a, b, 15.0);
        change(&mut first);
        inventory.relations.push(first);
        inventory.relations.push(call(b, c, 20.0));
        Reach::new(&inventory).blast_radius(Node::Service(c))
    }

    fn assert_blast(blast: &BlastRadius, services: usize, share: f64) {
        assert_eq!(blast.services, services);
        let found = blast.share.unwrap();
        assert!((found - share).abs() < 1e-9, "{found}, expected {share}");
    }

    // From outside come 30 to a, 40 - 15 to b and 60 - 20 to c: 95. All of c fails, so 20/40 of b,
    // so 15/30 of that of a.

    #[test]
    fn a_failure_hurts_callers_by_the_share_of_their_calls() {
        assert_blast(&chain(|_| {}), 3, (40.0 + 25.0 / 2.0 + 30.0 / 4.0) / 95.0);
    }

    #[test]
    fn a_rate_that_is_not_known_is_every_request() {
        // Then nothing of b's traffic is known to come from a: 30 + 40 + 40.
        let blast = chain(|call| call.rate = None);
        assert_blast(&blast, 3, (40.0 + 40.0 / 2.0 + 30.0 / 2.0) / 110.0);
    }

    #[test]
    fn who_copes_is_not_hurt() {
        let coping: [fn(&mut Relation); 3] = [
            |call| call.need = Need::Soft,
            |call| call.mode = CallMode::Async,
            |call| {
                let text = "cached".to_owned();
                call.fallback = Some(Box::new(Fallback {
                    text,
                    covers: 1.0.into(),
                }));
            },
        ];
        for change in coping {
            assert_blast(&chain(change), 2, (40.0 + 25.0 / 2.0) / 95.0);
        }
    }

    #[test]
    fn a_fallback_for_some_calls_does_not_save_the_others() {
        let covering = |covers: f64| {
            chain(move |call| {
                let text = "cached".to_owned();
                call.fallback = Some(Box::new(Fallback {
                    text,
                    covers: covers.into(),
                }));
            })
        };
        // A fifth of a's calls is left: a tenth of its requests, of which b fails half.
        let share = |a: f64| (40.0 + 25.0 / 2.0 + 30.0 * a) / 95.0;
        assert_blast(&covering(0.8), 3, share(0.5 * 0.2 * 0.5));
        // A quarter times 0.2 % is below the 0.1 % from which a service counts as hurt.
        assert_blast(&covering(0.998), 2, share(0.5 * 0.002 * 0.5));
    }

    #[test]
    fn a_cycle_settles_at_its_least_fixed_point() {
        let mut inventory = Inventory::default();
        let a = inventory.services.push(service("a", 100.0));
        let b = inventory.services.push(service("b", 100.0));
        let c = inventory.services.push(service("c", 100.0));
        inventory.relations.push(call(a, b, 50.0));
        inventory.relations.push(call(b, a, 50.0));
        inventory.relations.push(call(b, c, 50.0));
        let mut reach = Reach::new(&inventory);
        // a = b / 2 and b = 1 - (1 - a / 2) / 2 = 1/2 + a / 4, so b = 4/7 and a = 2/7. Half of
        // everybody's traffic is from outside.
        let blast = reach.blast_radius(Node::Service(c));
        assert_blast(&blast, 3, (1.0 + 4.0 / 7.0 + 2.0 / 7.0) / 3.0);
        // Nothing is left over for the next question: a fails wholly, b by half, c not at all.
        let blast = reach.blast_radius(Node::Service(a));
        assert_blast(&blast, 2, (1.0 + 0.5) / 3.0);
    }

    #[test]
    fn an_instance_hurts_the_users_of_what_it_holds() {
        let mut inventory = Inventory::default();
        let user = inventory.services.push(service("user", 10.0));
        inventory.services.push(service("stranger", 10.0));
        let resource = |name: &str, kind: &str, parent: Option<ResourceId>| {
            let value = json!({
                "name": name, "kind": kind, "parent": parent, "tier": "supporting", "moves": true,
                "regimes": [], "residency": [], "ordered": false, "holds_sessions": false,
                "cost": {},
            });
            serde_json::from_value(value).unwrap()
        };
        let instance = inventory.resources.push(resource("pg", "instance", None));
        let store = resource("db", "datastore", Some(instance));
        let store = inventory.resources.push(store);
        let table = resource("db.t", "table", Some(store));
        let table = inventory.resources.push(table);
        let mut reads = call(user, user, 1.0);
        reads.kind = RelationKind::Reads;
        reads.to = Target::Resource(table);
        inventory.relations.push(reads);
        let blast = Reach::new(&inventory).blast_radius(Node::Resource(instance));
        assert_eq!((blast.services, blast.share), (1, Some(0.5)));
    }
}

//! The static blast radius: how much one move that goes wrong can hurt, without chances.
//!
//! A thing that fails hurts itself and everyone who, directly or through others, calls it
//! synchronously, needs it hard and has no fallback that covers all calls; a resource that fails
//! hurts its readers and writers the same way. The simulator says how likely it is; this says how
//! bad it may get.

use whimbrel_plan::{
    CallMode, Inventory, Need, Node, Plan, Relation, RelationKind, ResourceId, ServiceId, Target,
};

/// The worst single move.
#[derive(Clone, Debug, PartialEq)]
pub struct BlastRadius {
    /// What moves.
    pub of: Node,
    /// How many services it hurts.
    pub services: usize,
    /// Their share of the requests that come from outside; none when nothing has traffic.
    pub share: Option<f64>,
}

/// The mover that can hurt the most services, then the largest share, then the first.
pub fn worst(plan: &Plan) -> Option<BlastRadius> {
    let reach = Reach::new(&plan.inventory);
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

struct Reach {
    /// Who fails when this service does.
    callers: Vec<Vec<ServiceId>>,
    /// Who fails when this resource does, and the resources inside it.
    users: Vec<Vec<ServiceId>>,
    inside: Vec<Vec<ResourceId>>,
    /// Requests per second that come from outside.
    entry: Vec<f64>,
}

impl Reach {
    fn new(inventory: &Inventory) -> Self {
        let mut reach = Self {
            callers: vec![Vec::new(); inventory.services.len()],
            users: vec![Vec::new(); inventory.resources.len()],
            inside: vec![Vec::new(); inventory.resources.len()],
            entry: inventory
                .services
                .values()
                .map(|service| service.traffic.unwrap_or(0.0))
                .collect(),
        };
        for relation in inventory.relations.values() {
            reach.add(relation);
        }
        for (id, resource) in inventory.resources.iter() {
            let parent = resource
                .parent
                .and_then(|parent| reach.inside.get_mut(parent.index()));
            parent.into_iter().for_each(|inside| inside.push(id));
        }
        reach
    }

    fn add(&mut self, relation: &Relation) {
        match (&relation.kind, &relation.to) {
            (RelationKind::Calls, Target::Service(callee)) => {
                if let Some(entry) = self.entry.get_mut(callee.index()) {
                    *entry = (*entry - relation.rate.unwrap_or(0.0)).max(0.0);
                }
                if fails_with(relation)
                    && let Some(callers) = self.callers.get_mut(callee.index())
                {
                    callers.push(relation.from);
                }
            }
            (RelationKind::Reads | RelationKind::Writes, Target::Resource(resource)) => {
                if relation.need == Need::Hard
                    && let Some(users) = self.users.get_mut(resource.index())
                {
                    users.push(relation.from);
                }
            }
            _ => {}
        }
    }

    fn blast_radius(&self, of: Node) -> BlastRadius {
        let hurt = self.hurt(of);
        let sum = |only_hurt: bool| -> f64 {
            let rows = self.entry.iter().zip(&hurt);
            rows.filter(|(_, hurt)| !only_hurt || **hurt)
                .map(|(requests, _)| requests)
                .sum()
        };
        let all = sum(false);
        BlastRadius {
            of,
            services: hurt.iter().filter(|hurt| **hurt).count(),
            share: (all > 0.0).then(|| sum(true) / all),
        }
    }

    /// For each service whether it fails when `of` does.
    fn hurt(&self, of: Node) -> Vec<bool> {
        let mut hurt = vec![false; self.callers.len()];
        let mut open = match of {
            Node::Service(service) => vec![service],
            Node::Resource(resource) => self.users_of(resource),
        };
        while let Some(service) = open.pop() {
            match hurt.get_mut(service.index()) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            open.extend(self.callers.get(service.index()).into_iter().flatten());
        }
        hurt
    }

    fn users_of(&self, resource: ResourceId) -> Vec<ServiceId> {
        let mut users = Vec::new();
        let mut open = vec![resource];
        while let Some(resource) = open.pop() {
            users.extend(self.users.get(resource.index()).into_iter().flatten());
            open.extend(self.inside.get(resource.index()).into_iter().flatten());
        }
        users
    }
}

fn fails_with(relation: &Relation) -> bool {
    let covered = relation
        .fallback
        .as_ref()
        .map_or(0.0, |fallback| fallback.covers);
    relation.need == Need::Hard && relation.mode == CallMode::Sync && covered < 1.0
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
        let b = inventory.services.push(service("b", 30.0));
        let c = inventory.services.push(service("c", 60.0));
        let mut first = call(a, b, 20.0);
        change(&mut first);
        inventory.relations.push(first);
        inventory.relations.push(call(b, c, 20.0));
        Reach::new(&inventory).blast_radius(Node::Service(c))
    }

    #[test]
    fn a_failure_hurts_all_that_hang_on_it() {
        // From outside come 30 to a, 30 - 20 to b and 60 - 20 to c: 80, and all are hurt.
        let blast = chain(|_| {});
        assert_eq!((blast.services, blast.share), (3, Some(1.0)));
    }

    #[test]
    fn who_copes_is_not_hurt() {
        // Without a, 50 of the 80 requests are hurt.
        let coping: [fn(&mut Relation); 3] = [
            |call| call.need = Need::Soft,
            |call| call.mode = CallMode::Async,
            |call| {
                let text = "cached".to_owned();
                call.fallback = Some(Fallback { text, covers: 1.0 });
            },
        ];
        for change in coping {
            let blast = chain(change);
            assert_eq!((blast.services, blast.share), (2, Some(50.0 / 80.0)));
        }
    }

    #[test]
    fn a_fallback_for_some_calls_does_not_save_the_others() {
        let blast = chain(|call| {
            let text = "cached".to_owned();
            call.fallback = Some(Fallback { text, covers: 0.8 });
        });
        assert_eq!(blast.services, 3);
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

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

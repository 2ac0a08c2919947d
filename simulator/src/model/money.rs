//! What costs money while which steps are done, relative to not migrating.
//!
//! Choices where the design leaves a detail open:
//! - Dual running of a thing: its new side from the start of its first deploying act to its
//!   cutover, its old side from there to the end of its decommission, or of the migration when it
//!   has none. A shared resource that does not move itself (an instance) follows what stands in
//!   it: the first deploy, the last cutover, the last decommission.
//!   A cutover that is undone later was none: the last one counts.
//! - A bridge stands from the first time it is built, though it may be built again.
//! - A `to` platform's fixed cost runs from the first deploy onto it to the last decommission.
//! - Egress counts while exactly one end of a relation has cut over, or both have and their
//!   platforms differ from where they began; the price is that of the link between them.
//! - A licence that ends before what it covers is removed is renewed year by year, each renewal
//!   dearer by its growth. One that is never removed would be paid anyway and costs nothing.

use whimbrel_plan::{Mover, Node, Plan, PlatformId, Relation, ResourceId, StepId, Target};

use super::people::index;

/// Days of a year, for licences.
const YEAR: f64 = 365.25;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// A new and an old side.
#[derive(Clone, Debug)]
pub(crate) struct DualModel {
    pub(crate) deploys: Vec<u32>,
    pub(crate) cutovers: Vec<u32>,
    /// Empty: until the end.
    pub(crate) decommissions: Vec<u32>,
    pub(crate) new_per_day: f64,
    pub(crate) old_per_day: f64,
}

/// A bridge.
#[derive(Clone, Debug)]
pub(crate) struct BridgeModel {
    pub(crate) built_by: u32,
    pub(crate) until: Vec<u32>,
    pub(crate) per_day: f64,
}

/// A relation whose ends may come apart.
#[derive(Clone, Debug)]
pub(crate) struct CrossingModel {
    pub(crate) cutovers: [Option<u32>; 2],
    /// Per day, by whether the first and the second end have moved.
    pub(crate) per_day: [[f64; 2]; 2],
}

/// A licence that may have to be renewed.
#[derive(Clone, Debug)]
pub(crate) struct LicenceModel {
    pub(crate) removed_by: Vec<u32>,
    /// Microseconds since the start.
    pub(crate) until: i64,
    pub(crate) per_year: f64,
    pub(crate) growth: f64,
}

/// Everything that costs money beside people.
#[derive(Clone, Debug, Default)]
pub(crate) struct MoneyModel {
    pub(crate) automation: f64,
    pub(crate) dual: Vec<DualModel>,
    /// First deploys and decommissions of everything that runs twice, for the days of it.
    pub(crate) twice: Vec<(u32, Option<u32>)>,
    pub(crate) platforms: Vec<DualModel>,
    pub(crate) bridges: Vec<BridgeModel>,
    pub(crate) crossings: Vec<CrossingModel>,
    pub(crate) licences: Vec<LicenceModel>,
}

fn ids(steps: impl IntoIterator<Item = StepId>) -> Vec<u32> {
    steps.into_iter().map(|step| index(step.index())).collect()
}

impl MoneyModel {
    pub(super) fn new(plan: &Plan) -> Self {
        let movers = &plan.movers;
        let twice = movers.iter().filter_map(|mover| {
            let deploy = index(mover.first_deploy?.index());
            Some((deploy, mover.decommission.map(|step| index(step.index()))))
        });
        let bridges = plan.bridges.values().filter_map(|bridge| {
            Some(BridgeModel {
                built_by: index(bridge.built_by.index()),
                until: ids(bridge.until.iter().copied()),
                per_day: bridge.cost_per_day?,
            })
        });
        let start = plan.migration.start;
        let licences = plan.inventory.licences.iter();
        let licences = licences.filter(|licence| !licence.removed_by.is_empty());
        Self {
            automation: plan.automation_cost.unwrap_or(0.0),
            dual: dual(plan),
            twice: twice.collect(),
            platforms: platforms(plan),
            bridges: bridges.collect(),
            crossings: crossings(plan),
            licences: licences
                .map(|licence| LicenceModel {
                    removed_by: ids(licence.removed_by.iter().copied()),
                    until: licence.until.as_microsecond() - start.as_microsecond(),
                    per_year: licence.cost_per_day * YEAR,
                    growth: 1.0 + licence.grows_per_year,
                })
                .collect(),
        }
    }
}

fn dual(plan: &Plan) -> Vec<DualModel> {
    let inventory = &plan.inventory;
    let moving = plan.movers.iter().map(|mover| {
        let cost = match mover.node {
            Node::Service(id) => inventory.services[id].cost,
            Node::Resource(id) => inventory.resources[id].cost,
        };
        (cost, vec![mover])
    });
    let shared = inventory.resources.iter().filter_map(|(id, resource)| {
        let inside: Vec<&Mover> = plan
            .movers
            .iter()
            .filter(|m| stands_in(plan, m, id))
            .collect();
        let itself = plan.movers.iter().any(|m| m.node == Node::Resource(id));
        (!itself && !inside.is_empty()).then_some((resource.cost, inside))
    });
    moving
        .chain(shared)
        .filter(|(cost, _)| cost.new_per_day.is_some() || cost.old_per_day.is_some())
        .map(|(cost, movers)| DualModel {
            new_per_day: cost.new_per_day.unwrap_or(0.0),
            old_per_day: cost.old_per_day.unwrap_or(0.0),
            ..of_movers(&movers)
        })
        .collect()
}

fn of_movers(movers: &[&Mover]) -> DualModel {
    let kept = movers.iter().any(|mover| mover.decommission.is_none());
    DualModel {
        deploys: ids(movers.iter().filter_map(|mover| mover.first_deploy)),
        cutovers: ids(movers.iter().map(|mover| mover.cutover)),
        decommissions: if kept {
            Vec::new()
        } else {
            ids(movers.iter().filter_map(|mover| mover.decommission))
        },
        new_per_day: 0.0,
        old_per_day: 0.0,
    }
}

fn stands_in(plan: &Plan, mover: &Mover, shared: ResourceId) -> bool {
    let Node::Resource(id) = mover.node else {
        return false;
    };
    let mut parent = plan.inventory.resources[id].parent;
    while let Some(id) = parent {
        if id == shared {
            return true;
        }
        parent = plan.inventory.resources[id].parent;
    }
    false
}

fn platforms(plan: &Plan) -> Vec<DualModel> {
    let onto = |platform: PlatformId| {
        let there = move |mover: &&Mover| ends(plan, mover.node).1 == Some(platform);
        plan.movers.iter().filter(there).collect::<Vec<_>>()
    };
    let mut to = plan.migration.to.clone();
    to.sort_unstable();
    to.dedup();
    to.into_iter()
        .filter_map(|platform| {
            let per_day = plan.inventory.platforms[platform].cost_per_day?;
            Some(DualModel {
                new_per_day: per_day,
                old_per_day: per_day,
                ..of_movers(&onto(platform))
            })
        })
        .collect()
}

/// Where a node is and where it is to be.
fn ends(plan: &Plan, node: Node) -> (Option<PlatformId>, Option<PlatformId>) {
    match node {
        Node::Service(id) => {
            let service = &plan.inventory.services[id];
            (service.on, service.to)
        }
        Node::Resource(id) => {
            let resource = &plan.inventory.resources[id];
            (resource.on, resource.to)
        }
    }
}

/// The cutover that moves a node: its own, or that of what it stands in or what stands in it.
fn cutover(plan: &Plan, node: Node) -> Option<u32> {
    let mut node = node;
    loop {
        if let Some(mover) = plan.movers.iter().find(|mover| mover.node == node) {
            return Some(index(mover.cutover.index()));
        }
        let Node::Resource(id) = node else {
            return None;
        };
        node = Node::Resource(plan.inventory.resources[id].parent?);
    }
}

fn crossings(plan: &Plan) -> Vec<CrossingModel> {
    let relations = plan.inventory.relations.values();
    relations
        .filter_map(|relation| crossing(plan, relation))
        .collect()
}

fn crossing(plan: &Plan, relation: &Relation) -> Option<CrossingModel> {
    let far = match &relation.to {
        Target::Service(id) => Node::Service(*id),
        Target::Resource(id) => Node::Resource(*id),
        Target::Address(_) => return None,
    };
    let bytes_per_day = relation.rate? * relation.bytes? * SECONDS_PER_DAY;
    let near = Node::Service(relation.from);
    let (near_ends, far_ends) = (ends(plan, near), ends(plan, far));
    let began = (near_ends.0?, far_ends.0?);
    let price = |near: Option<PlatformId>, far: Option<PlatformId>| -> f64 {
        let (Some(near), Some(far)) = (near, far) else {
            return 0.0;
        };
        if near == far || (near, far) == began {
            return 0.0;
        }
        egress(plan, near, far) * bytes_per_day
    };
    let per_day = [
        [0.0, price(near_ends.0, far_ends.1)],
        [
            price(near_ends.1, far_ends.0),
            price(near_ends.1, far_ends.1),
        ],
    ];
    per_day
        .iter()
        .flatten()
        .any(|price| *price > 0.0)
        .then(|| CrossingModel {
            cutovers: [cutover(plan, near), cutover(plan, far)],
            per_day,
        })
}

fn egress(plan: &Plan, one: PlatformId, other: PlatformId) -> f64 {
    plan.inventory
        .links
        .values()
        .filter(|link| (link.from, link.to) == (one, other) || (link.to, link.from) == (one, other))
        .filter_map(|link| link.egress_per_byte)
        .next()
        .unwrap_or(0.0)
}

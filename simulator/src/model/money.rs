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

use std::collections::BTreeMap;

use whimbrel_plan::{
    Act, Link, Mover, Node, Plan, PlatformId, Relation, ResourceId, StepId, Target,
};

use super::figure::{Figure, Inputs, link_entity, node_entity, relation_entity};
use super::order::StepOrder;
use super::people::index;
use super::transfer::copied_entity;
use crate::column::{Column, Lists};
use crate::philox::Purpose;

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
    pub(crate) new_per_day: Figure,
    pub(crate) old_per_day: Figure,
}

/// Things that run twice until the same step is done.
#[derive(Clone, Debug)]
pub(crate) struct TwiceModel {
    /// The first to start of their deploys is one of these.
    pub(crate) deploys: Vec<u32>,
    /// None: until the end.
    pub(crate) decommission: Option<u32>,
}

/// A bridge.
#[derive(Clone, Debug)]
pub(crate) struct BridgeModel {
    pub(crate) built_by: u32,
    pub(crate) until: Vec<u32>,
    pub(crate) per_day: Figure,
}

/// A relation whose ends may come apart.
#[derive(Clone, Debug)]
pub(crate) struct CrossingModel {
    pub(crate) cutovers: [Option<u32>; 2],
    /// Price of a byte, by whether the first and the second end have moved.
    pub(crate) prices: [[Figure; 2]; 2],
    /// Calls per second, and bytes per call.
    rate: Figure,
    bytes: Figure,
}

/// A data move over a link with a price.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CopyingModel {
    pub(crate) step: u32,
    /// Bytes that each attempt carries over.
    pub(crate) size: Figure,
    /// Of a byte.
    pub(crate) price: Figure,
}

/// A licence that may have to be renewed.
#[derive(Clone, Debug)]
pub(crate) struct LicenceModel {
    pub(crate) removed_by: Vec<u32>,
    /// Microseconds since the start.
    pub(crate) until: i64,
    per_day: Figure,
    grows_per_year: Figure,
}

impl LicenceModel {
    /// The last price of a year, and the factor from one year to the next.
    pub(crate) fn prices(&self, inputs: &Column<f64>) -> (f64, f64) {
        let growth = 1.0 + self.grows_per_year.value(inputs);
        (self.per_day.value(inputs) * YEAR, growth)
    }
}

impl CrossingModel {
    /// What a day costs, by whether the first and the second end have moved.
    pub(crate) fn per_day(&self, inputs: &Column<f64>) -> [[f64; 2]; 2] {
        let volume = self.rate.value(inputs) * self.bytes.value(inputs) * SECONDS_PER_DAY;
        self.prices
            .map(|prices| prices.map(|price| price.value(inputs) * volume))
    }
}

/// Everything that costs money beside people.
#[derive(Clone, Debug)]
pub(crate) struct MoneyModel {
    pub(crate) automation: Figure,
    pub(crate) dual: Vec<DualModel>,
    /// Everything that runs twice, for the days of it.
    pub(crate) twice: Vec<TwiceModel>,
    pub(crate) platforms: Vec<DualModel>,
    pub(crate) bridges: Vec<BridgeModel>,
    pub(crate) crossings: Vec<CrossingModel>,
    pub(crate) copying: Vec<CopyingModel>,
    pub(crate) licences: Vec<LicenceModel>,
}

fn ids(steps: impl IntoIterator<Item = StepId>) -> Vec<u32> {
    steps.into_iter().map(|step| index(step.index())).collect()
}

impl MoneyModel {
    /// Gives each step the number that `number` makes of its own.
    pub(super) fn number(&mut self, number: impl Fn(u32) -> u32) {
        let all = |steps: &mut Vec<u32>| steps.iter_mut().for_each(|step| *step = number(*step));
        let one = |step: &mut Option<u32>| *step = step.map(&number);
        for dual in self.dual.iter_mut().chain(&mut self.platforms) {
            all(&mut dual.deploys);
            all(&mut dual.cutovers);
            all(&mut dual.decommissions);
        }
        for twice in &mut self.twice {
            all(&mut twice.deploys);
            one(&mut twice.decommission);
        }
        for bridge in &mut self.bridges {
            bridge.built_by = number(bridge.built_by);
            all(&mut bridge.until);
        }
        for crossing in &mut self.crossings {
            crossing.cutovers.iter_mut().for_each(one);
        }
        for copying in &mut self.copying {
            copying.step = number(copying.step);
        }
        for licence in &mut self.licences {
            all(&mut licence.removed_by);
        }
    }

    pub(super) fn new(plan: &Plan, network: &Network<'_>, inputs: &mut Inputs<'_>) -> Self {
        let bridges = plan.bridges.values().filter_map(|bridge| {
            Some(BridgeModel {
                built_by: index(bridge.built_by.index()),
                until: ids(bridge.until.iter().copied()),
                per_day: inputs.some(
                    bridge.cost_per_day.as_ref(),
                    &format!("bridge/{}", bridge.name),
                    Purpose::Cost,
                )?,
            })
        });
        let bridges = bridges.collect();
        let start = plan.migration.start;
        let licences = plan.inventory.licences.iter();
        let licences = licences.filter(|licence| !licence.removed_by.is_empty());
        Self {
            automation: inputs.or_zero(plan.automation_cost.as_ref(), "automation", Purpose::Cost),
            dual: dual(plan, inputs),
            twice: twice(plan, network),
            platforms: platforms(plan, network, inputs),
            bridges,
            crossings: crossings(plan, inputs),
            copying: copying(plan, inputs),
            licences: licences
                .map(|licence| {
                    let entity = format!("licence/{}", licence.name);
                    let growth = &licence.grows_per_year;
                    LicenceModel {
                        removed_by: ids(licence.removed_by.iter().copied()),
                        until: licence.until.as_microsecond() - start.as_microsecond(),
                        per_day: inputs.figure(&licence.cost_per_day, &entity, Purpose::Cost),
                        grows_per_year: inputs.figure(growth, &entity, Purpose::Growth),
                    }
                })
                .collect(),
        }
    }
}

/// Steps and what comes before each.
pub(super) struct Network<'a> {
    topological: &'a [u32],
    predecessors: &'a Lists,
}

impl<'a> Network<'a> {
    pub(super) fn new(order: &'a StepOrder, predecessors: &'a Lists) -> Self {
        Self {
            topological: &order.topological,
            predecessors,
        }
    }

    /// Those of `steps` that come after none of the others: one of them is the first to start.
    fn sources(&self, steps: &[u32]) -> Vec<u32> {
        if steps.len() < 2 {
            return steps.to_vec();
        }
        let mut among = Column::filled(false, self.topological.len());
        steps.iter().for_each(|&step| among[step as usize] = true);
        let mut after = Column::filled(false, self.topological.len());
        for &step in self.topological {
            let before = self.predecessors.of(step as usize).iter();
            let mut before = before.map(|&p| among[p as usize] || after[p as usize]);
            after[step as usize] = before.any(|it| it);
        }
        let sources = steps.iter().copied();
        sources.filter(|&step| !after[step as usize]).collect()
    }
}

fn twice(plan: &Plan, network: &Network<'_>) -> Vec<TwiceModel> {
    let mut deploys: BTreeMap<Option<u32>, Vec<u32>> = BTreeMap::new();
    for mover in &plan.movers {
        if let Some(deploy) = mover.first_deploy {
            let decommission = mover.decommission.map(|step| index(step.index()));
            let together = deploys.entry(decommission).or_default();
            together.push(index(deploy.index()));
        }
    }
    let together = deploys.into_iter();
    let together = together.map(|(decommission, deploys)| TwiceModel {
        deploys: network.sources(&deploys),
        decommission,
    });
    together.collect()
}

fn dual(plan: &Plan, inputs: &mut Inputs<'_>) -> Vec<DualModel> {
    let inventory = &plan.inventory;
    let moving = plan.movers.iter().map(|mover| {
        let cost = match mover.node {
            Node::Service(id) => &inventory.services[id].cost,
            Node::Resource(id) => &inventory.resources[id].cost,
        };
        (mover.node, cost, vec![mover])
    });
    let shared = inventory.resources.iter().filter_map(|(id, resource)| {
        let inside: Vec<&Mover> = plan
            .movers
            .iter()
            .filter(|m| stands_in(plan, m, id))
            .collect();
        let itself = plan.movers.iter().any(|m| m.node == Node::Resource(id));
        (!itself && !inside.is_empty()).then_some((Node::Resource(id), &resource.cost, inside))
    });
    moving
        .chain(shared)
        .filter(|(_, cost, _)| cost.new_per_day.is_some() || cost.old_per_day.is_some())
        .map(|(node, cost, movers)| {
            let entity = node_entity(plan, node);
            let (new, old) = (cost.new_per_day.as_ref(), cost.old_per_day.as_ref());
            DualModel {
                new_per_day: inputs.or_zero(new, &entity, Purpose::NewCost),
                old_per_day: inputs.or_zero(old, &entity, Purpose::OldCost),
                ..of_movers(&movers)
            }
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
        new_per_day: Figure::Known(0.0),
        old_per_day: Figure::Known(0.0),
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

fn platforms(plan: &Plan, network: &Network<'_>, inputs: &mut Inputs<'_>) -> Vec<DualModel> {
    let onto = |platform: PlatformId| {
        let there = move |mover: &&Mover| ends(plan, mover.node).1 == Some(platform);
        plan.movers.iter().filter(there).collect::<Vec<_>>()
    };
    let mut to = plan.migration.to.clone();
    to.sort_unstable();
    to.dedup();
    to.into_iter()
        .filter_map(|platform| {
            let of = &plan.inventory.platforms[platform];
            let entity = format!("platform/{}", of.name);
            let per_day = inputs.some(of.cost_per_day.as_ref(), &entity, Purpose::Cost)?;
            let all = of_movers(&onto(platform));
            Some(DualModel {
                new_per_day: per_day,
                old_per_day: per_day,
                deploys: network.sources(&all.deploys),
                ..all
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

fn copying(plan: &Plan, inputs: &mut Inputs<'_>) -> Vec<CopyingModel> {
    let priced = plan.steps.iter().filter_map(|(id, step)| {
        let Act::Transfer(transfer) = &step.act else {
            return None;
        };
        let link = &plan.inventory.links[transfer.link?];
        let price = link.egress_per_byte.as_ref()?;
        let entity = copied_entity(plan, step);
        Some(CopyingModel {
            step: index(id.index()),
            size: inputs.figure(&transfer.size, &entity, Purpose::Size),
            price: inputs.figure(price, &link_entity(plan, link), Purpose::Egress),
        })
    });
    priced.collect()
}

fn crossings(plan: &Plan, inputs: &mut Inputs<'_>) -> Vec<CrossingModel> {
    let relations = plan.inventory.relations.values();
    relations
        .filter_map(|relation| crossing(plan, relation, inputs))
        .collect()
}

fn crossing(plan: &Plan, relation: &Relation, inputs: &mut Inputs<'_>) -> Option<CrossingModel> {
    let far = match &relation.to {
        Target::Service(id) => Node::Service(*id),
        Target::Resource(id) => Node::Resource(*id),
        Target::Address(_) => return None,
    };
    let (rate, bytes) = (relation.rate.as_ref()?, relation.bytes.as_ref()?);
    let near = Node::Service(relation.from);
    let (near_ends, far_ends) = (ends(plan, near), ends(plan, far));
    let began = (near_ends.0?, far_ends.0?);
    let priced = |near: Option<PlatformId>, far: Option<PlatformId>| -> Option<&Link> {
        let (near, far) = (near?, far?);
        let apart = near != far && (near, far) != began;
        apart.then(|| priced_link(plan, near, far)).flatten()
    };
    let links = [
        [None, priced(near_ends.0, far_ends.1)],
        [
            priced(near_ends.1, far_ends.0),
            priced(near_ends.1, far_ends.1),
        ],
    ];
    if links.iter().flatten().all(Option::is_none) {
        return None;
    }
    let entity = relation_entity(plan, relation);
    let mut price = |link: Option<&Link>| {
        let link = link.map(|link| (link_entity(plan, link), link.egress_per_byte.as_ref()));
        link.map_or(Figure::Known(0.0), |(entity, price)| {
            inputs.or_zero(price, &entity, Purpose::Egress)
        })
    };
    Some(CrossingModel {
        cutovers: [cutover(plan, near), cutover(plan, far)],
        prices: links.map(|links| links.map(&mut price)),
        rate: inputs.figure(rate, &entity, Purpose::CallRate),
        bytes: inputs.figure(bytes, &entity, Purpose::Bytes),
    })
}

/// The first link between two platforms that says what a byte across it costs.
fn priced_link(plan: &Plan, one: PlatformId, other: PlatformId) -> Option<&Link> {
    plan.inventory
        .links
        .values()
        .filter(|link| (link.from, link.to) == (one, other) || (link.to, link.from) == (one, other))
        .find(|link| link.egress_per_byte.is_some())
}

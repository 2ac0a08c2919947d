//! Numbers of the model that are drawn once a trial where the plan knows them only as laws.
//!
//! Choices where the design leaves a detail open:
//! - What belongs to the world has one value in a trial: prices, rates, sizes, bandwidths, traffic,
//!   and how likely things are. Its draw is attempt 0 of the thing's entity, with a purpose of its
//!   own for each attribute. What belongs to an attempt (soak, downtime, severity) is drawn in it.
//! - Entities are `KIND/NAME` (`team/payments`, `datastore/orders_db`), a link's `link/A->B`, a
//!   relation's `A->B`, `automation`, `driver/NAME`, and the step's name.
//! - An engine's throughput is that of the instance where a datastore takes it over from there.
//! - The P90 of a transfer takes size and change at their P90, bandwidth and throughput at their
//!   P10. In a trial whose transfer never catches up the migration never ends.

use std::collections::HashMap;

use whimbrel_plan::{Amount, Node, Plan, RelationKind, Resource, Target};

use crate::column::Column;
use crate::philox::{Draws, Entity, Purpose};
use crate::sampler::{Sampler, Samplers};

/// A number of the model.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure {
    Known(f64),
    /// The input at this position, as drawn.
    Drawn(u32),
}

impl Figure {
    #[inline]
    pub(crate) fn value(self, inputs: &Column<f64>) -> f64 {
        match self {
            Self::Known(value) => value,
            Self::Drawn(input) => inputs[input as usize],
        }
    }

    pub(super) fn is_drawn(self) -> bool {
        matches!(self, Self::Drawn(_))
    }
}

/// What is drawn once a trial.
#[derive(Clone, Debug)]
pub(crate) struct InputModel {
    /// `team/payments/rate`.
    pub(crate) name: String,
    pub(crate) entity: Entity,
    pub(crate) purpose: Purpose,
    amount: Amount,
    pub(crate) sampler: Sampler,
}

impl InputModel {
    pub(crate) fn draw(&self, draws: Draws) -> f64 {
        self.at(self.uniform(draws))
    }

    /// Where in its law it is drawn, from 0 to 1.
    pub(crate) fn uniform(&self, draws: Draws) -> f64 {
        draws.uniform(self.entity, self.purpose, 0)
    }

    /// Its quantile.
    pub(crate) fn at(&self, share: f64) -> f64 {
        self.sampler.sample(share)
    }

    pub(crate) fn mean(&self) -> f64 {
        self.amount.mean()
    }
}

/// Gathers the inputs of a plan.
pub(super) struct Inputs<'s> {
    pub(super) samplers: &'s mut Samplers,
    pub(super) drawn: Column<InputModel>,
    known: HashMap<String, Vec<u32>>,
}

impl<'s> Inputs<'s> {
    pub(super) fn new(samplers: &'s mut Samplers) -> Self {
        Self {
            samplers,
            drawn: Column::default(),
            known: HashMap::new(),
        }
    }

    /// The figure of an attribute of `entity`; the same law of the same thing is one input.
    pub(super) fn figure(&mut self, amount: &Amount, entity: &str, purpose: Purpose) -> Figure {
        let Some(law) = amount.law() else {
            return Figure::Known(amount.mean());
        };
        let name = format!("{entity}/{}", attribute(purpose));
        let known = self.known.entry(name.clone()).or_default();
        let same = |&&input: &&u32| self.drawn[input as usize].amount == *amount;
        if let Some(&input) = known.iter().find(same) {
            return Figure::Drawn(input);
        }
        let input = self.drawn.push(InputModel {
            name,
            entity: Entity::new(entity),
            purpose,
            amount: amount.clone(),
            sampler: self.samplers.make(law),
        });
        known.push(input);
        Figure::Drawn(input)
    }

    /// The figure where the plan gives one.
    pub(super) fn some(
        &mut self,
        amount: Option<&Amount>,
        entity: &str,
        purpose: Purpose,
    ) -> Option<Figure> {
        amount.map(|amount| self.figure(amount, entity, purpose))
    }

    /// The figure, zero where the plan gives none.
    pub(super) fn or_zero(
        &mut self,
        amount: Option<&Amount>,
        entity: &str,
        purpose: Purpose,
    ) -> Figure {
        self.some(amount, entity, purpose)
            .unwrap_or(Figure::Known(0.0))
    }

    /// The law of what is drawn in each attempt.
    pub(super) fn sampler(&mut self, amount: &Amount) -> Sampler {
        match amount.law() {
            Some(law) => self.samplers.make(law),
            None => Sampler::Constant(amount.mean()),
        }
    }

    /// The inputs at their means.
    pub(super) fn means(&self) -> Column<f64> {
        self.drawn.iter().map(InputModel::mean).collect()
    }
}

/// The entity of a service or resource.
pub(super) fn node_entity(plan: &Plan, node: Node) -> String {
    match node {
        Node::Service(id) => format!("service/{}", plan.inventory.services[id].name),
        Node::Resource(id) => resource_entity(&plan.inventory.resources[id]),
    }
}

fn resource_entity(resource: &Resource) -> String {
    format!("{}/{}", resource.kind.keyword(), resource.name)
}

/// Whose throughput that of a node is: of the outermost it takes it over from.
pub(super) fn engine_entity(plan: &Plan, node: Node) -> String {
    let Node::Resource(mut id) = node else {
        return node_entity(plan, node);
    };
    let resources = &plan.inventory.resources;
    while let Some(parent) = resources[id].parent
        && resources[parent].throughput.is_some()
        && resources[parent].throughput == resources[id].throughput
    {
        id = parent;
    }
    resource_entity(&resources[id])
}

/// The entity of a link.
pub(super) fn link_entity(plan: &Plan, link: &whimbrel_plan::Link) -> String {
    let platforms = &plan.inventory.platforms;
    let (from, to) = (&platforms[link.from].name, &platforms[link.to].name);
    format!("link/{from}->{to}")
}

/// The entity of what a service does to something: its reads and writes rise together.
pub(super) fn relation_entity(plan: &Plan, relation: &whimbrel_plan::Relation) -> String {
    let from = &plan.inventory.services[relation.from].name;
    let to = match (&relation.to, relation.kind) {
        (Target::Service(id), RelationKind::Seen) => {
            format!("{}/seen", plan.inventory.services[*id].name)
        }
        (Target::Service(id), _) => plan.inventory.services[*id].name.clone(),
        (Target::Resource(id), _) => resource_entity(&plan.inventory.resources[*id]),
        (Target::Address(address), _) => address.clone(),
    };
    format!("{from}->{to}")
}

/// The attribute that a draw is for.
pub(crate) fn attribute(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Duration => "takes",
        Purpose::Failure | Purpose::Onset | Purpose::Chance => "fails",
        Purpose::Detect => "detect",
        Purpose::Undo => "undo_takes",
        Purpose::Fix => "fix",
        Purpose::Gate => "answer",
        Purpose::Escalation => "escalate",
        Purpose::DriverChance => "chance",
        Purpose::DriverFactor => "factor",
        Purpose::Hazard | Purpose::HazardRate => "hazard",
        Purpose::Soak => "soak",
        Purpose::Downtime => "downtime",
        Purpose::Severity => "severity",
        Purpose::Learning => "learning",
        Purpose::Cost => "cost",
        Purpose::OldCost => "cost.old",
        Purpose::NewCost => "cost.new",
        Purpose::TeamRate | Purpose::CallRate => "rate",
        Purpose::Growth => "grows",
        Purpose::Revenue => "revenue",
        Purpose::Traffic => "traffic",
        Purpose::Lag => "lag",
        Purpose::Bytes => "bytes",
        Purpose::Covers => "covers",
        Purpose::Size => "size",
        Purpose::ChangeRate => "change_rate",
        Purpose::Throughput => "throughput",
        Purpose::Bandwidth => "bandwidth",
        Purpose::Egress => "egress",
    }
}

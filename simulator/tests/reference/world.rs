//! What a plan does not know for sure of the world is so or so in a trial, and stays so.
//!
//! Each number that is not of a single attempt has an address: its thing and what it says of it. In
//! a trial it is drawn there once, as attempt 0; then the plan is one without such uncertainty.

use std::cell::RefCell;

use whimbrel_plan::*;

use crate::philox::{Draws, Entity, Purpose};
use crate::random_plan::{Feature, Maker};
use crate::sampler::Samplers;

/// A number of the world as it is.
pub fn known(amount: &Amount) -> f64 {
    assert!(amount.is_certain(), "not drawn: {amount:?}");
    amount.mean()
}

pub fn or_zero(amount: &Option<Amount>) -> f64 {
    amount.as_ref().map_or(0.0, known)
}

/// The world of a trial.
pub fn of(plan: &Plan, seed: u64, trial: u32, samplers: &RefCell<Samplers>) -> Plan {
    let mut world = plan.clone();
    let draws = Draws::new(seed, trial);
    visit(&mut world, &mut |entity, purpose, amount| {
        if let Amount::Uncertain(law) = amount {
            let u = draws.uniform(Entity::new(entity), purpose, 0);
            *amount = samplers.borrow_mut().make(law).sample(u).into();
        }
    });
    world
}

type Visit<'a> = &'a mut dyn FnMut(&str, Purpose, &mut Amount);

/// Shows every number of the world with its address.
fn visit(plan: &mut Plan, see: Visit<'_>) {
    inventory(&mut plan.inventory, see);
    relations(&mut plan.inventory, see);
    if let Some(cost) = &mut plan.automation_cost {
        see("automation", Purpose::Cost, cost);
    }
    for (_, bridge) in plan.bridges.iter_mut() {
        if let Some(cost) = &mut bridge.cost_per_day {
            see(&format!("bridge/{}", bridge.name), Purpose::Cost, cost);
        }
        if let Some(lag) = &mut bridge.lag {
            see(&format!("bridge/{}", bridge.name), Purpose::Lag, lag);
        }
    }
    for (_, driver) in plan.drivers.iter_mut() {
        let entity = format!("driver/{}", driver.name);
        see(&entity, Purpose::DriverChance, &mut driver.chance);
    }
    for (_, step) in plan.steps.iter_mut() {
        let name = step.name.clone();
        let failure = &mut step.failure;
        see(&name, Purpose::Chance, &mut failure.chance);
        see(&name, Purpose::Learning, &mut failure.learning);
        if let Some(hazard) = &mut failure.hazard {
            see(&name, Purpose::HazardRate, hazard);
        }
        let Subject::Resource(resource) = step.subject else {
            continue;
        };
        if let Act::Transfer(transfer) = &mut step.act {
            let entity = thing(&plan.inventory.resources[resource]);
            see(&entity, Purpose::Size, &mut transfer.size);
            see(&entity, Purpose::ChangeRate, &mut transfer.change_rate);
            if let Some(throughput) = &mut transfer.throughput {
                see(&entity, Purpose::Throughput, throughput);
            }
        }
    }
}

/// The random plans know datastores only.
fn thing(resource: &Resource) -> String {
    format!("datastore/{}", resource.name)
}

fn inventory(inventory: &mut Inventory, see: Visit<'_>) {
    let names: Vec<String> = inventory
        .platforms
        .values()
        .map(|p| p.name.clone())
        .collect();
    for (_, platform) in inventory.platforms.iter_mut() {
        if let Some(cost) = &mut platform.cost_per_day {
            see(&format!("platform/{}", platform.name), Purpose::Cost, cost);
        }
    }
    for (_, link) in inventory.links.iter_mut() {
        let entity = format!(
            "link/{}->{}",
            names[link.from.index()],
            names[link.to.index()]
        );
        let both = [
            (Purpose::Bandwidth, &mut link.bandwidth),
            (Purpose::Egress, &mut link.egress_per_byte),
        ];
        for (purpose, amount) in both {
            if let Some(amount) = amount {
                see(&entity, purpose, amount);
            }
        }
    }
    for (_, team) in inventory.teams.iter_mut() {
        if let Some(rate) = &mut team.rate_per_hour {
            see(&format!("team/{}", team.name), Purpose::TeamRate, rate);
        }
    }
    let services = inventory.services.iter_mut().map(|(_, service)| {
        let entity = format!("service/{}", service.name);
        let own = vec![
            (Purpose::Traffic, &mut service.traffic),
            (Purpose::Revenue, &mut service.revenue),
        ];
        (entity, &mut service.cost, own)
    });
    let resources = inventory
        .resources
        .iter_mut()
        .map(|(_, resource)| (thing(resource), &mut resource.cost, vec![]));
    for (entity, cost, mut amounts) in services.chain(resources) {
        amounts.push((Purpose::OldCost, &mut cost.old_per_day));
        amounts.push((Purpose::NewCost, &mut cost.new_per_day));
        for (purpose, amount) in amounts {
            if let Some(amount) = amount {
                see(&entity, purpose, amount);
            }
        }
    }
    for licence in &mut inventory.licences {
        let entity = format!("licence/{}", licence.name);
        see(&entity, Purpose::Cost, &mut licence.cost_per_day);
        see(&entity, Purpose::Growth, &mut licence.grows_per_year);
    }
}

/// How often one thing turns to another, and with how much.
fn relations(inventory: &mut Inventory, see: Visit<'_>) {
    for (_, relation) in inventory.relations.iter_mut() {
        let to = match &relation.to {
            Target::Service(id) => inventory.services[*id].name.clone(),
            Target::Resource(id) => thing(&inventory.resources[*id]),
            Target::Address(address) => address.clone(),
        };
        let entity = format!("{}->{to}", inventory.services[relation.from].name);
        let covers = relation
            .fallback
            .as_mut()
            .map(|fallback| &mut fallback.covers);
        for (purpose, amount) in [
            (Purpose::CallRate, relation.rate.as_mut()),
            (Purpose::Bytes, relation.bytes.as_mut()),
            (Purpose::Covers, covers),
        ] {
            if let Some(amount) = amount {
                see(&entity, purpose, amount);
            }
        }
    }
}

impl Maker {
    /// Makes numbers uncertain, of the world and of attempts.
    pub fn uncertainty(&mut self) {
        if !self.has(Feature::Uncertainty) {
            return;
        }
        let Self { plan, dice, .. } = self;
        let mut blur = |share: bool, amount: &mut Amount| {
            let (value, law) = (amount.mean(), dice.below(6));
            // What is left certain is mixed with what is not.
            if value == 0.0 || law < 2 {
                return;
            }
            let high = if share { value.min(1.0) } else { 2.0 * value };
            let middle = 0.7 * value;
            *amount = match law {
                2 => Distribution::uniform(0.5 * value, high),
                3 => Distribution::triangular(0.2 * value, middle, high),
                4 => Distribution::pert(0.5 * value, middle, high),
                _ => Distribution::discrete(vec![(middle, 0.75), (high, 0.25)]),
            }
            .unwrap()
            .into();
        };
        visit(plan, &mut |_, purpose, amount| {
            let shares = [
                Purpose::Chance,
                Purpose::DriverChance,
                Purpose::Learning,
                Purpose::Covers,
            ];
            blur(shares.contains(&purpose), amount);
        });
        for (_, step) in plan.steps.iter_mut() {
            blur(false, &mut step.soak);
            blur(false, &mut step.downtime);
            blur(true, &mut step.failure.severity);
        }
        for (_, step) in plan.steps.iter_mut() {
            if let Act::Transfer(transfer) = &mut step.act
                && dice.one_in(4)
            {
                // One in fourteen changes faster than it is copied.
                let law = Distribution::discrete(vec![(1e6, 0.93), (1.5e8, 0.07)]);
                transfer.change_rate = law.unwrap().into();
            }
        }
    }
}

//! What exists in a random plan, who calls whom, and what it costs.

use whimbrel_plan::*;

use crate::common;
use crate::random_plan::{Feature, Maker};

impl Maker {
    pub fn inventory(&mut self) {
        let platform = |name: &str, cost: Option<Amount>| Platform {
            name: name.to_owned(),
            doc: None,
            region: None,
            jurisdiction: None,
            cost_per_day: cost,
        };
        let platforms = &mut self.plan.inventory.platforms;
        let old = platforms.push(platform("old", None));
        let new = platforms.push(platform("new", Some(40.0.into())));
        self.plan.migration.from = vec![old];
        self.plan.migration.to = vec![new];
        let at_once = 1 + self.dice.below(2) as u32;
        self.plan.inventory.links.push(Link {
            from: old,
            to: new,
            bandwidth: Some(1e8.into()),
            latency: None,
            private: true,
            egress_per_byte: Some(2e-11.into()),
            at_once,
        });
        if !self.has(Feature::Failures) {
            return;
        }
        for number in 0..1 + self.dice.below(4) {
            let traffic = (!self.dice.one_in(5)).then(|| 10.0 + self.dice.below(90) as f64);
            let id = common::service(&mut self.plan, &format!("s{number}"), traffic);
            let revenue = self.dice.one_in(2).then_some(0.5.into());
            let service = &mut self.plan.inventory.services[id];
            service.on = Some(old);
            service.to = Some(new);
            service.revenue = revenue;
            service.cost = RunningCost {
                old_per_day: Some(20.0.into()),
                new_per_day: self.dice.one_in(2).then_some(10.0.into()),
            };
        }
        for number in 0..self.dice.below(3) {
            let mut resource = resource(&format!("r{number}"));
            if number == 1 && self.dice.one_in(2) {
                resource.parent = Some(ResourceId::new(0));
            }
            resource.on = Some(old);
            resource.to = Some(new);
            resource.cost.old_per_day = Some(30.0.into());
            resource.cost.new_per_day = Some(35.0.into());
            resource.backup_every = self.dice.one_in(3).then_some(1800.0);
            self.plan.inventory.resources.push(resource);
        }
        if self.has(Feature::Exposure) {
            self.relations();
        }
    }

    fn relations(&mut self) {
        let services: Vec<ServiceId> = self.plan.inventory.services.ids().collect();
        let resources: Vec<ResourceId> = self.plan.inventory.resources.ids().collect();
        for &from in &services {
            for &to in &services {
                if from != to && self.dice.one_in(2) {
                    let rate = (!self.dice.one_in(4)).then(|| self.dice.below(60) as f64);
                    let relation = common::call(&mut self.plan, from, to, rate);
                    self.soften(relation);
                }
            }
            for &to in &resources {
                if self.dice.one_in(2) {
                    let relation = common::call(&mut self.plan, from, from, Some(5.0));
                    let made = &mut self.plan.inventory.relations[relation];
                    made.to = Target::Resource(to);
                    made.kind = self.dice.pick(&[RelationKind::Reads, RelationKind::Writes]);
                    self.soften(relation);
                }
            }
        }
    }

    fn soften(&mut self, relation: RelationId) {
        let made = &mut self.plan.inventory.relations[relation];
        made.bytes = self.dice.one_in(2).then_some(1e5.into());
        match self.dice.below(6) {
            0 => made.need = Need::Soft,
            1 => made.mode = CallMode::Async,
            2 => {
                made.fallback = Some(Box::new(Fallback {
                    text: "cached".to_owned(),
                    covers: 0.7.into(),
                }));
            }
            _ => {}
        }
    }

    pub fn money(&mut self) {
        if !self.has(Feature::Money) {
            return;
        }
        self.plan.automation_cost = self.dice.one_in(2).then_some(1234.5.into());
        let steps: Vec<StepId> = self.plan.steps.ids().collect();
        let removed: Vec<StepId> = self
            .plan
            .movers
            .iter()
            .filter_map(|m| m.decommission)
            .collect();
        let until =
            self.plan.migration.start + jiff::Span::new().hours(24 * self.dice.below(20) as i64);
        self.plan.inventory.licences.push(Licence {
            name: "l".to_owned(),
            removed_by: removed,
            of: vec![],
            cost_per_day: 3.0.into(),
            grows_per_year: 0.1.into(),
            until,
            notice: None,
        });
        if self.plan.inventory.services.len() < 2 {
            return;
        }
        let until = self.plan.movers.iter().map(|mover| mover.cutover).collect();
        let resources: Vec<ResourceId> = self.plan.inventory.resources.ids().collect();
        let (over, by) = if resources.is_empty() || self.dice.one_in(2) {
            let (from, to) = (ServiceId::new(0), ServiceId::new(1));
            (BridgeOver::Edge { from, to }, BridgeTechnique::Proxy)
        } else {
            let by = [
                BridgeTechnique::Cdc,
                BridgeTechnique::DualWrite,
                BridgeTechnique::BackSync,
                BridgeTechnique::Adapter,
            ];
            let over = self.dice.pick(&resources);
            (BridgeOver::Resource(over), self.dice.pick(&by))
        };
        self.plan.bridges.push(Bridge {
            name: "bridge".to_owned(),
            doc: None,
            over,
            by,
            lag: self.dice.one_in(2).then_some(60.0.into()),
            source_is_new: false,
            deduplicates: false,
            breaks: None,
            cost_per_day: Some(11.0.into()),
            built_by: self.dice.pick(&steps),
            until,
        });
    }
}

fn resource(name: &str) -> Resource {
    Resource {
        name: name.to_owned(),
        doc: None,
        kind: ResourceKind::Datastore,
        parent: None,
        engine: None,
        version: None,
        becomes: None,
        team: None,
        tier: Tier::Critical,
        on: None,
        to: None,
        moves: true,
        size: None,
        change_rate: None,
        throughput: None,
        backup_every: None,
        regimes: vec![],
        residency: vec![],
        retention: None,
        ordered: false,
        holds_sessions: false,
        lead_time: None,
        contact: None,
        cost: RunningCost::default(),
    }
}

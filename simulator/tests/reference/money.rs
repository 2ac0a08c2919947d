//! What a trial cost, kind by kind, in the order of `CostKinds`.

use whimbrel_plan::*;

use crate::trial::Trial;
use crate::world::{known, or_zero};

const DAY: f64 = 86_400e6;

/// Dual running, engineering, automation, bridges, network, licences.
pub fn kinds(trial: &Trial<'_>, finish: i64) -> [f64; 6] {
    let books = Books { trial, finish };
    [
        books.dual_running(),
        books.engineering(),
        or_zero(&trial.setup.plan.automation_cost),
        books.bridges(),
        books.network(),
        books.licences(),
    ]
}

pub fn effort_hours(trial: &Trial<'_>) -> f64 {
    let hours = trial.log.billed.iter();
    hours
        .map(|&(_, people, time)| f64::from(people) * time as f64 / 3600e6)
        .sum()
}

/// Hours of acts that were not the last of their step.
pub fn wasted_hours(trial: &Trial<'_>) -> f64 {
    let last = |id: StepId| trial.steps[id.index()].starts;
    let acts = trial.log.acts.iter();
    let again = acts.filter(|(id, start, _)| *start < last(*id));
    again.map(|(_, _, time)| *time as f64 / 3600e6).sum()
}

/// Days in which anything runs twice.
pub fn dual_days(trial: &Trial<'_>, finish: i64) -> f64 {
    let books = Books { trial, finish };
    let plan = trial.setup.plan;
    let twice = |now: i64| {
        plan.movers.iter().any(|mover| {
            mover.first_deploy.is_some()
                && books.begun(mover.first_deploy, now)
                && !mover.decommission.is_some_and(|last| books.done(last, now))
        })
    };
    books.days(twice)
}

struct Books<'a> {
    trial: &'a Trial<'a>,
    finish: i64,
}

impl Books<'_> {
    /// Whether a step is done for good at an instant. A cutover that is undone later was none: the
    /// side that serves is counted from the last one.
    fn done(&self, step: StepId, now: i64) -> bool {
        self.trial.steps[step.index()].finished <= now
    }

    /// A bridge stands from the first time it is built.
    fn built(&self, step: StepId, now: i64) -> bool {
        self.trial.steps[step.index()]
            .first_finish
            .is_some_and(|finish| finish <= now)
    }

    fn begun(&self, step: Option<StepId>, now: i64) -> bool {
        step.and_then(|step| self.trial.steps[step.index()].first_start)
            .is_some_and(|start| start <= now)
    }

    /// Days in which something holds. It can change only where a step starts, ends or is undone.
    fn days(&self, holds: impl Fn(i64) -> bool) -> f64 {
        let mut edges = vec![0, self.finish];
        for step in &self.trial.steps {
            edges.extend(step.first_start);
            edges.extend(step.first_finish);
            edges.push(step.finished);
        }
        edges.sort_unstable();
        let during = edges.windows(2).filter(|pair| holds(pair[0]));
        during.map(|pair| (pair[1] - pair[0]) as f64 / DAY).sum()
    }

    /// What follows a resource that does not move itself: what stands in it, directly or not.
    fn followers(&self, node: Node) -> Vec<&Mover> {
        let plan = self.trial.setup.plan;
        let stands_in = |other: Node| {
            let Node::Resource(resource) = other else {
                return false;
            };
            let mut up = plan.inventory.resources[resource].parent;
            while let Some(parent) = up {
                if Node::Resource(parent) == node {
                    return true;
                }
                up = plan.inventory.resources[parent].parent;
            }
            false
        };
        let own: Vec<&Mover> = plan.movers.iter().filter(|m| m.node == node).collect();
        if !own.is_empty() {
            return own;
        }
        plan.movers.iter().filter(|m| stands_in(m.node)).collect()
    }

    fn running(&self, movers: &[&Mover], cost: &RunningCost) -> f64 {
        if movers.is_empty() {
            return 0.0;
        }
        let deployed = |now| {
            movers
                .iter()
                .any(|mover| self.begun(mover.first_deploy, now))
        };
        let cut = |now| movers.iter().all(|mover| self.done(mover.cutover, now));
        let removed = |now| movers.iter().all(|mover| self.removed(mover, now));
        let new = self.days(|now| deployed(now) && !cut(now) && !removed(now));
        let old = self.days(|now| cut(now) && !removed(now));
        new * or_zero(&cost.new_per_day) + old * or_zero(&cost.old_per_day)
    }

    fn removed(&self, mover: &Mover, now: i64) -> bool {
        mover.decommission.is_some_and(|last| self.done(last, now))
    }

    fn dual_running(&self) -> f64 {
        let plan = self.trial.setup.plan;
        let mut sum = 0.0;
        for (id, service) in plan.inventory.services.iter() {
            sum += self.running(&self.followers(Node::Service(id)), &service.cost);
        }
        for (id, resource) in plan.inventory.resources.iter() {
            sum += self.running(&self.followers(Node::Resource(id)), &resource.cost);
        }
        for &platform in &plan.migration.to {
            let onto: Vec<&Mover> = plan
                .movers
                .iter()
                .filter(|mover| self.ends(mover.node).1 == Some(platform))
                .collect();
            let cost = or_zero(&plan.inventory.platforms[platform].cost_per_day);
            let up = self.days(|now| {
                onto.iter().any(|mover| self.begun(mover.first_deploy, now))
                    && !onto.iter().all(|mover| self.removed(mover, now))
            });
            sum += up * cost;
        }
        sum
    }

    fn engineering(&self) -> f64 {
        let plan = self.trial.setup.plan;
        let cost = |&(team, people, time): &(TeamId, u32, i64)| {
            let rate = or_zero(&plan.inventory.teams[team].rate_per_hour);
            f64::from(people) * time as f64 / 3600e6 * rate
        };
        self.trial.log.billed.iter().map(cost).sum()
    }

    fn bridges(&self) -> f64 {
        let bridges = self.trial.setup.plan.bridges.values();
        let cost = |bridge: &Bridge| {
            let stands = |now| {
                let over = !bridge.until.is_empty()
                    && bridge.until.iter().all(|&step| self.done(step, now));
                self.built(bridge.built_by, now) && !over
            };
            self.days(stands) * or_zero(&bridge.cost_per_day)
        };
        bridges.map(cost).sum()
    }

    /// Where a node is and where it is to be.
    fn ends(&self, node: Node) -> (Option<PlatformId>, Option<PlatformId>) {
        let inventory = &self.trial.setup.plan.inventory;
        match node {
            Node::Service(id) => (inventory.services[id].on, inventory.services[id].to),
            Node::Resource(id) => (inventory.resources[id].on, inventory.resources[id].to),
        }
    }

    fn moved(&self, node: Node, now: i64) -> bool {
        let movers = self.followers(node);
        !movers.is_empty() && movers.iter().all(|mover| self.done(mover.cutover, now))
    }

    fn place(&self, node: Node, now: i64) -> Option<PlatformId> {
        let (from, to) = self.ends(node);
        if self.moved(node, now) { to } else { from }
    }

    fn network(&self) -> f64 {
        let inventory = &self.trial.setup.plan.inventory;
        let mut sum = 0.0;
        for relation in inventory.relations.values() {
            let (from, to) = match &relation.to {
                Target::Service(to) => (Node::Service(relation.from), Node::Service(*to)),
                Target::Resource(to) => (Node::Service(relation.from), Node::Resource(*to)),
                Target::Address(_) => continue,
            };
            let per_day = or_zero(&relation.rate) * or_zero(&relation.bytes) * 86_400.0;
            for link in inventory.links.values() {
                let across = |now| {
                    let (here, there) = (self.place(from, now), self.place(to, now));
                    let pair = [Some(link.from), Some(link.to)];
                    let carries = pair == [here, there] || pair == [there, here];
                    let began = (self.ends(from).0, self.ends(to).0);
                    let (left, right) = (self.moved(from, now), self.moved(to, now));
                    let apart = left != right || left && right && (here, there) != began;
                    carries && apart
                };
                sum += self.days(across) * per_day * or_zero(&link.egress_per_byte);
            }
        }
        for (id, step) in self.trial.setup.plan.steps.iter() {
            if let Act::Transfer(transfer) = &step.act
                && let Some(link) = transfer.link
            {
                let price = or_zero(&inventory.links[link].egress_per_byte);
                let starts = self.trial.steps[id.index()].starts;
                sum += f64::from(starts) * transfer.size.mean() * price;
            }
        }
        sum
    }

    fn licences(&self) -> f64 {
        let plan = self.trial.setup.plan;
        let year = (365.25 * DAY) as i64;
        let mut sum = 0.0;
        for licence in &plan.inventory.licences {
            let removed = licence
                .removed_by
                .iter()
                .map(|&step| self.trial.steps[step.index()].finished)
                .max();
            let Some(removed) = removed else { continue };
            let start = plan.migration.start.as_microsecond();
            let mut until = licence.until.as_microsecond() - start;
            let mut per_day = known(&licence.cost_per_day);
            while until < removed {
                per_day *= 1.0 + known(&licence.grows_per_year);
                sum += per_day * 365.25;
                until += year;
            }
        }
        sum
    }
}

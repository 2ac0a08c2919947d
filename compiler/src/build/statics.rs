//! What needs no simulation: mean durations, effort, what the checklist asks, what is unknown.

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_plan::{
    Act, Amount, Arena, Bounded, Inventory, Node, Plan, ServiceId, Step, StepId, Subject, Target,
    Unknown, listed,
};

use super::inventory::Built;
use crate::analysis::durations::Durations;
use crate::analysis::nodes::enclosing;

/// What decides how long steps take.
pub(crate) fn durations<'a>(built: &'a Built<'_>) -> Durations<'a> {
    Durations {
        calendars: &built.calendars,
        links: &built.inventory.links,
        start: built.start,
    }
}

/// Mean person-hours of all steps.
pub(crate) fn effort_hours(steps: &Arena<StepId, Step>, built: &Built<'_>) -> f64 {
    let durations = durations(built);
    steps
        .values()
        .map(|step| {
            let people = people(step);
            let seconds = match &step.act {
                Act::Working(law) => law.mean() * people.max(1.0),
                Act::Elapsed(law) => law.mean() * people,
                Act::Transfer(transfer) => durations.transfer(transfer) * people,
                Act::Instant => 0.0,
            };
            seconds / 3600.0
        })
        .sum()
}

/// How many people the act keeps at once; in a relay, the teams' mean.
fn people(step: &Step) -> f64 {
    let all: u32 = step.needs.iter().map(|need| need.count).sum();
    let shifts = if step.relay { step.needs.len() } else { 1 };
    #[expect(clippy::cast_precision_loss, reason = "a few teams")]
    let shifts = shifts.max(1) as f64;
    f64::from(all) / shifts
}

/// A year of what runs today; `None` when no cost is known.
pub(crate) fn year_running_cost(inventory: &Inventory) -> Option<f64> {
    let services = inventory
        .services
        .values()
        .filter_map(|service| service.cost.old_per_day.as_ref());
    let resources = inventory
        .resources
        .values()
        .filter_map(|resource| resource.cost.old_per_day.as_ref());
    let costs: Vec<f64> = services.chain(resources).map(Amount::mean).collect();
    (!costs.is_empty()).then(|| costs.iter().sum::<f64>() * 365.25)
}

/// What is not known, one sentence each.
pub(crate) fn unknown(plan: &Plan) -> Vec<Unknown> {
    let inventory = &plan.inventory;
    let mut out = Vec::new();
    unknown_of_services(inventory, &mut out);
    unknown_of_resources(plan, &mut out);
    unknown_of_teams(plan, &mut out);
    if inventory.links.is_empty() && plan.migration.from != plan.migration.to {
        out.push(Unknown::of_cost(
            "no link between the platforms: bandwidth, latency and egress are unknown".to_owned(),
        ));
    }
    out
}

fn bare(cost: &whimbrel_plan::RunningCost) -> bool {
    cost.old_per_day.is_none() || cost.new_per_day.is_none()
}

fn unknown_of_services(inventory: &Inventory, out: &mut Vec<Unknown>) {
    let moving = || inventory.services.values().filter(|service| service.moves);
    say(
        out,
        moving().filter(|s| s.team.is_none()).map(|s| &s.name),
        |names| format!("no team: unlimited people at unknown cost for {names}"),
    );
    let hurt = may_be_hurt(inventory);
    let hurt = inventory
        .services
        .iter()
        .filter(|(id, service)| service.traffic.is_none() && (service.moves || hurt.contains(id)));
    let names: Vec<&str> = hurt.map(|(_, service)| service.name.as_str()).collect();
    if !names.is_empty() {
        out.push(Unknown {
            what: format!(
                "no traffic: requests lost are at least what is known, without {}",
                listed(&names)
            ),
            bounds: Bounded::Requests,
        });
    }
    say(
        out,
        moving().filter(|s| bare(&s.cost)).map(|s| &s.name),
        |names| format!("no running cost: dual running is at least what is known, without {names}"),
    );
}

/// The services that need something that moves, directly or through others.
fn may_be_hurt(inventory: &Inventory) -> FxHashSet<ServiceId> {
    let mut callers: FxHashMap<Node, Vec<ServiceId>> = FxHashMap::default();
    for relation in inventory.relations.values() {
        let on = match relation.to {
            Target::Service(id) => Node::Service(id),
            Target::Resource(id) => Node::Resource(id),
            _ => continue,
        };
        callers.entry(on).or_default().push(relation.from);
    }
    let services = inventory.services.iter().filter(|(_, it)| it.moves);
    let resources = inventory
        .resources
        .iter()
        .filter(|(id, _)| enclosing(inventory, *id).any(|outer| inventory.resources[outer].moves));
    let mut reached: Vec<Node> = services.map(|(id, _)| Node::Service(id)).collect();
    reached.extend(resources.map(|(id, _)| Node::Resource(id)));
    let mut hurt = FxHashSet::default();
    while let Some(node) = reached.pop() {
        for &caller in callers.get(&node).into_iter().flatten() {
            if hurt.insert(caller) {
                reached.push(Node::Service(caller));
            }
        }
    }
    hurt
}

fn unknown_of_resources(plan: &Plan, out: &mut Vec<Unknown>) {
    let inventory = &plan.inventory;
    let resources = || {
        inventory
            .resources
            .values()
            .filter(|resource| resource.moves)
    };
    say(
        out,
        resources().filter(|r| bare(&r.cost)).map(|r| &r.name),
        |names| format!("no running cost: dual running is at least what is known, without {names}"),
    );
    let stores = resources()
        .filter(|r| r.size.is_none() && r.kind == whimbrel_plan::ResourceKind::Datastore);
    say(out, stores.map(|r| &r.name), |names| {
        format!("no size: copying takes no time for {names}")
    });
    let unhurried = plan.steps.values().filter_map(|step| {
        let copies = step.action.as_ref().is_some_and(|action| {
            matches!(action.verb.as_str(), "data.bootstrap" | "data.backfill")
        });
        let Subject::Resource(id) = step.subject else {
            return None;
        };
        let resource = &inventory.resources[id];
        (copies && step.act == Act::Instant && resource.size.is_some()).then_some(&resource.name)
    });
    say(out, unhurried, |names| {
        format!("no bandwidth and no throughput: copying takes no time for {names}")
    });
}

fn unknown_of_teams(plan: &Plan, out: &mut Vec<Unknown>) {
    let inventory = &plan.inventory;
    let teams = || plan.migration.teams.iter().map(|id| &inventory.teams[*id]);
    say(
        out,
        teams().filter(|t| t.engineers.is_none()).map(|t| &t.name),
        |names| format!("no number of engineers: unlimited people in {names}"),
    );
    say(
        out,
        teams()
            .filter(|t| t.rate_per_hour.is_none())
            .map(|t| &t.name),
        |names| format!("no rate: engineering is at least what is known, without {names}"),
    );
    say(
        out,
        teams().filter(|t| t.calendar.is_none()).map(|t| &t.name),
        |names| format!("no calendar: work goes on around the clock in {names}"),
    );
}

fn say<'a>(
    out: &mut Vec<Unknown>,
    names: impl Iterator<Item = &'a String>,
    sentence: impl Fn(String) -> String,
) {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if !names.is_empty() {
        out.push(Unknown::of_cost(sentence(listed(&names))));
    }
}

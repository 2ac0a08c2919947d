//! What needs no simulation: mean durations, effort, what the checklist asks, what is unknown.

use whimbrel_plan::{
    Act, Action, Amount, Arena, Inventory, Node, Plan, Step, StepId, StepKind, Subject, listed,
};

use super::inventory::Built;
use super::movers::MoverDraft;
use super::values::DAY;
use crate::analysis::durations::Durations;

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

/// Share of steps that act whose act, check and undo are all carried out by an executor; `None`
/// without such steps.
pub(crate) fn automation_share(lowered: &[Vec<Step>]) -> Option<f64> {
    let (mut all, mut automated) = (0_u32, 0_u32);
    let by_executor = |action: &Action| action.executor.is_some();
    for step in lowered.iter().flatten() {
        let Some(act) = &step.action else { continue };
        all += 1;
        let check = step.verify.as_ref().is_none_or(by_executor);
        let undo = step.undo.as_ref().is_none_or(by_executor);
        automated += u32::from(by_executor(act) && check && undo);
    }
    (all > 0).then(|| f64::from(automated) / f64::from(all))
}

/// Mean seconds of each mover from its first step to its cutover, waiting for nobody.
pub(crate) fn until_settled(
    movers: &[MoverDraft],
    lowered: &[Vec<Step>],
    built: &Built<'_>,
) -> Vec<f64> {
    let alone = movers.iter().zip(lowered);
    alone
        .map(|(mover, steps)| settled_alone(mover, steps, built))
        .collect()
}

/// Groups of steps follow one another; a group lasts as long as its longest step.
fn settled_alone(mover: &MoverDraft, steps: &[Step], built: &Built<'_>) -> f64 {
    let (mut start, mut latest) = (0.0_f64, 0.0_f64);
    let mut group = None;
    for (place, (draft, step)) in mover.expansion.drafts().iter().zip(steps).enumerate() {
        if group != Some(draft.group) {
            start = latest;
            latest = 0.0;
            group = Some(draft.group);
        }
        let end = start + durations(built).mean(step);
        if place == mover.cutover {
            return end;
        }
        latest = latest.max(end);
    }
    0.0
}

/// Dual-running cost of moving everything one after another: each thing's new side from its first
/// deployment to its cutover and its old side while it is kept, and the new platform's fixed cost
/// throughout. `settled` has the seconds until each is settled. `None` when no cost is known.
pub(crate) fn sequential_dual_running(
    movers: &[MoverDraft],
    lowered: &[Vec<Step>],
    settled: &[f64],
    built: &Built<'_>,
    platforms: &[whimbrel_plan::PlatformId],
) -> Option<f64> {
    let mut total = 0.0;
    let mut known = false;
    for ((mover, steps), settled) in movers.iter().zip(lowered).zip(settled) {
        let cost = match mover.node {
            Node::Service(id) => &built.inventory.services[id].cost,
            Node::Resource(id) => &built.inventory.resources[id].cost,
        };
        known |= cost.old_per_day.is_some() || cost.new_per_day.is_some();
        let days = settled / DAY;
        let kept: f64 = steps
            .iter()
            .filter(|step| step.kind == StepKind::Keep)
            .map(|step| step.soak.mean() / DAY)
            .sum();
        total += days * mean(cost.new_per_day.as_ref()) + kept * mean(cost.old_per_day.as_ref());
    }
    let fixed: f64 = platforms
        .iter()
        .filter_map(|id| built.inventory.platforms[*id].cost_per_day.as_ref())
        .map(Amount::mean)
        .sum();
    known |= fixed > 0.0;
    let days = settled.iter().sum::<f64>() / DAY;
    known.then_some(total + fixed * days)
}

/// The mean; zero when it is not known.
fn mean(amount: Option<&Amount>) -> f64 {
    amount.map_or(0.0, Amount::mean)
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
pub(crate) fn unknown(plan: &Plan) -> Vec<String> {
    let inventory = &plan.inventory;
    let mut out = Vec::new();
    unknown_of_services(inventory, &mut out);
    unknown_of_resources(plan, &mut out);
    unknown_of_teams(plan, &mut out);
    if inventory.links.is_empty() && plan.migration.from != plan.migration.to {
        out.push("no link between the platforms: bandwidth, latency and egress are unknown".into());
    }
    out
}

fn bare(cost: &whimbrel_plan::RunningCost) -> bool {
    cost.old_per_day.is_none() || cost.new_per_day.is_none()
}

fn unknown_of_services(inventory: &Inventory, out: &mut Vec<String>) {
    let moving = || inventory.services.values().filter(|service| service.moves);
    say(
        out,
        moving().filter(|s| s.team.is_none()).map(|s| &s.name),
        |names| format!("no team: unlimited people at unknown cost for {names}"),
    );
    say(
        out,
        moving().filter(|s| s.traffic.is_none()).map(|s| &s.name),
        |names| format!("no traffic: requests lost are at least what is known, without {names}"),
    );
    say(
        out,
        moving().filter(|s| bare(&s.cost)).map(|s| &s.name),
        |names| format!("no running cost: dual running is at least what is known, without {names}"),
    );
}

fn unknown_of_resources(plan: &Plan, out: &mut Vec<String>) {
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

fn unknown_of_teams(plan: &Plan, out: &mut Vec<String>) {
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
    out: &mut Vec<String>,
    names: impl Iterator<Item = &'a String>,
    sentence: impl Fn(String) -> String,
) {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if !names.is_empty() {
        out.push(sentence(listed(&names)));
    }
}

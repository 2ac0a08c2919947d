//! What needs no simulation: mean durations, effort, what the checklist asks, what is unknown.

use whimbrel_plan::{
    Act, Arena, Calendar, CalendarId, Inventory, Mover, Node, Plan, Step, StepId, StepKind, Subject,
};

use super::inventory::Built;
use super::lower::rate;
use super::movers::{MoverDraft, automatic};
use super::values::DAY;
use crate::executors::Executors;

const HOURS_PER_WEEK: f64 = 168.0;

/// Mean elapsed seconds of a step without failures and without waiting: act, answer and soak.
/// Working time is stretched by the hours of a week over those its calendars are open.
pub(crate) fn mean_duration(step: &Step, built: &Built<'_>) -> f64 {
    act_duration(step, built) + answer(step) + step.soak
}

fn act_duration(step: &Step, built: &Built<'_>) -> f64 {
    match &step.act {
        Act::Instant => 0.0,
        Act::Elapsed(law) => law.mean(),
        Act::Working(law) => law.mean() * stretch(step, &built.calendars),
        Act::Transfer(transfer) => match rate(built, transfer) {
            Some(rate) => transfer.size / (rate - transfer.change_rate),
            None => 0.0,
        },
    }
}

fn stretch(step: &Step, calendars: &Arena<CalendarId, Calendar>) -> f64 {
    let open = step
        .calendars
        .iter()
        .map(|id| calendars[*id].hours_per_week());
    let open = open.fold(HOURS_PER_WEEK, f64::min);
    if open > 0.0 {
        HOURS_PER_WEEK / open
    } else {
        1.0
    }
}

/// The mean of triangular(0, within / 4, within) is 5/12 of `within`.
fn answer(step: &Step) -> f64 {
    step.gate.as_ref().map_or(0.0, |gate| match &gate.takes {
        Some(law) => law.mean(),
        None => gate.within * 5.0 / 12.0,
    })
}

/// Mean person-hours of all steps.
pub(crate) fn effort_hours(steps: &Arena<StepId, Step>, built: &Built<'_>) -> f64 {
    steps
        .values()
        .map(|step| {
            let people: u32 = step.needs.iter().map(|need| need.count).sum();
            let seconds = match &step.act {
                Act::Working(law) => law.mean() * f64::from(people.max(1)),
                Act::Elapsed(law) => law.mean() * f64::from(people),
                Act::Transfer(_) => act_duration(step, built) * f64::from(people),
                Act::Instant => 0.0,
            };
            seconds / 3600.0
        })
        .sum()
}

/// Share of steps that act whose act, check and undo are all carried out by an executor; `None`
/// without such steps.
pub(crate) fn automation_share(
    movers: &[MoverDraft],
    built: &Built<'_>,
    executors: &Executors,
) -> Option<f64> {
    let (mut all, mut automated) = (0_u32, 0_u32);
    for mover in movers {
        for draft in &mover.expansion.drafts {
            let Some(act) = draft.verb() else { continue };
            all += 1;
            let by_executor = |call: &crate::check::typed::VerbCall| {
                automatic(built, executors, mover.node, call)
            };
            let check = draft
                .object
                .action("verify")
                .is_none_or(|call| by_executor(call));
            let undo = draft
                .object
                .action("undo")
                .is_none_or(|call| by_executor(call));
            automated += u32::from(by_executor(act) && check && undo);
        }
    }
    (all > 0).then(|| f64::from(automated) / f64::from(all))
}

/// Mean seconds of moving everything one after another: the sum over movers of the time from the
/// first step to the cutover, alone.
pub(crate) fn sequential_duration(
    movers: &[Mover],
    steps: &Arena<StepId, Step>,
    built: &Built<'_>,
) -> f64 {
    movers
        .iter()
        .map(|mover| until_settled(mover, steps, built))
        .sum()
}

/// Mean seconds from the first step of a mover to its cutover, waiting for nobody.
fn until_settled(mover: &Mover, steps: &Arena<StepId, Step>, built: &Built<'_>) -> f64 {
    let mut finish: Vec<(StepId, f64)> = Vec::with_capacity(mover.steps.len());
    for id in &mover.steps {
        let step = &steps[*id];
        let start = finish
            .iter()
            .filter(|(before, _)| step.predecessors.contains(before))
            .map(|(_, finish)| *finish)
            .fold(0.0, f64::max);
        let end = start + mean_duration(step, built);
        if *id == mover.cutover {
            return end;
        }
        finish.push((*id, end));
    }
    0.0
}

/// Dual-running cost of moving everything one after another: each thing's new side from its first
/// deployment to its cutover and its old side while it is kept, and the new platform's fixed cost
/// throughout. `None` when no cost is known.
pub(crate) fn sequential_dual_running(
    movers: &[Mover],
    steps: &Arena<StepId, Step>,
    built: &Built<'_>,
    platforms: &[whimbrel_plan::PlatformId],
) -> Option<f64> {
    let mut total = 0.0;
    let mut known = false;
    for mover in movers {
        let cost = match mover.node {
            Node::Service(id) => built.inventory.services[id].cost,
            Node::Resource(id) => built.inventory.resources[id].cost,
        };
        known |= cost.old_per_day.is_some() || cost.new_per_day.is_some();
        let days = until_settled(mover, steps, built) / DAY;
        let kept: f64 = mover
            .steps
            .iter()
            .map(|id| &steps[*id])
            .filter(|step| step.kind == StepKind::Keep)
            .map(|step| step.soak / DAY)
            .sum();
        total += days * cost.new_per_day.unwrap_or(0.0) + kept * cost.old_per_day.unwrap_or(0.0);
    }
    let fixed: f64 = platforms
        .iter()
        .filter_map(|id| built.inventory.platforms[*id].cost_per_day)
        .sum();
    known |= fixed > 0.0;
    let days = sequential_duration(movers, steps, built) / DAY;
    known.then_some(total + fixed * days)
}

/// A year of what runs today; `None` when no cost is known.
pub(crate) fn year_running_cost(inventory: &Inventory) -> Option<f64> {
    let services = inventory
        .services
        .values()
        .filter_map(|service| service.cost.old_per_day);
    let resources = inventory
        .resources
        .values()
        .filter_map(|resource| resource.cost.old_per_day);
    let costs: Vec<f64> = services.chain(resources).collect();
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
    const SHOWN: usize = 5;
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() {
        return;
    }
    let quoted: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = names.len().saturating_sub(SHOWN);
    let tail = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    out.push(sentence(format!("{}{tail}", quoted.join(", "))));
}

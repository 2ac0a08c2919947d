//! More work than a team has people or time for.

use std::collections::BTreeMap;

use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{Act, Calendar, Plan, Step, StepId, TeamId};

use super::context::{counted, rounded};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0801",
        name: "team-overbooked",
    },
    level: Level::Warning,
    summary: "a team is booked beyond its people or its time",
    page: include_str!("../../rules/team-overbooked.md"),
    check: Check::Plan(check),
};

const HOUR: f64 = 3_600.0;

/// What is asked of a team.
#[derive(Default)]
struct Booked {
    hours: f64,
    /// The step that needs the most people at once.
    most: Option<(u32, StepId)>,
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for (team, booked) in booked(plan, context) {
        let Some(engineers) = context.inventory.teams[team].engineers else {
            continue;
        };
        if let Some((count, step)) = booked.most.filter(|(count, _)| *count > engineers) {
            let finding = too_many(context, plan, team, (count, engineers, step));
            findings.report(
                [
                    context.inventory.teams[team].name.as_str(),
                    &plan.steps[step].name,
                ],
                finding,
            );
        }
        if let Some(finding) = too_long(context, plan, team, engineers, booked.hours) {
            findings.report([&context.inventory.teams[team].name], finding);
        }
    }
}

fn booked(plan: &Plan, context: &Context<'_>) -> BTreeMap<TeamId, Booked> {
    let mut teams: BTreeMap<TeamId, Booked> = BTreeMap::new();
    for (id, step) in plan.steps.iter().filter(|(_, step)| !step.added) {
        for need in &step.needs {
            let booked = teams.entry(need.team).or_default();
            let share = open_share(context, plan, need.team);
            booked.hours += f64::from(need.count) * open_hours(step, share) / shifts(step);
            if booked.most.is_none_or(|(most, _)| need.count > most) {
                booked.most = Some((need.count, id));
            }
        }
    }
    teams
}

/// Teams that relieve one another share the work.
fn shifts(step: &Step) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few teams")]
    let teams = step.needs.len() as f64;
    if step.relay { teams } else { 1.0 }
}

/// Mean working hours one person is held by the act: elapsed work holds them through their shifts.
fn open_hours(step: &Step, open_share: f64) -> f64 {
    match &step.act {
        Act::Working(law) => law.mean() / HOUR,
        Act::Elapsed(law) => law.mean() / HOUR * open_share,
        Act::Instant | Act::Transfer(_) => 0.0,
    }
}

/// The share of a week a team works.
fn open_share(context: &Context<'_>, plan: &Plan, team: TeamId) -> f64 {
    calendar(context, plan, team).map_or(1.0, |calendar| calendar.hours_per_week() / 168.0)
}

fn calendar<'a>(context: &Context<'_>, plan: &'a Plan, team: TeamId) -> Option<&'a Calendar> {
    let id = context.inventory.teams[team].calendar?;
    Some(&plan.calendars[id])
}

/// A step that can never start.
fn too_many(
    context: &Context<'_>,
    plan: &Plan,
    team: TeamId,
    (count, engineers, step): (u32, u32, StepId),
) -> Diagnostic {
    let name = &context.inventory.teams[team].name;
    Diagnostic::error(
        RULE.code,
        context.origins.of(Entity::Step(step)),
        format!(
            "step `{}` needs {count} of `{name}` at once, which has {}",
            plan.steps[step].name,
            counted(usize::try_from(engineers).unwrap_or(usize::MAX), "engineer")
        ),
    )
    .label(
        context.origins.attribute(Entity::Team(team), "engineers"),
        "the team",
    )
    .help("ask for fewer people, or give the team more")
}

/// More mean effort than the team's hours between start and deadline.
fn too_long(
    context: &Context<'_>,
    plan: &Plan,
    team: TeamId,
    engineers: u32,
    booked: f64,
) -> Option<Diagnostic> {
    let (start, deadline) = (plan.migration.start, plan.migration.deadline?);
    // Of a deadline before the start no number of engineers is enough; that has its own error.
    if deadline <= start {
        return None;
    }
    let open_seconds = match calendar(context, plan, team) {
        Some(calendar) => open_seconds(calendar, plan)?,
        None => deadline.duration_since(start).as_secs_f64(),
    };
    let capacity = f64::from(engineers) * open_seconds / HOUR;
    if booked <= capacity {
        return None;
    }
    let name = &context.inventory.teams[team].name;
    Some(
        RULE.finding(
            context.origins.of(Entity::Team(team)),
            format!(
                "`{name}` is booked for {} person-hours at mean durations and has {} until the deadline",
                rounded(booked.round()),
                rounded(capacity.floor())
            ),
        )
        .help(more_people(engineers, booked, capacity)),
    )
}

/// No number of people makes up for a calendar without hours.
fn more_people(engineers: u32, booked: f64, capacity: f64) -> String {
    if capacity <= 0.0 {
        return "its calendar opens at no hour before the deadline: move the deadline, or mend the calendar".to_owned();
    }
    let enough = (f64::from(engineers) * booked / capacity).ceil();
    format!("give it {enough} engineers, move the deadline, or let other teams take steps")
}

fn open_seconds(calendar: &Calendar, plan: &Plan) -> Option<f64> {
    let intervals = calendar
        .intervals(plan.migration.start, plan.migration.deadline?)
        .ok()?;
    let open: i64 = intervals
        .as_slice()
        .iter()
        .map(|(open, close)| close - open)
        .sum();
    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds of a century fit in 53 bits"
    )]
    let seconds = open as f64 / 1e6;
    Some(seconds)
}

//! Work of several teams whose calendars are never open together.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, CalendarId, Plan, Step};

use super::context::{listed, two_years};
use super::freeze_overlap::both;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0807",
        name: "no-common-hours",
    },
    level: Level::Error,
    summary: "teams are to work together and never have an open hour in common",
    page: include_str!("../../rules/no-common-hours.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let mut known = FxHashMap::default();
    for (id, step) in plan.steps.iter() {
        let Some(calendars) = together(plan, step) else {
            continue;
        };
        let never = match known.entry(calendars.clone()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(never_open(plan, &calendars)),
        };
        if !never {
            continue;
        }
        let who = who(plan, step, &calendars);
        let finding = RULE
            .finding(
                context.origins.of(Entity::Step(id)),
                format!("`{}` has no working hour: the calendars {who} are never open together", step.name),
            )
            .help(if matches!(step.act, Act::Working(_)) && !step.needs.is_empty() {
                "ask for teams whose hours overlap, give one of them a calendar with other hours, or \
                 let a step or phase pass on from shift to shift with `relay = true`"
            } else {
                "ask for teams whose hours overlap, or give one of them a calendar with other hours"
            });
        findings.report_together(who, [step.name.as_str()], finding);
    }
}

/// The calendars in whose common hours a step is worked at, where they are several: its own, else
/// those of the people it needs.
fn together(plan: &Plan, step: &Step) -> Option<Vec<CalendarId>> {
    let relay = step.relay && matches!(step.act, Act::Working(_));
    if step.added || step.gate.is_some() || relay || step.calendars.len().max(step.needs.len()) < 2
    {
        return None;
    }
    let mut calendars = step.calendars.clone();
    if calendars.is_empty() {
        let teams = step
            .needs
            .iter()
            .map(|need| &plan.inventory.teams[need.team]);
        calendars = teams.filter_map(|team| team.calendar).collect();
    }
    calendars.sort_unstable();
    calendars.dedup();
    (calendars.len() > 1).then_some(calendars)
}

fn never_open(plan: &Plan, calendars: &[CalendarId]) -> bool {
    let (from, to) = two_years(plan);
    let mut hours = calendars
        .iter()
        .filter_map(|id| plan.calendars[*id].intervals(from, to).ok());
    let Some(first) = hours.next() else {
        return false;
    };
    hours
        .fold(first, |open, next| both(&open, &next))
        .as_slice()
        .is_empty()
}

/// Calendars with the teams of the step that keep them.
fn who(plan: &Plan, step: &Step, calendars: &[CalendarId]) -> String {
    let of = |id: &CalendarId| {
        let teams = step
            .needs
            .iter()
            .map(|need| &plan.inventory.teams[need.team]);
        let teams: Vec<&str> = teams
            .filter(|team| team.calendar == Some(*id))
            .map(|team| team.name.as_str())
            .collect();
        let name = &plan.calendars[*id].name;
        if teams.is_empty() {
            format!("`{name}`")
        } else {
            format!("`{name}` ({})", listed(&teams))
        }
    };
    let all: Vec<String> = calendars.iter().map(of).collect();
    all.join(", ")
}

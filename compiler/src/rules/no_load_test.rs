//! Traffic for a side that nobody has seen under load.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Argument, Mover, Node, Plan, Step, Subject};

use super::context::{per_second, percent, rounded, steps_of};
use super::no_baseline::is_used;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0905",
        name: "no-load-test",
    },
    level: Level::Warning,
    summary: "the new side gets traffic without a load test",
    page: include_str!("../../rules/no-load-test.md"),
    check: Check::Plan(check),
};

/// A day, in seconds: it has every peak of the day in it.
const DAY: f64 = 86_400.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let whole = whole(plan);
    if whole.is_some_and(|load| load >= 1.0) {
        return;
    }
    for mover in &plan.movers {
        let Node::Service(id) = mover.node else {
            continue;
        };
        let service = &context.inventory.services[id];
        if mover.first_shift.is_none() || !is_used(service) {
            continue;
        }
        let load = tested(plan, mover)
            .into_iter()
            .chain(whole)
            .reduce(f64::max);
        if load.is_some_and(|load| load >= 1.0) {
            continue;
        }
        let name = service.name.as_str();
        let has = match (&service.traffic, &service.users) {
            (Some(rate), _) if rate.mean() > 0.0 => per_second(rate.mean()),
            (_, users) => {
                let users = users.as_ref().map_or(0.0, whimbrel_plan::Amount::mean);
                format!("{} users", rounded(users))
            }
        };
        let message = match load {
            None => format!(
                "`{name}` has {has}, and no load test shows that its new side bears them before `{}` gives it some",
                mover.pattern
            ),
            Some(load) => format!(
                "`{name}` has {has}, and its new side is tested with {} of them",
                percent(load)
            ),
        };
        let finding = RULE.finding(context.move_span(mover.node), message).help(
            "put a step before the first shift that loads the new side apart from production, and say how much: `step load_test { kind = validate; does = …; load = 100% }`",
        );
        let alike = format!("{} {load:?}", mover.pattern);
        findings.report_together(alike, [name], finding);
    }
}

/// The largest load that a phase puts on the new side, for all that moves.
fn whole(plan: &Plan) -> Option<f64> {
    let phases = plan.steps.values();
    let phases = phases.filter(|step| matches!(step.subject, Subject::Migration(_)));
    phases.filter_map(|step| step.load).reduce(f64::max)
}

/// The largest load before the first shift.
fn tested(plan: &Plan, mover: &Mover) -> Option<f64> {
    steps_of(plan, mover)
        .take_while(|(id, _)| Some(*id) != mover.first_shift)
        .filter_map(|(_, step)| load(step))
        .reduce(f64::max)
}

/// What a step puts on the new side: a load test says so; a copy of all requests for a day is one.
fn load(step: &Step) -> Option<f64> {
    let mirrored = || {
        let action = step.action.as_ref();
        let action = action.filter(|action| action.verb == "traffic.mirror")?;
        let share = match action.arguments.get("share") {
            Some(Argument::Ratio(share) | Argument::Number(share)) => *share,
            _ => 1.0,
        };
        (step.soak.mean() >= DAY).then_some(share)
    };
    step.load.or_else(mirrored)
}

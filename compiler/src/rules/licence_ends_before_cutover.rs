//! A licence that ends before what it covers is gone.

use jiff::Timestamp;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Licence, Plan, StepId, day_ended};

use super::context::{duration, listed};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1204",
        name: "licence-ends-before-cutover",
    },
    level: Level::Warning,
    summary: "a licence ends while what it covers is still needed",
    page: include_str!("../../rules/licence-ends-before-cutover.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(schedule) = context.schedule else {
        return;
    };
    for (index, licence) in context.inventory.licences.iter().enumerate() {
        let removed = licence.removed_by.iter().copied();
        let last =
            removed.max_by(|one, other| schedule.start(*one).total_cmp(&schedule.start(*other)));
        let Some(last) = last else { continue };
        let gone = plan.instant(schedule.start(last));
        if gone <= licence.until {
            continue;
        }
        let late = gone.duration_since(licence.until).as_secs_f64();
        let finding = RULE
            .finding(
                context.origins.attribute(Entity::Licence(index), "until"),
                format!(
                    "licence `{}` ends {} before `{}`, at mean durations, and {} still runs",
                    licence.name,
                    duration(late),
                    plan.steps[last].name,
                    listed(&licence.of)
                ),
            )
            .help(format!(
                "move what it covers earlier, or plan the renewal: {}",
                renewal(plan, licence)
            ));
        findings.report(
            [&licence.name],
            finding.label(place(context, last), "gone then"),
        );
    }
}

fn place(context: &Context<'_>, step: StepId) -> whimbrel_lang::Span {
    context.origins.of(Entity::Step(step))
}

/// What a renewal asks for; a notice that has run out before the start is past.
fn renewal(plan: &Plan, licence: &Licence) -> String {
    let notice = licence.notice.map(|notice| {
        let before = jiff::SignedDuration::try_from_secs_f64(notice).unwrap_or_default();
        let by = licence.until.checked_sub(before).unwrap_or(Timestamp::MIN);
        let zone = plan.migration.time_zone();
        let by = by.to_zoned(zone);
        day_ended(&by).unwrap_or(by.date())
    });
    match notice {
        Some(day) => {
            format!("it is to be cancelled or kept by {day}, and then `until` is a year later")
        }
        None => "with its price, and an `until` a year later".to_owned(),
    }
}

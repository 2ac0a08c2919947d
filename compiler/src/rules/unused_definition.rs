//! What the plan defines and nothing uses.

use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{FreezeId, Plan};

use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;
use crate::uses::Unused;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0107",
        name: "unused-definition",
    },
    level: Level::Note,
    summary: "something is defined and nothing uses it",
    page: include_str!("../../rules/unused-definition.md"),
    check: Check::Plan(check),
};

/// What a scenario leaves unused is used by the plan, and a file without a migration is there for
/// others to import.
fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    if plan.scenario.is_some() {
        return;
    }
    for unused in context.unused {
        findings.report([unused.name.as_str()], told(unused));
    }
    for id in plan.freezes.ids() {
        over_before_the_start(context, plan, id, findings);
    }
}

fn told(unused: &Unused) -> Diagnostic {
    let name = &unused.name;
    let out = "or take it out";
    let (message, help) = match unused.keyword {
        "window" => (
            format!("no step must fit in the window `{name}`"),
            format!("write `within = {name}` in the step it is meant for, {out}"),
        ),
        "platform" => (
            format!("nothing is on the platform `{name}` or goes there"),
            format!("say what is (`on = {name}`) or goes there (`to = {name}`), {out}"),
        ),
        "team" => (
            format!("the team `{name}` owns nothing and is needed for nothing"),
            format!(
                "say what it owns (`team = {name}`) or does (`needs = [1 of {name}]`), {out}: as long as it stands there its people count as people of the migration"
            ),
        ),
        "calendar" => (
            format!("no team works by the calendar `{name}`"),
            format!("write `calendar = {name}` in a team, {out}"),
        ),
        "external" => (
            format!("nothing calls `{name}`"),
            format!("write `calls {name}` in the service that does, {out}"),
        ),
        "role" => (
            format!("the role `{name}` decides nothing and is responsible for nothing"),
            format!(
                "write `owner = {name}` in a step or a risk, or `approve = {name}` in a gate, {out}"
            ),
        ),
        "environment" => (
            format!("nothing was rehearsed in `{name}`"),
            format!("write down the rehearsal (`rehearsal … {{ on = {name}; … }}`), {out}"),
        ),
        "group" => (
            format!("nothing names the group `{name}`"),
            format!("name it where a list of members goes, such as `members = {name}`, {out}"),
        ),
        "pattern" => (
            format!("nothing moves by the pattern `{name}`"),
            format!("write `move = {name}(…)` in what does, {out}"),
        ),
        _ => (
            format!("nothing uses the value `{name}`"),
            format!("use it, {out}"),
        ),
    };
    // A window that was meant for a cutover and is not asked for guards nothing.
    let level = match unused.keyword {
        "window" => Level::Warning,
        _ => RULE.level,
    };
    let finding = Diagnostic::new(RULE.code, level, unused.span, message).help(help);
    let mentions = unused.mentions.iter();
    mentions.fold(finding, |finding, span| {
        finding.label(*span, "leads there for nothing")
    })
}

fn over_before_the_start(
    context: &Context<'_>,
    plan: &Plan,
    id: FreezeId,
    findings: &mut Findings,
) {
    let freeze = &plan.freezes[id];
    let zone = plan.migration.time_zone();
    let start = plan.migration.start.to_zoned(zone).date();
    if freeze.to < start {
        let finding = RULE
            .finding(
                context.origins.attribute(Entity::Freeze(id), "to"),
                format!(
                    "the freeze `{}` ends on {}, before the migration starts, and stops nothing",
                    freeze.name, freeze.to
                ),
            )
            .help("write this year's dates, or take it out");
        findings.report([&freeze.name], finding);
    }
}

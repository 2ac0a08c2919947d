//! Parts of the migration that one person alone plays.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Plan, Role};

use super::role_missing::{Duties, THE_FOUR, relied_on};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1002",
        name: "no-backup",
    },
    level: Level::Warning,
    summary: "nobody stands in for somebody whom the migration relies on",
    page: include_str!("../../rules/no-backup.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let duties = relied_on(plan);
    for (id, role) in plan.roles.iter() {
        let duty = duties.get(&id).map(Duties::told);
        let known = THE_FOUR.iter().find(|(name, _)| *name == role.name);
        let Some(duty) = duty.or_else(|| known.map(|(_, duty)| (*duty).to_owned())) else {
            continue;
        };
        let Some(problem) = problem(role) else {
            continue;
        };
        let finding = RULE
            .finding(
                context.origins.attribute(Entity::Role(id), "backup"),
                format!("{problem} for `{}`, who {duty}", role.name),
            )
            .help("name who stands in on a day of illness: `backup = \"…\"`");
        findings.report([&role.name], finding);
    }
}

/// What is wrong with who stands in; nothing where nobody plays the role at all.
fn problem(role: &Role) -> Option<&'static str> {
    let who = role.who.as_deref()?.trim();
    match role.backup.as_deref().map(str::trim) {
        None | Some("") => Some("nobody stands in"),
        Some(backup) if backup.eq_ignore_ascii_case(who) => Some("nobody but the same stands in"),
        Some(_) => None,
    }
}

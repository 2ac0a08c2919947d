//! People who hear of the migration too late, or not at all.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, Plan};

use super::context::{duration, listed};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1005",
        name: "announcement-late",
    },
    level: Level::Warning,
    summary: "those concerned hear of the migration less than two weeks ahead",
    page: include_str!("../../rules/announcement-late.md"),
    check: Check::Plan(check),
};

/// Two weeks, in seconds.
const AHEAD: f64 = 14.0 * 86_400.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for (index, announcement) in plan.announcements.iter().enumerate() {
        // A reminder behind a timely announcement in the same place is welcome.
        let told_in_time = plan
            .announcements
            .iter()
            .any(|other| other.before >= AHEAD && other.channel == announcement.channel);
        if announcement.before < AHEAD && !told_in_time {
            let finding = RULE
                .finding(
                    context
                        .origins
                        .attribute(Entity::Announcement(index), "before"),
                    format!(
                        "`{}` is told {} before the first cutover",
                        announcement.name,
                        duration(announcement.before)
                    ),
                )
                .help("announce it at least two weeks ahead: `before = 14d`");
            findings.report([&announcement.name], finding);
        }
    }
    if plan.announcements.is_empty() {
        not_at_all(context, plan, findings);
    }
}

fn not_at_all(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let used: Vec<&str> = plan
        .movers
        .iter()
        .filter_map(|mover| match mover.node {
            Node::Service(id) => Some(&context.inventory.services[id]),
            Node::Resource(_) => None,
        })
        .filter(|service| {
            service
                .users
                .as_ref()
                .is_some_and(|users| users.mean() > 0.0)
        })
        .map(|service| service.name.as_str())
        .collect();
    if used.is_empty() {
        return;
    }
    let name = plan.migration.name.as_str();
    let finding = RULE
        .finding(
            context.migration_span(),
            format!("nobody is told, though people use {}", listed(&used)),
        )
        .help("announce it two weeks ahead: `announce customers { before = 14d; channel = \"statuspage\" }`");
    findings.report([name], finding);
}

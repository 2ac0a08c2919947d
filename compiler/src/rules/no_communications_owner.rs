//! People who are concerned and whom nobody keeps informed.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, Plan, ServiceId};

use super::context::listed;
use super::role_missing::relied_on;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1006",
        name: "no-communications-owner",
    },
    level: Level::Warning,
    summary: "nobody keeps those concerned informed",
    page: include_str!("../../rules/no-communications-owner.md"),
    check: Check::Plan(check),
};

const ROLE: &str = "communications_owner";

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let played = plan
        .roles
        .values()
        .any(|role| role.name == ROLE && role.who.is_some());
    // Where a gate, a step or a risk relies on it, role-missing tells.
    let told = || {
        relied_on(plan)
            .keys()
            .any(|id| plan.roles[*id].name == ROLE)
    };
    if played || told() {
        return;
    }
    let Some(concerned) = concerned(context, plan) else {
        return;
    };
    let finding = RULE
        .finding(
            context.migration_span(),
            format!("{concerned}, and nobody is `{ROLE}`"),
        )
        .help(format!(
            "say who writes to them and keeps the status page: `role {ROLE} {{ who = \"…\"; backup = \"…\" }}`"
        ));
    findings.report([plan.migration.name.as_str(), ROLE], finding);
}

/// Who is to be told, or would notice: announcements that somebody must send, users, traffic.
fn concerned(context: &Context<'_>, plan: &Plan) -> Option<String> {
    let announced: Vec<&str> = plan
        .announcements
        .iter()
        .map(|announcement| announcement.name.as_str())
        .collect();
    if !announced.is_empty() {
        return Some(format!("somebody must tell {}", listed(&announced)));
    }
    let noticed = |id: ServiceId| {
        let service = &context.inventory.services[id];
        let counts = [&service.users, &service.traffic];
        let mut counts = counts.into_iter().flatten();
        counts.any(|count| count.mean() > 0.0)
    };
    let used: Vec<&str> = plan
        .movers
        .iter()
        .filter_map(|mover| match mover.node {
            Node::Service(id) if noticed(id) => Some(context.service(id)),
            _ => None,
        })
        .collect();
    (!used.is_empty()).then(|| format!("{} would be missed", listed(&used)))
}

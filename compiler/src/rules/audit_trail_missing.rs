//! Regulated data that moves without a record.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, Plan};

use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1302",
        name: "audit-trail-missing",
    },
    level: Level::Warning,
    summary: "regulated data moves, and nothing says where the record is kept",
    page: include_str!("../../rules/audit-trail-missing.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    if plan.migration.audit.is_some() {
        return;
    }
    for mover in &plan.movers {
        let Node::Resource(id) = mover.node else {
            continue;
        };
        let resource = &context.inventory.resources[id];
        if resource.regimes.is_empty() {
            continue;
        }
        let name = resource.name.as_str();
        let finding = RULE
            .finding(
                context.origins.attribute(Entity::Resource(id), "regimes"),
                format!(
                    "`{name}` is under {}, and nothing says where the record of its move is kept",
                    resource.regimes.join(", ")
                ),
            )
            .help("the walker writes a journal of chained hashes; say in the migration where nobody can change it: `audit { place = \"…\"; keep = 7y }`");
        let targets = [name, plan.migration.name.as_str()];
        findings.report_together("", targets, finding);
    }
}

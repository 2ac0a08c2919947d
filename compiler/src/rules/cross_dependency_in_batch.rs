//! Units of a parallel batch that depend on one another.

use std::collections::BTreeSet;

use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::Plan;

use super::bridging::bridge;
use super::moved_before_its_need::need;
use super::{Check, Context, Findings, Rule};
use crate::analysis::batching::conditions::{ViolationKind, conditions};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0501",
        name: "cross-dependency-in-batch",
    },
    level: Level::Error,
    summary: "units that move side by side depend on one another",
    page: include_str!("../../rules/cross-dependency-in-batch.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    for broken in conditions(context.inventory, context.graph, &plan.batches) {
        let batch = &plan.batches[broken.batch];
        let Some(edge) = context.graph.edges.get(broken.edge) else {
            continue;
        };
        if broken.kind != ViolationKind::CrossDependency
            || !batch.handwritten
            || !told.insert((broken.from, broken.to))
        {
            continue;
        }
        let (from, to) = (context.name(broken.from), context.name(broken.to));
        let level = if edge.binding {
            RULE.level
        } else {
            Level::Warning
        };
        let span = context
            .origins
            .attribute(Entity::Batch(broken.batch), "members");
        let message = format!(
            "`{from}` and `{to}` move side by side in batch `{}`, and `{from}` {}",
            batch.name,
            need(context, &broken, edge)
        );
        let mut finding = Diagnostic::new(RULE.code, level, span, message).help(format!(
            "move `{to}` in an earlier batch, make the batch `mode = sequential`, or bridge what lies between: `{}`",
            bridge(context, edge)
        ));
        if let Some(&fact) = edge.evidence.first() {
            finding = finding.label(context.relation_span(fact), "the need");
        }
        findings.report([from, to, batch.name.as_str()], finding);
    }
}

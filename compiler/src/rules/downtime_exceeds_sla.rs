//! Downtime that is planned and that the SLA does not allow.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Mover, Node, Plan, ResourceId, ServiceId, StepId, Target};

use super::context::{duration, percent, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::analysis::nodes::enclosing;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0704",
        name: "downtime-exceeds-sla",
    },
    level: Level::Warning,
    summary: "planned downtime alone breaks the SLA",
    page: include_str!("../../rules/downtime-exceeds-sla.md"),
    check: Check::Plan(check),
};

/// Mean seconds for which something is not there while it moves, and the step that takes most of them.
#[derive(Clone, Copy)]
struct Away {
    seconds: f64,
    most: (f64, StepId),
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let objectives = &plan.migration.objectives;
    let Some(sla) = objectives.sla else {
        return;
    };
    let allowed = (1.0 - sla) * objectives.sla_period;
    let own: FxHashMap<Node, Away> = plan
        .movers
        .iter()
        .filter_map(|mover| Some((mover.node, away(plan, mover)?)))
        .collect();
    if own.is_empty() {
        return;
    }
    for (node, away) in felt(context, &own) {
        // A tenth of a second more is a rounding of the figures and no fault of the plan.
        if away.seconds <= allowed + 0.1 {
            continue;
        }
        let step = &plan.steps[away.most.1].name;
        let name = context.name(node);
        let finding = RULE
            .finding(
                context.origins.of(Entity::Step(away.most.1)),
                format!(
                    "`{name}` is away for {} while it and what it uses move, most of it in `{step}`; an SLA of {} leaves {} in {}",
                    duration(away.seconds),
                    percent(sla),
                    duration(allowed),
                    duration(objectives.sla_period)
                ),
            )
            .help("move it without a stop (`cdc_replication`, `blue_green`), in smaller parts, or state the SLA the plan can keep");
        findings.report([name, step.as_str()], finding);
    }
}

fn away(plan: &Plan, mover: &Mover) -> Option<Away> {
    let mut away: Option<Away> = None;
    for (id, step) in steps_of(plan, mover) {
        let seconds = step.downtime.mean();
        if seconds > 0.0 {
            away = Some(away.map_or(
                Away {
                    seconds,
                    most: (seconds, id),
                },
                |sum| sum.and(seconds, id),
            ));
        }
    }
    away
}

impl Away {
    fn and(self, seconds: f64, step: StepId) -> Self {
        let most = if seconds > self.most.0 {
            (seconds, step)
        } else {
            self.most
        };
        Self {
            seconds: self.seconds + seconds,
            most,
        }
    }
}

/// For how long each service is away: by its own move and by those of what it uses. What nobody uses is
/// away for itself.
fn felt(context: &Context<'_>, own: &FxHashMap<Node, Away>) -> BTreeMap<Node, Away> {
    let mut felt: BTreeMap<Node, Away> = own.iter().map(|(node, away)| (*node, *away)).collect();
    let mut counted: FxHashSet<(ServiceId, ResourceId)> = FxHashSet::default();
    for relation in context.inventory.relations.values() {
        let Target::Resource(target) = relation.to else {
            continue;
        };
        for outer in enclosing(context.inventory, target) {
            let Some(away) = own.get(&Node::Resource(outer)) else {
                continue;
            };
            if counted.insert((relation.from, outer)) {
                let user = felt.entry(Node::Service(relation.from));
                user.and_modify(|sum| *sum = sum.and_all(*away))
                    .or_insert(*away);
            }
        }
    }
    felt
}

impl Away {
    fn and_all(self, other: Self) -> Self {
        let most = if other.most.0 > self.most.0 {
            other.most
        } else {
            self.most
        };
        Self {
            seconds: self.seconds + other.seconds,
            most,
        }
    }
}

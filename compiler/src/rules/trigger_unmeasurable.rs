//! Triggers and gates that ask for what nothing measures.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Measure, Mover, Node, Plan, Step, is_automatic_shift};

use super::context::{listed, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0604",
        name: "trigger-unmeasurable",
    },
    level: Level::Error,
    summary: "a trigger or a gate asks for what nothing measures",
    page: include_str!("../../rules/trigger-unmeasurable.md"),
    check: Check::Plan(check),
};

const HELP: &str = "name one that does, such as `monitor = prometheus()` on the platform, or leave the condition out";

/// Gates of one executor that ask for more than it measures.
#[derive(Default)]
struct Asked<'a> {
    measures: BTreeSet<&'a str>,
    gates: Vec<&'a str>,
    names: Vec<&'a str>,
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    about_nothing(context, plan, findings);
    let mut asked: BTreeMap<usize, Asked<'_>> = BTreeMap::new();
    for mover in &plan.movers {
        let steps: Vec<&Step> = steps_of(plan, mover).map(|(_, step)| step).collect();
        let measurers: Vec<usize> = plan.measurers(mover.node, &steps).collect();
        let measured = |measure: Measure| {
            let mut measurers = measurers.iter();
            measurers.any(|index| plan.is_measured_by(*index, measure))
        };
        let shifts = steps.iter().any(|step| is_automatic_shift(step));
        if shifts && matches!(mover.node, Node::Service(_)) {
            triggers(context, plan, mover, &measured, findings);
        }
        let Some(index) = measurers.first().copied() else {
            continue;
        };
        for step in &steps {
            let conditions = step.gate.iter().flat_map(|gate| &gate.when);
            let missing = conditions
                .map(|condition| condition.measure)
                .filter(|measure| plan.concerns(*measure, mover.node) && !measured(*measure));
            for measure in missing {
                let entry = asked.entry(index).or_default();
                entry.measures.insert(plan.measure_name(measure));
                entry.gates.push(&step.name);
                entry.names.push(context.name(mover.node));
            }
        }
    }
    for (index, asked) in asked {
        gates(context, plan, index, asked, findings);
    }
}

/// A trigger on what nothing that moves has.
fn about_nothing(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for (index, trigger) in plan.triggers.iter().enumerate() {
        let measure = trigger.when.measure;
        let of_a_copy = measure == Measure::Lag || measure == Measure::Mismatch;
        let mut nodes = plan.movers.iter().map(|mover| mover.node);
        // Requests fail at what stays, too, when the data below it moves.
        if plan.movers.is_empty()
            || measure.is_of_requests()
            || of_a_copy && !plan.bridges.is_empty()
            || nodes.any(|node| plan.concerns(measure, node))
        {
            continue;
        }
        let mut finding = RULE
            .finding(
                context.origins.of(Entity::Trigger(index)),
                format!(
                    "trigger `{}` never fires: nothing that moves has a `{}`",
                    trigger.name,
                    plan.measure_name(measure)
                ),
            )
            .help("ask for what can be measured of what moves, such as `error_rate` of services or `lag` of data");
        finding.level = Level::Warning;
        findings.report([&trigger.name], finding);
    }
}

/// A trigger on what nobody sees could never fire.
fn triggers(
    context: &Context<'_>,
    plan: &Plan,
    mover: &Mover,
    measured: &dyn Fn(Measure) -> bool,
    findings: &mut Findings,
) {
    for (index, trigger) in plan.triggers.iter().enumerate() {
        let measure = trigger.when.measure;
        if !acts_on(plan, measure, mover.node) || measured(measure) {
            continue;
        }
        let name = context.name(mover.node);
        let finding = RULE.finding(
            context.origins.of(Entity::Trigger(index)),
            format!(
                "nothing measures `{}` of `{name}`, which trigger `{}` asks for",
                plan.measure_name(measure),
                trigger.name
            ),
        );
        findings.report([name, trigger.name.as_str()], finding.help(HELP));
    }
}

/// Whether a trigger on the measure is to take traffic from a service back.
fn acts_on(plan: &Plan, measure: Measure, node: Node) -> bool {
    let own = matches!(measure, Measure::Own(_));
    (own || measure.is_of_requests()) && plan.concerns(measure, node)
}

/// A gate on what nobody sees is for people to look at.
fn gates(
    context: &Context<'_>,
    plan: &Plan,
    index: usize,
    asked: Asked<'_>,
    findings: &mut Findings,
) {
    let Some(executor) = plan.executors.get(index) else {
        return;
    };
    let measures: Vec<&str> = asked.measures.into_iter().collect();
    let mut finding = RULE
        .finding(
            context.origins.of(Entity::Executor(index)),
            format!(
                "`{}` does not measure {}, which gate `{}` asks for: whoever approves must look",
                executor.folder,
                listed(&measures),
                asked.gates.first().copied().unwrap_or_default()
            ),
        )
        .help(HELP);
    finding.level = Level::Warning;
    let rest: Vec<&str> = asked.gates.into_iter().skip(1).collect();
    if !rest.is_empty() {
        finding = finding.note(format!("the same holds of {}", listed(&rest)));
    }
    findings.report(
        std::iter::once(executor.name.as_str()).chain(asked.names),
        finding,
    );
}

//! What measures a member of a batch, and which triggers concern it.

use indexmap::IndexMap;
use serde_json::{Value, json};
use whimbrel_plan::{Measure, MeasureId, Node, Plan};

use crate::error::HandoffError;
use crate::layout::Stage;
use crate::quote;

/// Indices of the plan's triggers that concern a member.
///
/// # Errors
/// When its traffic is moved by an executor and a trigger that would take it back cannot be
/// measured.
pub fn triggers(plan: &Plan, node: Node) -> Result<Vec<usize>, HandoffError> {
    let automatic = plan.shifts_by_itself(node);
    let mut found = Vec::new();
    for (index, trigger) in plan.triggers.iter().enumerate() {
        let measure = trigger.when.measure;
        let own = matches!(measure, Measure::Own(_));
        let concerns = plan.concerns(measure, node);
        if plan.measurer_of(node, measure).is_some() {
            if concerns {
                found.push(index);
            }
        } else if automatic && (measure.is_of_requests() || own && concerns) {
            return Err(HandoffError::Unmeasured {
                measure: plan.measure_name(measure).to_owned(),
                subject: plan.name(node).to_owned(),
            });
        }
    }
    Ok(found)
}

/// Which executor takes each measure that a trigger, or a gate of the stage, asks of a member.
pub fn takers(plan: &Plan, stage: &Stage, node: Node) -> IndexMap<Measure, usize> {
    let steps = stage.steps.iter().map(|step| &plan.steps[step.id]);
    let own = steps.filter(|step| step.subject.node() == Some(node));
    let gates = own.filter_map(|step| step.gate.as_ref());
    let asked = gates.flat_map(|gate| &gate.when);
    let triggers = plan.triggers.iter().map(|trigger| &trigger.when);
    let measures = triggers.chain(asked).map(|condition| condition.measure);
    measures
        .filter(|measure| plan.concerns(*measure, node))
        .filter_map(|measure| Some((measure, plan.measurer_of(node, measure)?)))
        .collect()
}

/// Names of the measures that mean something for a node.
pub fn meaningful(plan: &Plan, node: Node) -> Vec<&str> {
    let own = plan.measures.ids().map(Measure::Own);
    let all = Measure::STANDARD.into_iter().chain(own);
    all.filter(|measure| plan.concerns(*measure, node))
        .map(|measure| plan.measure_name(measure))
        .collect()
}

/// The queries of the plan's own measures that concern a node, by the name of the measure.
pub fn queries(plan: &Plan, node: Node) -> Vec<Value> {
    let concerns = |id: &MeasureId| plan.concerns(Measure::Own(*id), node);
    let row = |id: MeasureId| {
        let measure = &plan.measures[id];
        let quoted = quote::promql(plan.name(node));
        let inside = quoted
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        json!({"name": measure.name, "query": measure.query_about(inside.unwrap_or_default())})
    };
    plan.measures.ids().filter(concerns).map(row).collect()
}

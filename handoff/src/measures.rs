//! What measures a member of a batch, and which triggers concern it.

use whimbrel_plan::{Measure, Node, Plan};

use crate::error::HandoffError;

/// Indices of the plan's triggers that concern a member.
///
/// # Errors
/// When its traffic is moved by an executor and a trigger on its requests cannot be measured.
pub fn triggers(plan: &Plan, node: Node) -> Result<Vec<usize>, HandoffError> {
    let source = plan
        .measurer(node)
        .and_then(|index| plan.executors.get(index));
    let automatic = plan.shifts_by_itself(node);
    let mut found = Vec::new();
    for (index, trigger) in plan.triggers.iter().enumerate() {
        let measure = trigger.when.measure;
        if source.is_some_and(|executor| executor.is_measuring(measure)) {
            if measure.concerns(node) {
                found.push(index);
            }
        } else if automatic && measure.is_of_requests() {
            return Err(HandoffError::Unmeasured {
                measure: measure.name().to_owned(),
                subject: plan.name(node).to_owned(),
            });
        }
    }
    Ok(found)
}

/// Whether something measures this of a member.
pub fn is_measured(plan: &Plan, node: Node, measure: Measure) -> bool {
    let executor = plan
        .measurer(node)
        .and_then(|index| plan.executors.get(index));
    executor.is_some_and(|executor| executor.is_measuring(measure))
}

/// Names of the measures that mean something for a node.
pub fn meaningful(node: Node) -> Vec<&'static str> {
    use Measure::{Backlog, ErrorRate, Lag, Mismatch, P50, P95, P99, Throughput};
    let all = [ErrorRate, P50, P95, P99, Mismatch, Lag, Backlog, Throughput];
    all.into_iter()
        .filter(|measure| measure.concerns(node))
        .map(Measure::name)
        .collect()
}

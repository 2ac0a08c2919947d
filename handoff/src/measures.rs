//! What measures a member of a batch, and which triggers concern it.

use whimbrel_plan::{Measure, Node, Plan, ResourceId};

use crate::error::HandoffError;
use crate::values;

/// The executor whose `health` measures a member: the one its steps name, else one of its
/// platform or instance, else the one that shifts its traffic.
pub fn source(plan: &Plan, node: Node) -> Option<usize> {
    let measures = |index: &usize| {
        plan.executors
            .get(*index)
            .is_some_and(|executor| executor.verbs.contains_key("health"))
    };
    let own_steps = || {
        plan.steps
            .values()
            .filter(move |step| values::node(&step.subject) == Some(node))
    };
    let named = own_steps()
        .filter_map(|step| step.verify.as_ref())
        .filter(|action| action.verb == "health")
        .find_map(|action| action.executor);
    let homes = homes(plan, node);
    let of_home = || {
        let mut executors = plan.executors.iter().enumerate();
        executors
            .find(|(_, executor)| {
                executor.folder == "prometheus"
                    && executor
                        .used_by
                        .iter()
                        .any(|name| homes.contains(&name.as_str()))
            })
            .map(|(index, _)| index)
    };
    let shifting = || {
        own_steps()
            .filter_map(|step| step.action.as_ref()?.executor)
            .find(|index| measures(index))
    };
    named
        .filter(measures)
        .or_else(|| of_home().filter(measures))
        .or_else(shifting)
}

/// Platforms and instances a node stands on, old and new.
fn homes(plan: &Plan, node: Node) -> Vec<&str> {
    let platforms = &plan.inventory.platforms;
    let (on, to) = match node {
        Node::Service(id) => (
            plan.inventory.services[id].on,
            plan.inventory.services[id].to,
        ),
        Node::Resource(id) => (
            plan.inventory.resources[id].on,
            plan.inventory.resources[id].to,
        ),
    };
    let mut names: Vec<&str> = [on, to]
        .into_iter()
        .flatten()
        .map(|id| platforms[id].name.as_str())
        .collect();
    let mut parent = match node {
        Node::Resource(id) => Some(id),
        Node::Service(_) => None,
    };
    // A parent stands before its children, so this ends.
    while let Some(id) = parent {
        let resource = &plan.inventory.resources[id];
        names.push(&resource.name);
        parent = resource.parent.filter(|above: &ResourceId| *above < id);
    }
    names
}

/// Indices of the plan's triggers that concern a member.
///
/// # Errors
/// When its traffic is moved by an executor and a trigger on its requests cannot be measured.
pub fn triggers(plan: &Plan, node: Node) -> Result<Vec<usize>, HandoffError> {
    let source = source(plan, node).and_then(|index| plan.executors.get(index));
    let known = source
        .map(|executor| values::list(executor, "measures"))
        .unwrap_or_default();
    let automatic = plan.steps.values().any(|step| {
        values::node(&step.subject) == Some(node)
            && step.weight.is_some()
            && step
                .action
                .as_ref()
                .is_some_and(|action| action.executor.is_some())
    });
    let mut found = Vec::new();
    for (index, trigger) in plan.triggers.iter().enumerate() {
        let measure = trigger.when.measure;
        let name = values::measure(measure);
        if source.is_some() && (known.is_empty() || known.iter().any(|known| known == name)) {
            if concerns(measure, node) {
                found.push(index);
            }
        } else if automatic && is_of_requests(measure) && matches!(node, Node::Service(_)) {
            return Err(HandoffError::Unmeasured {
                measure: name.to_owned(),
                subject: plan.name(node).to_owned(),
            });
        }
    }
    Ok(found)
}

/// Whether something measures this of a member.
pub fn is_measured(plan: &Plan, node: Node, measure: Measure) -> bool {
    let executor = source(plan, node).and_then(|index| plan.executors.get(index));
    executor.is_some_and(|executor| {
        let known = values::list(executor, "measures");
        known.is_empty() || known.iter().any(|name| name == values::measure(measure))
    })
}

fn is_of_requests(measure: Measure) -> bool {
    use Measure::{ErrorRate, P50, P95, P99, Throughput};
    matches!(measure, ErrorRate | P50 | P95 | P99 | Throughput)
}

/// Names of the measures that mean something for a node.
pub fn meaningful(node: Node) -> Vec<&'static str> {
    use Measure::{Backlog, ErrorRate, Lag, Mismatch, P50, P95, P99, Throughput};
    let all = [ErrorRate, P50, P95, P99, Mismatch, Lag, Backlog, Throughput];
    all.into_iter()
        .filter(|measure| concerns(*measure, node))
        .map(values::measure)
        .collect()
}

fn concerns(measure: Measure, node: Node) -> bool {
    match node {
        Node::Service(_) => is_of_requests(measure) || measure == Measure::Mismatch,
        Node::Resource(_) => !is_of_requests(measure),
    }
}

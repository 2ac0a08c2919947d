//! Who measures what of a thing that moves: what the hand-off writes scripts for, and what a rule
//! asks before there are any.

use crate::{Executor, Measure, Node, Plan, ResourceId, Step, Subject};

impl Executor {
    /// Whether its `health` measures this. One that names nothing is asked for everything.
    #[must_use]
    pub fn is_measuring(&self, measure: Measure) -> bool {
        let named = |known: &String| known == measure.name();
        self.measures.is_empty() || self.measures.iter().any(named)
    }
}

impl Plan {
    /// The executor whose `health` measures a node: the one its steps name, else the monitor of
    /// its platform or instance, else the one that shifts its traffic.
    #[must_use]
    pub fn measurer(&self, node: Node) -> Option<usize> {
        self.measurer_by(node, &self.steps_about(node))
    }

    /// [`Plan::measurer`] for who knows the node's steps already.
    #[must_use]
    pub fn measurer_by(&self, node: Node, steps: &[&Step]) -> Option<usize> {
        let measures = |index: &usize| {
            let executor = self.executors.get(*index);
            executor.is_some_and(|executor| executor.verbs.contains_key("health"))
        };
        let named = steps
            .iter()
            .filter_map(|step| step.verify.as_ref())
            .filter(|action| action.verb == "health")
            .find_map(|action| action.executor);
        let shifting = || {
            let mut acting = steps
                .iter()
                .filter_map(|step| step.action.as_ref())
                // A script of its own does one act, and measures nothing.
                .filter(|action| action.verb != "run")
                .filter_map(|action| action.executor);
            acting.find(measures)
        };
        named
            .filter(measures)
            .or_else(|| self.monitor(node).filter(measures))
            .or_else(shifting)
    }

    /// Whether an executor moves a service's traffic by itself, so that a trigger can act on it.
    #[must_use]
    pub fn shifts_by_itself(&self, node: Node) -> bool {
        matches!(node, Node::Service(_))
            && self.steps_about(node).into_iter().any(is_automatic_shift)
    }

    fn steps_about(&self, node: Node) -> Vec<&Step> {
        let steps = self.steps.values();
        steps.filter(|step| is_about(step, node)).collect()
    }

    /// The executor that installs monitoring where a node stands.
    fn monitor(&self, node: Node) -> Option<usize> {
        let homes = self.homes(node);
        let by_home = |name: &String| homes.contains(&name.as_str());
        self.executors.iter().position(|executor| {
            executor.verbs.contains_key("monitor.install") && executor.used_by.iter().any(by_home)
        })
    }

    /// Platforms and instances a node stands on, old and new.
    fn homes(&self, node: Node) -> Vec<&str> {
        let inventory = &self.inventory;
        let (on, to) = match node {
            Node::Service(id) => (inventory.services[id].on, inventory.services[id].to),
            Node::Resource(id) => (inventory.resources[id].on, inventory.resources[id].to),
        };
        let mut names: Vec<&str> = [on, to]
            .into_iter()
            .flatten()
            .map(|id| inventory.platforms[id].name.as_str())
            .collect();
        let mut parent = match node {
            Node::Resource(id) => Some(id),
            Node::Service(_) => None,
        };
        // A parent stands before its children, so this ends.
        while let Some(id) = parent {
            let resource = &inventory.resources[id];
            names.push(&resource.name);
            parent = resource.parent.filter(|above: &ResourceId| *above < id);
        }
        names
    }
}

/// Whether an executor does the step and moves traffic by it.
#[must_use]
pub fn is_automatic_shift(step: &Step) -> bool {
    let action = step.action.as_ref();
    step.weight.is_some() && action.is_some_and(|action| action.executor.is_some())
}

fn is_about(step: &Step, node: Node) -> bool {
    match step.subject {
        Subject::Service(id) => node == Node::Service(id),
        Subject::Resource(id) => node == Node::Resource(id),
        Subject::Migration(_) => false,
    }
}

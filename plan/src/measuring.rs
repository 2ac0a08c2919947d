//! Who measures what of a thing that moves: what the hand-off writes scripts for, and what a rule
//! asks before there are any.

use crate::{Executor, Measure, Node, OwnMeasure, Plan, QueryPart, ResourceId, Step};

impl Executor {
    /// Whether its `health` measures this. One that names nothing is asked for everything but the
    /// plan's own queries, which an executor must say that it runs.
    #[must_use]
    pub fn is_measuring(&self, measure: Measure) -> bool {
        let Some(name) = measure.standard_name() else {
            return self.queries;
        };
        self.measures.is_empty() || self.measures.iter().any(|known| known == name)
    }
}

impl OwnMeasure {
    /// What is asked about the thing called `name`, which stands inside a string of the query.
    #[must_use]
    pub fn query_about(&self, name: &str) -> String {
        let parts = self.query.iter().map(|part| match part {
            QueryPart::Text(text) => text.as_str(),
            QueryPart::Subject => name,
        });
        parts.collect()
    }
}

impl Plan {
    /// The name of a measure.
    #[must_use]
    pub fn measure_name(&self, measure: Measure) -> &str {
        match measure {
            Measure::Own(id) => &self.measures[id].name,
            standard => standard.standard_name().unwrap_or_default(),
        }
    }

    /// Whether a measure means something for a node: requests for services, the rest for data,
    /// answers or rows that differ for both, and one of the plan's own for what the plan says.
    #[must_use]
    pub fn concerns(&self, measure: Measure, node: Node) -> bool {
        match (measure, node) {
            (Measure::Own(id), _) => {
                let of = &self.measures[id].of;
                of.is_empty() || of.contains(&node)
            }
            (_, Node::Service(_)) => measure.is_of_requests() || measure == Measure::Mismatch,
            (_, Node::Resource(_)) => !measure.is_of_requests(),
        }
    }

    /// The executor whose `health` says whether a node is well: the one its steps name, else the
    /// monitor of its platform or instance, else the one that shifts its traffic.
    #[must_use]
    pub fn measurer(&self, node: Node) -> Option<usize> {
        self.measurers(node, &self.steps_about(node)).next()
    }

    /// The first of the executors of [`Plan::measurer`] that takes this measure.
    #[must_use]
    pub fn measurer_of(&self, node: Node, measure: Measure) -> Option<usize> {
        let steps = self.steps_about(node);
        let mut all = self.measurers(node, &steps);
        all.find(|index| self.is_measured_by(*index, measure))
    }

    /// Whether an executor takes this measure.
    #[must_use]
    pub fn is_measured_by(&self, index: usize, measure: Measure) -> bool {
        let executor = self.executors.get(index);
        executor.is_some_and(|executor| executor.is_measuring(measure))
    }

    /// Executors whose `health` can be asked about a node that these steps are about, the nearest
    /// first.
    pub fn measurers(&self, node: Node, steps: &[&Step]) -> impl Iterator<Item = usize> {
        let measures = |index: &usize| {
            let executor = self.executors.get(*index);
            executor.is_some_and(|executor| executor.verbs.contains_key("health"))
        };
        let named = steps
            .iter()
            .filter_map(|step| step.verify.as_ref())
            .filter(|action| action.verb == "health")
            .find_map(|action| action.executor);
        let mut acting = steps
            .iter()
            .filter_map(|step| step.action.as_ref())
            // A script of its own does one act, and measures nothing.
            .filter(|action| action.verb != "run")
            .filter_map(|action| action.executor);
        let shifting = acting.find(measures);
        let all = [named, self.monitor(node), shifting];
        all.into_iter().flatten().filter(measures)
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
    step.subject.node() == Some(node)
}

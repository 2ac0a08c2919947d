//! Who is hurt when something is down: the service graph with its shares, and entry traffic.

use whimbrel_plan::{CallMode, Need, Node, Plan, Relation, RelationKind, ResourceId, Target};

use super::figure::{Figure, Inputs, node_entity, relation_entity};
use super::people::index;
use crate::column::{Column, Lists};
use crate::philox::Purpose;

/// One need of a service: the position of what it needs, and the share of its requests that fail
/// with it, fallbacks taken off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NeedModel {
    pub(crate) on: u32,
    pub(crate) share: f64,
}

/// How requests flow, in numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flow {
    /// Needs of each service.
    pub(crate) needs: Column<Vec<NeedModel>>,
    /// Requests per second that enter at each service.
    pub(crate) entry: Column<f64>,
    pub(crate) entry_total: f64,
    /// Revenue per second of each service.
    pub(crate) revenue: Column<f64>,
}

/// What one service does to something.
#[derive(Clone, Debug)]
struct Fact {
    caller: usize,
    /// The service called.
    callee: Option<usize>,
    /// What is needed.
    on: Vec<u32>,
    rate: Option<Figure>,
    /// The share of the calls that do without.
    covered: Figure,
}

/// Services come first, then resources.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExposureModel {
    pub(crate) services: usize,
    pub(crate) nodes: usize,
    /// Whether requests may enter anywhere.
    pub(crate) may_enter: bool,
    /// Whether the flow is another one in each trial.
    pub(crate) uncertain: bool,
    /// The flow at the means.
    pub(crate) flow: Flow,
    /// The services that may fail with each node.
    pub(crate) dependents: Lists,
    facts: Vec<Fact>,
    traffic: Column<Option<Figure>>,
    revenue: Column<Figure>,
}

impl ExposureModel {
    pub(super) fn new(plan: &Plan, inputs: &mut Inputs<'_>) -> Self {
        let inventory = &plan.inventory;
        let services = inventory.services.len();
        let mut model = Self {
            services,
            nodes: services + inventory.resources.len(),
            ..Self::default()
        };
        for (id, service) in inventory.services.iter() {
            let entity = node_entity(plan, Node::Service(id));
            let traffic = service.traffic.as_ref();
            model
                .traffic
                .push(inputs.some(traffic, &entity, Purpose::Traffic));
            let revenue = service.revenue.as_ref();
            let revenue = inputs.or_zero(revenue, &entity, Purpose::Revenue);
            model.revenue.push(revenue);
        }
        let relations = inventory.relations.values();
        model.facts = relations
            .filter_map(|relation| fact(plan, relation, inputs))
            .collect();
        model.dependents = model.dependents();
        model.may_enter = may_enter(plan);
        model.uncertain = model.is_drawn();
        let mut flow = Flow {
            needs: Column::filled(Vec::new(), services),
            entry: Column::filled(0.0, services),
            entry_total: 0.0,
            revenue: Column::filled(0.0, services),
        };
        model.fill(&mut flow, &inputs.means());
        model.flow = flow;
        model
    }

    fn dependents(&self) -> Lists {
        let mut dependents = vec![Vec::new(); self.nodes];
        let passed_on = |fact: &&Fact| !matches!(fact.covered, Figure::Known(1.0));
        for fact in self.facts.iter().filter(passed_on) {
            for &on in &fact.on {
                if let Some(dependents) = dependents.get_mut(on as usize) {
                    dependents.push(index(fact.caller));
                }
            }
        }
        dependents.into_iter().collect()
    }

    /// Whether anything that the flow is made of is drawn, be it for other uses as well.
    fn is_drawn(&self) -> bool {
        let of_facts = self.facts.iter();
        let of_facts = of_facts.flat_map(|fact| fact.rate.into_iter().chain([fact.covered]));
        let of_services = self.traffic.iter().flatten().chain(self.revenue.iter());
        of_facts.chain(of_services.copied()).any(Figure::is_drawn)
    }

    /// Makes the flow that of these inputs.
    pub(crate) fn fill(&self, flow: &mut Flow, inputs: &Column<f64>) {
        flow.needs.iter_mut().for_each(Vec::clear);
        flow.entry.fill(&0.0);
        let traffic = |service: usize| self.traffic[service].map(|t| t.value(inputs));
        for fact in &self.facts {
            let rate = fact.rate.map(|rate| rate.value(inputs));
            let share = match fact.callee {
                Some(callee) => {
                    flow.entry[callee] += rate.unwrap_or(0.0);
                    call_share(rate, traffic(fact.caller))
                }
                None => 1.0,
            };
            let share = share * (1.0 - fact.covered.value(inputs));
            if share > 0.0 {
                let needs = fact.on.iter().map(|&on| NeedModel { on, share });
                flow.needs[fact.caller].extend(needs);
            }
        }
        for service in 0..self.services {
            let inside = flow.entry[service];
            flow.entry[service] = (traffic(service).unwrap_or(0.0) - inside).max(0.0);
            flow.revenue[service] = self.revenue[service].value(inputs);
        }
        flow.entry_total = flow.entry.iter().sum();
    }

    /// The position of a node.
    pub(super) fn position(plan: &Plan, node: Node) -> u32 {
        let position = match node {
            Node::Service(id) => id.index(),
            Node::Resource(id) => plan.inventory.services.len() + id.index(),
        };
        index(position)
    }
}

fn fact(plan: &Plan, relation: &Relation, inputs: &mut Inputs<'_>) -> Option<Fact> {
    let entity = relation_entity(plan, relation);
    let (on, callee): (Vec<Node>, Option<usize>) = match (relation.kind, &relation.to) {
        (RelationKind::Calls, Target::Service(callee)) => {
            (vec![Node::Service(*callee)], Some(callee.index()))
        }
        (RelationKind::Reads | RelationKind::Writes, Target::Resource(resource)) => {
            let stands_in = with_parents(plan, *resource);
            (stands_in.map(Node::Resource).collect(), None)
        }
        _ => return None,
    };
    let rate = relation.rate.as_ref().filter(|_| callee.is_some());
    let copes = relation.need == Need::Soft || relation.mode == CallMode::Async;
    let covered = match &relation.fallback {
        _ if copes => Figure::Known(1.0),
        Some(fallback) => inputs.figure(&fallback.covers, &entity, Purpose::Covers),
        None => Figure::Known(0.0),
    };
    Some(Fact {
        caller: relation.from.index(),
        callee,
        on: on
            .into_iter()
            .map(|node| ExposureModel::position(plan, node))
            .collect(),
        rate: inputs.some(rate, &entity, Purpose::CallRate),
        covered,
    })
}

/// A resource and what it stands in: who reads a table needs its datastore and its instance.
pub(super) fn with_parents(plan: &Plan, resource: ResourceId) -> impl Iterator<Item = ResourceId> {
    let parent = |id: &ResourceId| plan.inventory.resources[*id].parent;
    std::iter::successors(Some(resource), parent)
}

/// Whether some service has more requests, at the most, than its callers make, at the least.
fn may_enter(plan: &Plan) -> bool {
    let inventory = &plan.inventory;
    let mut inside = Column::filled(0.0, inventory.services.len());
    for relation in inventory.relations.values() {
        if let (RelationKind::Calls, Target::Service(callee), Some(rate)) =
            (relation.kind, &relation.to, &relation.rate)
        {
            inside[callee.index()] += rate.quantile(0.0);
        }
    }
    let mut services = inventory.services.iter();
    services.any(|(id, service)| {
        let traffic = service.traffic.as_ref();
        traffic.is_some_and(|traffic| traffic.quantile(1.0) > inside[id.index()])
    })
}

/// s = min(1, r / T), 1 if unknown.
fn call_share(rate: Option<f64>, traffic: Option<f64>) -> f64 {
    match (rate, traffic) {
        (Some(rate), Some(traffic)) if traffic > 0.0 => (rate / traffic).min(1.0),
        (Some(0.0), Some(_)) => 0.0,
        _ => 1.0,
    }
}

//! Who is hurt when something is down: the service graph with its shares, and entry traffic.

use whimbrel_plan::{CallMode, Need, Node, Plan, RelationKind, ResourceId, Target};

use crate::column::Column;

/// One need of a service: the position of what it needs, and the share of its requests that fail
/// with it, fallbacks taken off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NeedModel {
    pub(crate) on: u32,
    pub(crate) share: f64,
}

/// Services come first, then resources.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExposureModel {
    pub(crate) services: usize,
    pub(crate) nodes: usize,
    /// Needs of each service.
    pub(crate) needs: Column<Vec<NeedModel>>,
    /// Requests per second that enter at each service.
    pub(crate) entry: Column<f64>,
    pub(crate) entry_total: f64,
    /// Revenue per second of each service.
    pub(crate) revenue: Column<f64>,
}

impl ExposureModel {
    pub(super) fn new(plan: &Plan) -> Self {
        let inventory = &plan.inventory;
        let services = inventory.services.len();
        let mut needs: Column<Vec<NeedModel>> = Column::filled(Vec::new(), services);
        let mut inside = Column::filled(0.0, services);
        for (_, relation) in inventory.relations.iter() {
            let caller = relation.from.index();
            let (on, share): (Vec<usize>, f64) = match (relation.kind, &relation.to) {
                (RelationKind::Calls, Target::Service(callee)) => {
                    inside[callee.index()] += relation.rate.unwrap_or(0.0);
                    let traffic = inventory.services[relation.from].traffic;
                    let share = call_share(relation.rate, traffic);
                    (vec![callee.index()], share)
                }
                (RelationKind::Reads | RelationKind::Writes, Target::Resource(resource)) => {
                    let stands_in = with_parents(plan, *resource);
                    (stands_in.map(|id| services + id.index()).collect(), 1.0)
                }
                _ => continue,
            };
            let copes = relation.need == Need::Soft || relation.mode == CallMode::Async;
            let covered = match &relation.fallback {
                _ if copes => 1.0,
                Some(fallback) => fallback.covers,
                None => 0.0,
            };
            let share = share * (1.0 - covered);
            if share > 0.0 {
                let on = on
                    .into_iter()
                    .map(|on| u32::try_from(on).unwrap_or(u32::MAX));
                needs[caller].extend(on.map(|on| NeedModel { on, share }));
            }
        }
        let entry: Column<f64> = inventory
            .services
            .iter()
            .map(|(id, service)| (service.traffic.unwrap_or(0.0) - inside[id.index()]).max(0.0))
            .collect();
        let revenue = inventory.services.values();
        Self {
            services,
            nodes: services + inventory.resources.len(),
            needs,
            entry_total: entry.iter().sum(),
            entry,
            revenue: revenue.map(|s| s.revenue.unwrap_or(0.0)).collect(),
        }
    }

    /// The position of a node.
    pub(super) fn position(plan: &Plan, node: Node) -> u32 {
        let position = match node {
            Node::Service(id) => id.index(),
            Node::Resource(id) => plan.inventory.services.len() + id.index(),
        };
        u32::try_from(position).unwrap_or(u32::MAX)
    }
}

/// A resource and what it stands in: who reads a table needs its datastore and its instance.
fn with_parents(plan: &Plan, resource: ResourceId) -> impl Iterator<Item = ResourceId> {
    let parent = |id: &ResourceId| plan.inventory.resources[*id].parent;
    std::iter::successors(Some(resource), parent)
}

/// s = min(1, r / T), 1 if unknown.
fn call_share(rate: Option<f64>, traffic: Option<f64>) -> f64 {
    match (rate, traffic) {
        (Some(rate), Some(traffic)) if traffic > 0.0 => (rate / traffic).min(1.0),
        (Some(0.0), Some(_)) => 0.0,
        _ => 1.0,
    }
}

//! The contract of `plan --format json`: names, not ids. Fields are added, never renamed.

mod reversal;

use serde_json::{Value, json};
use whimbrel_compiler::analysis::cuts::{Cut, Cuts};
use whimbrel_plan::{
    Batch, Checklist, Edge, Graph, Inventory, Node, Plan, ResourceId, SeamState, ServiceId, Unknown,
};

use super::blast;
use super::cuts::{bridges, cut_texts};
use crate::error::{CliError, NO_PLAN};
use crate::render::json::VERSION;
use crate::render::number::DAY;

/// The document; what is not there for want of a plan is null or empty.
///
/// # Errors
/// When a number of the plan is not finite.
pub fn document(
    plan: Option<&Plan>,
    inventory: &Inventory,
    graph: &Graph,
    cuts: &Cuts,
) -> Result<Value, CliError> {
    let names = Names(inventory);
    let blast = plan.and_then(blast::worst);
    let hash = plan.map(Plan::hash).transpose().map_err(|error| {
        CliError::finding(
            NO_PLAN.number,
            format!("the plan cannot be written: {error}"),
        )
    })?;
    Ok(json!({
        "version": VERSION,
        "plan_hash": hash,
        "name": plan.map(|plan| &plan.migration.name),
        "scenario": plan.and_then(|plan| plan.scenario.as_ref()),
        "strategy": plan.map(|plan| plan.migration.strategy),
        "batches": plan.map_or_else(Vec::new, |plan| batches(plan, names)),
        "checklist": plan.map(|plan| checklist(&plan.checklist)),
        "graph": names.graph(graph, cuts, &bridges(plan)),
        "seam": plan.map_or_else(Vec::new, |plan| seam(plan, names)),
        "reversibility": plan.map_or_else(Vec::new, reversal::all),
        "critical_path": plan.map_or_else(Vec::new, critical_path),
        "duration_days": plan.map(|plan| plan.critical_path_duration / DAY),
        "effort_hours": plan.map(|plan| plan.effort_hours),
        "blast_radius": blast.map(|blast| json!({
            "of": names.node(blast.of),
            "services": blast.services,
            "share": blast.share,
        })),
        "unknown": plan.map_or_else(Vec::new, |plan| Unknown::sentences(&plan.unknown)),
    }))
}

fn batches(plan: &Plan, names: Names<'_>) -> Vec<Value> {
    let rows = plan.batches.iter();
    rows.map(|(id, batch)| {
        let after = batch.after.iter().map(|id| &plan.batches[*id].name);
        let units = batch.units.iter().map(|unit| {
            let members = unit.members.iter().map(|member| names.node(member.node));
            members.collect::<Vec<_>>()
        });
        json!({
            "name": batch.name,
            "mode": batch.mode,
            "at_once": batch.at_once,
            "cutover": batch.cutover,
            "after": after.collect::<Vec<_>>(),
            "services": members(batch, names, true),
            "resources": members(batch, names, false),
            "units": units.collect::<Vec<_>>(),
            "checklist": plan.batch_checklists.get(id.index()).map(checklist),
        })
    })
    .collect()
}

fn members(batch: &Batch, names: Names<'_>, services: bool) -> Vec<Value> {
    let members = batch.units.iter().flat_map(|unit| &unit.members);
    members
        .filter(|member| matches!(member.node, Node::Service(_)) == services)
        .map(|member| json!({ "name": names.node(member.node), "reason": member.reason }))
        .collect()
}

fn checklist(checklist: &Checklist) -> Value {
    json!({
        "scores": checklist.scores,
        "total": checklist.total,
        "verdict": checklist.verdict,
        "margin": checklist.margin,
        "flip": checklist.flip,
        "notes": checklist.notes,
    })
}

fn seam(plan: &Plan, names: Names<'_>) -> Vec<Value> {
    let state = |state: &SeamState| {
        let crossing = state.crossing.iter().map(|crossing| {
            json!({
                "from": names.node(crossing.from),
                "to": names.node(crossing.to),
                "carried_by": crossing.carried_by,
                "latency_seconds": crossing.latency,
                "bytes_per_second": crossing.traffic,
            })
        });
        json!({
            "batch": plan.batches[state.batch].name,
            "crossing": crossing.collect::<Vec<_>>(),
        })
    };
    plan.seam.iter().map(state).collect()
}

fn critical_path(plan: &Plan) -> Vec<Value> {
    let steps = plan.critical_path.iter();
    steps
        .map(|id| plan.steps[*id].name.clone().into())
        .collect()
}

/// Ids to names.
#[derive(Clone, Copy)]
struct Names<'a>(&'a Inventory);

impl<'a> Names<'a> {
    fn node(self, node: Node) -> &'a str {
        match node {
            Node::Service(id) => self.service(id),
            Node::Resource(id) => self.resource(id),
        }
    }

    fn service(self, id: ServiceId) -> &'a str {
        &self.0.services[id].name
    }

    fn resource(self, id: ResourceId) -> &'a str {
        &self.0.resources[id].name
    }

    fn graph(self, graph: &Graph, cuts: &Cuts, bridges: &[&str]) -> Value {
        let services = self.0.services.values().map(|service| &service.name);
        let resources = self.0.resources.values().map(|resource| &resource.name);
        json!({
            "services": services.collect::<Vec<_>>(),
            "resources": resources.collect::<Vec<_>>(),
            "edges": graph.edges.iter().map(|edge| self.edge(edge)).collect::<Vec<_>>(),
            "components": self.components(&graph.components),
            "binding_components": self.components(&graph.binding_components),
            "cuts": self.cuts(&cuts.all, bridges),
            "binding_cuts": self.cuts(&cuts.binding, bridges),
        })
    }

    fn edge(self, edge: &Edge) -> Value {
        let evidence = edge.evidence.iter().map(|id| {
            let evidence = &self.0.relations[*id].evidence;
            let place = &evidence.location;
            json!({ "kind": evidence.kind, "file": place.file, "line": place.line })
        });
        json!({
            "from": self.node(edge.from),
            "to": self.node(edge.to),
            "kind": edge.kind,
            "need": edge.need,
            "mode": edge.mode,
            "rate": edge.rate,
            "hidden": edge.hidden,
            "binding": edge.binding,
            "evidence": evidence.collect::<Vec<_>>(),
        })
    }

    fn components(self, components: &[Vec<ServiceId>]) -> Vec<Vec<&'a str>> {
        let named = components.iter().map(|component| {
            let mut names: Vec<&str> = component.iter().map(|id| self.service(*id)).collect();
            names.sort_unstable();
            names
        });
        named.collect()
    }

    fn cuts(self, cuts: &[Cut], bridges: &[&str]) -> Vec<Value> {
        cuts.iter().map(|cut| self.cut(cut, bridges)).collect()
    }

    fn cut(self, cut: &Cut, bridges: &[&str]) -> Value {
        let edges = cut.edges.iter().zip(cut_texts(self.0, cut, bridges));
        let edges = edges.map(|(edge, text)| {
            json!({
                "from": self.service(edge.from),
                "to": self.service(edge.to),
                "via": edge.via.map(|via| self.resource(via)),
                "by": edge.by,
                "cost": edge.cost,
                "bridge": text,
            })
        });
        json!({
            "component": cut.component,
            "kind": cut.kind,
            "largest": cut.largest,
            "edges": edges.collect::<Vec<_>>(),
            "cost": cut.cost,
        })
    }
}

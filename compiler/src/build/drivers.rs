//! Drivers and licences: what they act on, as steps.

use rustc_hash::FxHashSet;
use whimbrel_lang::Diagnostic;
use whimbrel_plan::{
    Act, Arena, Batch, BatchId, Driver, DriverEffect, DriverId, Licence, Mover, Node, StepId,
};

use super::inventory::{Built, sorted};
use super::migration::{batch, day_after};
use super::steps::Steps;
use super::values::DAY;
use crate::check::names::Reference;
use crate::check::object::Object;
use crate::origins::{Entity, Origins};
use crate::schema::Kind;
use crate::top::Top;

/// Drivers by name.
pub(crate) fn drivers<'a>(
    top: &'a Top,
    built: &Built<'_>,
    batches: &Arena<BatchId, Batch>,
    steps: &Steps,
    origins: &mut Origins<'a>,
    found: &mut Vec<Diagnostic>,
) -> Arena<DriverId, Driver> {
    let mut out = Arena::default();
    for object in sorted(top, "driver") {
        let Some(factor) = object.law("factor").and_then(|law| law.resolve(24.0).ok()) else {
            continue;
        };
        let mut on: Vec<StepId> = object
            .references("on")
            .iter()
            .flat_map(|reference| acted_on(reference, built, batches, steps, found))
            .collect();
        on.sort_unstable();
        on.dedup();
        let id = out.push(Driver {
            name: object.name().to_owned(),
            doc: object.doc.clone(),
            chance: object.amount("chance").unwrap_or(1.0.into()),
            factor,
            steps: on,
            affects: match object.choice("affects") {
                Some("failure") => DriverEffect::Failure,
                _ => DriverEffect::Duration,
            },
        });
        origins.remember(Entity::Driver(id), object);
    }
    out
}

fn acted_on(
    reference: &Reference,
    built: &Built<'_>,
    batches: &Arena<BatchId, Batch>,
    steps: &Steps,
    found: &mut Vec<Diagnostic>,
) -> Vec<StepId> {
    let all = || steps.steps.iter();
    match reference.kind {
        Kind::Team => {
            let Some(team) = built.ids.teams.get(&reference.name).copied() else {
                return Vec::new();
            };
            all()
                .filter(|(_, step)| {
                    step.team == Some(team) || step.needs.iter().any(|need| need.team == team)
                })
                .map(|(id, _)| id)
                .collect()
        }
        Kind::Batch => {
            let Some(id) = batch(reference, batches, found) else {
                return Vec::new();
            };
            all()
                .filter(|(_, step)| step.batch == Some(id))
                .map(|(id, _)| id)
                .collect()
        }
        Kind::Phase => steps
            .phases
            .get(&*reference.name)
            .cloned()
            .unwrap_or_default(),
        Kind::Link => {
            let ends = reference.name.split_once(" -> ");
            let link = ends.and_then(|(from, to)| {
                let from = built.ids.platforms.get(from)?;
                let to = built.ids.platforms.get(to)?;
                built.ids.links.get(&(*from, *to)).copied()
            });
            all()
                .filter(|(_, step)| match &step.act {
                    Act::Transfer(transfer) => transfer.link.is_some() && transfer.link == link,
                    _ => false,
                })
                .map(|(id, _)| id)
                .collect()
        }
        _ => {
            let Some(node) = built.ids.node(reference) else {
                return Vec::new();
            };
            let lead = steps.lead_times.get(&node).copied();
            let mover = steps.movers.iter().find(|mover| mover.node == node);
            let own = mover.map_or(Vec::new(), |mover| mover.steps.clone());
            own.into_iter().chain(lead).collect()
        }
    }
}

/// Licences by name.
pub(crate) fn licences<'a>(
    top: &'a Top,
    built: &Built<'_>,
    zone: &str,
    movers: &[Mover],
    origins: &mut Origins<'a>,
) -> Vec<Licence> {
    let mut out = Vec::new();
    for object in sorted(top, "licence") {
        let Some(licence) = licence(object, built, zone, movers) else {
            continue;
        };
        origins.remember(Entity::Licence(out.len()), object);
        out.push(licence);
    }
    out
}

fn licence(object: &Object, built: &Built<'_>, zone: &str, movers: &[Mover]) -> Option<Licence> {
    let nodes: FxHashSet<Node> = object
        .references("of")
        .iter()
        .filter_map(|reference| built.ids.node(reference))
        .flat_map(|node| covered(node, built))
        .collect();
    let removals: Vec<Option<StepId>> = nodes
        .iter()
        .map(|node| {
            movers
                .iter()
                .find(|mover| mover.node == *node)?
                .decommission
        })
        .collect();
    // Something that is never removed keeps the licence alive.
    let mut removed_by: Vec<StepId> = removals
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .unwrap_or_default();
    removed_by.sort_unstable();
    Some(Licence {
        name: object.name().to_owned(),
        removed_by,
        of: object
            .references("of")
            .iter()
            .map(|reference| reference.name.to_string())
            .collect(),
        cost_per_day: object.amount("cost")?.times(DAY),
        grows_per_year: object
            .amount("grows")
            .map_or(0.0.into(), |growth| growth.times(365.25).times(DAY)),
        until: day_after(zone, object.date("until")?)?,
        notice: object.number("notice"),
    })
}

/// What a licence on a node covers: of an instance the things in it that are no tables.
fn covered(node: Node, built: &Built<'_>) -> Vec<Node> {
    let Node::Resource(id) = node else {
        return vec![node];
    };
    if built.inventory.resources[id].kind != whimbrel_plan::ResourceKind::Instance {
        return vec![node];
    }
    let inside = built
        .inventory
        .resources
        .iter()
        .filter(|(_, child)| child.parent == Some(id));
    inside.map(|(child, _)| Node::Resource(child)).collect()
}

//! Bridges as the text says them: what each covers, how it carries, what it takes to have it.

use whimbrel_lang::Dimension;
use whimbrel_plan::{Amount, BridgeId, BridgeOver, BridgeTechnique, Graph, Node};

use super::inventory::{Built, sorted};
use super::values::DAY;
use crate::analysis::cuts::Weights;
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::top::Top;

/// The hours of a person-day.
const HOURS: f64 = 8.0;
/// How many days a bridge stands when the plan has no deadline.
const STANDS: f64 = 90.0;
/// What an hour of work costs when no team says so, in the plan's currency.
const RATE: f64 = 100.0;

/// What the bridges cover.
pub(crate) fn specs(built: &Built<'_>, top: &Top) -> Vec<(BridgeId, BridgeOver)> {
    let overs = known(built, top).map(|(_, over)| over).enumerate();
    overs
        .map(|(index, over)| (BridgeId::new(index), over))
        .collect()
}

/// What bridging costs in this plan.
pub(crate) fn weights(graph: &Graph, built: &Built<'_>, top: &Top) -> Weights {
    Weights::new(&graph.edges, &built.inventory, &person_days(built, top))
}

/// What the bridges take, in person-days, where the plan says so: the work to build one, and its
/// running cost until the deadline in days of work.
fn person_days(built: &Built<'_>, top: &Top) -> Vec<(BridgeId, f64)> {
    let stands = stands(top);
    let rates = built.inventory.teams.values();
    let rates: Vec<f64> = rates
        .filter_map(|team| team.rate_per_hour.as_ref().map(Amount::mean))
        .filter(|rate| *rate > 0.0)
        .collect();
    let rate = if rates.is_empty() {
        RATE
    } else {
        rates.iter().sum::<f64>() / rates.len() as f64
    };
    let bridges = known(built, top).enumerate();
    bridges
        .filter_map(|(index, (object, _))| {
            let cost = object.amount("cost");
            let running = cost.map(|cost| cost.mean() * DAY * stands / (rate * HOURS));
            let days = match (effort(object), running) {
                (None, None) => return None,
                (effort, running) => effort.unwrap_or(0.0) + running.unwrap_or(0.0),
            };
            Some((BridgeId::new(index), days))
        })
        .collect()
}

/// The work to build a bridge, in person-days.
fn effort(object: &Object) -> Option<f64> {
    let law = object.law("effort")?;
    let seconds = law.resolve(HOURS).ok()?.mean();
    let day = if law.dimension() == Dimension::WORKING {
        HOURS * 3600.0
    } else {
        DAY
    };
    let people = object.people("needs").unwrap_or(&[]);
    let people: u32 = people.iter().map(|(count, _)| count).sum();
    Some(seconds / day * f64::from(people.max(1)))
}

/// Days from the migration's start to its deadline.
fn stands(top: &Top) -> f64 {
    let between = || {
        let migration = top.of("migration").next()?;
        let start = migration.moment("start")?.date();
        let days = start.until(migration.date("deadline")?).ok()?.get_days();
        (days > 0).then_some(f64::from(days))
    };
    between().unwrap_or(STANDS)
}

/// The bridges that cover something.
fn known<'a>(
    built: &'a Built<'_>,
    top: &'a Top,
) -> impl Iterator<Item = (&'a Object, BridgeOver)> + use<'a> {
    let objects = sorted(top, "bridge").into_iter();
    objects.filter_map(|object| Some((object, over(object, built)?)))
}

/// What a bridge is over.
pub(crate) fn over(object: &Object, built: &Built<'_>) -> Option<BridgeOver> {
    match object.get("over")? {
        Typed::Edge(ends) => Some(BridgeOver::Edge {
            from: *built.ids.services.get(&ends.0.name)?,
            to: *built.ids.services.get(&ends.1.name)?,
        }),
        Typed::Reference(reference) => match built.ids.node(reference)? {
            Node::Resource(id) => Some(BridgeOver::Resource(id)),
            Node::Service(_) => None,
        },
        _ => None,
    }
}

/// How a bridge carries.
pub(crate) fn technique(object: &Object) -> BridgeTechnique {
    match object.choice("by") {
        Some("dual_write") => BridgeTechnique::DualWrite,
        Some("back_sync") => BridgeTechnique::BackSync,
        Some("mirror") => BridgeTechnique::Mirror,
        Some("adapter") => BridgeTechnique::Adapter,
        Some("proxy") => BridgeTechnique::Proxy,
        _ => BridgeTechnique::Cdc,
    }
}

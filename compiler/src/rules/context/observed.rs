//! What was observed, pair by pair.

use jiff::Span as Length;
use jiff::civil::Date;
use rustc_hash::FxHashSet;
use whimbrel_plan::{Relation, RelationId, RelationKind, ServiceId, ServiceKind, Target};

use super::Context;

/// Days after which an observation says little of the calls of today: a quarter, so that what runs
/// once a month has been seen three times.
pub(in crate::rules) const HORIZON: i64 = 90;

/// The observations of one service calling another.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Observed {
    /// Who was seen calling.
    pub from: ServiceId,
    /// Whom.
    pub to: ServiceId,
    first: usize,
    end: usize,
}

impl Observed {
    /// Its facts.
    pub fn facts<'a>(
        &self,
        context: &'a Context<'_>,
    ) -> impl Iterator<Item = (RelationId, &'a Relation)> + use<'a> {
        let ids = (self.first..self.end).map(RelationId::new);
        ids.map(|id| (id, &context.inventory.relations[id]))
    }

    /// The newest of its facts; none when one of them has no date, so that its age is unknown.
    pub fn newest(&self, context: &Context<'_>) -> Option<(RelationId, Date)> {
        let dated = self.facts(context);
        let dated: Option<Vec<(RelationId, Date)>> = dated
            .map(|(id, fact)| Some((id, fact.evidence.at?)))
            .collect();
        dated?.into_iter().max_by_key(|(_, at)| *at)
    }

    /// Whether it is too old to say anything.
    pub fn is_stale(&self, context: &Context<'_>) -> bool {
        let newest = self.newest(context);
        newest.is_some_and(|(_, at)| is_older(at, reference_day(context)))
    }
}

/// Whether a day is more than [`HORIZON`] days before another.
pub(in crate::rules) fn is_older(day: Date, reference: Date) -> bool {
    day < reference.saturating_sub(Length::new().days(HORIZON))
}

/// The day that observations age to: today, but not beyond the start. What has moved since is no
/// longer called as it was.
pub(in crate::rules) fn reference_day(context: &Context<'_>) -> Date {
    let start = context.plan.map(|plan| {
        let zone = plan.migration.start.in_tz(&plan.migration.zone);
        zone.map_or(context.today, |start| start.date())
    });
    start.map_or(context.today, |start| start.min(context.today))
}

/// Every pair that was observed, ordered by caller and callee. What observes others is left out: it
/// forms no dependency.
pub(in crate::rules) fn observed(context: &Context<'_>) -> Vec<Observed> {
    let mut out: Vec<Observed> = Vec::new();
    let is_telemetry =
        |id: ServiceId| context.inventory.services[id].kind == ServiceKind::Telemetry;
    for (id, relation) in context.inventory.relations.iter() {
        let (RelationKind::Seen, Target::Service(to)) = (relation.kind, &relation.to) else {
            continue;
        };
        let (from, to, at) = (relation.from, *to, id.index());
        match out.last_mut() {
            // Relations are ordered by service, kind and target.
            Some(last) if (last.from, last.to, last.end) == (from, to, at) => last.end = at + 1,
            _ if is_telemetry(from) || is_telemetry(to) => {}
            _ => out.push(Observed {
                from,
                to,
                first: at,
                end: at + 1,
            }),
        }
    }
    out
}

/// The callers of which the observations say what they call, and so what they do not: a call that
/// they declare was seen, and not too long ago.
pub(in crate::rules) fn covered(context: &Context<'_>, pairs: &[Observed]) -> FxHashSet<ServiceId> {
    let relations = context.inventory.relations.values();
    let declared: FxHashSet<(ServiceId, ServiceId)> = relations
        .filter_map(|fact| match (fact.kind, &fact.to) {
            (RelationKind::Calls, Target::Service(to)) => Some((fact.from, *to)),
            _ => None,
        })
        .collect();
    let confirms = |pair: &&Observed| declared.contains(&(pair.from, pair.to));
    let fresh = pairs.iter().filter(|pair| !pair.is_stale(context));
    fresh.filter(confirms).map(|pair| pair.from).collect()
}

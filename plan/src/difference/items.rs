//! What exists and what is to happen: everything of the plan that somebody wrote.

use std::borrow::Cow;

use serde::Serialize;

use super::pairs::{Compared, Named, matched};
use super::{Sides, Thing, ThingChanges, names};
use crate::{Inventory, Plan, Relation, Resource, ResourceKind};

/// Compares all of it. Steps, batches' members and what follows from the text are compared elsewhere.
pub(super) fn compare(sides: &Sides<'_>, things: &mut ThingChanges) {
    let mut all = All { sides, things };
    let (old, new) = (sides.before.of.inventory, sides.after.of.inventory);
    all.inventory(old, new);
    match (sides.before.of.plan, sides.after.of.plan) {
        (Some(old), Some(new)) => all.plan(old, new),
        (None, Some(plan)) => all.things.gained.push(migration(plan)),
        (Some(plan), None) => all.things.lost.push(migration(plan)),
        (None, None) => {}
    }
}

fn migration(plan: &Plan) -> Thing {
    Thing {
        kind: "migration".to_owned(),
        name: plan.migration.name.clone(),
    }
}

struct All<'s, 'a> {
    sides: &'s Sides<'a>,
    things: &'s mut ThingChanges,
}

/// What of a mover is told with the batches, or follows from its steps.
const OF_MOVERS: &[&str] = &[
    "node",
    "batch",
    "unit",
    "steps",
    "first_deploy",
    "first_shift",
    "cutover",
    "decommission",
];

/// The one cost of building the automation.
#[derive(Serialize)]
struct Automation<'a> {
    cost: &'a crate::Amount,
}

impl<'a> All<'_, 'a> {
    fn inventory(&mut self, old: &'a Inventory, new: &'a Inventory) {
        let Inventory {
            platforms,
            links,
            teams,
            services,
            resources,
            relations,
            licences,
        } = new;
        self.by_id("platform", &[], (&old.platforms, platforms), "PlatformId");
        self.by_id("link", &["from", "to"], (&old.links, links), "LinkId");
        self.by_id("team", &[], (&old.teams, teams), "TeamId");
        self.by_id("service", &[], (&old.services, services), names::SERVICE);
        let name =
            |resources: &'a crate::Arena<_, Resource>, of| by_id(of, resources, names::RESOURCE);
        self.compare(
            |resource: &Resource| keyword(resource.kind),
            &["name"],
            name(&old.resources, &self.sides.before),
            name(resources, &self.sides.after),
        );
        let relation = |of: &'_ names::Names<'a>, relations: &'a crate::Arena<_, Relation>| {
            let named = relations.values().map(|one| (of.relation(one).into(), one));
            named.collect::<Vec<Named<'a, Relation>>>()
        };
        self.compare(
            |relation: &Relation| names::verb(relation.kind),
            &["from", "kind", "to"],
            relation(&self.sides.before, &old.relations).into_iter(),
            relation(&self.sides.after, relations).into_iter(),
        );
        let removed = &["name", "removed_by"];
        self.by_name("licence", removed, (&old.licences, licences), |it| &it.name);
    }

    /// Each field of the plan is named, so that a new one has to find its place.
    fn plan(&mut self, old: &'a Plan, new: &'a Plan) {
        let Plan {
            version: _,
            scenario,
            migration,
            inventory: _,
            graph: _,
            calendars,
            windows,
            freezes,
            roles,
            batches: _,
            movers,
            steps: _,
            bridges,
            drivers,
            measures,
            triggers,
            risks,
            announcements,
            retrospective,
            environments,
            rehearsals,
            waivers,
            lints,
            executors,
            automation_cost,
            checklist: _,
            seam: _,
            reversals: _,
            critical_path: _,
            critical_path_duration: _,
            effort_hours: _,
            unknown: _,
        } = new;
        let sides = self.sides;
        self.only("scenario", &[], (old.scenario.as_ref(), scenario.as_ref()));
        self.only("migration", &[], (Some(&old.migration), Some(migration)));
        self.by_id(
            "calendar",
            &["name"],
            (&old.calendars, calendars),
            "CalendarId",
        );
        self.by_id("window", &["name"], (&old.windows, windows), "WindowId");
        self.by_id("freeze", &["name"], (&old.freezes, freezes), "FreezeId");
        self.by_id("role", &["name"], (&old.roles, roles), "RoleId");
        self.by_id("bridge", &["name"], (&old.bridges, bridges), "BridgeId");
        self.by_id("driver", &["name"], (&old.drivers, drivers), "DriverId");
        self.by_id("measure", &["name"], (&old.measures, measures), "MeasureId");
        self.compare(
            |_| "move",
            OF_MOVERS,
            old.movers.iter().map(|it| (sides.before.node(it.node), it)),
            movers.iter().map(|it| (sides.after.node(it.node), it)),
        );
        self.by_name("trigger", &["name"], (&old.triggers, triggers), |it| {
            &it.name
        });
        self.by_name("risk", &["name"], (&old.risks, risks), |it| &it.name);
        let announced = (&old.announcements[..], &announcements[..]);
        self.by_name("announce", &["name", "step"], announced, |it| &it.name);
        let held = (old.retrospective.as_ref(), retrospective.as_ref());
        self.only("retrospective", &["step"], held);
        let places = (&old.environments[..], &environments[..]);
        self.by_name("environment", &["name"], places, |it| &it.name);
        let tried = (&old.rehearsals[..], &rehearsals[..]);
        self.by_name("rehearsal", &["name"], tried, |it| &it.name);
        let waived = |it: &crate::Waiver| format!("{} on {}", it.code, it.on).into();
        let (was, is) = (old.waivers.iter(), waivers.iter());
        let waived = (
            was.map(|it| (waived(it), it)),
            is.map(|it| (waived(it), it)),
        );
        self.compare(|_| "waive", &["code", "on"], waived.0, waived.1);
        self.by_name("lint", &["code"], (&old.lints, lints), |it| &it.code);
        self.by_name("executor", &["name"], (&old.executors, executors), |it| {
            &it.name
        });
        let cost = |cost: &'a Option<crate::Amount>| cost.as_ref().map(|cost| Automation { cost });
        let (was, is) = (cost(&old.automation_cost), cost(automation_cost));
        self.only("automation", &[], (was.as_ref(), is.as_ref()));
    }

    fn by_id<I: crate::arena::Id + 'a, T: Serialize + Sync>(
        &mut self,
        kind: &'static str,
        without: &'static [&'static str],
        (old, new): (&'a crate::Arena<I, T>, &'a crate::Arena<I, T>),
        id: &'static str,
    ) {
        let sides = self.sides;
        let without = if without.is_empty() {
            &["name"]
        } else {
            without
        };
        let (old, new) = (by_id(&sides.before, old, id), by_id(&sides.after, new, id));
        self.compare(|_| kind, without, old, new);
    }

    fn by_name<T: Serialize + Sync>(
        &mut self,
        kind: &'static str,
        without: &'static [&'static str],
        (old, new): (&'a [T], &'a [T]),
        name: fn(&T) -> &String,
    ) {
        let named = |one: &'a T| (Cow::Borrowed(name(one).as_str()), one);
        self.compare(
            |_| kind,
            without,
            old.iter().map(named),
            new.iter().map(named),
        );
    }

    /// What there is at most one of.
    fn only<T: Serialize + Sync>(
        &mut self,
        kind: &'static str,
        without: &'static [&'static str],
        (old, new): (Option<&T>, Option<&T>),
    ) {
        let named = |one| (Cow::Borrowed(""), one);
        let (old, new) = (old.into_iter().map(named), new.into_iter().map(named));
        self.compare(|_| kind, without, old, new);
    }

    fn compare<'n, T: Serialize + Sync + 'n>(
        &mut self,
        kind: impl Fn(&T) -> &'static str,
        without: &'static [&'static str],
        old: impl Iterator<Item = Named<'n, T>>,
        new: impl Iterator<Item = Named<'n, T>>,
    ) {
        let found = matched(old, new);
        let thing = |(name, one): Named<'_, T>| Thing {
            kind: kind(one).to_owned(),
            name: name.into_owned(),
        };
        self.things
            .gained
            .extend(found.gained.into_iter().map(thing));
        self.things.lost.extend(found.lost.into_iter().map(thing));
        let compared = Compared {
            sides: self.sides,
            without,
        };
        let changed = compared.changed(&found.both, &kind);
        self.things.changed.extend(changed);
    }
}

fn by_id<'n, I: crate::arena::Id + 'n, T>(
    names: &'n names::Names<'_>,
    arena: &'n crate::Arena<I, T>,
    id: &'static str,
) -> impl Iterator<Item = Named<'n, T>> {
    let items = arena.values().enumerate();
    items.map(move |(at, one)| (names.name(id, at), one))
}

/// The keyword of a resource.
pub(super) fn keyword(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Instance => "instance",
        ResourceKind::Datastore => "datastore",
        ResourceKind::Table => "table",
        ResourceKind::Topic => "topic",
        ResourceKind::Queue => "queue",
        ResourceKind::Cache => "cache",
        ResourceKind::Volume => "volume",
        ResourceKind::External => "external",
    }
}

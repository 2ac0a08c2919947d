//! What exists and what is to happen: everything of the plan that somebody wrote.

use std::borrow::Cow;

use serde::Serialize;

use super::pairs::{Compared, Named, matched};
use super::{Sides, Thing, ThingChanges, names};
use crate::{Inventory, Mover, Plan, Relation, Resource, Waiver};

/// Compares all of it. Steps, batches' members and what follows from the text are compared elsewhere.
pub(super) fn compare(sides: &Sides<'_>, things: &mut ThingChanges) {
    let mut all = All { sides, things };
    let (old, new) = (sides.before.of.inventory, sides.after.of.inventory);
    all.inventory(old, new);
    match (sides.before.of.plan, sides.after.of.plan) {
        (Some(old), Some(new)) => {
            every_field_has_its_place(new);
            all.plan(old, new);
        }
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
            |resource: &Resource| resource.kind.keyword(),
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

    fn plan(&mut self, old: &'a Plan, new: &'a Plan) {
        let scenario = (old.scenario.as_ref(), new.scenario.as_ref());
        self.only("scenario", &[], scenario);
        self.only(
            "migration",
            &[],
            (Some(&old.migration), Some(&new.migration)),
        );
        self.named(old, new);
        self.compare(
            |_| "move",
            OF_MOVERS,
            movers(&self.sides.before, old),
            movers(&self.sides.after, new),
        );
        self.listed(old, new);
        let held = (old.retrospective.as_ref(), new.retrospective.as_ref());
        self.only("retrospective", &["step"], held);
        let cost = |plan: &'a Plan| {
            let cost = plan.automation_cost.as_ref();
            cost.map(|cost| Automation { cost })
        };
        let (was, is) = (cost(old), cost(new));
        self.only("automation", &[], (was.as_ref(), is.as_ref()));
    }

    /// What ids stand for.
    fn named(&mut self, old: &'a Plan, new: &'a Plan) {
        macro_rules! all {
            ($($kind:literal $id:literal $field:ident;)*) => {
                $(self.by_id($kind, &["name"], (&old.$field, &new.$field), $id);)*
            };
        }
        all! {
            "calendar" "CalendarId" calendars;
            "window" "WindowId" windows;
            "freeze" "FreezeId" freezes;
            "role" "RoleId" roles;
            "bridge" "BridgeId" bridges;
            "driver" "DriverId" drivers;
            "measure" "MeasureId" measures;
        }
    }

    /// What only its name stands for.
    fn listed(&mut self, old: &'a Plan, new: &'a Plan) {
        macro_rules! all {
            ($($kind:literal $without:tt $field:ident;)*) => {
                $(self.by_name($kind, &$without, (&old.$field, &new.$field), |it| &it.name);)*
            };
        }
        all! {
            "trigger" ["name"] triggers;
            "risk" ["name"] risks;
            "announce" ["name", "step"] announcements;
            "environment" ["name"] environments;
            "rehearsal" ["name"] rehearsals;
            "executor" ["name"] executors;
        }
        self.by_name("lint", &["code"], (&old.lints, &new.lints), |it| &it.code);
        self.compare(
            |_| "waive",
            &["code", "on"],
            waivers(&self.sides.before, old),
            waivers(&self.sides.after, new),
        );
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

fn movers<'n>(
    names: &'n names::Names<'_>,
    plan: &'n Plan,
) -> impl Iterator<Item = Named<'n, Mover>> {
    let movers = plan.movers.iter();
    movers.map(|mover| (names.node(mover.node), mover))
}

fn waivers<'n>(
    names: &'n names::Names<'_>,
    plan: &'n Plan,
) -> impl Iterator<Item = Named<'n, Waiver>> {
    let named = |waiver: &'n Waiver| format!("{} on {}", waiver.code, names.text(&waiver.on));
    let waivers = plan.waivers.iter();
    waivers.map(move |waiver| (named(waiver).into(), waiver))
}

/// A field that the plan gets has to find its place: here, or in what is told elsewhere.
fn every_field_has_its_place(plan: &Plan) {
    let Plan {
        // Told here.
        scenario: _,
        migration: _,
        inventory: _,
        calendars: _,
        windows: _,
        freezes: _,
        roles: _,
        bridges: _,
        drivers: _,
        measures: _,
        movers: _,
        triggers: _,
        risks: _,
        announcements: _,
        retrospective: _,
        environments: _,
        rehearsals: _,
        waivers: _,
        lints: _,
        executors: _,
        automation_cost: _,
        // Told by the modules of their names.
        graph: _,
        batches: _,
        steps: _,
        checklist: _,
        batch_checklists: _,
        seam: _,
        reversals: _,
        critical_path: _,
        critical_path_duration: _,
        effort_hours: _,
        unknown: _,
        // The same for all.
        version: _,
    } = plan;
}

//! The migration block and the blocks that need no steps: roles, risks, triggers, rehearsals.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use whimbrel_lang::{Diagnostic, Span};
use whimbrel_plan::{
    Arena, Audit, Batch, BatchId, Criterion, Environment, Migration, Objectives, Rehearsal, Risk,
    RiskTier, Role, RoleId, Strategy, Trigger, instant,
};

use super::inventory::{Built, Route, sorted};
use crate::check::names::Reference;
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::codes;
use crate::origins::{Entity, Origins};
use crate::top::Top;

/// How long the old side is kept when the plan does not say: 72 h.
pub(crate) const KEEP_OLD: f64 = 72.0 * 3600.0;
/// How many units a parallel batch of the compiler's has at the most when the plan does not say.
/// One failure undoes the whole batch, so a batch of a hundred would hardly ever succeed.
const BATCH_SIZE: u32 = 10;
const SLA_PERIOD: f64 = 30.0 * 86_400.0;

/// The migration, its strategy still that of the plan or hybrid.
pub(crate) fn migration<'a>(
    object: &'a Object,
    built: &Built<'_>,
    route: &Route,
    currency: &str,
    origins: &mut Origins<'a>,
    found: &mut Vec<Diagnostic>,
) -> Option<Migration> {
    origins.remember(Entity::Migration, object);
    let objective = object.children("objective").next();
    match objective {
        Some(objective) => origins.remember(Entity::Objective, objective),
        None => origins.set(Entity::Objective, object.span),
    }
    let given = |name: &str| object.attributes.contains_key(name);
    let pairs = object.references("from").len() == object.references("to").len();
    if given("from") && given("to") && !pairs {
        found.push(
            Diagnostic::error(
                codes::TYPE_MISMATCH,
                object.place("to"),
                "`from` and `to` must pair: they differ in length",
            )
            .label(object.place("from"), "pairs with this")
            .help("name one platform in `to` for each in `from`"),
        );
    }
    let start = instant(&route.zone, object.moment("start")?).ok()?;
    let number = |name: &str| objective.and_then(|objective| objective.number(name));
    let given: Vec<_> = object
        .references("teams")
        .iter()
        .filter_map(|reference| built.ids.teams.get(&reference.name).copied())
        .collect();
    let strategy = object.choice("strategy");
    Some(Migration {
        name: object.name().to_owned(),
        doc: object.doc.clone(),
        from: route.pairs.iter().map(|(from, _)| *from).collect(),
        to: route.pairs.iter().map(|(_, to)| *to).collect(),
        zone: route.zone.clone(),
        start,
        deadline: object
            .date("deadline")
            .and_then(|date| day_after(&route.zone, date)),
        budget: object.number("budget"),
        currency: currency.to_owned(),
        objectives: Objectives {
            sla: number("sla"),
            sla_period: number("sla_period").unwrap_or(SLA_PERIOD),
            rpo: number("rpo"),
            rto: number("rto"),
        },
        strategy: match strategy {
            Some("sequential") => Strategy::Sequential,
            Some("parallel") => Strategy::Parallel,
            _ => Strategy::Hybrid,
        },
        strategy_declared: strategy.is_some(),
        teams: if given.is_empty() {
            built.inventory.teams.ids().collect()
        } else {
            given
        },
        keep_old: object.amount("keep_old").unwrap_or(KEEP_OLD.into()),
        batch_size: object.whole("batch_size").unwrap_or(BATCH_SIZE),
        audit: audit(object, origins),
    })
}

fn audit<'a>(object: &'a Object, origins: &mut Origins<'a>) -> Option<Audit> {
    let audit = object.children("audit").next()?;
    origins.remember(Entity::Audit, audit);
    Some(Audit {
        place: audit.text("place")?,
        keep: audit.number("keep"),
    })
}

/// The instant a closing date ends at.
pub(crate) fn day_after(zone: &str, date: jiff::civil::Date) -> Option<jiff::Timestamp> {
    let midnight = date
        .tomorrow()
        .ok()?
        .to_datetime(jiff::civil::Time::midnight());
    instant(zone, midnight).ok()
}

/// Roles by name. A role that is only referred to stands with nobody in it, for the rules to find.
pub(crate) fn roles<'a>(
    top: &'a Top,
    built: &Built<'_>,
    referred: Vec<Reference>,
    origins: &mut Origins<'a>,
) -> (Arena<RoleId, Role>, FxHashMap<Rc<str>, RoleId>) {
    let mut entries: Vec<(Rc<str>, Role, Option<&'a Object>, Span)> = top
        .of("role")
        .map(|object| {
            let role = Role {
                name: object.name().to_owned(),
                doc: object.doc.clone(),
                who: object.text("who"),
                backup: object.text("backup"),
                team: built.ids.team(object, "team"),
            };
            (object.name().into(), role, Some(object), object.span)
        })
        .collect();
    for reference in referred {
        if !entries.iter().any(|(name, ..)| *name == reference.name) {
            let name = reference.name.to_string();
            let role = Role {
                name,
                doc: None,
                who: None,
                backup: None,
                team: None,
            };
            entries.push((reference.name, role, None, reference.span));
        }
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    let (mut roles, mut ids) = (Arena::default(), FxHashMap::default());
    for (name, role, object, span) in entries {
        let id = roles.push(role);
        ids.insert(name, id);
        match object {
            Some(object) => origins.remember(Entity::Role(id), object),
            None => origins.set(Entity::Role(id), span),
        }
    }
    (roles, ids)
}

/// Risks by name.
pub(crate) fn risks<'a>(
    top: &'a Top,
    roles: &FxHashMap<Rc<str>, RoleId>,
    origins: &mut Origins<'a>,
) -> Vec<Risk> {
    let mut out = Vec::new();
    for object in sorted(top, "risk") {
        origins.remember(Entity::Risk(out.len()), object);
        out.push(Risk {
            name: object.name().to_owned(),
            doc: object.doc.clone(),
            tier: match object.choice("tier") {
                Some("high") => RiskTier::High,
                Some("medium") => RiskTier::Medium,
                _ => RiskTier::Low,
            },
            mitigation: object.text("mitigation"),
            alert: object.reference("alert").map(|name| name.name.to_string()),
            owner: object
                .reference("owner")
                .and_then(|owner| roles.get(&owner.name).copied()),
        });
    }
    out
}

/// Rollback triggers by name.
pub(crate) fn triggers<'a>(top: &'a Top, origins: &mut Origins<'a>) -> Vec<Trigger> {
    let mut out = Vec::new();
    for object in sorted(top, "trigger") {
        let Some(Typed::Conditions(conditions)) = object.get("when") else {
            continue;
        };
        let [when] = conditions.as_slice() else {
            continue;
        };
        origins.remember(Entity::Trigger(out.len()), object);
        out.push(Trigger {
            name: object.name().to_owned(),
            doc: object.doc.clone(),
            when: *when,
            hold: object.number("for").unwrap_or(0.0),
        });
    }
    out
}

/// Environments by name.
pub(crate) fn environments(top: &Top) -> Vec<Environment> {
    sorted(top, "environment")
        .into_iter()
        .map(|object| Environment {
            name: object.name().to_owned(),
            doc: object.doc.clone(),
        })
        .collect()
}

/// Rehearsals by name, once the batches are known.
pub(crate) fn rehearsals<'a>(
    top: &'a Top,
    batches: &Arena<BatchId, Batch>,
    origins: &mut Origins<'a>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Rehearsal> {
    let mut out = Vec::new();
    for object in sorted(top, "rehearsal") {
        let Some(of) = object
            .reference("of")
            .and_then(|of| batch(of, batches, found))
        else {
            continue;
        };
        let (Some(on), Some(date)) = (object.reference("on"), object.date("date")) else {
            continue;
        };
        origins.remember(Entity::Rehearsal(out.len()), object);
        out.push(Rehearsal {
            name: object.name().to_owned(),
            of,
            on: on.name.to_string(),
            date,
            took: object.number("took").unwrap_or(0.0),
            passed: object.flag("passed").unwrap_or(false),
        });
    }
    out
}

/// The batch a reference names, generated batches included.
pub(crate) fn batch(
    reference: &Reference,
    batches: &Arena<BatchId, Batch>,
    found: &mut Vec<Diagnostic>,
) -> Option<BatchId> {
    let id = batches
        .iter()
        .find(|(_, batch)| batch.name == *reference.name)
        .map(|(id, _)| id);
    if id.is_none() {
        let known = batches.values().map(|batch| batch.name.as_str());
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_NAME,
            reference.span,
            format!("there is no batch called `{}`", reference.name),
        );
        found.push(
            diagnostic
                .meant(&reference.name, known.clone())
                .or_help(|| format!("the batches are {}", known.collect::<Vec<_>>().join(", "))),
        );
    }
    id
}

/// Declared answers of the checklist.
pub(crate) fn declared_scores<'a>(
    top: &'a Top,
    origins: &mut Origins<'a>,
    found: &mut Vec<Diagnostic>,
) -> Vec<(Criterion, u8, String)> {
    let Some(object) = top.of("checklist").next() else {
        return Vec::new();
    };
    origins.remember(Entity::Checklist, object);
    let mut out = Vec::new();
    for (name, given) in object.attributes.iter() {
        let criterion = match name {
            "coupling" => Criterion::Coupling,
            "team_size" => Criterion::TeamSize,
            "automation" => Criterion::Automation,
            "risk_tolerance" => Criterion::RiskTolerance,
            "timeline" => Criterion::Timeline,
            _ => Criterion::DualRunning,
        };
        let Some(because) = given.because.clone() else {
            found.push(
                Diagnostic::error(
                    codes::MISSING_ATTRIBUTE,
                    given.span,
                    format!("`{name}` must say why"),
                )
                .help(format!("write `{name} = … because \"…\"`")),
            );
            continue;
        };
        let Typed::Number(score) = given.typed else {
            continue;
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and 1 to 5 by the schema"
        )]
        out.push((criterion, score as u8, because));
    }
    out.sort_by_key(|(criterion, ..)| *criterion);
    out
}

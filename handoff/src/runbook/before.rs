//! What is to be so before a batch begins, and before its later steps: only what concerns it, in the
//! order of time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use whimbrel_plan::{Freeze, Node, Plan, Service, Step, StepId, StepKind};

use super::Source;
use crate::{rows, text};

/// When what takes time to mend is looked at, and what changes quickly: seconds, and in words.
const DAY: (f64, &str) = (86_400.0, "1 d before the start");
const HOUR: (f64, &str) = (3_600.0, "1 h before the start");

/// One line of the list.
struct Item {
    /// Seconds before the batch begins; what is later has less than none.
    lead: f64,
    when: String,
    what: String,
}

impl Item {
    fn ahead((lead, when): (f64, &str), what: impl Into<String>) -> Self {
        Self {
            lead,
            when: when.to_owned(),
            what: what.into(),
        }
    }
}

/// The list, the earliest first.
pub fn items(source: &Source<'_>, ids: &[StepId]) -> Vec<Value> {
    let plan = source.plan;
    let starts = ids.iter().filter_map(|id| source.step(*id)?.start_p50);
    let start = starts.min();
    let mut items = announcements(source, start, ids);
    items.extend(freezes(source, start, ids));
    items.extend(preparations(plan, ids));
    items.extend(steps_outside(source, start, ids));
    items.sort_by(|a, b| b.lead.total_cmp(&a.lead));
    let items = items.into_iter();
    items
        .map(|item| json!({"when": item.when, "what": item.what}))
        .collect()
}

/// How many seconds before the start something is.
fn lead(start: Option<Timestamp>, at: Option<Timestamp>) -> f64 {
    let lead = start.zip(at).map(|(start, at)| start.duration_since(at));
    lead.map_or(0.0, |lead| lead.as_secs_f64())
}

/// Those that the first cutover waits for, in the batch that has it.
fn announcements(source: &Source<'_>, start: Option<Timestamp>, ids: &[StepId]) -> Vec<Item> {
    let plan = source.plan;
    let all = plan.announcements.iter();
    let waited = all.filter_map(|announcement| {
        let waits = |id: &&StepId| plan.steps[**id].predecessors.contains(&announcement.step);
        let cutovers: Vec<&StepId> = ids.iter().filter(waits).collect();
        cutovers.first()?;
        let starts = cutovers
            .iter()
            .filter_map(|id| source.step(**id)?.start_p50);
        let cutover = starts.min();
        Some(Item {
            lead: announcement.before + lead(start, cutover),
            when: format!(
                "{} before the first cutover",
                text::seconds(announcement.before)
            ),
            what: format!(
                "announced to {} through {}",
                announcement.name, announcement.channel
            ),
        })
    });
    waited.collect()
}

/// Those that are not over when the batch begins, and begin before all of its steps that they block
/// are done, four times in five.
fn freezes(source: &Source<'_>, start: Option<Timestamp>, ids: &[StepId]) -> Vec<Item> {
    source
        .plan
        .freezes
        .values()
        .filter_map(|freeze| frozen(source, start, ids, freeze))
        .collect()
}

fn frozen(
    source: &Source<'_>,
    start: Option<Timestamp>,
    ids: &[StepId],
    freeze: &Freeze,
) -> Option<Item> {
    let kind = |id: StepId| source.plan.steps[id].kind;
    let blocks = |id: &StepId| freeze.blocks.is_empty() || freeze.blocks.contains(&kind(*id));
    let blocked: Vec<StepId> = ids.iter().copied().filter(blocks).collect();
    blocked.first()?;
    let ends = blocked.iter().filter_map(|id| source.step(*id)?.finish_p80);
    // Who does not know when the batch is reckons with all of them.
    if let Some((start, end)) = start.zip(ends.max())
        && freeze
            .intervals(start, end)
            .is_ok_and(|met| met.as_slice().is_empty())
    {
        return None;
    }
    let kinds: BTreeSet<StepKind> = blocked.into_iter().map(kind).collect();
    let kinds: Vec<String> = kinds.into_iter().map(rows::kind).collect();
    let zone = TimeZone::get(&freeze.zone).unwrap_or(TimeZone::UTC);
    let begins = freeze.from.to_zoned(zone).ok();
    Some(Item {
        lead: lead(start, begins.map(|day| day.timestamp())),
        when: format!("{} to {}", freeze.from, freeze.to),
        what: format!(
            "freeze {}: no step of kind {} starts",
            freeze.name,
            kinds.join(", ")
        ),
    })
}

fn preparations(plan: &Plan, ids: &[StepId]) -> Vec<Item> {
    let any = |is: fn(&Step) -> bool| ids.iter().any(|id| is(&plan.steps[*id]));
    // Also by a pattern of the plan's own, whose steps need not be of these kinds.
    let moves = any(|step| {
        step.weight.is_some() || matches!(step.kind, StepKind::Shift | StepKind::Cutover)
    });
    let mut items = Vec::new();
    if moves {
        items.push(Item::ahead(DAY, quick_names(plan, ids)));
    }
    items.extend(backups(plan, ids));
    items.push(Item::ahead(
        DAY,
        "access tried: each command of this runbook with --dry-run",
    ));
    if moves || any(|step| step.kind == StepKind::Bootstrap) {
        let room = "room on the new side for the whole load, seen and not assumed";
        items.push(Item::ahead(DAY, room));
    }
    items.extend(long_transactions(plan, ids).map(|long| Item::ahead(HOUR, long)));
    if moves {
        let today = "error rates and latencies of today written into the log";
        items.push(Item::ahead(HOUR, today));
    }
    items
}

/// The backups of what the batch acts on.
fn backups(plan: &Plan, ids: &[StepId]) -> Vec<Item> {
    let touched = |node: Node| {
        ids.iter().any(|id| {
            let step = &plan.steps[*id];
            let on = step.action.as_ref().and_then(|action| action.on);
            [step.subject.node(), on].contains(&Some(node))
        })
    };
    let resources = plan.inventory.resources.iter();
    let kept = resources
        .filter(|(id, resource)| resource.backup_every.is_some() && touched(Node::Resource(*id)));
    kept.map(|(_, resource)| {
        let name = &resource.name;
        Item::ahead(
            DAY,
            format!("the backup of {name} restored somewhere else, and read"),
        )
    })
    .collect()
}

/// That names are quickly changed, and which are known not to be today.
fn quick_names(plan: &Plan, ids: &[StepId]) -> String {
    let told = "the time to live of every name that changes is at most the recovery time objective";
    let known = known(plan, ids, "has", |service| service.dns_ttl);
    if known.is_empty() {
        return told.to_owned();
    }
    format!("{told}; before it is lowered, {}", known.join(", "))
}

/// That nothing runs which a stop would break off, where the plan knows how long it may take.
fn long_transactions(plan: &Plan, ids: &[StepId]) -> Option<String> {
    let known = known(plan, ids, "takes up to", |service| {
        service.longest_transaction
    });
    let told = "no transaction is under way that a stop would break off";
    (!known.is_empty()).then(|| format!("{told}; {}", known.join(", ")))
}

/// `orders has 60 min`, with this verb, for each service of the steps of which the plan says that time.
fn known(
    plan: &Plan,
    ids: &[StepId],
    verb: &str,
    time: impl Fn(&Service) -> Option<f64>,
) -> Vec<String> {
    let mut known = Vec::new();
    for id in ids {
        let Some(Node::Service(id)) = plan.steps[*id].subject.node() else {
            continue;
        };
        let service = &plan.inventory.services[id];
        if let Some(time) = time(service) {
            known.push(format!("{} {verb} {}", service.name, text::seconds(time)));
        }
    }
    known.sort_unstable();
    known.dedup();
    known
}

/// What steps of the batch wait for that is not of it: at the start where the first do, else before
/// the first step that does. Announcements have a line of their own.
fn steps_outside(source: &Source<'_>, start: Option<Timestamp>, ids: &[StepId]) -> Vec<Item> {
    let plan = source.plan;
    let announced = |id: &StepId| plan.announcements.iter().any(|one| one.step == *id);
    let mut first: BTreeMap<&str, Option<StepId>> = BTreeMap::new();
    for id in ids {
        let step = &plan.steps[*id];
        let (inside, outside): (Vec<StepId>, Vec<StepId>) =
            step.predecessors.iter().partition(|id| ids.contains(id));
        let place = (!inside.is_empty()).then_some(*id);
        for before in outside.iter().filter(|id| !announced(id)) {
            let known = first.entry(&plan.steps[*before].name).or_insert(place);
            *known = known.filter(|_| place.is_some());
        }
    }
    let mut places: BTreeMap<Option<StepId>, Vec<&str>> = BTreeMap::new();
    for (name, place) in first {
        places.entry(place).or_default().push(name);
    }
    let mut items = Vec::new();
    for (place, names) in places {
        let Some(id) = place else {
            items.extend(names.iter().map(|name| Item {
                lead: 0.0,
                when: "at the start".to_owned(),
                what: format!("{name} is done"),
            }));
            continue;
        };
        let begins = source.step(id).and_then(|step| step.start_p50);
        let verb = if names.len() == 1 { "is" } else { "are" };
        items.push(Item {
            // Whatever the estimates say, it is not before the start.
            lead: lead(start, begins).min(-1.0),
            when: format!("before {}", plan.steps[id].name),
            what: format!("{} {verb} done", names.join(", ")),
        });
    }
    items
}

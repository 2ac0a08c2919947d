//! The steps of a runbook.

use serde_json::{Value, json};
use whimbrel_plan::{Act, Amount, Node, PeopleNeed, Plan, Step, StepId, StepKind};
use whimbrel_simulator::wording;

use super::{Source, data, days, reversal};
use crate::artefacts::Artefacts;
use crate::scripts::DEFAULT_RTO;
use crate::text;
use crate::undo::Undo;
use crate::values;

/// What a runbook says of a step.
pub fn values(source: &Source<'_>, files: &Places, number: usize, id: StepId) -> Value {
    let plan = source.plan;
    let step = &plan.steps[id];
    let known = source.step(id);
    let undo = known.and_then(|known| known.undo_p80);
    let folder = files.folder(source, id);
    let script = |name: &str| {
        step.action
            .as_ref()
            .filter(|action| has(plan, action, name))
            .map(|_| format!("{folder}/{name}"))
    };
    let criticality = known.map(|known| known.criticality);
    let mut fields = json!({
        "number": number,
        "id": step.name,
        "doc": step.doc.clone().unwrap_or_else(|| title(plan, step)),
        "owner": owner(source, step),
        "people": people(plan, step),
        "start": source.instant(known.and_then(|known| known.start_p50)),
        "duration_p50": days(known.and_then(|known| known.duration_p50)),
        "duration_p80": days(known.and_then(|known| known.duration_p80)),
        "soak": if step.soak.mean() > 0.0 { amount(&step.soak) } else { "none".to_owned() },
        "load": load(plan, step),
        "dns_ttl": step.dns_ttl.map(text::seconds),
        "after": after(plan, step),
        "does": title(plan, step),
        "expected": format!("{} done", step.name),
        "asks": asks(source, step),
        "check": script("check"),
        "act": script("act"),
        "failure": failure(plan, id),
        "criticality": known.map_or_else(
            || super::UNKNOWN.to_owned(),
            |known| wording::likelihood(known.criticality, known.error.criticality),
        ),
        "critical": criticality.is_some_and(|share| share >= 0.5),
        "slack": days(known.and_then(|known| known.float_days)),
        "stream": stream(source, id),
    });
    let data = data(&json!({"step": known}));
    if let (Value::Object(fields), Value::Object(more)) =
        (&mut fields, undo_values(source, id, undo))
    {
        fields.insert("data".to_owned(), data.into());
        fields.extend(more);
    }
    fields
}

/// Where scripts are.
pub struct Places;

impl Places {
    /// The folder of a step's scripts.
    pub fn folder(&self, source: &Source<'_>, id: StepId) -> String {
        let place = source.places.get(&id);
        place.map_or_else(String::new, |(stage, folder)| {
            format!("scripts/{}/{folder}", stage.folder)
        })
    }
}

fn has(plan: &Plan, action: &whimbrel_plan::Action, name: &str) -> bool {
    let executor = action.executor.and_then(|index| plan.executors.get(index));
    let verb = executor.and_then(|executor| executor.verbs.get(&action.verb));
    verb.is_some_and(|verb| name == "act" || verb.check.is_some())
}

/// How long, in words: of what is uncertain, what is usual and what nine in ten stay below.
pub fn amount(seconds: &Amount) -> String {
    if seconds.is_certain() {
        return text::seconds(seconds.mean());
    }
    let (usual, long) = (seconds.quantile(0.5), seconds.quantile(0.9));
    format!(
        "about {}, {} at P90",
        text::seconds(usual),
        text::seconds(long)
    )
}

/// What a load test puts on the new side, in numbers where today's traffic is known.
fn load(plan: &Plan, step: &Step) -> Option<String> {
    let share = step.load?;
    let told = format!("{} of the traffic of today", text::percent(share));
    let today = match step.subject.node() {
        Some(Node::Service(id)) => plan.inventory.services[id].traffic.as_ref(),
        _ => None,
    };
    Some(today.map_or(told.clone(), |today| {
        format!("{told}, {} per second", text::count(share * today.mean()))
    }))
}

/// What a step does, in words.
pub fn title(plan: &Plan, step: &Step) -> String {
    match (&step.action, &step.gate) {
        (_, Some(_)) => "a decision".to_owned(),
        (Some(action), _) => values::sentence(plan, action),
        (None, _) if step.kind == StepKind::Notify => told(plan, step),
        (None, _) if matches!(step.act, Act::Working(_)) => {
            let name = step.name.rsplit('/').next().unwrap_or(&step.name);
            format!("{name}: work by hand")
        }
        (None, _) if step.soak.mean() > 0.0 => format!("wait {}", amount(&step.soak)),
        (None, _) => "nothing but to note that it is reached".to_owned(),
    }
}

/// Who is told, where, and how long before the first cutover.
fn told(plan: &Plan, step: &Step) -> String {
    let mut announcements = plan.announcements.iter();
    let announcement = announcements.find(|told| plan.steps[told.step].name == step.name);
    announcement.map_or_else(
        || format!("wait {}", amount(&step.soak)),
        |told| {
            format!(
                "tell {} through {}, {} before the first cutover; the index has what is said",
                told.name,
                told.channel,
                text::seconds(told.before)
            )
        },
    )
}

fn owner(source: &Source<'_>, step: &Step) -> String {
    let approver = step.gate.as_ref().and_then(|gate| gate.approve);
    let role = step
        .owner
        .or(approver)
        .map(|id| source.plan.roles[id].name.clone());
    role.or_else(|| source.team(step.team).map(str::to_owned))
        .unwrap_or_else(|| "the one who walks the batch".to_owned())
}

/// Who does it: all of them at once, or whoever is on shift.
fn people(plan: &Plan, step: &Step) -> Option<String> {
    let team = |need: &PeopleNeed| &plan.inventory.teams[need.team];
    let counts = step
        .needs
        .iter()
        .map(|need| format!("{} of {}", need.count, team(need).name));
    if !step.relay {
        let counts: Vec<String> = counts.collect();
        return (!counts.is_empty()).then(|| counts.join(" and "));
    }
    let shifts = counts.zip(&step.needs).map(|(count, need)| {
        let calendar = team(need).calendar.map(|id| &plan.calendars[id]);
        calendar.map_or(count.clone(), |calendar| {
            format!("{count} ({})", text::shift(calendar))
        })
    });
    Some(format!(
        "whoever is on shift: {}; hand over when a shift ends",
        shifts.collect::<Vec<_>>().join(", ")
    ))
}

/// The option that tells the walker of a decision or of a person's work, and who gives it.
fn asks(source: &Source<'_>, step: &Step) -> Option<Value> {
    let option = match (&step.gate, &step.action) {
        (Some(_), _) => "--approve",
        (None, Some(action)) if action.executor.is_none() && action.verb != "run" => "--done",
        _ => return None,
    };
    let approver = step.gate.as_ref().and_then(|gate| gate.approve);
    let role = approver.or(step.owner).map(|id| &source.plan.roles[id]);
    let who = role.map(|role| role.who.as_ref().unwrap_or(&role.name).as_str());
    Some(json!({"option": option, "by": who.unwrap_or("owner")}))
}

fn after(plan: &Plan, step: &Step) -> String {
    let names: Vec<&str> = step
        .predecessors
        .iter()
        .map(|id| plan.steps[*id].name.as_str())
        .collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

fn stream(source: &Source<'_>, id: StepId) -> String {
    source.courses.mover(id).map_or_else(
        || "the batch".to_owned(),
        |mover| source.plan.name(mover.node).to_owned(),
    )
}

fn failure(plan: &Plan, id: StepId) -> String {
    let step = &plan.steps[id];
    if step.gate.is_some() {
        return "as the gate says on silence.".to_owned();
    }
    let undone = |how: &str| {
        let from = &plan.steps[step.retry_from].name;
        format!(
            "the walker undoes ({how}), then the cause is mended and run --retry goes on from {from}."
        )
    };
    match Undo::of(plan, id) {
        Undo::Named(undo) => undone(&values::sentence(plan, undo)),
        Undo::Brought(action, executor) => undone(&format!(
            "as the executor {} takes back {}",
            executor.name, action.verb
        )),
        Undo::Nothing if step.irreversible => {
            "there is no way back: stop, call the owner, and go forward only.".to_owned()
        }
        Undo::Nothing => "the walker stops; mend the cause and run it again.".to_owned(),
    }
}

fn undo_values(source: &Source<'_>, id: StepId, known: Option<f64>) -> Value {
    let plan = source.plan;
    let step = &plan.steps[id];
    let rto = plan.migration.objectives.rto.unwrap_or(DEFAULT_RTO);
    let undo = Undo::of(plan, id);
    let (none, named) = (matches!(undo, Undo::Nothing), step.undo.is_some());
    let verdict = match (undo, known) {
        (Undo::Nothing, _) if step.weight.is_some() && !step.irreversible => {
            "nothing undoes it: take its traffic back by hand".to_owned()
        }
        (Undo::Nothing, _) => "nothing to undo".to_owned(),
        (Undo::Brought(_, executor), _) => format!(
            "undone by the executor {}; the plan gives no time for it",
            executor.name
        ),
        (Undo::Named(_), _) if !named => "undone with the shift before it".to_owned(),
        (Undo::Named(_), None) => "it never fails in the simulation".to_owned(),
        (Undo::Named(_), Some(days)) if days * 86_400.0 <= rto => {
            format!("within {}", text::seconds(rto))
        }
        (Undo::Named(_), Some(_)) => format!("over {}", text::seconds(rto)),
    };
    let end = source.step(id).and_then(|known| known.finish_p80);
    json!({
        "undo_latest": if none { "–".to_owned() } else { source.end(end) },
        "undo_p80": if named { days(known) } else { "–".to_owned() },
        "undo_over": known.is_some_and(|days| named && days * 86_400.0 > rto),
        "undo_verdict": verdict,
        "undo_loss": reversal::loss(source, id),
    })
}

/// A line of the table for runbook tools; estimates as they are.
pub fn csv_row(source: &Source<'_>, id: StepId) -> Value {
    let plan = source.plan;
    let step = &plan.steps[id];
    let known = source.step(id);
    let exact = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let at = |value: Option<jiff::Timestamp>| value.map(|at| at.to_string()).unwrap_or_default();
    let before: Vec<&str> = step
        .predecessors
        .iter()
        .map(|id| plan.steps[*id].name.as_str())
        .collect();
    json!({
        "id": step.name,
        "title": title(plan, step),
        "predecessors": before.join(" "),
        "duration_p50": exact(known.and_then(|known| known.duration_p50)),
        "duration_p80": exact(known.and_then(|known| known.duration_p80)),
        "start_p50": at(known.and_then(|known| known.start_p50)),
        "finish_p50": at(known.and_then(|known| known.finish_p50)),
        "finish_p80": at(known.and_then(|known| known.finish_p80)),
        "criticality": exact(known.map(|known| known.criticality)),
        "float_days": exact(known.and_then(|known| known.float_days)),
        "undo_p80": exact(known.and_then(|known| known.undo_p80)),
        "team": source.team(step.team).unwrap_or_default(),
        "batch": step.batch.map(|id| plan.batches[id].name.as_str()).unwrap_or_default(),
    })
}

/// Paths of the undo scripts of the steps of a batch that have an undo, as they were really written:
/// those that withdraw traffic first, then the others, each from the last step to the first. Steps
/// that one and the same undo takes back are named once.
pub fn undos(source: &Source<'_>, ids: &[StepId], written: &Artefacts) -> Vec<String> {
    let mut seen = Vec::new();
    let mut paths = Vec::new();
    for with_weight in [true, false] {
        for id in ids.iter().rev() {
            let step = &source.plan.steps[*id];
            let path = format!("{}/undo", Places.folder(source, *id));
            if step.weight.is_some() != with_weight || written.get(&path).is_none() {
                continue;
            }
            if let Undo::Named(undo) = Undo::of(source.plan, *id) {
                let what = (&step.subject, undo);
                if seen.contains(&what) {
                    continue;
                }
                seen.push(what);
            }
            paths.push(path);
        }
    }
    paths
}

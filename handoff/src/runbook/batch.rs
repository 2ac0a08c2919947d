//! The runbook of one batch.

use jiff::Timestamp;
use serde_json::{Value, json};
use whimbrel_plan::{Loss, Measure, NoAnswer, Node, Plan, RoleId, Step, StepId, StepKind};

use super::steps::{self, Places};
use super::{Source, before, data, reversal};
use crate::artefacts::Artefacts;
use crate::hours;
use crate::layout::Stage;
use crate::scripts::{DEFAULT_RTO, measure_path, members as members_of};
use crate::text;
use crate::values as plan_values;

/// All that the template of a runbook asks for, but what it says of the whole plan.
pub fn values(source: &Source<'_>, stage: &Stage, written: &Artefacts) -> Value {
    let ids: Vec<StepId> = stage.steps.iter().map(|step| step.id).collect();
    let rows: Vec<Value> = ids
        .iter()
        .enumerate()
        .map(|(index, id)| steps::values(source, &Places, index + 1, *id))
        .collect();
    json!({
        "batch": about(source, stage, &ids),
        "roles": roles(source, &ids),
        "before": before::items(source, &ids),
        "rehearsals": rehearsals(source.plan, stage),
        "gates": gates(source, stage, &ids),
        "steps": rows,
        "triggers": triggers(source.plan),
        "ways_back": reversal::ways_back(source, stage),
        "undos": steps::undos(source, &ids, written),
        "texts": texts(source, stage),
        "smoke": smoke(source, &ids),
        "reconciliation": reconciliation(source, &ids),
        "afterwards": afterwards(source, &ids),
    })
}

/// P50 and P80 of when a batch is settled.
pub struct Finish {
    /// As estimated.
    at: [Option<Timestamp>; 2],
    /// As far as it is known.
    pub shown: [String; 2],
}

/// The finish of a batch; for steps of no batch, the latest of theirs.
pub fn finish(source: &Source<'_>, stage: &Stage) -> Finish {
    let batches = source.estimates.batches.iter();
    let mut named = batches.filter(|batch| batch.name == stage.name);
    if let (Some(known), Some(_)) = (named.next(), stage.batch) {
        let known = &known.finish;
        return Finish {
            at: [known.p50, known.p80],
            shown: [
                source.about(known.p50, known.error.p50),
                source.about(known.p80, known.error.p80),
            ],
        };
    }
    let ends = || stage.steps.iter().filter_map(|step| source.step(step.id));
    let at = [
        ends().filter_map(|step| step.finish_p50).max(),
        ends().filter_map(|step| step.finish_p80).max(),
    ];
    Finish {
        at,
        shown: at.map(|at| source.end(at)),
    }
}

fn members<'a>(source: &'a Source<'_>, stage: &Stage) -> Vec<&'a str> {
    let units = stage
        .batch
        .iter()
        .flat_map(|id| &source.plan.batches[*id].units);
    units
        .flat_map(|unit| &unit.members)
        .map(|member| source.plan.name(member.node))
        .collect()
}

/// Names of what a batch moves.
pub fn scope_in(source: &Source<'_>, stage: &Stage) -> String {
    let names = members(source, stage);
    if names.is_empty() {
        "work that belongs to no batch".to_owned()
    } else {
        names.join(", ")
    }
}

fn scope_out(source: &Source<'_>, stage: &Stage) -> String {
    let inside = members(source, stage);
    let services = &source.plan.inventory.services;
    let outside = services
        .values()
        .filter(|service| !inside.contains(&service.name.as_str()));
    match (outside.count(), services.len()) {
        (1, 1) => "the one service".to_owned(),
        (count, all) if count == all => format!("all {all} services"),
        (count, all) => format!("the other {count} of {all} services"),
    }
}

fn about(source: &Source<'_>, stage: &Stage, ids: &[StepId]) -> Value {
    let plan = source.plan;
    let batch = stage.batch.map(|id| &plan.batches[id]);
    let Finish {
        at: [p50, p80],
        shown: [shown_p50, shown_p80],
    } = finish(source, stage);
    let doc = batch.and_then(|batch| batch.doc.clone());
    let rto = plan.migration.objectives.rto;
    let team = ids
        .iter()
        .find_map(|id| plan.steps[*id].team)
        .map(|id| &plan.inventory.teams[id]);
    let oncall = team.and_then(|team| team.oncall.clone());
    json!({
        "name": stage.name,
        "doc": doc.unwrap_or_else(|| steps_in_words(ids.len())),
        "scope_in": scope_in(source, stage),
        "scope_out": scope_out(source, stage),
        "window": window(source, stage, ids, p80),
        "last": last(source, ids),
        "change": change(source, stage),
        "finish_p50": shown_p50,
        "finish_p80": shown_p80,
        "rto": rto.map_or_else(
            || format!("none is promised; the walker allows {}", text::seconds(DEFAULT_RTO)),
            text::seconds,
        ),
        "no_return": reversal::no_return(source, stage, ids),
        "bridge": oncall.clone().unwrap_or_else(|| "the terminal of the one who walks".to_owned()),
        "fallback": "telephone, by the list of the team on call",
        "escalation": oncall.map_or_else(
            || "the owner of the migration".to_owned(),
            |channel| format!("{channel}, then the owner of the migration"),
        ),
        "command": format!("scripts/{}/run", stage.folder),
        "rollback": rollback(plan, stage),
        "data": data(&json!({"batch": stage.name, "finish": {"p50": p50, "p80": p80}})),
    })
}

/// When the traffic and the data of a batch move; what the runbook has beyond that starts up to
/// [`last`].
fn window(source: &Source<'_>, stage: &Stage, ids: &[StepId], p80: Option<Timestamp>) -> String {
    let starts = ids.iter().filter_map(|id| source.step(*id)?.start_p50);
    let end = if stage.batch.is_some() {
        "the cutover, from the first step until the last member is settled at P80"
    } else {
        "from the first step until all are done at P80"
    };
    format!(
        "{} to {} ({}): {end}",
        source.instant(starts.min()),
        source.end(p80),
        source.plan.migration.zone
    )
}

/// The step that is planned to start last.
fn last(source: &Source<'_>, ids: &[StepId]) -> String {
    let starts = ids
        .iter()
        .map(|id| (source.step(*id).and_then(|known| known.start_p50), *id));
    // One that half of the trials never reach comes after all that have a date.
    let last = starts.max_by_key(|(start, _)| (start.is_none(), *start));
    last.map_or_else(|| "none".to_owned(), |(_, id)| source.planned(id))
}

fn steps_in_words(count: usize) -> String {
    match count {
        1 => "1 step.".to_owned(),
        _ => format!("{count} steps."),
    }
}

fn change(source: &Source<'_>, stage: &Stage) -> String {
    let plan = source.plan;
    let platforms = &plan.inventory.platforms;
    let units = stage.batch.iter().flat_map(|id| &plan.batches[*id].units);
    let moves: Vec<String> = units
        .flat_map(|unit| &unit.members)
        .map(|member| {
            let (on, to) = match member.node {
                Node::Service(id) => (
                    plan.inventory.services[id].on,
                    plan.inventory.services[id].to,
                ),
                Node::Resource(id) => (
                    plan.inventory.resources[id].on,
                    plan.inventory.resources[id].to,
                ),
            };
            let place = |id: Option<_>| id.map_or("its place", |id| platforms[id].name.as_str());
            format!(
                "{} from {} to {}",
                plan.name(member.node),
                place(on),
                place(to)
            )
        })
        .collect();
    if moves.is_empty() {
        "Nothing moves.".to_owned()
    } else {
        format!("Moves {}.", moves.join("; "))
    }
}

fn rollback(plan: &Plan, stage: &Stage) -> String {
    let isolate = stage.batch.is_some_and(|id| plan.batches[id].isolate);
    let whom = if isolate {
        "Flags isolate the members: only the one that fails is undone."
    } else {
        "The batch is undone as a whole: traffic of all members first, then the rest of the failing \
         one in reverse order."
    };
    format!("{whom} The walker does it by itself when a trigger fires; by hand:")
}

fn roles(source: &Source<'_>, ids: &[StepId]) -> Vec<Value> {
    let plan = source.plan;
    let none = || "nobody is named".to_owned();
    plan.roles
        .iter()
        .map(|(id, role)| {
            let team = role.team.map(|id| &plan.inventory.teams[id]);
            json!({
                "name": role.name,
                "who": role.who.clone().unwrap_or_else(none),
                "backup": role.backup.clone().unwrap_or_else(none),
                "team": team.map_or_else(|| "–".to_owned(), |team| team.name.clone()),
                "oncall": team.and_then(|team| team.oncall.clone()).unwrap_or_else(|| "–".to_owned()),
                "decides": decides(plan, ids, id),
            })
        })
        .collect()
}

fn decides(plan: &Plan, ids: &[StepId], role: RoleId) -> String {
    let asked = |step: &&Step| {
        step.gate
            .as_ref()
            .is_some_and(|gate| gate.approve == Some(role))
    };
    let steps = ids.iter().map(|id| &plan.steps[*id]);
    let names: Vec<&str> = steps.filter(asked).map(|step| step.name.as_str()).collect();
    if names.is_empty() {
        "no gate of this batch".to_owned()
    } else {
        names.join(", ")
    }
}

fn rehearsals(plan: &Plan, stage: &Stage) -> Vec<String> {
    let of_batch = plan
        .rehearsals
        .iter()
        .filter(|rehearsal| Some(rehearsal.of) == stage.batch);
    let lines: Vec<String> = of_batch
        .map(|rehearsal| {
            let outcome = if rehearsal.passed { "passed" } else { "failed" };
            let took = text::seconds(rehearsal.took);
            format!(
                "{} on {}, {}: {outcome}, the rollback took {took}",
                rehearsal.name, rehearsal.on, rehearsal.date
            )
        })
        .collect();
    if lines.is_empty() {
        vec!["no rollback of this batch has been rehearsed".to_owned()]
    } else {
        lines
    }
}

fn gates(source: &Source<'_>, stage: &Stage, ids: &[StepId]) -> Vec<Value> {
    let plan = source.plan;
    let steps = ids.iter().map(|id| &plan.steps[*id]);
    steps.filter_map(|step| gate(plan, stage, step)).collect()
}

fn gate(plan: &Plan, stage: &Stage, step: &Step) -> Option<Value> {
    let gate = step.gate.as_ref()?;
    let role = gate.approve.map(|id| &plan.roles[id]);
    let when: Vec<Value> = gate
        .when
        .iter()
        .map(|condition| {
            let name = plan.measure_name(condition.measure);
            json!({
                "measure": name,
                "comparison": plan_values::comparison(condition.comparison),
                "limit": plan_values::limit(plan, condition.measure, condition.limit),
                "today": today(plan, step, condition.measure),
                "query": query(plan, stage, step, condition.measure),
            })
        })
        .collect();
    let silence = match gate.otherwise {
        NoAnswer::Stop => "the weight is held and watched, and the question asked again",
        NoAnswer::Undo => "the walker undoes",
    };
    let hold = gate.max_hold.map(|hold| {
        format!(
            "; what is on the new side is held for {} by the clock, then undone",
            text::seconds(hold)
        )
    });
    let who = role.and_then(|role| role.who.clone().or_else(|| Some(role.name.clone())));
    Some(json!({
        "id": step.name,
        "doc": step.doc.as_deref().unwrap_or("Whether to go on."),
        "when": when,
        "approver": role.map_or("the owner of the migration", |role| role.name.as_str()),
        "name": who.unwrap_or_else(|| "owner".to_owned()),
        "not_by": gate.not_by.as_ref().map_or_else(
            || "anybody who is asked may be it".to_owned(),
            |role| format!("not the {role}"),
        ),
        "within": hours::limit(plan, gate),
        "silence": format!("{silence}{}", hold.unwrap_or_default()),
        "command": format!("scripts/{}/run", stage.folder),
    }))
}

/// What the plan says was measured before the move.
fn today(plan: &Plan, step: &Step, measure: Measure) -> Option<String> {
    let Node::Service(id) = step.subject.node()? else {
        return None;
    };
    let baseline = plan.inventory.services[id].baseline.as_ref()?;
    let value = baseline.of(measure)?;
    Some(plan_values::limit(plan, measure, value))
}

/// The command that measures what a gate asks for.
fn query(plan: &Plan, stage: &Stage, step: &Step, measure: Measure) -> Option<String> {
    let node = step.subject.node()?;
    let member = members_of(plan, stage).get_index_of(&node)?;
    let taker = plan.measurer_of(node, measure)?;
    let script = measure_path(plan, member, node, taker);
    let name = plan.measure_name(measure);
    Some(format!(
        "scripts/{}/{script} --measure {name}",
        stage.folder
    ))
}

fn triggers(plan: &Plan) -> Vec<String> {
    let lines: Vec<String> = plan
        .triggers
        .iter()
        .map(|trigger| {
            let measure = plan.measure_name(trigger.when.measure);
            let sign = plan_values::comparison(trigger.when.comparison);
            let limit = plan_values::limit(plan, trigger.when.measure, trigger.when.limit);
            format!(
                "{}: {measure} {sign} {limit} for {}",
                trigger.name,
                text::seconds(trigger.hold)
            )
        })
        .collect();
    if lines.is_empty() {
        vec!["none: only the verifications of the steps undo".to_owned()]
    } else {
        lines
    }
}

fn texts(source: &Source<'_>, stage: &Stage) -> Vec<Value> {
    let scope = scope_in(source, stage);
    let Finish { at, shown } = finish(source, stage);
    let mut promise = Source::promise(at, &shown);
    if let Some(first) = promise.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let now = match at {
        [_, Some(_)] => format!("We now expect {}.", shown[1]),
        [..] => "No new date can be promised.".to_owned(),
    };
    let name = &source.plan.migration.name;
    let texts = [
        (
            "Before",
            format!(
                "{name}: batch {} is next: {scope}. {promise}. {}",
                stage.name,
                interruptions(source.plan, stage)
            ),
        ),
        (
            "Start",
            format!(
                "{name}: batch {} has started. Next message when it is done, or if it is delayed.",
                stage.name
            ),
        ),
        (
            "Delay",
            format!(
                "{name}: batch {} takes longer than planned. {} is held as it is and watched. {now}",
                stage.name,
                if loses_nothing(source.plan, stage) {
                    "Nothing is lost; traffic"
                } else {
                    "Traffic"
                }
            ),
        ),
        (
            "Rollback",
            format!(
                "{name}: batch {} has been rolled back. Where it ran before, there runs: {scope}. No further step is taken until the cause is found.",
                stage.name
            ),
        ),
        (
            "Done",
            format!(
                "{name}: batch {} is done. Moved: {scope}. The old side is kept for {}.",
                stage.name,
                steps::amount(&source.plan.migration.keep_old)
            ),
        ),
    ];
    texts
        .iter()
        .map(|(when, body)| json!({"when": when, "body": body}))
        .collect()
}

/// What users are told of the planned downtime of a batch.
fn interruptions(plan: &Plan, stage: &Stage) -> String {
    let steps = stage.steps.iter().map(|step| &plan.steps[step.id]);
    let planned: Vec<String> = steps
        .filter(|step| step.downtime.mean() > 0.0)
        .map(|step| {
            let of = step.subject.node().map(|node| plan.name(node));
            let long = steps::amount(&step.downtime);
            format!("{} for {long} (step {})", of.unwrap_or("all"), step.name)
        })
        .collect();
    if planned.is_empty() {
        "No interruption is planned.".to_owned()
    } else {
        format!("Planned interruption: {}.", planned.join("; "))
    }
}

/// Whether a batch can be undone at any moment without losing what was written.
fn loses_nothing(plan: &Plan, stage: &Stage) -> bool {
    let mut reversals = plan.reversals.iter();
    let own = reversals.find(|reversal| Some(reversal.batch) == stage.batch);
    let members = own.map_or(&[][..], |reversal| &reversal.members);
    let mut ways = members.iter().flat_map(|member| &member.ways_back);
    ways.all(|way| way.loss == Some(Loss::Nothing))
}

fn smoke(source: &Source<'_>, ids: &[StepId]) -> Vec<String> {
    let plan = source.plan;
    let mut lines: Vec<String> = ids
        .iter()
        .filter_map(|id| plan.steps[*id].verify.as_ref())
        .map(|action| format!("{} is as expected", plan_values::sentence(plan, action)))
        .collect();
    lines.dedup();
    lines.push("the main journey of a user, by hand, once on each device that matters".to_owned());
    lines
}

fn reconciliation(source: &Source<'_>, ids: &[StepId]) -> Vec<String> {
    let plan = source.plan;
    let steps = ids.iter().map(|id| &plan.steps[*id]);
    let lines: Vec<String> = steps
        .filter_map(|step| step.action.as_ref())
        .filter(|action| action.verb.starts_with("validate."))
        .map(|action| {
            format!(
                "{} once more after the cutover",
                plan_values::sentence(plan, action)
            )
        })
        .collect();
    if lines.is_empty() {
        vec!["no data moves in this batch".to_owned()]
    } else {
        lines
    }
}

fn afterwards(source: &Source<'_>, ids: &[StepId]) -> Vec<String> {
    let plan = source.plan;
    let mut lines = Vec::new();
    for id in ids {
        let step = &plan.steps[*id];
        if !matches!(
            step.kind,
            StepKind::Keep | StepKind::Decommission | StepKind::Tidy
        ) {
            continue;
        }
        let start = source.instant(source.step(*id).and_then(|known| known.start_p50));
        lines.push(format!(
            "{start}: {} ({})",
            step.name,
            steps::title(plan, step)
        ));
    }
    lines.push(
        "hypercare ends when a week has passed without a trigger and without an open question"
            .to_owned(),
    );
    lines.extend(audit(plan));
    lines.push(retrospective(plan));
    lines
}

fn audit(plan: &Plan) -> Option<String> {
    let audit = plan.migration.audit.as_ref()?;
    let keep = audit
        .keep
        .map(|keep| format!(", where it is kept for {}", text::seconds(keep)));
    Some(format!(
        "the journal, once whimbrel audit has found it whole, goes to {}{}",
        audit.place,
        keep.unwrap_or_default()
    ))
}

fn retrospective(plan: &Plan) -> String {
    let within = plan.retrospective.as_ref().map(|one| one.within);
    let within = within.map_or("a week".to_owned(), text::seconds);
    let owner = plan
        .retrospective
        .as_ref()
        .and_then(|one| plan.steps[one.step].owner)
        .map(|id| format!(", called by the {}", plan.roles[id].name));
    format!(
        "a retrospective without blame within {within}{}; this log and the journal go into it",
        owner.unwrap_or_default()
    )
}

//! A step that has to wait for the end of a freeze.
//!
//! The schedule is static: every step starts as soon as its predecessors are done, in the hours of
//! those it needs and where the simulator would let it (it asks for room up to the 90th percentile
//! in a window and before a freeze), and takes its mean duration, without failures and without
//! waiting for people. A step that a freeze stops waits for its end, so that what follows is not
//! told for the same freeze unless it meets it by itself.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{
    Act, Arena, CalendarId, Freeze, FreezeId, Intervals, Plan, Step, StepId, WindowId,
};

use super::context::{counted, duration, rounded};
use super::{Check, Context, Findings, Rule};
use crate::analysis::durations::Durations;
use crate::analysis::schedule::in_order;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0802",
        name: "freeze-overlap",
    },
    level: Level::Warning,
    summary: "a step has to wait for the end of a freeze",
    page: include_str!("../../rules/freeze-overlap.md"),
    check: Check::Plan(check),
};

const MICROSECOND: f64 = 1e6;
/// How long the simulator lets a step wait for room, in seconds.
const FIVE_YEARS: i64 = 5 * 366 * 24 * 3_600;

/// A step that a freeze stops, in microseconds from the start.
#[derive(Clone, Copy)]
struct Stopped {
    step: StepId,
    /// When it could start, were there no freeze and somebody there.
    due: i64,
    /// When the freeze ends.
    until: i64,
    why: Why,
    /// Whether it finds no room afterwards either, within five years of being ready.
    never: bool,
}

/// Why a step cannot start before a freeze is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    DueInside,
    NobodyBefore,
    TooLong,
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(mut schedule) = Schedule::new(plan) else {
        return;
    };
    schedule.run();
    for (freeze, stopped) in &schedule.stopped {
        if let Some(first) = stopped
            .iter()
            .min_by_key(|one| (!one.never, one.due, one.step))
        {
            let finding = told(context, plan, *freeze, first, stopped.len());
            let name = plan.freezes[*freeze].name.as_str();
            let steps = stopped.iter().map(|one| plan.steps[one.step].name.as_str());
            findings.report(std::iter::once(name).chain(steps), finding);
        }
    }
}

fn told(
    context: &Context<'_>,
    plan: &Plan,
    freeze: FreezeId,
    first: &Stopped,
    count: usize,
) -> Diagnostic {
    let entity = Entity::Freeze(freeze);
    let freeze = &plan.freezes[freeze];
    let step = &plan.steps[first.step];
    let name = &step.name;
    let met = match (first.why, first.never) {
        (_, true) => ", and freeze",
        (Why::DueInside, false) => ", inside freeze",
        (_, false) => ", and has no room before freeze",
    };
    let finding = RULE.finding(
        context.origins.of(entity),
        format!(
            "`{name}` is due on {} at mean durations{met} `{}` ({} to {}){}",
            day(plan, &freeze.zone, first.due),
            freeze.name,
            freeze.from,
            freeze.to,
            match first.never {
                true => " leaves it no room within five years",
                false => "",
            }
        ),
    );
    let finding = match reason(plan, step, first.why) {
        Some(reason) => finding.note(reason),
        None => finding,
    };
    finding
        .note(waiting(name, first, count - 1))
        .help(help(freeze, first.never))
        .label(context.origins.of(Entity::Step(first.step)), "due then")
}

/// Why a step that is due before a freeze does not start before it.
fn reason(plan: &Plan, step: &Step, why: Why) -> Option<String> {
    match why {
        Why::DueInside => None,
        Why::NobodyBefore => Some("nobody it needs works between then and the freeze".to_owned()),
        Why::TooLong => {
            let room = Durations::of(plan).room(step);
            Some(if room.is_finite() {
                format!(
                    "it starts only where its 90th percentile, {}, ends before the freeze",
                    match hours(plan, step).filter(|_| advances(step)) {
                        Some(_) => format!("{} working hours", rounded(room / 3_600.0)),
                        None => duration(room),
                    }
                )
            } else {
                "its data move may never catch up, so that no time before a freeze is long enough"
                    .to_owned()
            })
        }
    }
}

fn waiting(name: &str, first: &Stopped, others: usize) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds of centuries need no more than 53 bits of them"
    )]
    let waits = (first.until - first.due) as f64 / MICROSECOND;
    let waits = match first.never {
        true => format!("nothing after `{name}` is ever done"),
        false => format!("`{name}` waits {} for its end", duration(waits)),
    };
    match others {
        0 => waits,
        _ => format!("{waits}; the freeze stops {} more", counted(others, "step")),
    }
}

fn help(freeze: &Freeze, never: bool) -> String {
    let mend = match never {
        true => "end the freeze earlier",
        false => {
            "start earlier or later, or split the batches so that nothing is under way when the freeze begins"
        }
    };
    match freeze.blocks.is_empty() {
        true => format!(
            "{mend}; or list in `blocks` the kinds of steps that it is to stop: without it a freeze stops all"
        ),
        false if never => format!("{mend}, or leave the step's kind out of its `blocks`"),
        false => mend.to_owned(),
    }
}

/// The day of an instant, in the freeze's zone.
fn day(plan: &Plan, zone: &str, microseconds: i64) -> String {
    let at = plan
        .migration
        .start
        .checked_add(SignedDuration::from_micros(microseconds));
    let zone = jiff::tz::TimeZone::get(zone);
    match (at, zone) {
        (Ok(at), Ok(zone)) => at.to_zoned(zone).date().to_string(),
        (Ok(at), Err(_)) => at.to_string(),
        _ => "a day beyond the calendar".to_owned(),
    }
}

struct Schedule<'a> {
    plan: &'a Plan,
    order: Vec<StepId>,
    durations: Durations<'a>,
    freezes: Vec<(FreezeId, Intervals)>,
    windows: FxHashMap<WindowId, Intervals>,
    open: FxHashMap<Hours, Intervals>,
    finish: Arena<StepId, i64>,
    stopped: BTreeMap<FreezeId, Vec<Stopped>>,
}

impl<'a> Schedule<'a> {
    /// None when a calendar cannot be laid out, steps wait for one another, or there is no freeze.
    fn new(plan: &'a Plan) -> Option<Self> {
        if plan.freezes.is_empty() {
            return None;
        }
        let order = in_order(&plan.steps).ok()?;
        let from = plan.migration.start;
        // What is ready in the first five years has five more.
        let to = from
            .checked_add(SignedDuration::from_secs(2 * FIVE_YEARS))
            .unwrap_or(Timestamp::MAX);
        let mut freezes = Vec::new();
        for (id, freeze) in plan.freezes.iter() {
            freezes.push((id, freeze.intervals(from, Timestamp::MAX).ok()?));
        }
        let mut windows = FxHashMap::default();
        for (id, window) in plan.windows.iter() {
            windows.insert(id, window.intervals(from, to).ok()?);
        }
        let mut open = FxHashMap::default();
        for hours in plan.steps.values().filter_map(|step| hours(plan, step)) {
            if let Entry::Vacant(unseen) = open.entry(hours) {
                let hours = opened(plan, unseen.key(), to)?;
                unseen.insert(hours);
            }
        }
        Some(Self {
            plan,
            order,
            durations: Durations::of(plan),
            freezes,
            windows,
            open,
            finish: plan.steps.ids().map(|_| 0).collect(),
            stopped: BTreeMap::new(),
        })
    }

    fn run(&mut self) {
        for id in std::mem::take(&mut self.order) {
            let step = &self.plan.steps[id];
            let ready = step
                .predecessors
                .iter()
                .map(|&before| self.finish[before])
                .max()
                .unwrap_or(0);
            let end = self.place(id, step, ready);
            self.finish[id] = end.saturating_add(microseconds(step.soak.mean()));
        }
    }

    /// When the act of a step that is ready then ends. One that never finds room in its window is
    /// another rule's, and left where it is.
    fn place(&mut self, id: StepId, step: &Step, ready: i64) -> i64 {
        let hours = hours(self.plan, step);
        let open = hours.as_ref().and_then(|hours| self.open.get(hours));
        let at_work = open.filter(|_| advances(step));
        let limit = ready.saturating_add(FIVE_YEARS.saturating_mul(1_000_000));
        let room = microseconds(self.durations.room(step));
        let window = step.window.and_then(|id| self.windows.get(&id));
        let mut stops: Vec<(FreezeId, Stopped)> = Vec::new();
        let (mut start, mut due) = (ready, ready);
        let found = loop {
            start = opening(open, start);
            let end = worked(at_work, start, room);
            match window.map(|window| outside(window, start, end)) {
                Some(Outside::Until(later)) if later <= limit => {
                    start = later;
                    due = later;
                    continue;
                }
                Some(Outside::Until(_) | Outside::ForEver) => break false,
                Some(Outside::No) | None => {}
            }
            let Some((freeze, from, until)) = self.frozen(step, (start, end)) else {
                break true;
            };
            let why = match (due >= from, start >= from) {
                (true, _) => Why::DueInside,
                (false, true) => Why::NobodyBefore,
                (false, false) => Why::TooLong,
            };
            let never = until > limit;
            let step = id;
            stops.push((
                freeze,
                Stopped {
                    step,
                    due,
                    until,
                    why,
                    never,
                },
            ));
            start = until;
            due = until;
        };
        for (freeze, mut stopped) in stops {
            stopped.never |= !found;
            self.stopped.entry(freeze).or_default().push(stopped);
        }
        let start = if found { start } else { ready };
        worked(at_work, start, self.takes(step))
    }

    /// Mean microseconds of the act, or until the answer.
    fn takes(&self, step: &Step) -> i64 {
        microseconds(match &step.act {
            Act::Instant => Durations::answer(step),
            Act::Elapsed(law) | Act::Working(law) => law.mean(),
            Act::Transfer(transfer) => self.durations.transfer(transfer),
        })
    }

    /// The freeze that stops a step with room from `start` to `end`, with its beginning and end.
    fn frozen(&self, step: &Step, (start, end): (i64, i64)) -> Option<(FreezeId, i64, i64)> {
        self.freezes.iter().find_map(|(freeze, intervals)| {
            let (from, to) = *intervals.as_slice().first()?;
            let kinds = &self.plan.freezes[*freeze].blocks;
            let blocks = kinds.is_empty() || kinds.contains(&step.kind);
            let touches = start < to && end.max(start.saturating_add(1)) > from;
            (blocks && touches).then_some((*freeze, from, to))
        })
    }
}

/// Where a window keeps a step from starting.
enum Outside {
    No,
    Until(i64),
    ForEver,
}

fn outside(window: &Intervals, start: i64, end: i64) -> Outside {
    let next = window
        .as_slice()
        .partition_point(|(_, close)| *close <= start);
    match window.as_slice().get(next) {
        None => Outside::ForEver,
        Some((open, _)) if start < *open => Outside::Until(*open),
        Some((_, close)) if end > *close => Outside::Until(*close),
        Some(_) => Outside::No,
    }
}

/// The next instant that is open.
fn opening(open: Option<&Intervals>, at: i64) -> i64 {
    let Some(open) = open.map(Intervals::as_slice) else {
        return at;
    };
    let next = open.partition_point(|(_, close)| *close <= at);
    open.get(next).map_or(at, |(open, _)| at.max(*open))
}

/// When `left` microseconds of open time have passed.
fn worked(open: Option<&Intervals>, start: i64, mut left: i64) -> i64 {
    let open = open.map(Intervals::as_slice).unwrap_or_default();
    let first = open.partition_point(|(_, close)| *close <= start);
    for (from, to) in open.iter().skip(first) {
        let from = start.max(*from);
        if to - from >= left {
            return from + left;
        }
        left -= to - from;
    }
    start.saturating_add(left)
}

/// Calendars whose common hours count, or in a relay those of any.
type Hours = (bool, Vec<CalendarId>);

/// Whose hours a step starts in, if anybody's: those of who works at it, answers or must be there.
fn hours(plan: &Plan, step: &Step) -> Option<Hours> {
    let works = matches!(step.act, Act::Working(_));
    let calendars = match &step.gate {
        Some(gate) => plan.approvers_calendar(gate).into_iter().collect(),
        None if works || !step.calendars.is_empty() && !step.needs.is_empty() => {
            step.calendars.clone()
        }
        None => {
            let teams = step
                .needs
                .iter()
                .map(|need| &plan.inventory.teams[need.team]);
            teams.filter_map(|team| team.calendar).collect()
        }
    };
    let counts = !step.added && !calendars.is_empty();
    counts.then_some((step.relay && works, calendars))
}

/// Whether it goes on in those hours only.
fn advances(step: &Step) -> bool {
    step.gate.is_some() || matches!(step.act, Act::Working(_))
}

/// When all of these calendars are open, or any.
fn opened(plan: &Plan, (any, calendars): &Hours, to: Timestamp) -> Option<Intervals> {
    let mut opened: Option<Intervals> = None;
    for &id in calendars {
        let open = plan.calendars[id]
            .intervals(plan.migration.start, to)
            .ok()?;
        opened = Some(match opened {
            Some(before) if *any => Intervals::new([before.as_slice(), open.as_slice()].concat()),
            Some(before) => both(&before, &open),
            None => open,
        });
    }
    opened
}

pub(super) fn both(one: &Intervals, other: &Intervals) -> Intervals {
    let mut common = Vec::new();
    let mut others = other.as_slice().iter().peekable();
    for &(open, close) in one.as_slice() {
        while let Some(&&(from, to)) = others.peek() {
            if from >= close {
                break;
            }
            common.push((open.max(from), close.min(to)));
            if to > close {
                break;
            }
            others.next();
        }
    }
    Intervals::new(common)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a saturating cast of a century at most"
)]
fn microseconds(seconds: f64) -> i64 {
    (seconds * MICROSECOND).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendars_are_open_together_where_both_are() {
        let office = Intervals::new(vec![(0, 10), (20, 30), (40, 50)]);
        let other = Intervals::new(vec![(5, 25), (28, 41), (49, 60)]);
        // By hand: 5-10, 20-25, 28-30, 40-41, 49-50.
        let common = [(5, 10), (20, 25), (28, 30), (40, 41), (49, 50)];
        assert_eq!(both(&office, &other).as_slice(), common);
        assert_eq!(both(&other, &office).as_slice(), common);
    }
}

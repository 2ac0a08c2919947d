//! A step that is due while a freeze blocks it.
//!
//! The schedule is static: every step starts as soon as its predecessors are done, in the working
//! time of those it needs and inside its window, at mean durations, without failures and without
//! waiting for people. A step that a freeze stops waits for its end, as it does in the simulator,
//! so that what follows is not told for the same freeze unless it meets it by itself.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{
    Act, Arena, CalendarId, FreezeId, Intervals, Plan, Step, StepId, StepKind, WindowId,
};

use super::context::duration;
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
    summary: "a step is due while a freeze blocks it",
    page: include_str!("../../rules/freeze-overlap.md"),
    check: Check::Plan(check),
};

const MICROSECOND: f64 = 1e6;
const FIVE_YEARS: i64 = 5 * 366 * 24 * 3_600;
/// How often a step is moved on by its calendar, window and freezes before it is left where it is.
const MOVES: usize = 1_000;

/// A step that a freeze stops: when it was due and when it may start, microseconds from the start.
#[derive(Clone, Copy)]
struct Stopped {
    step: StepId,
    due: i64,
    until: i64,
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(mut schedule) = Schedule::new(plan) else {
        return;
    };
    schedule.run();
    for (freeze, stopped) in &schedule.stopped {
        if let Some(first) = stopped.iter().min_by_key(|one| (one.due, one.step)) {
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
    let step = &plan.steps[first.step].name;
    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds of years fit in 53 bits"
    )]
    let waits = (first.until - first.due) as f64 / MICROSECOND;
    let finding = RULE
        .finding(
            context.origins.of(entity),
            format!(
                "`{step}` is due on {} at mean durations, inside freeze `{}` ({} to {})",
                day(plan, &freeze.zone, first.due),
                freeze.name,
                freeze.from,
                freeze.to
            ),
        )
        .note(format!(
            "`{step}` waits {} for its end{}",
            duration(waits),
            match count {
                1 => String::new(),
                _ => format!("; {} more are due inside it", count - 1),
            }
        ))
        .help("start earlier or later, or split the batches so that nothing is under way when the freeze begins");
    finding.label(context.origins.of(Entity::Step(first.step)), "due then")
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
    open: FxHashMap<(bool, Vec<CalendarId>), Intervals>,
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
        let to = from
            .checked_add(SignedDuration::from_secs(FIVE_YEARS))
            .unwrap_or(Timestamp::MAX);
        let mut freezes = Vec::new();
        for (id, freeze) in plan.freezes.iter() {
            freezes.push((id, freeze.intervals(from, to).ok()?));
        }
        let mut windows = FxHashMap::default();
        for (id, window) in plan.windows.iter() {
            windows.insert(id, window.intervals(from, to).ok()?);
        }
        let mut open = FxHashMap::default();
        for step in plan
            .steps
            .values()
            .filter(|step| !step.calendars.is_empty())
        {
            if let Entry::Vacant(unseen) = open.entry(hours(step)) {
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

    /// When the act of a step that is ready then ends.
    fn place(&mut self, id: StepId, step: &Step, ready: i64) -> i64 {
        let mut start = ready;
        let mut end = ready;
        for _ in 0..MOVES {
            start = self.opening(step, start);
            end = self.end(step, start);
            let moved = self
                .outside_window(step, start, end)
                .or_else(|| self.frozen(id, step, (start, end)));
            match moved {
                Some(later) if later > start => start = later,
                _ => break,
            }
        }
        end
    }

    /// When those it needs work: at once, or at their next opening.
    fn opening(&self, step: &Step, at: i64) -> i64 {
        let works = matches!(step.act, Act::Working(_)) || !step.needs.is_empty();
        let Some(open) = self.open.get(&hours(step)).filter(|_| works) else {
            return at;
        };
        let next = open.as_slice().partition_point(|(_, close)| *close <= at);
        open.as_slice()
            .get(next)
            .map_or(at, |(open, _)| at.max(*open))
    }

    fn end(&self, step: &Step, start: i64) -> i64 {
        match &step.act {
            Act::Instant => start.saturating_add(microseconds(Durations::answer(step))),
            Act::Elapsed(law) => start.saturating_add(microseconds(law.mean())),
            Act::Working(law) => self.worked(step, start, microseconds(law.mean())),
            Act::Transfer(transfer) => {
                start.saturating_add(microseconds(self.durations.transfer(transfer)))
            }
        }
    }

    /// When `left` microseconds of working time have passed.
    fn worked(&self, step: &Step, start: i64, mut left: i64) -> i64 {
        let Some(open) = self.open.get(&hours(step)) else {
            return start.saturating_add(left);
        };
        let first = open
            .as_slice()
            .partition_point(|(_, close)| *close <= start);
        for (from, to) in open.as_slice().iter().skip(first) {
            let from = start.max(*from);
            if to - from >= left {
                return from + left;
            }
            left -= to - from;
        }
        start.saturating_add(left)
    }

    /// Where it must wait for its window: the next opening it may try.
    fn outside_window(&self, step: &Step, start: i64, end: i64) -> Option<i64> {
        let window = self.windows.get(&step.window?)?;
        let next = window
            .as_slice()
            .partition_point(|(_, close)| *close <= start);
        let (open, close) = *window.as_slice().get(next)?;
        if start < open {
            return Some(open);
        }
        (end > close).then_some(close)
    }

    /// Where a freeze stops it: the freeze's end.
    fn frozen(&mut self, id: StepId, step: &Step, (start, end): (i64, i64)) -> Option<i64> {
        let blocks = |kinds: &[StepKind]| kinds.is_empty() || kinds.contains(&step.kind);
        let hit = self.freezes.iter().find_map(|(freeze, intervals)| {
            let (from, to) = *intervals.as_slice().first()?;
            let touches = start < to && end.max(start + 1) > from;
            (touches && blocks(&self.plan.freezes[*freeze].blocks)).then_some((*freeze, to))
        });
        let (freeze, until) = hit.filter(|_| !step.added)?;
        let waits = matches!(
            step.kind,
            StepKind::Keep | StepKind::Gate | StepKind::Notify
        );
        if !waits {
            let due = start;
            let step = id;
            self.stopped
                .entry(freeze)
                .or_default()
                .push(Stopped { step, due, until });
        }
        Some(until)
    }
}

/// Whose hours count: those of all calendars together, or in a relay of any.
fn hours(step: &Step) -> (bool, Vec<CalendarId>) {
    (step.relay, step.calendars.clone())
}

/// When all of these calendars are open, or any.
fn opened(
    plan: &Plan,
    (any, calendars): &(bool, Vec<CalendarId>),
    to: Timestamp,
) -> Option<Intervals> {
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

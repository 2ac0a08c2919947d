//! What a trial cost, by kind.

use crate::column::Column;
use crate::model::{BridgeModel, CrossingModel, DAY, DualModel, LicenceModel};
use crate::model::{Model, MoneyModel, SECOND};

/// How many kinds of cost there are.
pub(crate) const KINDS: usize = 7;

/// Cost by kind, in the order of [`crate::CostKinds`], and what goes with it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Money {
    pub(crate) kinds: [f64; KINDS],
    pub(crate) dual_running_days: f64,
    pub(crate) effort_hours: f64,
    /// Of these, the hours of acts that had to be done again.
    pub(crate) wasted_hours: f64,
}

impl Money {
    /// What a trial costs that never finishes.
    pub(crate) fn infinite() -> Self {
        Self {
            kinds: [f64::INFINITY; KINDS],
            dual_running_days: f64::INFINITY,
            effort_hours: f64::INFINITY,
            wasted_hours: f64::INFINITY,
        }
    }

    pub(crate) fn total(&self) -> f64 {
        self.kinds.iter().sum()
    }
}

/// When the steps of a finished trial ran, in microseconds.
pub(crate) trait Times {
    /// When its first attempt started.
    fn first_start(&self, step: u32) -> i64;
    /// When it was first done; it may be undone and done again.
    fn first_finish(&self, step: u32) -> Option<i64>;
    /// When it was done for good.
    fn last_finish(&self, step: u32) -> i64;
    /// How often it was begun.
    fn attempts(&self, step: u32) -> u32;
    /// The end of the last step.
    fn end(&self) -> i64;
}

/// Adds up the bill of a finished trial.
pub(crate) struct Bill<'a, T> {
    pub(crate) model: &'a Model,
    pub(crate) times: &'a T,
    pub(crate) inputs: &'a Column<f64>,
}

impl<T: Times> Bill<'_, T> {
    /// `billed` is the person-microseconds of each team, `spans` memory that is kept. Of wasted hours
    /// it knows nothing.
    pub(crate) fn add_up(
        &self,
        billed: impl Iterator<Item = i64>,
        revenue_lost: f64,
        spans: &mut Vec<(i64, i64)>,
    ) -> Money {
        let money = &self.model.money;
        let (mut engineering, mut effort_hours) = (0.0, 0.0);
        for (team, hours) in self.model.teams.iter().zip(billed.map(hours)) {
            effort_hours += hours;
            engineering += hours * team.rate_per_hour.value(self.inputs);
        }
        let kinds = [
            self.dual_running(money),
            engineering,
            money.automation.value(self.inputs),
            self.bridges(money),
            self.network(money),
            self.licences(money),
            revenue_lost,
        ];
        Money {
            // A sum of nothing is −0, which reads badly.
            kinds: kinds.map(|kind| kind + 0.0),
            dual_running_days: self.days_twice(spans),
            effort_hours,
            wasted_hours: 0.0,
        }
    }

    fn first_start_of(&self, steps: &[u32]) -> Option<i64> {
        let starts = steps.iter().map(|&step| self.times.first_start(step));
        starts.min()
    }

    /// The last finish of `steps`; the end of the migration when there are none.
    fn last_finish_of(&self, steps: &[u32]) -> i64 {
        let finishes = steps.iter().map(|&step| self.times.last_finish(step));
        finishes.max().unwrap_or_else(|| self.times.end())
    }

    fn dual_running(&self, money: &MoneyModel) -> f64 {
        let sides = money.dual.iter().chain(&money.platforms);
        sides.map(|side| self.both_sides(side)).sum()
    }

    fn both_sides(&self, side: &DualModel) -> f64 {
        let switch = self.last_finish_of(&side.cutovers);
        let end = self.last_finish_of(&side.decommissions);
        let new = self
            .first_start_of(&side.deploys)
            .map_or(0.0, |from| days(from, switch));
        new * side.new_per_day.value(self.inputs)
            + days(switch, end) * side.old_per_day.value(self.inputs)
    }

    /// Days in which anything runs twice.
    fn days_twice(&self, spans: &mut Vec<(i64, i64)>) -> f64 {
        spans.clear();
        spans.extend(self.model.money.twice.iter().filter_map(|twice| {
            let last = twice.decommission.map(|step| self.times.last_finish(step));
            let from = self.first_start_of(&twice.deploys)?;
            Some((from, last.unwrap_or_else(|| self.times.end())))
        }));
        days_covered(spans)
    }

    fn bridges(&self, money: &MoneyModel) -> f64 {
        let cost = |bridge: &BridgeModel| {
            // It stands from the first time it is built, though it may be built again.
            let built = self.times.first_finish(bridge.built_by);
            let built = built.unwrap_or_else(|| self.times.end());
            days(built, self.last_finish_of(&bridge.until)) * bridge.per_day.value(self.inputs)
        };
        money.bridges.iter().map(cost).sum()
    }

    fn network(&self, money: &MoneyModel) -> f64 {
        let cost = |crossing: &CrossingModel| {
            let moved = crossing
                .cutovers
                .map(|cutover| cutover.map_or(i64::MAX, |step| self.times.last_finish(step)));
            let [near, far] = moved;
            let [[_, only_far], [only_near, both]] = crossing.per_day(self.inputs);
            let end = self.times.end();
            let alone = days(near, far.min(end)) * only_near + days(far, near.min(end)) * only_far;
            alone + days(near.max(far), end) * both
        };
        let calls: f64 = money.crossings.iter().map(cost).sum();
        let copied = money.copying.iter().map(|copying| {
            let bytes = copying.size.value(self.inputs);
            let times = f64::from(self.times.attempts(copying.step));
            times * bytes * copying.price.value(self.inputs)
        });
        calls + copied.sum::<f64>()
    }

    fn licences(&self, money: &MoneyModel) -> f64 {
        let cost = |licence: &LicenceModel| {
            let removed = self.last_finish_of(&licence.removed_by);
            let (mut price, growth) = licence.prices(self.inputs);
            let (mut until, mut sum) = (licence.until, 0.0);
            while until < removed {
                price *= growth;
                sum += price;
                until = until.saturating_add(YEAR);
            }
            sum
        };
        money.licences.iter().map(cost).sum()
    }
}

/// Days that any of these spans covers; sorts them.
pub(crate) fn days_covered(spans: &mut [(i64, i64)]) -> f64 {
    spans.sort_unstable();
    let (mut total, mut until) = (0.0, 0);
    for &mut (from, to) in spans {
        total += days(from.max(until), to);
        until = until.max(to);
    }
    total
}

/// 365.25 days in microseconds.
const YEAR: i64 = 31_557_600 * 1_000_000;

#[expect(clippy::cast_precision_loss, reason = "microseconds, below 2^53")]
fn days(from: i64, to: i64) -> f64 {
    (to.saturating_sub(from)).max(0) as f64 / DAY
}

#[expect(
    clippy::cast_precision_loss,
    reason = "below 2^53 for centuries of work"
)]
pub(crate) fn hours(work: i64) -> f64 {
    work as f64 / (3600.0 * SECOND)
}

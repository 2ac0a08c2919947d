//! What a trial cost, by kind.

use super::Trial;
use crate::model::{DAY, DualModel, MoneyModel};

/// How many kinds of cost there are.
pub(crate) const KINDS: usize = 7;

/// Cost by kind, in the order of [`crate::CostKinds`], and what goes with it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Money {
    pub(crate) kinds: [f64; KINDS],
    pub(crate) dual_running_days: f64,
    pub(crate) effort_hours: f64,
}

impl Money {
    /// What a trial costs that never finishes.
    pub(crate) fn infinite() -> Self {
        Self {
            kinds: [f64::INFINITY; KINDS],
            dual_running_days: f64::INFINITY,
            effort_hours: f64::INFINITY,
        }
    }

    pub(crate) fn total(&self) -> f64 {
        self.kinds.iter().sum()
    }
}

impl Trial<'_> {
    /// Adds up the bill of a finished trial.
    pub(crate) fn bill_all(&mut self) -> Money {
        let model = self.model;
        let money = &model.money;
        let rates = model.teams.iter().map(|team| team.rate_per_hour);
        let (mut engineering, mut effort_hours) = (0.0, 0.0);
        for (hours, rate) in self.billed_hours().zip(rates) {
            effort_hours += hours;
            engineering += hours * rate.value(&self.inputs);
        }
        Money {
            kinds: [
                self.dual_running(money),
                engineering,
                money.automation.value(&self.inputs),
                self.bridges(money),
                self.network(money),
                self.licences(money),
                self.harm.revenue_lost,
            ],
            dual_running_days: self.days_twice(money),
            effort_hours,
        }
    }

    fn first_start(&self, steps: &[u32]) -> Option<i64> {
        let starts = steps
            .iter()
            .map(|&step| self.steps[step as usize].first_start);
        starts.min()
    }

    /// The last finish of `steps`; the end of the migration when there are none.
    fn last_finish_of(&self, steps: &[u32]) -> i64 {
        let finishes = steps.iter().map(|&step| self.steps[step as usize].finish);
        finishes.max().unwrap_or(self.last_finish)
    }

    fn dual_running(&self, money: &MoneyModel) -> f64 {
        let sides = money.dual.iter().chain(&money.platforms);
        sides.map(|side| self.both_sides(side)).sum()
    }

    fn both_sides(&self, side: &DualModel) -> f64 {
        let switch = self.last_finish_of(&side.cutovers);
        let end = self.last_finish_of(&side.decommissions);
        let new = self
            .first_start(&side.deploys)
            .map_or(0.0, |from| days(from, switch));
        new * side.new_per_day.value(&self.inputs)
            + days(switch, end) * side.old_per_day.value(&self.inputs)
    }

    /// Days in which anything runs twice.
    fn days_twice(&mut self, money: &MoneyModel) -> f64 {
        let mut spans = std::mem::take(&mut self.spans);
        spans.clear();
        spans.extend(money.twice.iter().map(|(deploy, decommission)| {
            let from = self.steps[*deploy as usize].first_start;
            let to = decommission.map_or(self.last_finish, |s| self.steps[s as usize].finish);
            (from, to)
        }));
        spans.sort_unstable();
        let (mut total, mut until) = (0.0, 0);
        for &(from, to) in &spans {
            total += days(from.max(until), to);
            until = until.max(to);
        }
        self.spans = spans;
        total
    }

    fn bridges(&self, money: &MoneyModel) -> f64 {
        let cost = |bridge: &crate::model::BridgeModel| {
            // It stands from the first time it is built, though it may be built again.
            let built = self.steps[bridge.built_by as usize].first_finish;
            let built = built.unwrap_or(self.last_finish);
            days(built, self.last_finish_of(&bridge.until)) * bridge.per_day.value(&self.inputs)
        };
        money.bridges.iter().map(cost).sum()
    }

    fn network(&self, money: &MoneyModel) -> f64 {
        let cost = |crossing: &crate::model::CrossingModel| {
            let moved = crossing
                .cutovers
                .map(|cutover| cutover.map_or(i64::MAX, |step| self.steps[step as usize].finish));
            let [near, far] = moved;
            let [[_, only_far], [only_near, both]] = crossing.per_day(&self.inputs);
            let end = self.last_finish;
            let alone = days(near, far.min(end)) * only_near + days(far, near.min(end)) * only_far;
            alone + days(near.max(far), end) * both
        };
        money.crossings.iter().map(cost).sum()
    }

    fn licences(&self, money: &MoneyModel) -> f64 {
        let cost = |licence: &crate::model::LicenceModel| {
            let removed = self.last_finish_of(&licence.removed_by);
            let (mut price, growth) = licence.prices(&self.inputs);
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

/// 365.25 days in microseconds.
const YEAR: i64 = 31_557_600 * 1_000_000;

#[expect(clippy::cast_precision_loss, reason = "microseconds, below 2^53")]
fn days(from: i64, to: i64) -> f64 {
    (to.saturating_sub(from)).max(0) as f64 / DAY
}

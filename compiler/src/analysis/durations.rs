//! How long steps take when nothing fails and nobody waits.

use jiff::Timestamp;
use whimbrel_plan::{
    Act, Amount, Arena, Calendar, CalendarId, Distribution, Link, LinkId, Plan, Step, Transfer,
    hours_of_any,
};

const HOURS_PER_WEEK: f64 = 168.0;

/// What decides how long steps take beside the steps themselves.
#[derive(Clone, Copy, Debug)]
pub struct Durations<'a> {
    /// When people work.
    pub calendars: &'a Arena<CalendarId, Calendar>,
    /// What data moves over.
    pub links: &'a Arena<LinkId, Link>,
    /// The start of the migration: zones have the offsets of then.
    pub start: Timestamp,
}

impl<'a> Durations<'a> {
    /// Those of a plan.
    #[must_use]
    pub fn of(plan: &'a Plan) -> Self {
        Self {
            calendars: &plan.calendars,
            links: &plan.inventory.links,
            start: plan.migration.start,
        }
    }

    /// Mean elapsed seconds of a step: act, answer and soak. Working time is stretched by the hours
    /// of a week over those its calendars are open: all of them, or in a relay any.
    #[must_use]
    pub fn mean(&self, step: &Step) -> f64 {
        self.act(step, Distribution::mean) + Self::answer(step) + step.soak.mean()
    }

    /// Mean seconds until a gate is answered.
    #[must_use]
    pub fn answer(step: &Step) -> f64 {
        step.gate.as_ref().map_or(0.0, |gate| match &gate.takes {
            Some(law) => law.mean(),
            // The mean of triangular(0, within / 4, within).
            None => gate.within * 5.0 / 12.0,
        })
    }

    /// The same when every law of the step takes its value at probability `p`; figures of data moves
    /// stay at their means.
    #[must_use]
    pub fn quantile(&self, step: &Step, p: f64) -> f64 {
        let answer = step.gate.as_ref().map_or(0.0, |gate| match &gate.takes {
            Some(law) => law.quantile(p),
            None => usual_answer(gate.within, p),
        });
        self.act(step, |law| law.quantile(p)) + answer + step.soak.quantile(p)
    }

    /// Elapsed seconds of the act alone, with its law at `value`.
    pub fn act(&self, step: &Step, value: impl Fn(&Distribution) -> f64) -> f64 {
        match &step.act {
            Act::Instant => 0.0,
            Act::Elapsed(law) => value(law),
            Act::Working(law) => value(law) * self.stretch(step),
            Act::Transfer(transfer) => self.transfer(transfer),
        }
    }

    /// Mean seconds of a data move, catch-up included; none of what never catches up, which the
    /// compiler refuses.
    #[must_use]
    pub fn transfer(&self, transfer: &Transfer) -> f64 {
        let net = self
            .rate(transfer)
            .map(|rate| rate - transfer.change_rate.mean());
        net.filter(|net| *net > 0.0)
            .map_or(0.0, |net| transfer.size.mean() / net)
    }

    /// Seconds for which a step needs room before a window closes or a freeze begins: the 90th
    /// percentile of its act or answer, in working time where that is what it takes. Infinite for
    /// a data move that may never catch up.
    #[must_use]
    pub fn room(&self, step: &Step) -> f64 {
        const MOST: f64 = 0.9;
        if let Some(gate) = &step.gate {
            return match &gate.takes {
                Some(law) => law.quantile(MOST),
                None => usual_answer(gate.within, MOST),
            };
        }
        match &step.act {
            Act::Instant => 0.0,
            Act::Elapsed(law) | Act::Working(law) => law.quantile(MOST),
            Act::Transfer(transfer) => {
                let Some(rate) = self.rate_at(transfer, |amount| amount.quantile(1.0 - MOST))
                else {
                    return 0.0;
                };
                let net = rate - transfer.change_rate.quantile(MOST);
                match net > 0.0 {
                    true => transfer.size.quantile(MOST) / net,
                    false => f64::INFINITY,
                }
            }
        }
    }

    /// Bytes per second of a transfer: the lesser of the link's share and the engine's throughput,
    /// both at their means.
    #[must_use]
    pub fn rate(&self, transfer: &Transfer) -> Option<f64> {
        self.rate_at(transfer, Amount::mean)
    }

    fn rate_at(&self, transfer: &Transfer, of: impl Fn(&Amount) -> f64) -> Option<f64> {
        let link = transfer.link.and_then(|id| {
            let link = &self.links[id];
            let bandwidth = link.bandwidth.as_ref();
            bandwidth.map(|bandwidth| of(bandwidth) / f64::from(link.at_once))
        });
        match (link, transfer.throughput.as_ref().map(of)) {
            (Some(link), Some(engine)) => Some(link.min(engine)),
            (link, engine) => link.or(engine),
        }
    }

    fn stretch(&self, step: &Step) -> f64 {
        let calendars = step.calendars.iter().map(|id| &self.calendars[*id]);
        let open = if step.relay {
            let calendars: Vec<&Calendar> = calendars.collect();
            hours_of_any(&calendars, self.start).unwrap_or(HOURS_PER_WEEK)
        } else {
            let weekly = calendars.map(Calendar::hours_per_week);
            weekly.fold(HOURS_PER_WEEK, f64::min)
        };
        if open > 0.0 {
            HOURS_PER_WEEK / open
        } else {
            1.0
        }
    }
}

/// triangular(0, within / 4, within) at probability `p`.
fn usual_answer(within: f64, p: f64) -> f64 {
    if p <= 0.25 {
        within / 4.0 * (p * 4.0).sqrt()
    } else {
        within * (1.0 - (0.75 * (1.0 - p)).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_answer_is_that_of_its_triangle() {
        let law = Distribution::triangular(0.0, 1.0, 4.0).unwrap();
        for p in [0.0, 0.05, 0.25, 0.3, 0.9, 1.0] {
            let difference = usual_answer(4.0, p) - law.quantile(p);
            assert!(difference.abs() < 1e-9, "{p}: {difference}");
        }
    }
}

//! A data move that catches up with what changes in most draws, but not in all.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Amount, Link, Plan, Step, StepId, Subject, Transfer};

use super::context::percent;
use super::{Check, Context, Findings, Rule};
use crate::analysis::durations::Durations;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0808",
        name: "transfer-may-diverge",
    },
    level: Level::Warning,
    summary: "a data move never catches up in some draws of its figures",
    page: include_str!("../../rules/transfer-may-diverge.md"),
    check: Check::Plan(check),
};

/// The share of draws from which on it is told: every law without a greatest value has some.
const LEAST: f64 = 1e-3;
/// Points of the integral. What is summed rises from 0 to 1, so it is off by at most half a point.
const POINTS: u16 = 2_000;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let durations = Durations::of(plan);
    for (id, step) in plan.steps.iter() {
        let Act::Transfer(transfer) = &step.act else {
            continue;
        };
        let share = Speed::of(plan, transfer).falls_behind(&transfer.change_rate);
        if share >= LEAST {
            report(context, &durations, (id, step, transfer), share, findings);
        }
    }
}

fn report(
    context: &Context<'_>,
    durations: &Durations<'_>,
    (id, step, transfer): (StepId, &Step, &Transfer),
    share: f64,
    findings: &mut Findings,
) {
    let place = match step.subject {
        Subject::Resource(id) => context
            .origins
            .attribute(Entity::Resource(id), "change_rate"),
        _ => context.origins.of(Entity::Step(id)),
    };
    let megabytes = |rate: f64| format!("{:.0} MB/s", rate / 1e6);
    let copied = durations.rate(transfer).unwrap_or(f64::INFINITY);
    let finding = RULE
        .finding(
            place,
            format!(
                "`{}` never catches up in {} of the draws: {} change and {} are copied at mean, \
                 but the laws overlap",
                step.name,
                percent(share),
                megabytes(transfer.change_rate.mean()),
                megabytes(copied)
            ),
        )
        .note("a trial in which it is so never finishes: `simulate` counts it as `unfinished`")
        .help(
            "use a faster link or engine, let fewer transfers share it, or copy while less changes; \
             narrow the laws where such draws cannot be",
        );
    findings.report([step.name.as_str()], finding);
}

/// How fast a transfer copies, as a law: the lesser of its part of the link and what the engine can.
struct Speed<'a> {
    bandwidth: Option<&'a Amount>,
    /// How many share the link.
    parts: f64,
    throughput: Option<&'a Amount>,
}

impl<'a> Speed<'a> {
    fn of(plan: &'a Plan, transfer: &'a Transfer) -> Self {
        let link: Option<&Link> = transfer.link.map(|id| &plan.inventory.links[id]);
        Self {
            bandwidth: link.and_then(|link| link.bandwidth.as_ref()),
            parts: link.map_or(1.0, |link| f64::from(link.at_once.max(1))),
            throughput: transfer.throughput.as_ref(),
        }
    }

    /// P(speed ≤ x), the two being drawn apart.
    fn up_to(&self, x: f64) -> f64 {
        let above = |amount: Option<&Amount>, x: f64| match amount {
            None => 1.0,
            Some(Amount::Certain(value)) => f64::from(u8::from(*value > x)),
            Some(Amount::Uncertain(law)) => 1.0 - law.cdf(x),
        };
        1.0 - above(self.bandwidth, x * self.parts) * above(self.throughput, x)
    }

    /// The speed, where it is the same in every draw; infinite where nothing bounds it.
    fn certain(&self) -> Option<f64> {
        let value = |amount: Option<&Amount>| match amount {
            None => Some(f64::INFINITY),
            Some(Amount::Certain(value)) => Some(*value),
            Some(Amount::Uncertain(_)) => None,
        };
        Some((value(self.bandwidth)? / self.parts).min(value(self.throughput)?))
    }

    /// The chance that no more is copied than changes: in closed form where either is certain, else
    /// the mean of P(speed ≤ x) over the quantiles x of what changes, which rises with them.
    fn falls_behind(&self, change: &Amount) -> f64 {
        let law = match (change, self.certain()) {
            (Amount::Certain(change), _) => return self.up_to(*change),
            (Amount::Uncertain(law), Some(speed)) => return 1.0 - law.below(speed),
            (Amount::Uncertain(law), None) => law,
        };
        // It takes a change above a value or a speed below it: a bound that mostly settles it.
        let between = law.quantile(1.0 - LEAST / 2.0);
        if 1.0 - law.below(between) + self.up_to(between) < LEAST {
            return 0.0;
        }
        let points = f64::from(POINTS);
        let middle = |point: u16| (f64::from(point) + 0.5) / points;
        let chances = (0..POINTS).map(|point| self.up_to(law.quantile(middle(point))));
        chances.sum::<f64>() / points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whimbrel_plan::Distribution;

    fn uniform(low: f64, high: f64) -> Amount {
        Distribution::uniform(low, high).unwrap().into()
    }

    fn falls_behind(bandwidth: &Amount, parts: f64, throughput: &Amount, change: &Amount) -> f64 {
        let speed = Speed {
            bandwidth: Some(bandwidth),
            parts,
            throughput: Some(throughput),
        };
        speed.falls_behind(change)
    }

    /// Expected are the exact chances; of three uniforms on [0, 1], each is the least with one third.
    #[test]
    fn the_chance_is_that_of_the_laws() {
        let (unit, fast) = (uniform(0.0, 1.0), Amount::Certain(9.0));
        let half = Amount::Certain(0.5);
        let two = Distribution::discrete(vec![(1.0, 0.75), (2.0, 0.25)]).unwrap();
        for (bandwidth, parts, throughput, change, expected) in [
            // Speed of 1 against changes on [0.2, 1.2].
            (&Amount::Certain(1.0), 1.0, &fast, uniform(0.2, 1.2), 0.2),
            // The same by halves of a link of 2, or by the engine.
            (&Amount::Certain(2.0), 2.0, &fast, uniform(0.2, 1.2), 0.2),
            (&fast, 1.0, &Amount::Certain(1.0), uniform(0.2, 1.2), 0.2),
            // Neither of two uniforms is above a half with 1 − ¼.
            (&unit, 1.0, &unit, half, 0.75),
            // Of two uniforms either is the greater; of three the change is not the least.
            (&unit, 1.0, &fast, unit.clone(), 0.5),
            (&unit, 1.0, &unit, unit.clone(), 2.0 / 3.0),
            (&uniform(0.0, 2.0), 2.0, &fast, unit.clone(), 0.5),
            // Too fast with (x − 0.6) ÷ 0.8 from 0.6 to 1, and from 1 on: 0.1 + 0.2.
            (
                &Amount::Certain(1.0),
                1.0,
                &uniform(0.6, 1.4),
                uniform(0.2, 1.2),
                0.3,
            ),
            // As much changed as is copied is never caught up with.
            (&Amount::Certain(2.0), 1.0, &fast, two.into(), 0.25),
            // Apart: nothing that changes is as fast as the slowest link.
            (&uniform(1.0, 2.0), 1.0, &fast, uniform(0.0, 0.9), 0.0),
        ] {
            let found = falls_behind(bandwidth, parts, throughput, &change);
            assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
        }
    }

    /// What the quick look leaves out is below what is told: with changes and speeds exponential of
    /// means c and s, the speed is the lesser with chance c / (c + s).
    #[test]
    fn the_quick_look_leaves_nothing_out() {
        let exponential = |mean| Amount::from(Distribution::exponential(mean).unwrap());
        for change in [1e-4, 1e-3, 2e-3, 1e-2, 0.5] {
            let (speed, fast) = (exponential(1.0), Amount::Certain(1e9));
            let found = falls_behind(&speed, 1.0, &fast, &exponential(change));
            let exact = change / (change + 1.0);
            let close = (found - exact).abs() < 0.5 / f64::from(POINTS);
            assert!(
                close || found == 0.0 && exact < LEAST,
                "{found} for {exact}"
            );
        }
    }
}

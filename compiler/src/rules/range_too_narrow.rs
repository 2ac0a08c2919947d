//! Estimates that know too much.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Distribution, Plan};

use super::context::{duration, percent};
use super::single_point_estimate::estimates;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1404",
        name: "range-too-narrow",
    },
    level: Level::Note,
    summary: "an estimate varies much less than published ones",
    page: include_str!("../../rules/range-too-narrow.md"),
    check: Check::Plan(check),
};

/// The least ratio of P99 to P1 that is believed. The narrowest published range of work is the
/// effort of a service, between 50 and 80 hours, whose P99 is 1.58 times its P1
/// (`std.classes.service_effort`); a quarter is half of that, in logarithms.
const LEAST_RATIO: f64 = 1.25;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for estimate in estimates(context, plan) {
        let Some((low, high)) = narrow(estimate.law) else {
            continue;
        };
        let long = |seconds| match estimate.working {
            true => format!("{:.0}wh", seconds / 3_600.0),
            false => duration(seconds),
        };
        let finding = RULE
            .finding(
                estimate.span,
                format!(
                    "`{}` takes between {} and {} in 98 of 100 cases, a range of {}",
                    estimate.name(),
                    long(low),
                    long(high),
                    percent(high / low - 1.0)
                ),
            )
            .help("published figures vary by half and more: take one of `std.classes`, your own past measurements (`empirical([…])`), or a wider range");
        findings.report_together("", estimate.targets, finding);
    }
}

/// P1 and P99 of a range that is too narrow; a single number is none.
fn narrow(law: &Distribution) -> Option<(f64, f64)> {
    if law.is_certain() {
        return None;
    }
    let (low, high) = (law.quantile(0.01), law.quantile(0.99));
    (low > 0.0 && high / low < LEAST_RATIO).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_published_range_is_believed_and_half_of_it_is_not() {
        let uniform = |low, high| Distribution::uniform(low, high).unwrap();
        // `service_effort`: P1 is 50.3 and P99 is 79.7, a ratio of 1.58.
        assert_eq!(narrow(&uniform(50.0, 80.0)), None);
        // P1 is 100 + 0.255 = 100.255, P99 is 125.245: 1.2493, just below a quarter more.
        assert!(narrow(&uniform(100.0, 125.5)).is_some());
        // P1 is 100.26, P99 is 125.74: 1.2541.
        assert_eq!(narrow(&uniform(100.0, 126.0)), None);
        // A rare long case is a range.
        let rare = Distribution::discrete(vec![(1.0, 0.95), (10.0, 0.05)]).unwrap();
        assert_eq!(narrow(&rare), None);
        assert_eq!(narrow(&Distribution::constant(5.0)), None);
    }
}

//! A rollout that ends before all traffic is on the new side.

use whimbrel_lang::ast::ExprKind;
use whimbrel_lang::{Code, Edit, Level, Sources, Span};
use whimbrel_plan::Plan;

use super::context::percent;
use super::weights_not_increasing::{SHIFTS, weights};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;
use crate::walk;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0907",
        name: "weights-not-to-100",
    },
    level: Level::Warning,
    summary: "the last shift leaves traffic on the old side",
    page: include_str!("../../rules/weights-not-to-100.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let lasts = SHIFTS.map(|verb| {
            weights(plan, mover, verb)
                .into_iter()
                .max_by(|one, other| one.1.total_cmp(&other.1))
        });
        let most = lasts
            .into_iter()
            .flatten()
            .max_by(|one, other| one.1.total_cmp(&other.1));
        if let Some((step, weight)) = most.filter(|(_, weight)| *weight < 1.0) {
            let name = context.name(mover.node);
            let place = context.origins.of(Entity::Step(step));
            let mut finding = RULE
                .finding(
                    place,
                    format!(
                        "the shifts of `{name}` end at {}, and {} of its traffic stays behind",
                        percent(weight),
                        percent(1.0 - weight)
                    ),
                )
                .help("end with a shift to 100 %");
            if let Some(end) = end_of_list(context.sources, place, weight) {
                let text = ", 100%".to_owned();
                finding = finding.fix("end with 100 %", vec![Edit { span: end, text }]);
            }
            findings.report([name, plan.steps[step].name.as_str()], finding);
        }
    }
}

/// Behind the last element of the one list of rising shares at `place` that ends with `weight`.
fn end_of_list(sources: &Sources, place: Span, weight: f64) -> Option<Span> {
    let mut alone = Sources::default();
    let id = alone.add("", sources.slice(place));
    let statement = whimbrel_lang::parse(&alone, id).file.statements;
    let mut ends = Vec::new();
    walk::statements(&statement, &mut |expr| {
        let ExprKind::List(items) = &expr.kind else {
            return;
        };
        let shares = items.iter().map(|item| match &item.kind {
            ExprKind::Quantity(share) if share.ratio => Some(share.amount),
            _ => None,
        });
        let shares: Option<Vec<f64>> = shares.collect();
        let rises = |shares: &Vec<f64>| {
            shares.is_sorted_by(|one, next| one < next) && shares.last() == Some(&weight)
        };
        if shares.as_ref().is_some_and(rises) {
            ends.extend(items.last().map(|item| item.span.end));
        }
    });
    let [end] = ends.as_slice() else {
        return None;
    };
    let at = place.start + end;
    Some(Span {
        start: at,
        end: at,
        ..place
    })
}

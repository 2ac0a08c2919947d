//! Observations that are too old to plan with.

use std::collections::BTreeMap;

use jiff::civil::Date;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, RelationId};

use super::context::observed::{HORIZON, Observed, is_older, observed, reference_day};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0305",
        name: "stale-observation",
    },
    level: Level::Warning,
    summary: "observations are too old to plan with",
    page: include_str!("../../rules/stale-observation.md"),
    check: Check::Inventory(check),
};

/// The stale pairs of one source.
struct Stale {
    count: usize,
    oldest: (Date, RelationId, Observed),
}

/// One finding for each source: looking again is one act.
fn check(context: &Context<'_>, findings: &mut Findings) {
    let reference = reference_day(context);
    let mut by_source: BTreeMap<Option<&str>, Stale> = BTreeMap::new();
    for pair in observed(context) {
        let Some((fact, at)) = pair.newest(context) else {
            continue;
        };
        if !is_older(at, reference) || !concerns(context, &pair) {
            continue;
        }
        let source = context.inventory.relations[fact].evidence.source.as_deref();
        let stale = by_source.entry(source).or_insert(Stale {
            count: 0,
            oldest: (at, fact, pair),
        });
        stale.count += 1;
        if (at, fact) < (stale.oldest.0, stale.oldest.1) {
            stale.oldest = (at, fact, pair);
        }
    }
    for (source, stale) in &by_source {
        report(context, *source, stale, findings);
    }
}

/// With a migration, whether one end moves.
fn concerns(context: &Context<'_>, pair: &Observed) -> bool {
    let moves = |id| context.moves(Node::Service(id));
    context.plan.is_none() || moves(pair.from) || moves(pair.to)
}

fn report(context: &Context<'_>, source: Option<&str>, stale: &Stale, findings: &mut Findings) {
    let (at, fact, pair) = &stale.oldest;
    let (from, to) = (context.service(pair.from), context.service(pair.to));
    let by = source.map_or(String::new(), |source| format!(" by {source}"));
    let reference = reference_day(context);
    let age = (reference - *at).get_days();
    let before = if reference == context.today {
        "ago"
    } else {
        "before the start"
    };
    let message = match stale.count {
        1 => format!("`{from}` was last seen calling `{to}` on {at}{by}, {age} days {before}"),
        count => format!(
            "{count} calls were last seen{by} more than {HORIZON} days {before}, the oldest, `{from}` → `{to}`, on {at}"
        ),
    };
    let finding = RULE.finding(context.relation_span(*fact), message).help(
        "look again, for as long as a month's end is in it, and write the new day in `at`; take out what is called no more",
    );
    let one = (stale.count == 1).then_some([from, to]);
    let migration = context.plan.map(|plan| plan.migration.name.as_str());
    let targets = one.into_iter().flatten().chain(source).chain(migration);
    findings.report(targets, finding);
}

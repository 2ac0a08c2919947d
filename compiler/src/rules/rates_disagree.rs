//! Rates of one call that differ by more than a factor of two.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{Amount, RelationId, RelationKind, ServiceId, Target};

use super::context::observed::{Observed, observed};
use super::context::{per_second, rounded};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0310",
        name: "rates-disagree",
    },
    level: Level::Warning,
    summary: "what is declared and what was observed differ by more than a factor of two",
    page: include_str!("../../rules/rates-disagree.md"),
    check: Check::Inventory(check),
};

/// Rates this far apart are not two readings of one thing.
const FACTOR: f64 = 2.0;

/// From how many calls of one source on it is the source that is told, if most of them disagree.
const MANY: usize = 8;

/// Somebody's word on the rate of a call.
#[derive(Clone, Copy)]
struct Said {
    fact: RelationId,
    /// Per second, nine times in ten.
    least: f64,
    most: f64,
    mean: f64,
}

/// Two words on one call that do not fit.
struct Conflict<'a> {
    from: ServiceId,
    to: ServiceId,
    /// The declared rate, or what another source saw.
    known: Said,
    /// Who says so; none when it is declared.
    by: Option<&'a str>,
    seen: Said,
    factor: f64,
}

/// What one source says of the calls for which another rate is known.
#[derive(Default)]
struct Compared<'a> {
    calls: usize,
    conflicts: Vec<Conflict<'a>>,
}

type Calls = FxHashMap<(ServiceId, ServiceId), Said>;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let declared = declared(context);
    let mut by_source: BTreeMap<&str, Compared<'_>> = BTreeMap::new();
    for pair in observed(context) {
        compare(context, &pair, &declared, &mut by_source);
    }
    for (source, compared) in &by_source {
        let most = compared.conflicts.len() * 2 > compared.calls;
        if compared.calls >= MANY && most {
            of_the_source(context, source, compared, findings);
            continue;
        }
        for conflict in &compared.conflicts {
            let names = [conflict.from, conflict.to].map(|id| context.service(id));
            findings.report(names, of_a_call(context, source, conflict));
        }
    }
}

/// The rate of each call as the plan declares it, all its statements together.
fn declared(context: &Context<'_>) -> Calls {
    let mut out = Calls::default();
    for (id, fact) in context.inventory.relations.iter() {
        let (RelationKind::Calls, Target::Service(to), Some(rate)) =
            (fact.kind, &fact.to, &fact.rate)
        else {
            continue;
        };
        let one = said(id, rate);
        out.entry((fact.from, *to))
            .and_modify(|all| {
                all.least += one.least;
                all.most += one.most;
                all.mean += one.mean;
            })
            .or_insert(one);
    }
    out
}

fn said(fact: RelationId, rate: &Amount) -> Said {
    Said {
        fact,
        least: rate.quantile(0.05),
        most: rate.quantile(0.95),
        mean: rate.mean(),
    }
}

/// Compares the newest word of each source on a call with the declared rate, or without one with
/// that of the first source by name.
fn compare<'a>(
    context: &'a Context<'_>,
    pair: &Observed,
    declared: &Calls,
    by_source: &mut BTreeMap<&'a str, Compared<'a>>,
) {
    let mut words = newest(context, pair).into_iter();
    let ends = (pair.from, pair.to);
    let known = match declared.get(&ends) {
        Some(known) => Some((None, *known)),
        None => words.next().map(|(source, said)| (Some(source), said)),
    };
    let Some((by, known)) = known else { return };
    for (source, seen) in words {
        let compared = by_source.entry(source).or_default();
        compared.calls += 1;
        let factor = apart(&known, &seen);
        if factor > FACTOR {
            compared.conflicts.push(Conflict {
                from: pair.from,
                to: pair.to,
                known,
                by,
                seen,
                factor,
            });
        }
    }
}

/// The newest rate that each source gives for a pair.
fn newest<'a>(context: &'a Context<'_>, pair: &Observed) -> BTreeMap<&'a str, Said> {
    let mut out: BTreeMap<&str, (Option<Date>, Said)> = BTreeMap::new();
    for (id, fact) in pair.facts(context) {
        let Some(rate) = &fact.rate else { continue };
        let at = fact.evidence.at;
        let source = fact.evidence.source.as_deref().unwrap_or("observation");
        let word = (at, said(id, rate));
        let known = out.entry(source).or_insert(word);
        if known.0 < at {
            *known = word;
        }
    }
    let words = out.into_iter();
    words.map(|(source, (_, said))| (source, said)).collect()
}

/// By which factor the nearest of what both may be differ: 1 where they may be the same.
fn apart(one: &Said, other: &Said) -> f64 {
    let (low, high) = if one.mean <= other.mean {
        (one, other)
    } else {
        (other, one)
    };
    match (low.most, high.least) {
        (low, high) if high <= low => 1.0,
        (low, high) if low > 0.0 => high / low,
        _ => f64::INFINITY,
    }
}

fn of_a_call(context: &Context<'_>, source: &str, conflict: &Conflict<'_>) -> Diagnostic {
    let (from, to) = (context.service(conflict.from), context.service(conflict.to));
    let (known, seen) = (
        per_second(conflict.known.mean),
        per_second(conflict.seen.mean),
    );
    let known = match conflict.by {
        Some(by) => format!("{by} saw {known}"),
        None => format!("{known} is declared"),
    };
    RULE.finding(
        context.relation_span(conflict.known.fact),
        format!("{known} for the calls of `{from}` to `{to}`, and {source} saw {seen}"),
    )
    .label(
        context.relation_span(conflict.seen.fact),
        format!("{seen} was seen"),
    )
    .help(format!(
        "find out which is right and write it: `rate = {}rps`, if it is what was seen; traces are often sampled",
        rounded(conflict.seen.mean)
    ))
}

/// A source that is wrong about most calls is wrong by itself.
fn of_the_source(
    context: &Context<'_>,
    source: &str,
    compared: &Compared<'_>,
    findings: &mut Findings,
) {
    let worst = compared.conflicts.iter().reduce(|worst, next| {
        if next.factor > worst.factor {
            next
        } else {
            worst
        }
    });
    let Some(worst) = worst else { return };
    let count = compared.conflicts.len();
    let below = compared
        .conflicts
        .iter()
        .filter(|one| one.seen.mean < one.known.mean);
    let below = match below.count() {
        all if all == count => "all of them lower",
        0 => "all of them higher",
        _ => "some lower, some higher",
    };
    let (from, to) = (context.service(worst.from), context.service(worst.to));
    let finding = RULE
        .finding(
            context.relation_span(worst.seen.fact),
            format!(
                "{source} disagrees by more than a factor of two about {count} of {} calls, {below}",
                compared.calls
            ),
        )
        .note(format!(
            "the farthest: `{from}` → `{to}`, {} against {}",
            per_second(worst.seen.mean),
            per_second(worst.known.mean)
        ))
        .help("look at the source first: if it samples, scale its rates or import them without; else write the rates it saw");
    let migration = context.plan.map(|plan| plan.migration.name.as_str());
    findings.report(std::iter::once(source).chain(migration), finding);
}

//! A call that is declared and that nobody has seen, though its caller was watched.

use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{
    EvidenceKind, Relation, RelationId, RelationKind, ServiceId, ServiceKind, Target,
};

use rustc_hash::FxHashSet;

use super::context::listed;
use super::context::observed::{covered, observed};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0309",
        name: "declared-never-observed",
    },
    level: Level::Note,
    summary: "a call is declared that no observation of its caller shows",
    page: include_str!("../../rules/declared-never-observed.md"),
    check: Check::Inventory(check),
};

/// A call that happens less often, per second, can be missed by whoever watches for a week: once a
/// day.
const RARE: f64 = 1.0 / 86_400.0;

/// One finding for each caller.
fn check(context: &Context<'_>, findings: &mut Findings) {
    let pairs = observed(context);
    let covered = covered(context, &pairs);
    let seen: FxHashSet<(ServiceId, ServiceId)> =
        pairs.iter().map(|pair| (pair.from, pair.to)).collect();
    let mut unseen: Vec<(RelationId, ServiceId)> = Vec::new();
    let mut before = None;
    for (id, fact) in context.inventory.relations.iter() {
        // Relations are ordered by service, so those of one caller follow one another.
        if before != Some(fact.from) {
            report(context, &unseen, findings);
            unseen.clear();
            before = Some(fact.from);
        }
        if let Some(to) = traceable(context, fact)
            && covered.contains(&fact.from)
            && !seen.contains(&(fact.from, to))
        {
            unseen.push((id, to));
        }
    }
    report(context, &unseen, findings);
}

/// The callee, where an observation would show the call: of what is declared, between services, and
/// often enough.
fn traceable(context: &Context<'_>, fact: &Relation) -> Option<ServiceId> {
    let (RelationKind::Calls, Target::Service(to)) = (fact.kind, &fact.to) else {
        return None;
    };
    let telemetry = context.inventory.services[*to].kind == ServiceKind::Telemetry;
    let rare = fact.rate.as_ref().is_some_and(|rate| rate.mean() < RARE);
    let declared = fact.evidence.kind != EvidenceKind::Observed;
    (declared && !telemetry && !rare).then_some(*to)
}

fn report(context: &Context<'_>, unseen: &[(RelationId, ServiceId)], findings: &mut Findings) {
    let Some((first, rest)) = unseen.split_first() else {
        return;
    };
    let from = context.service(context.inventory.relations[first.0].from);
    let names: Vec<&str> = unseen.iter().map(|(_, to)| context.service(*to)).collect();
    let it = if rest.is_empty() { "it" } else { "them" };
    let finding: Diagnostic = RULE
        .finding(
            context.relation_span(first.0),
            format!(
                "`{from}` declares calls to {}, and was seen calling others but never {it}",
                listed(&names)
            ),
        )
        .help(
            "take out what is called no more, since it holds up the order for nothing; or say how rare it is (`rate = …`), or look for longer",
        );
    let finding = rest.iter().take(3).fold(finding, |finding, (id, _)| {
        finding.label(context.relation_span(*id), "nor this")
    });
    findings.report(std::iter::once(from).chain(names.iter().copied()), finding);
}

//! A declared strategy that the decision checklist does not support.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Checklist, Criterion, Plan, ScoreSource, Strategy};

use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1407",
        name: "strategy-against-checklist",
    },
    level: Level::Warning,
    summary: "the declared strategy differs from the checklist's verdict",
    page: include_str!("../../rules/strategy-against-checklist.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let (migration, checklist) = (&plan.migration, &plan.checklist);
    if !migration.strategy_declared || migration.strategy == checklist.verdict {
        return;
    }
    let mut finding = RULE
        .finding(
            context.origins.attribute(Entity::Migration, "strategy"),
            format!(
                "the strategy is `{}`, and the checklist says `{}` with {} points of 30",
                word(migration.strategy),
                word(checklist.verdict),
                checklist.total
            ),
        )
        .note(scores(checklist))
        .help(help(checklist));
    for note in &checklist.notes {
        finding = finding.note(note.clone());
    }
    findings.report([&migration.name], finding);
}

fn help(checklist: &Checklist) -> String {
    let verdict = word(checklist.verdict);
    let take = format!("take `strategy = {verdict}`, or answer the checklist where it is wrong");
    match &checklist.flip {
        Some(flip) => format!("{take}; the verdict changes with one step: {flip}"),
        None => take,
    }
}

/// One line for each answer, with its reason.
fn scores(checklist: &Checklist) -> String {
    let lines: Vec<String> = checklist
        .scores
        .iter()
        .map(|score| {
            let source = match score.source {
                ScoreSource::Declared => "declared",
                ScoreSource::Derived => "derived",
                ScoreSource::Unknown => "unknown",
            };
            let question = question(score.criterion);
            format!("{question}: {} ({source}), {}", score.score, score.reason)
        })
        .collect();
    lines.join("\n")
}

fn question(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Coupling => "coupling",
        Criterion::TeamSize => "team size",
        Criterion::Automation => "automation",
        Criterion::RiskTolerance => "risk tolerance",
        Criterion::Timeline => "timeline",
        Criterion::DualRunning => "dual running",
    }
}

fn word(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Sequential => "sequential",
        Strategy::Parallel => "parallel",
        Strategy::Hybrid => "hybrid",
    }
}

//! A need of something critical, or for it, that nobody knows.

use rustc_hash::FxHashSet;
use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{Edge, EdgeKind, EvidenceKind, Node, RelationId, RelationKind, Target, Tier};

use super::{Check, Context, Findings, Rule};
use crate::analysis::graph::is_guess;
use crate::analysis::nodes::enclosing;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0306",
        name: "guessed-edge-on-critical",
    },
    level: Level::Warning,
    summary: "a need of something critical rests on a guess",
    page: include_str!("../../rules/guessed-edge-on-critical.md"),
    check: Check::Inventory(check),
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut told: FxHashSet<RelationId> = FxHashSet::default();
    for edge in &context.graph.edges {
        // The way on from a resource to its writers rests on the writers' own facts.
        let Some(&fact) = edge.evidence.first() else {
            continue;
        };
        let own = matches!(edge.from, Node::Service(_));
        let Some(critical) = critical(context, edge).filter(|_| own && concerns(context, edge))
        else {
            continue;
        };
        let finding = if is_guess(edge, context.inventory) {
            which_tables(context, edge, fact)
        } else if all_guessed(context, edge) {
            guessed(context, edge, fact)
        } else {
            continue;
        };
        if told.insert(fact) {
            let finding = finding.note(format!("`{}` is critical", context.name(critical)));
            findings.report([context.name(edge.from), context.name(edge.to)], finding);
        }
    }
}

/// The end that is critical.
fn critical(context: &Context<'_>, edge: &Edge) -> Option<Node> {
    let resources = &context.inventory.resources;
    [edge.from, edge.to].into_iter().find(|node| match *node {
        Node::Service(id) => context.inventory.services[id].tier == Tier::Critical,
        Node::Resource(id) => {
            enclosing(context.inventory, id).any(|id| resources[id].tier == Tier::Critical)
        }
    })
}

/// With a migration, whether one end moves.
fn concerns(context: &Context<'_>, edge: &Edge) -> bool {
    context.plan.is_none() || context.moves(edge.from) || context.moves(edge.to)
}

fn all_guessed(context: &Context<'_>, edge: &Edge) -> bool {
    let relations = &context.inventory.relations;
    let mut facts = edge.evidence.iter().map(|&id| relations[id].evidence.kind);
    facts.all(|kind| kind == EvidenceKind::Guessed)
}

fn guessed(context: &Context<'_>, edge: &Edge, fact: RelationId) -> Diagnostic {
    let (from, to) = (context.name(edge.from), context.name(edge.to));
    let verb = match edge.kind {
        EdgeKind::Read => "reads",
        EdgeKind::Write => "writes",
        EdgeKind::Message => "consumes",
        EdgeKind::Pin => "uses the address of",
        _ => "calls",
    };
    let verb = if context.is_use(Some(&fact)) {
        "uses"
    } else {
        verb
    };
    let help = match edge.to {
        Node::Service(_) => format!(
            "look whether it does before either moves: `seen {from} -> {to} {{ … }}` from traces, or `evidence = configured` when its configuration says so"
        ),
        Node::Resource(_) => "look whether it does before either moves: in its configuration (`evidence = configured`), or in the store's own log of who connects (`evidence = observed`)".to_owned(),
    };
    RULE.finding(
        context.relation_span(fact),
        format!("that `{from}` {verb} `{to}` is a guess"),
    )
    .help(help)
}

/// A whole datastore is named where it has tables.
fn which_tables(context: &Context<'_>, edge: &Edge, fact: RelationId) -> Diagnostic {
    let relation = &context.inventory.relations[fact];
    let store = match relation.to {
        Target::Resource(id) => context.resource(id),
        _ => context.name(edge.to),
    };
    let verb = match relation.kind {
        _ if context.is_use(Some(&fact)) => "uses",
        RelationKind::Writes => "writes",
        _ => "reads",
    };
    let from = context.name(edge.from);
    let example = match edge.to {
        Node::Resource(id) => context.resource(id),
        Node::Service(_) => store,
    };
    RULE.finding(
        context.relation_span(fact),
        format!("`{from}` {verb} `{store}`, and which of its tables is a guess: all of them"),
    )
    .help(format!("name those it does: `{verb} {example}` for each"))
}

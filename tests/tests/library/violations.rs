//! What each pattern requires, and a move that breaks it: the message stands at the move.

use whimbrel_lang::Span;
use whimbrel_lang::ast::{Pattern, StatementKind};

use crate::support::{compiled, findings, folder, inside, pattern, plain};

/// What the thing says of itself, so that nothing but the broken requirement is wrong.
pub fn subject(pattern: &str) -> &'static str {
    match pattern {
        "bootstrap_delta" => "size = 1TB",
        "session_centralise" | "session_reset" => "holds = sessions",
        "workflow_reconcile" => "kind = workflow",
        _ => "",
    }
}

/// Pattern, what is added to the thing, arguments of the move, and the beginning of the message.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    ("adapter", "", "weights: [0%, 100%]", "the first weight"),
    ("adapter", "", "weights: [50%, 20%, 100%]", "each weight"),
    ("adapter", "", "weights: [50%]", "the last weight"),
    ("adapter", "", "soak: 0s", "`soak` must be longer"),
    ("adapter", "", "error_limit: 0%", "`error_limit` must be"),
    ("adapter", "", "latency_limit: 0s", "`latency_limit` must"),
    ("adapter", "", "overhead: 100%", "`overhead` must be below"),
    (
        "adapter",
        "",
        "install: \"a\", remove: \"a\"",
        "`install` and",
    ),
    ("assess", "", "map: 50%", "`map`, `risks` and `trial`"),
    ("assess", "", "map: 0%, trial: 80%", "`map` must be above"),
    ("assess", "", "watch: 3d", "`watch` must be at least 1w"),
    ("assess", "", "answer_within: 0s", "`answer_within` must"),
    ("backfill", "", "rows: 0", "`rows` must be at least 1"),
    ("backfill", "", "rows: 5_001", "`rows` must be at most"),
    ("backfill", "", "pause: 0s", "`pause` must be longer"),
    ("backfill", "", "samples: 99", "at least 100 records"),
    ("backfill", "", "soak: 0s", "`soak` must be longer"),
    (
        "backfill",
        "",
        "schema: \"a\", undo_schema: \"a\"",
        "`schema` and",
    ),
    ("backfill", "change_rate = 1MB/s", "", "`it` changes while"),
    ("blue_green", "", "soak: 0s", "`soak` must be longer"),
    ("blue_green", "", "warm_up: 0s", "`warm_up` must be longer"),
    ("blue_green", "", "error_limit: 0%", "`error_limit` must be"),
    (
        "blue_green",
        "",
        "latency_limit: 0s",
        "`latency_limit` must",
    ),
    ("bootstrap_delta", "size = 0GB", "", "`it` needs a `size`"),
    (
        "bootstrap_delta",
        "",
        "downtime: 0s, lag: 0s",
        "`downtime` must",
    ),
    (
        "bootstrap_delta",
        "",
        "delta: 12h",
        "`delta` must be at least",
    ),
    ("bootstrap_delta", "", "lag: 20min", "`lag` must not be"),
    ("bootstrap_delta", "", "soak: 0s", "`soak` must be longer"),
    ("bootstrap_delta", "", "samples: 99", "at least 100 records"),
    (
        "bridge_layer",
        "",
        "weights: [0%, 100%]",
        "the first weight",
    ),
    (
        "bridge_layer",
        "",
        "weights: [50%, 20%, 100%]",
        "each weight",
    ),
    ("bridge_layer", "", "weights: [50%]", "the last weight"),
    ("bridge_layer", "", "soak: 0s", "`soak` must be longer"),
    ("bridge_layer", "", "dual: 0s", "`dual` must be longer"),
    ("bridge_layer", "", "tolerance: 100%", "`tolerance` must be"),
    (
        "cache_flush",
        "",
        "origin_load: 100%",
        "the services behind",
    ),
    ("cache_flush", "", "refill: 0s", "`refill` must be longer"),
    ("cache_flush", "", "soak: 0s", "`soak` must be longer"),
    (
        "cache_flush",
        "",
        "error_limit: 0%",
        "`error_limit` must be",
    ),
    ("cache_flush", "holds = sessions", "", "`it` holds sessions"),
    ("cache_version", "", "prefix: \"\"", "`prefix` must not be"),
    ("cache_version", "", "lifetime: 0s", "`lifetime` must be"),
    ("cache_version", "", "soak: 0s", "`soak` must be longer"),
    (
        "cache_version",
        "",
        "error_limit: 0%",
        "`error_limit` must be",
    ),
    (
        "cache_version",
        "holds = sessions",
        "",
        "`it` holds sessions",
    ),
    (
        "cache_warm",
        "",
        "warm_for: 0s",
        "`warm_for` must be longer",
    ),
    ("cache_warm", "", "soak: 0s", "`soak` must be longer"),
    ("cache_warm", "", "tolerance: 100%", "`tolerance` must be"),
    ("canary", "", "weights: [0%, 100%]", "the first weight"),
    ("canary", "", "weights: [50%, 20%, 100%]", "each weight"),
    ("canary", "", "weights: [50%]", "the last weight"),
    ("canary", "", "soak: 0s", "`soak` must be longer"),
    ("canary", "", "error_limit: 0%", "`error_limit` must be"),
    ("canary", "", "latency_limit: 0s", "`latency_limit` must"),
    ("canary", "", "answer_within: 0s", "`answer_within` must"),
    (
        "cdc_replication",
        "",
        "parallel_run: 12h",
        "`parallel_run` must",
    ),
    ("cdc_replication", "", "lag: 0s", "`lag` must be longer"),
    ("cdc_replication", "", "samples: 99", "at least 100 records"),
    ("cdc_replication", "", "soak: 0s", "`soak` must be longer"),
    (
        "cdc_replication",
        "",
        "schema: \"a\", undo_schema: \"a\"",
        "`schema` and",
    ),
    ("drain_transactions", "", "longest: 0s", "`longest` must be"),
    (
        "drain_transactions",
        "",
        "hold: \"a\", release: \"a\"",
        "`hold` and",
    ),
    (
        "drain_transactions",
        "",
        "soak: 0s",
        "`soak` must be longer",
    ),
    (
        "drain_transactions",
        "",
        "error_limit: 0%",
        "`error_limit` must",
    ),
    (
        "drain_transactions",
        "",
        "latency_limit: 0s",
        "`latency_limit`",
    ),
    ("dual_write", "", "rows: 0", "`rows` must be at least 1"),
    ("dual_write", "", "rows: 5_001", "`rows` must be at most"),
    ("dual_write", "", "pause: 0s", "`pause` must be longer"),
    ("dual_write", "", "samples: 99", "at least 100 records"),
    ("dual_write", "", "soak: 0s", "`soak` must be longer"),
    (
        "dual_write",
        "",
        "parallel_run: 12h",
        "`parallel_run` must be",
    ),
    (
        "expand_contract",
        "",
        "rows: 0",
        "`rows` must be at least 1",
    ),
    (
        "expand_contract",
        "",
        "rows: 5_001",
        "`rows` must be at most",
    ),
    ("expand_contract", "", "pause: 0s", "`pause` must be longer"),
    ("expand_contract", "", "soak: 0s", "`soak` must be longer"),
    (
        "expand_contract",
        "",
        "contract_after: 3d",
        "`contract_after`",
    ),
    (
        "expand_contract",
        "",
        "expand: \"a\", undo_expand: \"a\"",
        "`expand` and",
    ),
    (
        "expand_contract",
        "",
        "contract: \"a\", undo_expand: \"a\"",
        "`contract` and",
    ),
    (
        "feature_flag",
        "",
        "weights: [0%, 100%]",
        "the first weight",
    ),
    (
        "feature_flag",
        "",
        "weights: [50%, 20%, 100%]",
        "each weight",
    ),
    ("feature_flag", "", "weights: [50%]", "the last weight"),
    ("feature_flag", "", "soak: 0s", "`soak` must be longer"),
    (
        "feature_flag",
        "",
        "error_limit: 0%",
        "`error_limit` must be",
    ),
    (
        "feature_flag",
        "",
        "latency_limit: 0s",
        "`latency_limit` must",
    ),
    ("lift_and_shift", "kind = stateful", "", "`it` keeps state"),
    ("lift_and_shift", "", "downtime: 0s", "`downtime` must be"),
    ("lift_and_shift", "", "soak: 0s", "`soak` must be longer"),
    (
        "lift_and_shift",
        "",
        "error_limit: 0%",
        "`error_limit` must be",
    ),
    (
        "lift_and_shift",
        "",
        "latency_limit: 0s",
        "`latency_limit` must",
    ),
    (
        "dual_publish",
        "",
        "deduplicated: false",
        "write `deduplicated: true` once",
    ),
    (
        "dual_publish",
        "",
        "deduplicated: true, both: 12h",
        "`both` must be at least 24h",
    ),
    (
        "dual_publish",
        "",
        "deduplicated: true, soak: 0s",
        "`soak` must be longer",
    ),
    ("topic_drain", "", "drain: 0s", "`drain` must be longer"),
    ("topic_drain", "", "soak: 0s", "`soak` must be longer"),
    (
        "volume_sync",
        "",
        "downtime: 0s",
        "`downtime` must be longer",
    ),
    (
        "volume_sync",
        "",
        "follow: 12h",
        "`follow` must be at least 24h",
    ),
    ("volume_sync", "", "samples: 10", "at least 100 files"),
    ("volume_sync", "", "soak: 0s", "`soak` must be longer"),
    ("queue_drain", "", "drain: 0s", "`drain` must be longer"),
    ("queue_drain", "", "soak: 0s", "`soak` must be longer"),
    (
        "session_centralise",
        "holds = cache",
        "",
        "`it` holds no sessions",
    ),
    (
        "session_centralise",
        "",
        "lifetime: 0s",
        "`lifetime` must be",
    ),
    (
        "session_centralise",
        "",
        "soak: 0s",
        "`soak` must be longer",
    ),
    (
        "session_centralise",
        "",
        "error_limit: 0%",
        "`error_limit` must",
    ),
    (
        "session_reset",
        "holds = cache",
        "",
        "`it` holds no sessions",
    ),
    (
        "session_reset",
        "",
        "notice: 1w",
        "`notice` must be at least",
    ),
    (
        "session_reset",
        "",
        "text: \"\"",
        "`text` must not be empty",
    ),
    ("session_reset", "", "soak: 0s", "`soak` must be longer"),
    (
        "session_reset",
        "",
        "error_limit: 0%",
        "`error_limit` must be",
    ),
    (
        "strangler_fig",
        "",
        "weights: [0%, 100%]",
        "the first weight",
    ),
    (
        "strangler_fig",
        "",
        "weights: [50%, 20%, 100%]",
        "each weight",
    ),
    ("strangler_fig", "", "weights: [50%]", "the last weight"),
    ("strangler_fig", "", "soak: 0s", "`soak` must be longer"),
    (
        "strangler_fig",
        "",
        "error_limit: 0%",
        "`error_limit` must be",
    ),
    (
        "strangler_fig",
        "",
        "latency_limit: 0s",
        "`latency_limit` must",
    ),
    ("strangler_fig", "", "mismatch: 100%", "`mismatch` must be"),
    (
        "weighted_routing",
        "",
        "weights: [0%, 100%]",
        "the first weight",
    ),
    (
        "weighted_routing",
        "",
        "weights: [50%, 20%, 100%]",
        "each weight",
    ),
    ("weighted_routing", "", "weights: [50%]", "the last weight"),
    ("weighted_routing", "", "soak: 0s", "`soak` must be longer"),
    (
        "weighted_routing",
        "",
        "error_limit: 0%",
        "`error_limit` must",
    ),
    (
        "weighted_routing",
        "",
        "latency_limit: 0s",
        "`latency_limit`",
    ),
    (
        "workflow_reconcile",
        "kind = batch",
        "",
        "`it` is no workflow",
    ),
    (
        "workflow_reconcile",
        "",
        "weights: [0%, 100%]",
        "the first weight",
    ),
    (
        "workflow_reconcile",
        "",
        "weights: [50%, 20%, 100%]",
        "each weight",
    ),
    (
        "workflow_reconcile",
        "",
        "weights: [50%]",
        "the last weight",
    ),
    (
        "workflow_reconcile",
        "",
        "soak: 12h",
        "`soak` must be at least",
    ),
    (
        "workflow_reconcile",
        "",
        "dual: 3d",
        "`dual` must be at least",
    ),
    (
        "workflow_reconcile",
        "",
        "compare_every: 5w",
        "`compare_every`",
    ),
    (
        "workflow_reconcile",
        "",
        "definitions: \"a\", undo_definitions: \"a\"",
        "`definitions` and",
    ),
];

fn plan(pattern: &Pattern, more: &str, arguments: &str) -> String {
    let name = &pattern.name.value;
    let keyword = &pattern.subject.value;
    let own = if more.is_empty() { subject(name) } else { more };
    format!(
        "use std.patterns.{name}\n\
         platform vm {{ }}\n\
         platform kubernetes {{ }}\n\
         migration shop {{ from = vm; to = kubernetes; start = 2027-01-11 }}\n\
         {keyword} it {{ {own}\nmove = {name}({arguments}) }}\n"
    )
}

/// The conditions a pattern requires, by their places in its file, with what they say.
fn required(pattern: &Pattern) -> Vec<((u32, u32), String)> {
    let mut statements = Vec::new();
    inside(&pattern.body.statements, &mut statements);
    let requirements = statements.into_iter().filter_map(|statement| {
        let StatementKind::Require { condition, message } = &statement.kind else {
            return None;
        };
        Some((place(condition.span), plain(&message.value)))
    });
    requirements.collect()
}

fn place(span: Span) -> (u32, u32) {
    (span.start, span.end)
}

/// One broken requirement gives one error, at the move, that points into the pattern; and no
/// requirement is left that nothing breaks.
#[test]
fn every_requirement_is_broken_by_a_move_and_told_there() {
    for (name, text) in folder("patterns") {
        let pattern = pattern(&name, &text);
        let mut open = required(&pattern);
        assert!(!open.is_empty(), "{name} requires nothing");
        for (_, more, arguments, message) in BROKEN.iter().filter(|case| case.0 == name) {
            let case = format!("{name} {more} {arguments}");
            let compilation = compiled(&plan(&pattern, more, arguments));
            let mut errors = compilation
                .diagnostics
                .iter()
                .filter(|found| found.level == whimbrel_lang::Level::Error);
            let (Some(found), None) = (errors.next(), errors.next()) else {
                panic!("{case}: {:?}", findings(&compilation));
            };
            assert_eq!(found.code.name, "precondition-failed", "{case}");
            assert!(
                found.message.starts_with(message),
                "{case}: {}",
                found.message
            );
            let span = found.primary.span;
            let source = compilation.sources.get(span.source);
            assert_eq!(source.path(), "plan.mig", "{case}");
            let shown = &source.text()[span.start as usize..span.end as usize];
            assert_eq!(shown, format!("move = {name}({arguments})"), "{case}");
            let label = found.labels[0].span;
            open.retain(|(known, _)| *known != place(label));
        }
        assert_eq!(open, [], "{name}: nothing breaks these");
    }
}

/// The same moves without what breaks them: nothing is told.
#[test]
fn a_move_that_breaks_nothing_is_not_told() {
    for (name, text) in folder("patterns") {
        // What only its author can know is confirmed, or refused.
        let confirmed = match name.as_str() {
            "dual_publish" => "deduplicated: true",
            _ => "",
        };
        let compilation = compiled(&plan(&pattern(&name, &text), "", confirmed));
        assert_eq!(compilation.errors(), 0, "{:?}", findings(&compilation));
    }
}

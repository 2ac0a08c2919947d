//! What a scenario names that the plan does not have: something new, or a slip.
//!
//! New is what says all that a new one must say and is of some use: it moves, it has a relation, or
//! something mentions it. The rest changes nothing and is told.

use std::collections::HashSet;

use whimbrel_lang::ast::{Body, Expr, ExprKind, File, Path, Statement, StatementKind, Word};
use whimbrel_lang::{Diagnostic, SourceId, is_one_slip_away, nearest};

use super::Scenario;
use crate::check::names::Names;
use crate::check::overlay::{Laid, identity};
use crate::check::value::dotted;
use crate::codes;
use crate::schema::{self, Block, Kind, Words};
use crate::walk;

/// Kinds that matter only when something mentions them.
const MENTIONED: &[Kind] = &[
    Kind::Platform,
    Kind::Team,
    Kind::Calendar,
    Kind::Window,
    Kind::Service,
    Kind::Instance,
    Kind::Datastore,
    Kind::Topic,
    Kind::Queue,
    Kind::Cache,
    Kind::Volume,
    Kind::External,
    Kind::Environment,
];

/// Takes what is a slip out of `statements`, and tells of it.
pub(crate) fn take_out_unknown(
    statements: &mut Vec<Laid<'_>>,
    files: &[(SourceId, File)],
    scenario: &Scenario<'_>,
    names: &Names,
    found: &mut Vec<Diagnostic>,
) {
    let mut mentions: Option<HashSet<String>> = None;
    let mut mentioned = |name: &str| {
        let all = mentions.get_or_insert_with(|| all_mentions(files, scenario));
        all.contains(name)
    };
    let defaults: Vec<(String, HashSet<String>)> =
        statements.iter().filter_map(given_by_default).collect();
    statements.retain(|laid| {
        let Some((block, kind, name)) = new(laid) else {
            return true;
        };
        let mut given = keywords(laid, block);
        let by_default = defaults
            .iter()
            .filter(|(keyword, _)| keyword == block.keyword);
        given.extend(by_default.flat_map(|(_, given)| given.iter().cloned()));
        let slip = slip(
            &New {
                block,
                kind,
                name: &name,
                given,
            },
            names,
            &mut mentioned,
        );
        match slip {
            None => true,
            Some(help) => {
                found.push(told(laid, block, &name, help));
                false
            }
        }
    });
}

/// Something a scenario adds.
struct New<'a> {
    block: &'static Block,
    kind: Kind,
    name: &'a str,
    /// Keywords of what it says.
    given: HashSet<String>,
}

fn new(laid: &Laid<'_>) -> Option<(&'static Block, Kind, String)> {
    let plain = laid.as_plain().filter(|_| laid.added)?;
    let block = schema::top(&plain.keyword.value)?;
    let (_, name) = identity(None, laid)?;
    Some((block, block.kind?, name))
}

fn keywords(laid: &Laid<'_>, block: &'static Block) -> HashSet<String> {
    let inside = laid.inside(block);
    let keywords = inside.iter().filter_map(Laid::as_plain);
    keywords
        .map(|plain| plain.keyword.value.to_string())
        .collect()
}

fn given_by_default(laid: &Laid<'_>) -> Option<(String, HashSet<String>)> {
    let (keyword, of) = identity(None, laid)?;
    let block = schema::top(&of).filter(|_| keyword == "defaults")?;
    Some((of, keywords(laid, block)))
}

/// What to do about something that cannot be meant as new; nothing when it can.
fn slip(new: &New<'_>, names: &Names, mentioned: &mut impl FnMut(&str) -> bool) -> Option<String> {
    let keyword = new.block.keyword;
    let required = new.block.attributes.iter().filter(|row| row.required);
    let missing: Vec<String> = required
        .filter(|row| !new.given.contains(row.name))
        .map(|row| format!("`{}`", row.name))
        .collect();
    let near = || {
        let near = nearest(new.name, names.others(new.kind, new.name))?;
        Some(format!("did you mean `{near}`?"))
    };
    if !missing.is_empty() {
        let must = format!("a new {keyword} must say {}", missing.join(", "));
        return Some(near().map_or(must.clone(), |near| format!("{near} {must}")));
    }
    if mentioned(new.name) {
        return None;
    }
    let idle = MENTIONED.contains(&new.kind) && !has_a_use(new);
    let close = || {
        let mut others = names.others(new.kind, new.name);
        others.any(|known| is_one_slip_away(new.name, known))
    };
    (idle || close()).then(|| {
        near().unwrap_or_else(|| {
            format!("check the spelling; a new {keyword} is of use when something mentions it")
        })
    })
}

/// Whether it moves, stands in a relation, or holds something that is defined inside.
fn has_a_use(new: &New<'_>) -> bool {
    let relation = |block: &&&Block| !matches!(block.words, Words::None | Words::StepName);
    let mut blocks = new.block.blocks.iter().filter(relation);
    new.given.contains("move") || blocks.any(|block| new.given.contains(block.keyword))
}

fn told(laid: &Laid<'_>, block: &Block, name: &str, help: String) -> Diagnostic {
    let span = laid.as_plain().map_or(laid.statement.span, |plain| {
        let last = plain.words.last().map(Word::span);
        last.map_or(plain.keyword.span, |last| plain.keyword.span.to(last))
    });
    Diagnostic::error(
        codes::UNKNOWN_NAME,
        span,
        format!(
            "the plan has no {} `{name}` for the scenario to change",
            block.keyword
        ),
    )
    .help(help)
}

/// Every name that something in the plan or the scenario mentions.
fn all_mentions(files: &[(SourceId, File)], scenario: &Scenario<'_>) -> HashSet<String> {
    let mut out = HashSet::new();
    for (_, file) in files {
        let own = file
            .statements
            .iter()
            .filter(|statement| !super::is_scenario(statement));
        own.for_each(|statement| mentions(statement, true, &mut out));
    }
    let own = scenario.statements.iter();
    own.for_each(|statement| mentions(statement, true, &mut out));
    out
}

fn mentions(statement: &Statement, top: bool, out: &mut HashSet<String>) {
    walk::own_expressions(statement, &mut |expr| of_expression(expr, out));
    match &statement.kind {
        StatementKind::Plain(plain) => {
            let defines =
                top && schema::top(&plain.keyword.value).is_some_and(|block| block.kind.is_some());
            if !defines {
                plain.words.iter().for_each(|word| {
                    if let Word::Path(path) = word {
                        add(path, out);
                    }
                });
            }
            if let Body::Block(block) = &plain.body {
                block
                    .statements
                    .iter()
                    .for_each(|inner| mentions(inner, false, out));
            }
        }
        StatementKind::For { body, .. } => {
            body.statements
                .iter()
                .for_each(|inner| mentions(inner, top, out));
        }
        _ => {}
    }
}

fn of_expression(expr: &Expr, out: &mut HashSet<String>) {
    match &expr.kind {
        ExprKind::Path(path) => add(path, out),
        ExprKind::Of { team, .. } => add(team, out),
        ExprKind::Arrow(ends) => {
            let (from, to) = &**ends;
            add(from, out);
            add(to, out);
        }
        ExprKind::Call { callee, .. } => add(callee, out),
        _ => {}
    }
}

fn add(path: &Path, out: &mut HashSet<String>) {
    out.extend(path.segments.iter().map(|segment| segment.name.to_string()));
    out.insert(dotted(path));
}

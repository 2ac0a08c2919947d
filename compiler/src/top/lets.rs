//! `let`: values with a name.

use indexmap::IndexMap;
use whimbrel_lang::ast::{Expr, File, Name, Statement, StatementKind};
use whimbrel_lang::{Diagnostic, SourceId, Spanned};

use crate::check::eval::{Scope, eval};
use crate::check::value::Value;
use crate::codes;
use crate::scenario::Scenario;
use crate::walk;

/// A `let`.
struct Let<'a> {
    name: &'a Spanned<Name>,
    value: &'a Expr,
}

/// The scope of all `let`s, and whether the scenario has a part in it. A `let` may use others, in
/// any order, but not itself.
pub(super) fn lets(
    files: &[(SourceId, File)],
    scenario: Option<&Scenario<'_>>,
    found: &mut Vec<Diagnostic>,
) -> (Scope, bool) {
    let lets = definitions(files, scenario, found);
    let is_let = |statement: &Statement| matches!(statement.kind, StatementKind::Let { .. });
    let changed = scenario.is_some_and(|one| one.statements.iter().any(is_let));
    let needs: Vec<Vec<usize>> = lets.values().map(|one| needs(one.value, &lets)).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); lets.len()];
    let mut open: Vec<usize> = needs.iter().map(Vec::len).collect();
    for (user, needs) in needs.iter().enumerate() {
        for need in needs {
            if let Some(users) = users.get_mut(*need) {
                users.push(user);
            }
        }
    }
    let mut values: IndexMap<&str, Value> = IndexMap::new();
    let mut ready: Vec<usize> = (0..lets.len())
        .filter(|at| open.get(*at) == Some(&0))
        .collect();
    while let Some(at) = ready.pop() {
        let (Some((name, one)), Some(needs)) = (lets.get_index(at), needs.get(at)) else {
            continue;
        };
        let bound = needs.iter().filter_map(|need| {
            let (name, _) = lets.get_index(*need)?;
            Some(((*name).to_owned(), values.get(name)?.clone()))
        });
        let scope = Scope::default().with(bound.collect());
        values.insert(name, eval(one.value, &scope, found));
        for user in users.get(at).into_iter().flatten() {
            if let Some(open) = open.get_mut(*user) {
                *open -= 1;
                if *open == 0 {
                    ready.push(*user);
                }
            }
        }
    }
    let round: Vec<usize> = (0..lets.len())
        .filter(|at| open.get(*at).is_some_and(|open| *open > 0))
        .collect();
    found.extend(circle(&lets, &needs, &round));
    for (name, _) in round.iter().filter_map(|at| lets.get_index(*at)) {
        values.insert(name, Value::Error);
    }
    let values = values.into_iter();
    let values = values.map(|(name, value)| (name.to_owned(), value));
    (Scope::default().with(values.collect()), changed)
}

/// The first circle among the `let`s that have no value, `round`.
fn circle(
    lets: &IndexMap<&str, Let<'_>>,
    needs: &[Vec<usize>],
    round: &[usize],
) -> Option<Diagnostic> {
    let mut path = vec![*round.first()?];
    let start = loop {
        let last = needs.get(*path.last()?)?;
        let next = *last.iter().find(|next| round.contains(next))?;
        if let Some(start) = path.iter().position(|passed| *passed == next) {
            break start;
        }
        path.push(next);
    };
    let mut circle: Vec<usize> = path.get(start..)?.to_vec();
    let first = (0..circle.len()).min_by_key(|at| circle.get(*at).copied())?;
    circle.rotate_left(first);
    let mut members = circle.iter().filter_map(|at| lets.get_index(*at));
    let (name, one) = members.next()?;
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        one.value.span,
        format!("`{name}` is defined by itself"),
    )
    .help("give it a value that does not depend on it");
    Some(members.fold(diagnostic, |diagnostic, (name, one)| {
        diagnostic.label(one.name.span, format!("by way of `{name}`"))
    }))
}

/// All `let`s by name, those of the scenario in place of the plan's.
fn definitions<'a>(
    files: &'a [(SourceId, File)],
    scenario: Option<&Scenario<'a>>,
    found: &mut Vec<Diagnostic>,
) -> IndexMap<&'a str, Let<'a>> {
    let statements = files.iter().flat_map(|(_, file)| &file.statements);
    let mut out = named(statements, found);
    if let Some(scenario) = scenario {
        out.extend(named(scenario.statements.iter(), found));
    }
    out
}

/// `let`s by name; one that is given twice is told.
fn named<'a>(
    statements: impl Iterator<Item = &'a Statement>,
    found: &mut Vec<Diagnostic>,
) -> IndexMap<&'a str, Let<'a>> {
    let mut out: IndexMap<&str, Let<'_>> = IndexMap::new();
    for statement in statements {
        let StatementKind::Let { name, value, .. } = &statement.kind else {
            continue;
        };
        if let Some(first) = out.get(name.value.as_str()) {
            found.push(
                Diagnostic::error(
                    codes::DUPLICATE_NAME,
                    name.span,
                    format!("`{}` is given twice", name.value),
                )
                .label(first.name.span, "first given here")
                .help("rename one of them"),
            );
        } else {
            out.insert(&name.value, Let { name, value });
        }
    }
    out
}

/// The `let`s that a value mentions, each once.
fn needs(value: &Expr, lets: &IndexMap<&str, Let<'_>>) -> Vec<usize> {
    let mut out = Vec::new();
    walk::paths(value, &mut |path| {
        let first = path.segments.first().filter(|first| !first.quoted);
        out.extend(first.and_then(|first| lets.get_index_of(first.name.as_str())));
    });
    out.sort_unstable();
    out.dedup();
    out
}

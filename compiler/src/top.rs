//! Top-level statements: names first, then objects.

use std::collections::HashMap;

use indexmap::IndexMap;
use whimbrel_lang::ast::{Body, Expr, File, Pattern, Plain, Statement, StatementKind, Word};
use whimbrel_lang::{Diagnostic, SourceId, Span, Spanned, nearest};

use crate::check::advice;
use crate::check::eval::{self, Scope, eval, text};
use crate::check::names::Names;
use crate::check::object::{Attributes, Checker, Given, Object};
use crate::check::value::{Value, dotted};
use crate::codes;
use crate::schema::{self, Block, Kind, LATER, Words};
use crate::walk;

/// A `waive`.
#[derive(Clone, Debug)]
pub(crate) struct Waive {
    pub code: String,
    pub on: String,
    pub until: jiff::civil::Date,
    pub because: String,
    pub span: Span,
}

/// Everything the files say, names resolved and types checked.
pub(crate) struct Top {
    pub names: Names,
    pub objects: Vec<Object>,
    pub patterns: IndexMap<String, Pattern>,
    pub waives: Vec<Waive>,
    /// The `let`s, in which patterns are expanded.
    pub scope: Scope,
}

impl Top {
    /// The objects of a keyword, in the order written.
    pub fn of<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Object> {
        self.objects
            .iter()
            .filter(move |object| object.block.keyword == keyword)
    }
}

/// A statement, the file it stands in and the names in scope there.
struct Placed<'a> {
    file: SourceId,
    statement: &'a Statement,
    scope: Scope,
}

/// Checks the statements of all files.
pub(crate) fn read(files: &[(SourceId, File)], found: &mut Vec<Diagnostic>) -> Top {
    let scope = lets(files, found);
    let placed = place(files, &scope, found);
    let mut names = Names::default();
    let mut patterns = IndexMap::new();
    for Placed {
        statement, scope, ..
    } in &placed
    {
        match &statement.kind {
            StatementKind::Plain(plain) => define(plain, None, scope, &mut names, found),
            StatementKind::Pattern(pattern) => {
                add_pattern(pattern, &mut names, &mut patterns, found);
            }
            _ => {}
        }
    }
    let mut checker = Checker {
        names: &names,
        found,
    };
    let defaults = defaults(&placed, &mut checker);
    let mut objects = Vec::new();
    let mut waives = Vec::new();
    for entry in &placed {
        match &entry.statement.kind {
            StatementKind::Plain(plain) => objects.extend(checker.top(entry, plain, &defaults)),
            StatementKind::Waive { .. } => waives.extend(checker.waive(entry)),
            StatementKind::Require { .. } => {
                checker.misplaced(entry.statement, "outside a pattern");
            }
            _ => {}
        }
    }
    Top {
        names,
        objects,
        patterns,
        waives,
        scope,
    }
}

fn place<'a>(
    files: &'a [(SourceId, File)],
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Vec<Placed<'a>> {
    let names = Names::default();
    let mut checker = Checker {
        names: &names,
        found,
    };
    let mut placed = Vec::new();
    for (file, content) in files {
        let flat = checker.flatten(&content.statements, scope).into_iter();
        placed.extend(flat.map(|(statement, scope)| Placed {
            file: *file,
            statement,
            scope,
        }));
    }
    placed
}

type Defaults = HashMap<(SourceId, &'static str), Object>;

fn defaults(placed: &[Placed<'_>], checker: &mut Checker<'_>) -> Defaults {
    let mut out = Defaults::new();
    for Placed {
        file,
        statement,
        scope,
    } in placed
    {
        let StatementKind::Plain(plain) = &statement.kind else {
            continue;
        };
        if plain.keyword.value != "defaults" {
            continue;
        }
        let keyword = match plain.words.as_slice() {
            [Word::Path(path)] => dotted(path),
            _ => String::new(),
        };
        let (Some(block), Body::Block(body)) = (schema::top(&keyword), &plain.body) else {
            checker.found.push(
                Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    statement.span,
                    "`defaults` takes the keyword of a block, and a block",
                )
                .help("write for example `defaults service { tier = supporting }`"),
            );
            continue;
        };
        let mut object = Object {
            block,
            named: crate::check::object::Named::None,
            span: plain.keyword.span,
            doc: None,
            attributes: Attributes::default(),
            children: Vec::new(),
            broken: Vec::new(),
        };
        checker.body(&mut object, &body.statements, scope);
        out.insert((*file, block.keyword), object);
    }
    out
}

impl Checker<'_> {
    fn top(&mut self, entry: &Placed<'_>, plain: &Plain, defaults: &Defaults) -> Option<Object> {
        let (id, statement, scope) = (entry.file, entry.statement, &entry.scope);
        let keyword = plain.keyword.value.as_str();
        if keyword == "defaults" {
            return None;
        }
        let Some(block) =
            schema::top(keyword).or((keyword == "executor").then_some(schema::EXECUTOR))
        else {
            self.unknown_top(plain);
            return None;
        };
        let mut object = self.object(block, statement, plain, scope)?;
        if let Some(defaults) = defaults.get(&(id, block.keyword)) {
            apply_defaults(&mut object, defaults);
        }
        self.require(&object);
        self.nested(id, &mut object, defaults);
        Some(object)
    }

    /// Applies the file's defaults to datastores, topics … inside an instance.
    fn nested(&mut self, id: SourceId, object: &mut Object, defaults: &Defaults) {
        if object.block.keyword != "instance" {
            return;
        }
        for child in &mut object.children {
            if let Some(defaults) = defaults.get(&(id, child.block.keyword)) {
                apply_defaults(child, defaults);
            }
        }
    }

    fn unknown_top(&mut self, plain: &Plain) {
        let keyword = plain.keyword.value.as_str();
        let span = plain.keyword.span;
        if LATER.contains(&keyword) {
            self.found.push(
                Diagnostic::error(
                    codes::NOT_SUPPORTED_YET,
                    span,
                    format!("`{keyword}` is part of the language, but not carried out yet"),
                )
                .help("leave it out for now"),
            );
            return;
        }
        let known = schema::TOP.iter().map(|block| block.keyword);
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_ATTRIBUTE,
            span,
            format!("a plan has no `{keyword}`"),
        );
        self.found.push(match nearest(keyword, known) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => {
                diagnostic.help(advice::keyword(keyword).unwrap_or_else(|| {
                    "`whimbrel explain plan` lists what a plan takes".to_owned()
                }))
            }
        });
    }

    fn waive(&mut self, entry: &Placed<'_>) -> Option<Waive> {
        let span = entry.statement.span;
        let StatementKind::Waive {
            code,
            on,
            until,
            because,
        } = &entry.statement.kind
        else {
            return None;
        };
        let missing = match (on, until, because) {
            (None, ..) => "on what (`on`)",
            (_, None, _) => "until when (`until`)",
            _ => "why (`because`)",
        };
        let (Some(on), Some(until), Some(because)) = (on, until, because) else {
            self.found.push(
                Diagnostic::error(
                    codes::MISSING_ATTRIBUTE,
                    span,
                    format!("a waiver must say {missing}"),
                )
                .help("write `waive CODE on TARGET until 2027-03-01 because \"…\"`"),
            );
            return None;
        };
        let reason = text(&because.value, &entry.scope, self.found);
        if reason.trim().is_empty() {
            self.found.push(
                Diagnostic::error(
                    codes::MISSING_ATTRIBUTE,
                    because.span,
                    "a waiver must say why",
                )
                .help("write who decided it and where, such as `because \"ADR 14\"`"),
            );
            return None;
        }
        let until = match eval(until, &entry.scope, self.found) {
            Value::Date(date) => date,
            other => {
                self.found
                    .push(*eval::mismatch(until.span, "a date", &other));
                return None;
            }
        };
        Some(Waive {
            code: code.value.clone(),
            on: dotted(on),
            until,
            because: reason,
            span,
        })
    }
}

/// Fills in what an object leaves out, attribute by attribute, in its blocks too.
fn apply_defaults(object: &mut Object, defaults: &Object) {
    for (name, given) in &defaults.attributes {
        object.attributes.entry(name).or_insert_with(|| Given {
            by_default: true,
            ..given.clone()
        });
    }
    for child in &defaults.children {
        let own = object
            .children
            .iter_mut()
            .find(|own| says_of_the_same(own, child));
        match own {
            Some(own) if own.block.keyword == child.block.keyword => apply_defaults(own, child),
            // A step of its own beats a `without` in the defaults, and the other way round.
            Some(_) => {}
            None => {
                let mut filled = Object {
                    attributes: Attributes::default(),
                    children: Vec::new(),
                    ..child.clone()
                };
                apply_defaults(&mut filled, child);
                object.children.push(filled);
            }
        }
    }
}

fn says_of_the_same(own: &Object, default: &Object) -> bool {
    let of_steps = |object: &Object| matches!(object.block.keyword, "step" | "without");
    let same_block = own.block.keyword == default.block.keyword;
    let named_alike = !default.block.repeats || own.name() == default.name();
    (same_block || of_steps(own) && of_steps(default)) && named_alike
}

fn define(
    plain: &Plain,
    parent: Option<&str>,
    scope: &Scope,
    names: &mut Names,
    found: &mut Vec<Diagnostic>,
) {
    let block = match parent {
        None => schema::top(&plain.keyword.value),
        Some(keyword) => schema::top(keyword.split('/').next().unwrap_or(keyword))
            .and_then(|block| block.block(&plain.keyword.value)),
    };
    let Some((block, kind)) = block.and_then(|block| Some((block, block.kind?))) else {
        return;
    };
    let Some((name, span)) = name_of(block, plain, scope, found) else {
        return;
    };
    let full = match (kind, parent) {
        (Kind::Table, Some(parent)) => {
            format!("{}.{name}", parent.split('/').nth(1).unwrap_or_default())
        }
        _ => name.clone(),
    };
    if let Err(diagnostic) = names.define(kind, &full, span) {
        found.push(*diagnostic);
    }
    if !matches!(kind, Kind::Instance | Kind::Datastore) {
        return;
    }
    if let Body::Block(body) = &plain.body {
        let parent = format!("{}/{name}", block.keyword);
        let empty = Names::default();
        let flat = Checker {
            names: &empty,
            found: &mut Vec::new(),
        }
        .flatten(&body.statements, scope);
        for (statement, scope) in flat {
            if let StatementKind::Plain(inner) = &statement.kind {
                define(inner, Some(&parent), &scope, names, found);
            }
        }
    }
}

fn name_of(
    block: &Block,
    plain: &Plain,
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Option<(String, Span)> {
    match (block.words, plain.words.as_slice()) {
        (Words::Name, [Word::Path(path)]) if path.segments.len() == 1 => {
            Some((dotted(path), path.span))
        }
        (Words::Name, [Word::Template(parts)]) => {
            Some((text(&parts.value, scope, found), parts.span))
        }
        (Words::Arrow(_), [Word::Path(from), Word::Arrow(_), Word::Path(to)])
            if block.kind == Some(Kind::Link) =>
        {
            Some((
                format!("{} -> {}", dotted(from), dotted(to)),
                from.span.to(to.span),
            ))
        }
        _ => None,
    }
}

fn add_pattern(
    pattern: &Pattern,
    names: &mut Names,
    patterns: &mut IndexMap<String, Pattern>,
    found: &mut Vec<Diagnostic>,
) {
    match names.define(Kind::Pattern, &pattern.name.value, pattern.name.span) {
        Ok(()) => {
            patterns.insert(pattern.name.value.clone(), pattern.clone());
        }
        Err(diagnostic) => found.push(*diagnostic),
    }
}

/// A `let`.
struct Let<'a> {
    name: &'a Spanned<String>,
    value: &'a Expr,
}

/// The scope of all `let`s. A `let` may use others, in any order, but not itself.
fn lets(files: &[(SourceId, File)], found: &mut Vec<Diagnostic>) -> Scope {
    let lets = definitions(files, found);
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
    Scope::default().with(
        values
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
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

/// All `let`s by name; one that is given twice is told.
fn definitions<'a>(
    files: &'a [(SourceId, File)],
    found: &mut Vec<Diagnostic>,
) -> IndexMap<&'a str, Let<'a>> {
    let mut out: IndexMap<&str, Let<'_>> = IndexMap::new();
    let statements = files.iter().flat_map(|(_, file)| &file.statements);
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

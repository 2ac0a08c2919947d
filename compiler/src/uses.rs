//! What the plan defines and nothing uses.

use std::borrow::Cow;
use std::rc::Rc;

use rustc_hash::FxHashSet;
use whimbrel_lang::ast::{Expr, ExprKind, File, Path, Statement, StatementKind};
use whimbrel_lang::{SourceId, Sources, Span};

use crate::check::names::Reference;
use crate::check::object::{Named, Object};
use crate::check::typed::Typed;
use crate::check::value::dotted;
use crate::schema::{self, Kind};
use crate::top::Top;
use crate::walk;

/// A definition that nothing uses.
#[derive(Clone, Debug)]
pub struct Unused {
    /// Its keyword: `team`, `let`.
    pub keyword: &'static str,
    /// Its name.
    pub name: String,
    /// Where its name is given.
    pub span: Span,
    /// What mentions it and is nothing itself: the links of a platform that nothing is on.
    pub mentions: Vec<Span>,
}

/// Kinds that do nothing unless something refers to them.
const REFERRED: &[Kind] = &[
    Kind::Platform,
    Kind::Team,
    Kind::Calendar,
    Kind::Window,
    Kind::External,
    Kind::Role,
    Kind::Environment,
];

/// What resolved references name.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    names: FxHashSet<(Kind, Rc<str>)>,
}

impl Uses {
    /// Adds what objects refer to.
    pub fn add(&mut self, objects: &[Object]) {
        for object in objects {
            // A link joins platforms; that makes neither of them one that anything is on.
            if object.block.keyword != "link" {
                self.named(&object.named);
            }
            object
                .attributes
                .values()
                .for_each(|given| self.typed(&given.typed));
            self.add(&object.children);
        }
    }

    fn named(&mut self, named: &Named) {
        match named {
            Named::Reference(one) => self.reference(one),
            Named::Edge(from, to) => [from, to].into_iter().for_each(|end| self.reference(end)),
            Named::None | Named::Name(_) => {}
        }
    }

    fn typed(&mut self, typed: &Typed) {
        match typed {
            Typed::Reference(one) => self.reference(one),
            Typed::References(all) => all.iter().for_each(|one| self.reference(one)),
            Typed::People(all) => all.iter().for_each(|(_, team)| self.reference(team)),
            _ => {}
        }
    }

    fn reference(&mut self, reference: &Reference) {
        if REFERRED.contains(&reference.kind) {
            self.names
                .insert((reference.kind, Rc::clone(&reference.name)));
        }
    }
}

/// Names in expressions, of whatever kind.
#[derive(Default)]
struct Mentions<'a> {
    /// All of them.
    all: FxHashSet<Cow<'a, str>>,
    /// Those that are resolved only where the expression is used: in patterns, their arguments,
    /// `defaults` and `let`s.
    later: FxHashSet<Cow<'a, str>>,
}

/// What the project's own files define and nothing uses, in the order written. What only something
/// unused uses counts as used: one thing is told at a time.
pub(crate) fn unused(top: &Top, files: &[(SourceId, File)], sources: &Sources) -> Vec<Unused> {
    let own = |id: SourceId| !sources.get(id).path().starts_with("std/");
    let mut mentions = Mentions::default();
    let mut out = Vec::new();
    for (_, file) in files.iter().filter(|(id, _)| own(*id)) {
        mentions.file(&file.statements);
    }
    for (_, file) in files.iter().filter(|(id, _)| own(*id)) {
        out.extend(lets(&file.statements, &mentions));
    }
    // Whose teams and environments nothing names at all has not come to that yet.
    let begun = |kind: Kind| top.uses.names.iter().any(|(used, _)| *used == kind);
    let begun: Vec<Kind> = [Kind::Team, Kind::Environment]
        .into_iter()
        .filter(|kind| begun(*kind))
        .collect();
    let names = top.names.all().filter_map(|(kind, name)| {
        let span = top.names.span(kind, name).filter(|span| own(span.source))?;
        let used = match kind {
            Kind::Pattern | Kind::Group => mentions.all.contains(name),
            Kind::Team | Kind::Environment if !begun.contains(&kind) => true,
            _ if REFERRED.contains(&kind) => {
                let key = (kind, Rc::from(name));
                mentions.later.contains(name) || top.uses.names.contains(&key)
            }
            _ => true,
        };
        let expected = kind == Kind::Role && schema::ROLES.contains(&name);
        (!used && !expected).then(|| Unused {
            keyword: kind.keyword(),
            name: name.to_owned(),
            span,
            mentions: if kind == Kind::Platform {
                links(top, name)
            } else {
                Vec::new()
            },
        })
    });
    out.extend(names);
    out.sort_by(|one, other| (one.span, &one.name).cmp(&(other.span, &other.name)));
    out
}

/// The links of a platform.
fn links(top: &Top, platform: &str) -> Vec<Span> {
    let joins = |object: &&Object| match &object.named {
        Named::Edge(from, to) => [from, to].iter().any(|end| &*end.name == platform),
        _ => false,
    };
    let links = top.of("link").filter(joins);
    links.map(|link| link.span).collect()
}

fn lets(statements: &[Statement], mentions: &Mentions<'_>) -> Vec<Unused> {
    let lets = statements
        .iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Let { name, .. } => Some(name),
            _ => None,
        });
    lets.filter(|name| !mentions.all.contains(name.value.as_str()))
        .map(|name| Unused {
            keyword: "let",
            name: name.value.to_string(),
            span: name.span,
            mentions: Vec::new(),
        })
        .collect()
}

impl<'a> Mentions<'a> {
    fn file(&mut self, statements: &'a [Statement]) {
        for statement in statements {
            let later = match &statement.kind {
                StatementKind::Pattern(_) | StatementKind::Let { .. } => true,
                StatementKind::Plain(plain) => plain.keyword.value == "defaults",
                _ => false,
            };
            walk::statements(std::slice::from_ref(statement), &mut |expr| {
                self.expression(expr, later);
            });
        }
    }

    fn expression(&mut self, expr: &'a Expr, later: bool) {
        match &expr.kind {
            ExprKind::Path(path) => self.path(path, later),
            ExprKind::Of { team, .. } => self.path(team, later),
            ExprKind::Arrow(ends) => {
                let (from, to) = &**ends;
                self.path(from, later);
                self.path(to, later);
            }
            ExprKind::Call { callee, arguments } => {
                self.path(callee, later);
                for argument in arguments {
                    walk::expressions(&argument.value, &mut |inner| {
                        if let ExprKind::Path(path) = &inner.kind {
                            self.path(path, true);
                        }
                    });
                }
            }
            _ => {}
        }
    }

    /// `low_tide`, `window.low_tide`, and `keep` of `keep.first`.
    fn path(&mut self, path: &'a Path, later: bool) {
        if let [only] = path.segments.as_slice() {
            let rest = only.name.split_once('.').map(|(_, rest)| rest);
            let names = [Some(only.name.as_str()), rest].into_iter().flatten();
            return names.for_each(|name| self.name(Cow::Borrowed(name), later));
        }
        let name = dotted(path);
        if let Some((_, rest)) = name.split_once('.') {
            self.name(Cow::Owned(rest.to_owned()), later);
        }
        if let Some(first) = path.segments.first() {
            self.name(Cow::Borrowed(&first.name), later);
        }
        self.name(Cow::Owned(name), later);
    }

    fn name(&mut self, name: Cow<'a, str>, later: bool) {
        if later {
            self.later.insert(name.clone());
        }
        self.all.insert(name);
    }
}

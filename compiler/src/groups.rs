//! Groups: names for sets, wherever a list of members goes.

use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;
use whimbrel_lang::ast::{Body, Expr, File, Path, Plain, Statement, StatementKind, Word};
use whimbrel_lang::{Diagnostic, SourceId, Span, Spanned};

use crate::check::eval::{Scope, eval, text};
use crate::check::names::{Members, Names};
use crate::check::overlay::Laid;
use crate::check::value::{Value, dotted};
use crate::codes;
use crate::scenario::Scenario;

/// A group as it is written.
struct Group {
    span: Span,
    members: Vec<Spanned<Value>>,
}

/// `scope` with the groups that stand at the top of a file or the scenario, for loops to run over.
/// What is wrong with them is told when they are checked.
pub(crate) fn in_scope(
    files: &[(SourceId, File)],
    scenario: Option<&Scenario<'_>>,
    scope: &Scope,
) -> Scope {
    let plan = files.iter().flat_map(|(_, file)| &file.statements);
    let own = scenario
        .into_iter()
        .flat_map(|scenario| scenario.statements);
    let mut groups = IndexMap::new();
    for statement in plan.chain(own) {
        groups.extend(group(statement, scope));
    }
    if groups.is_empty() {
        return scope.clone();
    }
    let (whole, _) = whole(&groups);
    let lists = whole
        .into_iter()
        .map(|(name, members)| (name, Value::List(members)));
    scope.with_groups(lists)
}

/// Fills the names with the members of all groups; circles and groups of nothing are told.
pub(crate) fn fill(placed: &[Laid<'_>], names: &mut Names, found: &mut Vec<Diagnostic>) {
    let mut groups = IndexMap::new();
    for laid in placed {
        let own = group(laid.statement, &laid.scope);
        let Some((name, mut own)) = own else {
            continue;
        };
        let inside = laid.over.iter().flat_map(|over| &over.statements);
        if let Some(members) = inside
            .filter_map(|inner| members(inner.as_plain()?, &inner.scope))
            .next_back()
        {
            own.members = members;
        }
        groups.insert(name, own);
    }
    let (whole, circles) = whole(&groups);
    found.extend(
        circles
            .iter()
            .filter_map(|circle| in_a_circle(circle, &groups)),
    );
    for (_, group) in groups.iter().filter(|(_, group)| group.members.is_empty()) {
        found.push(
            Diagnostic::error(codes::OUT_OF_RANGE, group.span, "this group has no members")
                .help("name its members, such as `members = [orders, ledger]`, or leave it out"),
        );
    }
    names.fill(whole.into_iter().collect());
}

fn group(statement: &Statement, scope: &Scope) -> Option<(String, Group)> {
    let StatementKind::Plain(plain) = &statement.kind else {
        return None;
    };
    let [word] = plain.words.as_slice() else {
        return None;
    };
    let name = match word {
        Word::Path(path) => dotted(path),
        Word::Template(parts) => text(&parts.value, scope, &mut Vec::new()),
        Word::Arrow(_) => return None,
    };
    let Body::Block(body) = &plain.body else {
        return None;
    };
    if plain.keyword.value != "group" {
        return None;
    }
    let inside = body
        .statements
        .iter()
        .filter_map(|inner| match &inner.kind {
            StatementKind::Plain(plain) => Some(plain),
            _ => None,
        });
    let members = inside
        .filter_map(|inner| members(inner, scope))
        .next_back()?;
    let span = plain.keyword.span.to(word.span());
    Some((name, Group { span, members }))
}

fn members(plain: &Plain, scope: &Scope) -> Option<Vec<Spanned<Value>>> {
    let Body::Value { value, .. } = &plain.body else {
        return None;
    };
    (plain.keyword.value == "members").then(|| listed(value, scope))
}

fn listed(expr: &Expr, scope: &Scope) -> Vec<Spanned<Value>> {
    match eval(expr, scope, &mut Vec::new()) {
        Value::List(items) => items.to_vec(),
        Value::Error => Vec::new(),
        one => vec![Spanned::new(one, expr.span)],
    }
}

type Whole = HashMap<String, Members>;

/// Every group with the groups among its members replaced by theirs, and the circles found on the
/// way.
fn whole(groups: &IndexMap<String, Group>) -> (Whole, Vec<Vec<String>>) {
    let mut flattening = Flattening {
        groups,
        path: Vec::new(),
        done: HashMap::new(),
        circles: Vec::new(),
    };
    for name in groups.keys() {
        flattening.group(name);
    }
    (flattening.done, flattening.circles)
}

struct Flattening<'a> {
    groups: &'a IndexMap<String, Group>,
    /// The groups being flattened, each a member of the one before it.
    path: Vec<String>,
    done: Whole,
    circles: Vec<Vec<String>>,
}

/// Groups inside groups inside groups: deeper than any plan goes, and no danger to the stack.
const DEPTH: usize = 64;

impl Flattening<'_> {
    fn group(&mut self, name: &str) -> Members {
        if let Some(done) = self.done.get(name) {
            return Rc::clone(done);
        }
        if let Some(start) = self.path.iter().position(|open| open == name) {
            let mut circle = self.path.get(start..).unwrap_or_default().to_vec();
            circle.push(name.to_owned());
            self.circles.push(circle);
            return Rc::default();
        }
        let Some(group) = self.groups.get(name).filter(|_| self.path.len() < DEPTH) else {
            return Rc::default();
        };
        self.path.push(name.to_owned());
        let mut members = Vec::new();
        for member in &group.members {
            match self.is_group(member) {
                Some(inner) => members.extend(self.group(&inner).iter().cloned()),
                None => members.push(member.clone()),
            }
        }
        self.path.pop();
        let members = Rc::new(members);
        self.done.insert(name.to_owned(), Rc::clone(&members));
        members
    }

    fn is_group(&self, member: &Spanned<Value>) -> Option<String> {
        let Value::Name(path) = &member.value else {
            return None;
        };
        let name = name_of_group(path);
        self.groups.contains_key(&name).then_some(name)
    }
}

fn name_of_group(path: &Path) -> String {
    let name = dotted(path);
    name.strip_prefix("group.").unwrap_or(&name).to_owned()
}

fn in_a_circle(circle: &[String], groups: &IndexMap<String, Group>) -> Option<Diagnostic> {
    let first = groups.get(circle.first()?)?;
    Some(
        Diagnostic::error(
            codes::IMPOSSIBLE_ORDER,
            first.span,
            "these groups are members of one another",
        )
        .note(circle.join(" → "))
        .help("take one of them out of the other's members"),
    )
}

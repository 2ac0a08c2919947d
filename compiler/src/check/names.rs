//! Namespaces: one for each kind.

use std::borrow::Cow;
use std::rc::Rc;

use indexmap::{Equivalent, IndexMap};
use rustc_hash::{FxBuildHasher, FxHashMap};
use whimbrel_lang::ast::Path;
use whimbrel_lang::{Diagnostic, Span, Spanned, shown};
use whimbrel_plan::listed;

use super::advice;
use super::object::Object;
use super::spelling::{Guess, Spelling};
use super::typed::Typed;
use super::value::{Value, dotted};
use crate::codes;
use crate::measures::OwnMeasures;
use crate::scenario::Gone;
use crate::schema::Kind;

/// A resolved name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reference {
    pub kind: Kind,
    /// The full name: `orders_db.customers` for a table.
    pub name: Rc<str>,
    pub span: Span,
}

/// One statement defines a name twice: it stands in a `for`.
fn again_by_loop(keyword: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::DUPLICATE_NAME,
        span,
        format!("each turn of the `for` defines the {keyword} `{name}`"),
    )
    .help(format!(
        "build the name from the variable, as in `{keyword} \"${{x}}\"`"
    ))
}

/// A name to look up, which needs no name of its own.
#[derive(Hash)]
struct Wanted<'a>(Kind, &'a str);

impl Equivalent<(Kind, Rc<str>)> for Wanted<'_> {
    fn equivalent(&self, (kind, name): &(Kind, Rc<str>)) -> bool {
        self.0 == *kind && *self.1 == **name
    }
}

/// All names of a plan.
#[derive(Debug, Default)]
pub(crate) struct Names {
    spans: IndexMap<(Kind, Rc<str>), Span, FxBuildHasher>,
    by_kind: FxHashMap<Kind, Vec<Rc<str>>>,
    /// Tables by what they are called in their database.
    tables: FxHashMap<Box<str>, Vec<Rc<str>>>,
    /// Members of groups, groups among them replaced by theirs.
    groups: FxHashMap<String, Members>,
    /// What a scenario took out.
    gone: FxHashMap<(Kind, String), Gone>,
    /// Measures of the plan's own.
    pub measures: OwnMeasures,
    spelling: Spelling,
}

/// The members of a group, as they are written.
pub(crate) type Members = Rc<Vec<Spanned<Value>>>;

impl Names {
    /// Defines a name, or says where it is defined already.
    pub fn define(&mut self, kind: Kind, name: &str, span: Span) -> Result<(), Box<Diagnostic>> {
        let name: Rc<str> = name.into();
        if let Some(first) = self.spans.get(&(kind, Rc::clone(&name))) {
            let keyword = kind.keyword();
            if *first == span {
                return Err(Box::new(again_by_loop(keyword, &name, span)));
            }
            return Err(Box::new(
                Diagnostic::error(
                    codes::DUPLICATE_NAME,
                    span,
                    format!("the {keyword} `{name}` is defined twice"),
                )
                .here("defined again here")
                .label(*first, "first defined here")
                .help("rename one of them, or merge the two blocks"),
            ));
        }
        self.spans.insert((kind, Rc::clone(&name)), span);
        if let (Kind::Table, Some((_, last))) = (kind, name.rsplit_once('.')) {
            let alike = self.tables.entry(last.into()).or_default();
            alike.push(Rc::clone(&name));
        }
        self.by_kind.entry(kind).or_default().push(name);
        Ok(())
    }

    /// Where a name is defined.
    pub fn span(&self, kind: Kind, name: &str) -> Option<Span> {
        self.spans.get(&Wanted(kind, name)).copied()
    }

    /// The names of a kind.
    pub fn of(&self, kind: Kind) -> &[Rc<str>] {
        self.by_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// All names with their kinds.
    pub fn all(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.spans.keys().map(|(kind, name)| (*kind, &**name))
    }

    /// Remembers what is in each group.
    pub fn fill(&mut self, groups: FxHashMap<String, Members>) {
        self.groups = groups;
    }

    /// The members of the group a path names, where one of `kinds` is expected.
    pub fn group(&self, path: &Path, kinds: &[Kind]) -> Result<Option<Members>, Box<Diagnostic>> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let name = dotted(path);
        if let Some(name) = name.strip_prefix("group.") {
            return Ok(self.groups.get(name).cloned());
        }
        let Some(members) = self.groups.get(&name) else {
            return Ok(None);
        };
        match kinds.iter().find(|kind| self.span(**kind, &name).is_some()) {
            Some(kind) => Err(two_things(path, &name, *kind, Kind::Group)),
            None => Ok(Some(Rc::clone(members))),
        }
    }

    /// Remembers what a scenario took out.
    pub fn take_out(&mut self, gone: FxHashMap<(Kind, String), Gone>) {
        self.gone = gone;
    }

    /// Whether a scenario took out what a path names, where one of `kinds` is expected.
    pub fn is_taken_out(&self, path: &Path, kinds: &[Kind]) -> bool {
        if self.gone.is_empty() {
            return false;
        }
        let (kinds, name) = qualified(path, kinds);
        let defined = |kind: &Kind| self.span(*kind, &name).is_some();
        matches!(self.gone(kinds, &name), Some((_, Gone::TakenOut(_))))
            && !kinds.iter().any(defined)
    }

    fn gone(&self, kinds: &[Kind], name: &str) -> Option<(Kind, Gone)> {
        let mut gone = kinds.iter().filter_map(|kind| {
            let how = self.gone.get(&(*kind, name.to_owned()))?;
            Some((*kind, *how))
        });
        gone.next()
    }

    /// Takes the batches a scenario drops out of what speaks of them; what speaks of nothing else
    /// goes with them.
    pub fn forget_dropped(&self, objects: &mut Vec<Object>) {
        let dropped = |reference: &Reference| {
            let gone = self.gone(&[reference.kind], &reference.name);
            matches!(gone, Some((_, Gone::Dropped)))
        };
        if !self.gone.values().any(|how| *how == Gone::Dropped) {
            return;
        }
        objects.retain_mut(|object| {
            let mut left = true;
            object.attributes.retain(|name, given| {
                let keep = match &mut given.typed {
                    Typed::Reference(reference) => !dropped(reference),
                    Typed::References(references) => {
                        let some = !references.is_empty();
                        references.retain(|reference| !dropped(reference));
                        !(some && references.is_empty())
                    }
                    _ => true,
                };
                let row = object.block.attribute(name);
                left &= keep || row.is_none_or(|row| !row.required);
                keep
            });
            left
        });
    }

    /// What a path refers to, among `kinds`.
    pub fn resolve(&self, path: &Path, kinds: &[Kind]) -> Result<Reference, Box<Diagnostic>> {
        let (kinds, name) = qualified(path, kinds);
        let known = |kind: &Kind| self.spans.get_key_value(&Wanted(*kind, &name));
        let mut found = kinds.iter().filter_map(known).map(|(known, _)| known);
        match (found.next(), found.next()) {
            (Some((kind, name)), None) => Ok(Reference {
                kind: *kind,
                name: Rc::clone(name),
                span: path.span,
            }),
            (Some((first, _)), Some((second, _))) => Err(two_things(path, &name, *first, *second)),
            _ => match self.gone(kinds, &name) {
                Some((kind, Gone::Dropped)) => Ok(Reference {
                    kind,
                    name: (&*name).into(),
                    span: path.span,
                }),
                Some((kind, Gone::TakenOut(at))) => Err(taken_out(path, &name, kind, at)),
                None => Err(Box::new(self.unknown(path, &name, kinds))),
            },
        }
    }

    fn unknown(&self, path: &Path, name: &str, kinds: &[Kind]) -> Diagnostic {
        let what = advice::kinds_of(kinds);
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_NAME,
            path.span,
            format!("there is no {what} called `{}`", shown(name)),
        )
        .here("not defined");
        if let Some(advice) = advice::name(name) {
            return diagnostic.help(advice);
        }
        if let tables @ [_, ..] = self.tables(name, kinds) {
            let names: Vec<&str> = tables.iter().map(|table| &**table).collect();
            let help = format!("a table goes by its database: {}", listed(&names));
            let diagnostic = diagnostic.help(help);
            return match names.as_slice() {
                [one] => diagnostic.reword(name, one),
                _ => diagnostic,
            };
        }
        let guess = self.spelling.guess(self, kinds, name);
        if let Some(meant) = guess.meant() {
            let near = meant.name;
            let span = kinds.iter().find_map(|kind| self.span(*kind, near));
            let diagnostic = diagnostic.asks(name, meant);
            return match span {
                Some(span) => diagnostic.label(span, format!("`{near}` is defined here")),
                None => diagnostic,
            };
        }
        let kinds_known = self.by_kind.keys();
        let elsewhere = kinds_known
            .filter(|kind| self.span(**kind, name).is_some())
            .map(|kind| kind.keyword())
            .min();
        match elsewhere {
            Some(keyword) => {
                let message = format!("`{name}` is a {keyword}, where a {what} is expected");
                Diagnostic {
                    message,
                    ..diagnostic.help(format!("name a {what} here"))
                }
                .here(format!("a {keyword}"))
            }
            None if path.segments.len() > 1 => {
                diagnostic.help(format!("name a {what} that the plan defines"))
            }
            None => {
                let define = format!("`{} {} {{ }}`", what_first(kinds), shown(name));
                let link = self.link_form(kinds);
                diagnostic.help(match guess {
                    Guess::Unsought => {
                        format!("check the spelling, or define it with {define}{link}")
                    }
                    _ => format!("define it with {define}{link}"),
                })
            }
        }
    }
}

impl Names {
    /// How the first link is named, where one is among what is expected.
    fn link_form(&self, kinds: &[Kind]) -> String {
        let links = self.of(Kind::Link);
        let link = links.first().filter(|_| kinds.contains(&Kind::Link));
        let ends = link.and_then(|link| link.split_once(" -> "));
        ends.map_or_else(String::new, |(from, to)| {
            format!("; {}", advice::link(from, to))
        })
    }

    /// The tables of a bare name, where one is expected.
    fn tables(&self, name: &str, kinds: &[Kind]) -> &[Rc<str>] {
        let alike = self
            .tables
            .get(name)
            .filter(|_| kinds.contains(&Kind::Table));
        alike.map_or(&[], Vec::as_slice)
    }

    /// What `name` may stand for among the others of its kind, if that many may be compared still.
    pub fn others(&self, kind: Kind, name: &str) -> impl Iterator<Item = &str> {
        let all = self.of(kind);
        let all = if self.spelling.affords(all.len()) {
            all
        } else {
            &[]
        };
        all.iter()
            .map(|name| &**name)
            .filter(move |known| *known != name)
    }
}

/// Splits `team.payments` into its kind and its name.
fn qualified<'a>(path: &'a Path, kinds: &'a [Kind]) -> (&'a [Kind], Cow<'a, str>) {
    if let [first, rest @ ..] = path.segments.as_slice()
        && !rest.is_empty()
        && !first.quoted
        && let Some(at) = kinds.iter().position(|kind| kind.keyword() == first.name)
    {
        let names: Vec<&str> = rest.iter().map(|segment| segment.name.as_str()).collect();
        return (kinds.get(at..=at).unwrap_or(kinds), names.join(".").into());
    }
    match path.segments.as_slice() {
        [only] => (kinds, only.name.as_str().into()),
        _ => (kinds, dotted(path).into()),
    }
}

fn two_things(path: &Path, name: &str, first: Kind, second: Kind) -> Box<Diagnostic> {
    let (first, second) = (first.keyword(), second.keyword());
    Box::new(
        Diagnostic::error(
            codes::UNKNOWN_NAME,
            path.span,
            format!("`{name}` may be two things"),
        )
        .help(format!("write `{first}.{name}` or `{second}.{name}`")),
    )
}

fn taken_out(path: &Path, name: &str, kind: Kind, at: Span) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(
            codes::UNKNOWN_NAME,
            path.span,
            format!(
                "a scenario takes out the {} `{name}`, which is needed here",
                kind.keyword()
            ),
        )
        .label(at, "taken out here")
        .help(
            "say in the scenario what becomes of this: give it another value, or take it out too",
        ),
    )
}

fn what_first(kinds: &[Kind]) -> &'static str {
    kinds.first().map_or("service", |kind| kind.keyword())
}

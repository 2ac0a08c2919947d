//! Statements with what a scenario lays over them: attributes replace, relations add, blocks of one
//! name become one, `without` takes out.
//!
//! Works on the tree, before names resolve: what a scenario replaces or takes out is never looked
//! at again, so nothing it says can be wrong any more.

use std::collections::HashMap;

use whimbrel_lang::ast::{Body, Path, Plain, Statement, StatementKind, Word};
use whimbrel_lang::{Diagnostic, nearest};

use super::eval::{Scope, text};
use super::names::Names;
use super::object::Checker;
use super::value::{Value, dotted};
use crate::codes;
use crate::schema::{self, Block, Kind, Words};

/// A statement, the scope it stands in, and what is laid over it.
#[derive(Clone, Debug)]
pub(crate) struct Laid<'a> {
    pub statement: &'a Statement,
    pub scope: Scope,
    pub over: Option<Box<Over<'a>>>,
    /// Whether a scenario writes it.
    pub added: bool,
}

/// What a scenario writes inside a block of the plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Over<'a> {
    pub statements: Vec<Laid<'a>>,
    /// The scenario's statement, when it has a doc comment of its own.
    pub documented: Option<&'a Statement>,
}

impl<'a> Laid<'a> {
    /// A statement of the plan itself.
    pub fn plain(statement: &'a Statement, scope: Scope) -> Self {
        Self {
            statement,
            scope,
            over: None,
            added: false,
        }
    }

    /// The statement, when it is of the common shape.
    pub fn as_plain(&self) -> Option<&'a Plain> {
        match &self.statement.kind {
            StatementKind::Plain(plain) => Some(plain),
            _ => None,
        }
    }

    /// Whether a scenario has a part in it.
    pub fn is_touched(&self) -> bool {
        self.added || self.over.is_some()
    }

    /// What stands in its block, with all that is laid over it.
    pub fn inside(&self, block: &'static Block) -> Vec<Self> {
        // What is wrong with a loop in it is told when the block is checked.
        let own = statements_of(self.statement, &self.scope, &mut Vec::new());
        match self.over.as_deref() {
            None => own,
            Some(over) => merge(Some(block), own, over.statements.clone(), &mut Vec::new()),
        }
    }

    /// Takes the inside of another statement about the same.
    fn lay(&mut self, other: &Self, found: &mut Vec<Diagnostic>) {
        let over = self.over.get_or_insert_default();
        let inside = statements_of(other.statement, &other.scope, found);
        over.statements.extend(inside.into_iter().map(|laid| Laid {
            added: true,
            ..laid
        }));
        if let Some(more) = other.over.as_deref() {
            over.statements.extend(more.statements.iter().cloned());
        }
        if !other.statement.doc().is_empty() {
            over.documented = Some(other.statement);
        }
    }

    /// The same with one more name in scope.
    pub fn bind(mut self, name: &str, value: &Value) -> Self {
        self.scope = self.scope.bind(name, value.clone());
        self.over = self.over.map(|over| Box::new(over.bind(name, value)));
        self
    }

    /// Puts a whole statement into the block.
    pub fn put(&mut self, inner: Self) {
        let over = self.over.get_or_insert_default();
        over.statements.push(inner);
    }
}

impl Over<'_> {
    /// The same with one more name in scope.
    pub fn bind(mut self, name: &str, value: &Value) -> Self {
        let statements = self.statements.into_iter();
        self.statements = statements.map(|laid| laid.bind(name, value)).collect();
        self
    }
}

/// The statements in a statement's block, loops run.
fn statements_of<'a>(
    statement: &'a Statement,
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Vec<Laid<'a>> {
    let StatementKind::Plain(Plain {
        body: Body::Block(body),
        ..
    }) = &statement.kind
    else {
        return Vec::new();
    };
    let names = Names::default();
    let flat = Checker {
        names: &names,
        found,
    }
    .flatten(&body.statements, scope);
    flat.into_iter()
        .map(|(statement, scope)| Laid::plain(statement, scope))
        .collect()
}

/// What two statements about the same have in common: the keyword, and the words as they resolve.
pub(crate) type Identity = (String, String);

/// What a statement is about. `block` is the one it stands in; `None` is the file.
pub(crate) fn identity(block: Option<&Block>, laid: &Laid<'_>) -> Option<Identity> {
    match &laid.statement.kind {
        StatementKind::Plain(plain) => {
            let keyword = plain.keyword.value.to_string();
            let words = words(inner(block, &keyword), &plain.words, &laid.scope);
            Some((keyword, words))
        }
        StatementKind::Pattern(pattern) => {
            Some(("pattern".to_owned(), pattern.name.value.to_string()))
        }
        StatementKind::Waive { code, on, .. } => {
            let on = on.as_ref().map(dotted).unwrap_or_default();
            Some(("waive".to_owned(), format!("{} {on}", code.value)))
        }
        _ => None,
    }
}

fn inner(block: Option<&Block>, keyword: &str) -> Option<&'static Block> {
    match block {
        None => schema::top(keyword),
        Some(block) => block.block(keyword),
    }
}

fn words(block: Option<&Block>, words: &[Word], scope: &Scope) -> String {
    let kinds = match block.map(|block| block.words) {
        Some(Words::Reference(kinds)) => kinds,
        _ => &[],
    };
    let word = |word: &Word| match word {
        Word::Path(path) => bare(path, kinds),
        Word::Template(parts) => text(&parts.value, scope, &mut Vec::new()),
        Word::Arrow(_) => "->".to_owned(),
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// The name alone: `team.payments` and `payments` are one team.
fn bare(path: &Path, kinds: &[Kind]) -> String {
    let whole = dotted(path);
    let first = path.segments.first().filter(|first| !first.quoted);
    let kind = first.and_then(|first| kinds.iter().find(|kind| kind.keyword() == first.name));
    match (kind, whole.split_once('.')) {
        (Some(_), Some((_, rest))) => rest.to_owned(),
        _ => whole,
    }
}

/// What a `without` takes out of `block`, if it is one that takes out. In what moves, one word
/// alone names a step of the pattern, with or without a scenario.
pub(crate) fn removal(block: Option<&Block>, laid: &Laid<'_>) -> Option<Identity> {
    let plain = laid.as_plain()?;
    if plain.keyword.value != "without" {
        return None;
    }
    let (Word::Path(keyword), rest) = plain.words.split_first()? else {
        return None;
    };
    let keyword = dotted(keyword);
    let drops_steps = block.is_some_and(|block| block.block("without").is_some());
    if rest.is_empty() && drops_steps {
        return None;
    }
    let words = words(inner(block, &keyword), rest, &laid.scope);
    Some((keyword, words))
}

/// Where each thing stands among statements.
pub(crate) fn index(block: Option<&Block>, list: &[Laid<'_>]) -> HashMap<Identity, Vec<usize>> {
    let mut out: HashMap<Identity, Vec<usize>> = HashMap::new();
    for (place, laid) in list.iter().enumerate() {
        if let Some(identity) = identity(block, laid) {
            out.entry(identity).or_default().push(place);
        }
    }
    out
}

/// Lays `over` on the statements of a block. What is about nothing there is added.
pub(crate) fn merge<'a>(
    block: Option<&'static Block>,
    base: Vec<Laid<'a>>,
    over: Vec<Laid<'a>>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Laid<'a>> {
    let places = index(block, &base);
    let mut merging = Merging {
        block,
        base: base.into_iter().map(Some).collect(),
        places,
    };
    let mut added = Vec::new();
    for laid in over {
        added.extend(merging.one(laid, found));
    }
    merging.base.into_iter().flatten().chain(added).collect()
}

struct Merging<'a> {
    block: Option<&'static Block>,
    base: Vec<Option<Laid<'a>>>,
    places: HashMap<Identity, Vec<usize>>,
}

impl<'a> Merging<'a> {
    /// Lays one statement; gives it back when it stands beside the others.
    fn one(&mut self, laid: Laid<'a>, found: &mut Vec<Diagnostic>) -> Option<Laid<'a>> {
        if let Some(gone) = removal(self.block, &laid) {
            if !self.take_out(&gone) {
                let known = self.places.keys().map(|(keyword, name)| (keyword, name));
                found.push(nothing_to_take_out(&laid, &gone, known));
            }
            return None;
        }
        let Some(identity) = identity(self.block, &laid) else {
            return Some(laid);
        };
        self.take_out_opposite(&identity);
        let about = self.about(&laid, &identity);
        let joins = matches!(
            laid.as_plain().map(|plain| &plain.body),
            Some(Body::Block(_) | Body::None)
        );
        if !joins {
            self.take_out(&identity);
            return Some(laid);
        }
        let mut joined = false;
        for place in about {
            if let Some(Some(base)) = self.base.get_mut(place) {
                base.lay(&laid, found);
                joined = true;
            }
        }
        (!joined).then_some(laid)
    }

    /// The statements about the same thing. What there is one of needs no name.
    fn about(&self, laid: &Laid<'_>, identity: &Identity) -> Vec<usize> {
        let only = inner(self.block, &identity.0)
            .is_some_and(|block| !block.repeats && block.words == Words::Name);
        let unnamed = laid.as_plain().is_some_and(|plain| plain.words.is_empty());
        if only && unnamed {
            let keyword = |(known, _): &&Identity| *known == identity.0;
            let places = self.places.iter().filter(|(known, _)| keyword(known));
            return places.flat_map(|(_, places)| places.clone()).collect();
        }
        self.places.get(identity).cloned().unwrap_or_default()
    }

    fn take_out(&mut self, identity: &Identity) -> bool {
        let places = self.places.get(identity).cloned().unwrap_or_default();
        let mut taken = false;
        for place in places {
            if let Some(base) = self.base.get_mut(place) {
                taken |= base.take().is_some();
            }
        }
        taken
    }

    /// A step written beats the step dropped, and the other way round.
    fn take_out_opposite(&mut self, (keyword, name): &Identity) {
        let opposites: &[&str] = match keyword.as_str() {
            "step" | "gate" => &["without"],
            "without" => &["step", "gate"],
            _ => &[],
        };
        for opposite in opposites {
            self.take_out(&((*opposite).to_owned(), name.clone()));
        }
    }
}

/// That a `without` names nothing that is there.
pub(crate) fn nothing_to_take_out<'k>(
    laid: &Laid<'_>,
    (keyword, name): &Identity,
    known: impl Iterator<Item = (&'k String, &'k String)>,
) -> Diagnostic {
    let message = if name.is_empty() {
        format!("there is no `{keyword}` here to take out")
    } else {
        format!("there is no {keyword} `{name}` here to take out")
    };
    let mut alike: Vec<&str> = known
        .filter(|(of, _)| *of == keyword)
        .map(|(_, name)| name.as_str())
        .collect();
    alike.sort_unstable();
    let diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, laid.statement.span, message);
    let near = nearest(name, alike.iter().copied());
    let asked = near.map(|near| format!("did you mean `without {keyword} {near}`?"));
    let mut diagnostic = diagnostic.meant(name, alike);
    diagnostic.help = asked;
    diagnostic.or_help(|| "write `without KEYWORD NAME` of something the plan has here")
}

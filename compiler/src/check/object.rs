//! Statements checked against the schema.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use whimbrel_lang::ast::{Body, Name, Plain, Statement, StatementKind, Word};
use whimbrel_lang::{Diagnostic, Span, Spanned};

use super::advice;
use super::attributes::Attributes;
use super::coerce;
use super::eval::{Scope, text};
use super::loops;
use super::names::{Names, Reference};
use super::overlay::{self, Laid, Over};
use super::typed::Typed;
use super::value::{Record, Value, dotted};
use super::written::{bare, written};
use crate::codes;
use crate::measures;
use crate::schema::{self, Attribute, Block, Kind, Words};

/// An attribute's value and place.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub typed: Typed,
    /// The value before its type was applied.
    pub value: Value,
    /// The whole `name = value`.
    pub span: Span,
    pub because: Option<String>,
    /// Whether it stands in `defaults`.
    pub by_default: bool,
}

/// The words of an object.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    None,
    Name(String),
    Reference(Reference),
    Edge(Reference, Reference),
}

/// A checked block or relation.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub block: &'static Block,
    pub named: Named,
    /// Keyword and words.
    pub span: Span,
    pub doc: Option<String>,
    pub attributes: Attributes,
    pub children: Vec<Object>,
    /// Attributes that are given and cannot be read, which has been said.
    pub broken: Vec<&'static str>,
}

impl Object {
    /// The name it gives, or of what it refers to.
    pub fn name(&self) -> &str {
        match &self.named {
            Named::Name(name) => name,
            Named::Reference(reference) => &reference.name,
            Named::Edge(from, _) => &from.name,
            Named::None => "",
        }
    }

    /// A given attribute.
    pub fn get(&self, name: &str) -> Option<&Typed> {
        self.attributes.get(name).map(|given| &given.typed)
    }

    /// The place of an attribute, or of the whole.
    pub fn place(&self, name: &str) -> Span {
        self.attributes
            .get(name)
            .map_or(self.span, |given| given.span)
    }

    /// Children of a keyword.
    pub fn children<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children
            .iter()
            .filter(move |child| child.block.keyword == keyword)
    }
}

/// What statements are checked with.
pub(crate) struct Checker<'a> {
    pub names: &'a Names,
    pub found: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    /// The object a statement makes.
    pub fn object(
        &mut self,
        block: &'static Block,
        statement: &Statement,
        plain: &Plain,
        scope: &Scope,
    ) -> Option<Object> {
        self.laid(block, (statement, None), plain, scope)
    }

    /// The object a statement makes with what a scenario lays over it.
    pub fn laid(
        &mut self,
        block: &'static Block,
        (statement, over): (&Statement, Option<&Over<'_>>),
        plain: &Plain,
        scope: &Scope,
    ) -> Option<Object> {
        let Some(name) = block.variable() else {
            return self.whole(block, (statement, over), plain, scope);
        };
        let value = measures::subject();
        let over = over.map(|over| over.clone().bind(name, &value));
        let scope = scope.bind(name, value);
        self.whole(block, (statement, over.as_ref()), plain, &scope)
    }

    fn whole(
        &mut self,
        block: &'static Block,
        (statement, over): (&Statement, Option<&Over<'_>>),
        plain: &Plain,
        scope: &Scope,
    ) -> Option<Object> {
        let named = self.words(block, plain, scope)?;
        let span = plain.words.last().map_or(plain.keyword.span, |word| {
            plain.keyword.span.to(word.span())
        });
        let (values, children) = inside(&plain.body);
        let mut object = Object {
            block,
            named,
            span,
            doc: doc(over.and_then(|over| over.documented).unwrap_or(statement)),
            attributes: Attributes::with_capacity(values),
            children: Vec::with_capacity(children),
            broken: Vec::new(),
        };
        match &plain.body {
            Body::None => self.fill(&mut object, &[], over, scope),
            Body::Block(body) => self.fill(&mut object, &body.statements, over, scope),
            Body::Value { value, .. } => {
                self.found.push(
                    Diagnostic::error(
                        codes::UNKNOWN_ATTRIBUTE,
                        value.span,
                        format!("`{}` takes a block, not a value", block.keyword),
                    )
                    .help(format!("write `{}`", with_block(block))),
                );
            }
        }
        Some(object)
    }

    /// Reports attributes that must be given and are not.
    pub fn require(&mut self, object: &Object) {
        for row in object.block.attributes.iter().filter(|row| row.required) {
            let told = object.broken.contains(&row.name);
            if !told && !object.attributes.contains_key(row.name) {
                self.found.push(
                    Diagnostic::error(
                        codes::MISSING_ATTRIBUTE,
                        object.span,
                        format!("`{}` must be given", row.name),
                    )
                    .here(format!(
                        "this {} has no `{}`",
                        object.block.keyword, row.name
                    ))
                    .help(format!("add `{} = …`, {}: {}", row.name, row.ty, row.doc)),
                );
            }
        }
    }

    fn words(&mut self, block: &'static Block, plain: &Plain, scope: &Scope) -> Option<Named> {
        let result = match block.words {
            Words::None => no_words(block, plain),
            Words::Name | Words::StepName | Words::Address => {
                self.one_name(block, plain, scope).map(Named::Name)
            }
            Words::Reference(kinds) => self.one_reference(block, plain, kinds, scope),
            Words::Arrow(kind) => self.arrow(block, plain, kind, scope),
        };
        match result {
            Ok(named) => Some(named),
            Err(diagnostic) => {
                self.found.push(*diagnostic);
                None
            }
        }
    }

    fn one_name(
        &mut self,
        block: &Block,
        plain: &Plain,
        scope: &Scope,
    ) -> Result<String, Box<Diagnostic>> {
        match plain.words.as_slice() {
            [Word::Template(parts)] => Ok(text(&parts.value, scope, self.found)),
            [Word::Path(path)] if path.segments.len() == 1 || block.keyword == "verb" => {
                Ok(dotted(path))
            }
            [Word::Path(path)] => Err(Box::new(
                Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    path.span,
                    format!("a new {} cannot have a dot in its name", block.keyword),
                )
                .help(format!(
                    "quote it: `{} \"{}\"`",
                    block.keyword,
                    dotted(path)
                )),
            )),
            _ => Err(wrong_words(block, plain, "one name")),
        }
    }

    fn one_reference(
        &mut self,
        block: &Block,
        plain: &Plain,
        kinds: &'static [Kind],
        scope: &Scope,
    ) -> Result<Named, Box<Diagnostic>> {
        match plain.words.as_slice() {
            [word @ (Word::Path(_) | Word::Template(_))] => {
                self.referred(word, kinds, scope).map(Named::Reference)
            }
            _ => Err(wrong_words(block, plain, "one name")),
        }
    }

    /// What a word refers to. A variable is not filled in there: one writes `"${page}"`.
    fn referred(
        &mut self,
        word: &Word,
        kinds: &[Kind],
        scope: &Scope,
    ) -> Result<Reference, Box<Diagnostic>> {
        let name = match word {
            Word::Path(path) => {
                let is_filled_in = |name: &&str| {
                    let value = scope.get(name);
                    matches!(
                        value,
                        Some(Value::Text(_) | Value::Name(_) | Value::Quantity(_))
                    )
                };
                let variable = bare(path).filter(is_filled_in);
                let told = self.names.resolve(path, kinds);
                return told.map_err(|diagnostic| match variable {
                    Some(name) => Box::new(advice::variable(*diagnostic, name)),
                    None => diagnostic,
                });
            }
            Word::Template(parts) => text(&parts.value, scope, self.found),
            Word::Arrow(_) => String::new(),
        };
        let value = Spanned::new(Value::Text(name.into()), word.span());
        coerce::reference(kinds, &value, self.names)
    }

    fn arrow(
        &mut self,
        block: &Block,
        plain: &Plain,
        kind: Kind,
        scope: &Scope,
    ) -> Result<Named, Box<Diagnostic>> {
        match plain.words.as_slice() {
            [from, Word::Arrow(_), to] => Ok(Named::Edge(
                self.referred(from, &[kind], scope)?,
                self.referred(to, &[kind], scope)?,
            )),
            _ => Err(wrong_words(
                block,
                plain,
                "two names with an arrow, `a -> b`",
            )),
        }
    }

    /// Checks the statements of a body.
    fn body(&mut self, object: &mut Object, statements: &[Statement], scope: &Scope) {
        if !statements.iter().any(loops::is_loop) {
            let all = statements.iter();
            return all.for_each(|one| self.statement(object, (one, None), scope));
        }
        for (statement, scope) in self.flatten(statements, scope) {
            self.statement(object, (statement, None), &scope);
        }
    }

    /// Checks the statements of a body with what a scenario lays over them, if it does.
    pub fn fill(
        &mut self,
        object: &mut Object,
        statements: &[Statement],
        over: Option<&Over<'_>>,
        scope: &Scope,
    ) {
        let told = self.found.len();
        let Some(over) = over else {
            self.body(object, statements, scope);
            return self.withdraw(told, object);
        };
        let flat = self.flatten(statements, scope).into_iter();
        let base = flat.map(|(statement, scope)| Laid::plain(statement, scope));
        let (base, over) = (base.collect(), over.statements.clone());
        for laid in overlay::merge(Some(object.block), base, over, self.found) {
            let statement = (laid.statement, laid.over.as_deref());
            self.statement(object, statement, &laid.scope);
        }
        self.withdraw(told, object);
    }

    /// Takes back what was offered for a misspelt keyword where the block has what was meant.
    fn withdraw(&mut self, told: usize, object: &Object) {
        let has = |name: &str| {
            let once = |child: &Object| child.block.keyword == name && !child.block.repeats;
            object.get(name).is_some()
                || object.broken.contains(&name)
                || object.children.iter().any(once)
        };
        let new = self.found.iter_mut().skip(told);
        for found in new.filter(|found| found.code == codes::UNKNOWN_ATTRIBUTE) {
            found
                .fix
                .take_if(|fix| fix.edits.iter().any(|edit| has(&edit.text)));
        }
    }

    fn statement(
        &mut self,
        object: &mut Object,
        (statement, over): (&Statement, Option<&Over<'_>>),
        scope: &Scope,
    ) {
        match &statement.kind {
            StatementKind::Plain(plain) => self.inside(object, (statement, over), plain, scope),
            _ => self.misplaced(statement, &format!("inside `{}`", object.block.keyword)),
        }
    }

    fn inside(
        &mut self,
        object: &mut Object,
        (statement, over): (&Statement, Option<&Over<'_>>),
        plain: &Plain,
        scope: &Scope,
    ) {
        let keyword = plain.keyword.value.as_str();
        let block = object.block;
        match (&plain.body, block.attribute(keyword), block.block(keyword)) {
            (Body::Value { value, because }, Some(row), _) if plain.words.is_empty() => {
                let because = because
                    .as_ref()
                    .map(|parts| text(&parts.value, scope, self.found));
                let written = written(row.ty, value, self.names, scope, self.found);
                let value = Spanned::new(written, value.span);
                self.attribute(object, row, value, statement.span, because);
            }
            (_, _, Some(child)) => {
                let inner = match itself(object, child) {
                    None => self.laid(child, (statement, over), plain, scope),
                    Some((name, value)) => {
                        let over = over.map(|over| over.clone().bind(name, &value));
                        let scope = scope.bind(name, value);
                        self.laid(child, (statement, over.as_ref()), plain, &scope)
                    }
                };
                if let Some(inner) = inner {
                    self.require(&inner);
                    self.add_child(object, inner);
                }
            }
            (_, Some(row), None) => self.found.push(
                Diagnostic::error(
                    codes::UNKNOWN_ATTRIBUTE,
                    plain.keyword.span,
                    format!("`{keyword}` takes a value"),
                )
                .help(match plain.words.as_slice() {
                    [Word::Path(path)] if matches!(plain.body, Body::None) => {
                        format!("write `{keyword} = {}`", dotted(path))
                    }
                    _ => format!("write `{keyword} = …`, {}", row.ty),
                }),
            ),
            (_, None, None) => self.unknown(block, &plain.keyword),
        }
    }

    fn attribute(
        &mut self,
        object: &mut Object,
        row: &'static Attribute,
        value: Spanned<Value>,
        span: Span,
        because: Option<String>,
    ) {
        if let Some(first) = object.attributes.get(row.name) {
            self.found.push(
                Diagnostic::error(
                    codes::DUPLICATE_NAME,
                    span,
                    format!("`{}` is given twice", row.name),
                )
                .label(first.span, "first given here")
                .help("keep one of them"),
            );
            return;
        }
        if matches!(value.value, Value::Error) {
            object.broken.push(row.name);
            return;
        }
        match coerce::attribute(row, &value, self.names) {
            Ok(typed) => {
                let given = Given {
                    typed,
                    value: value.value,
                    span,
                    because,
                    by_default: false,
                };
                object.attributes.insert(row.name, given);
            }
            Err(diagnostic) => {
                object.broken.push(row.name);
                self.found.push(*diagnostic);
            }
        }
    }

    fn add_child(&mut self, object: &mut Object, inner: Object) {
        let first = object
            .children
            .iter()
            .find(|child| child.block.keyword == inner.block.keyword)
            .filter(|_| !inner.block.repeats);
        if let Some(first) = first {
            self.found.push(
                Diagnostic::error(
                    codes::DUPLICATE_NAME,
                    inner.span,
                    format!("`{}` is given twice", inner.block.keyword),
                )
                .label(first.span, "first given here")
                .help("merge the two blocks"),
            );
            return;
        }
        object.children.push(inner);
    }

    fn unknown(&mut self, block: &Block, keyword: &Spanned<Name>) {
        let name = keyword.value.as_str();
        let known = block
            .attributes
            .iter()
            .map(|row| row.name)
            .chain(block.blocks.iter().map(|inner| inner.keyword));
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_ATTRIBUTE,
            keyword.span,
            format!("`{}` has no `{name}`", block.keyword),
        );
        self.found.push(diagnostic.meant(name, known).or_help(|| {
            advice::keyword(name).unwrap_or_else(|| {
                format!("`whimbrel explain {}` lists what it takes", block.keyword)
            })
        }));
    }

    /// Says that a statement cannot stand here.
    pub fn misplaced(&mut self, statement: &Statement, place: &str) {
        self.found.push(
            Diagnostic::error(
                codes::UNKNOWN_ATTRIBUTE,
                statement.span,
                format!("this statement cannot stand {place}"),
            )
            .help("move it to the top of the file or into a pattern"),
        );
    }
}

/// How many statements of a body give a value, and how many do not.
fn inside(body: &Body) -> (usize, usize) {
    let Body::Block(block) = body else {
        return (0, 0);
    };
    let values = block.statements.iter().filter(|statement| {
        let StatementKind::Plain(plain) = &statement.kind else {
            return false;
        };
        matches!(plain.body, Body::Value { .. })
    });
    let values = values.count();
    (values, block.statements.len() - values)
}

fn no_words(block: &Block, plain: &Plain) -> Result<Named, Box<Diagnostic>> {
    if plain.words.is_empty() {
        Ok(Named::None)
    } else {
        Err(wrong_words(block, plain, "no name"))
    }
}

fn wrong_words(block: &Block, plain: &Plain, expected: &str) -> Box<Diagnostic> {
    let span = plain
        .words
        .first()
        .map_or(plain.keyword.span, |word| word.span().to(last_span(plain)));
    Box::new(
        Diagnostic::error(
            codes::TYPE_MISMATCH,
            span,
            if plain.words.is_empty() {
                format!("`{}` needs {expected}", block.keyword)
            } else {
                format!("`{}` takes {expected}", block.keyword)
            },
        )
        .help(advice::usage(block)),
    )
}

/// `cost { old = …; new = … }`: a block as it is written, with its first attributes.
fn with_block(block: &Block) -> String {
    let rows = block.attributes.iter().take(2);
    let rows: Vec<String> = rows.map(|row| format!("{} = …", row.name)).collect();
    let words = if block.words == Words::None {
        ""
    } else {
        " NAME"
    };
    format!("{}{words} {{ {} }}", block.keyword, rows.join("; "))
}

fn last_span(plain: &Plain) -> Span {
    plain.words.last().map_or(plain.keyword.span, Word::span)
}

/// What stands for the thing itself in its block `child`: in a `step` or `gate` of something that
/// moves its keyword does, as in patterns.
fn itself(object: &Object, child: &Block) -> Option<(&'static str, Value)> {
    if !schema::is_of_pattern(child) || object.block.attribute("move").is_none() {
        return None;
    }
    let name = object.name().to_owned();
    let fields = FxHashMap::from_iter([("name".to_owned(), Value::Text(name.as_str().into()))]);
    let record = Record::new(object.block.keyword, name, fields);
    Some((object.block.keyword, Value::Record(Rc::new(record))))
}

/// The doc comment of a statement.
pub(crate) fn doc(statement: &Statement) -> Option<String> {
    if statement.doc().is_empty() {
        return None;
    }
    let lines = statement.doc().iter();
    let lines: Vec<&str> = lines.map(|line| line.value.as_str()).collect();
    Some(lines.join("\n"))
}

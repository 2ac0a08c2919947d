//! Patterns: parameters bound, the body run, the service's own `step`s applied.

mod body;

use std::rc::Rc;

use rustc_hash::FxHashMap;
use whimbrel_lang::ast::{Parameter, Pattern, TypeName};
use whimbrel_lang::{Diagnostic, Label, Span, Spanned};

use super::templates::{Draft, Expansion, Key, Template, is_own, own_steps};
use crate::check::coerce;
use crate::check::eval::{Scope, eval, mismatch};
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::check::value::{Call, Record, Value, dotted};
use crate::codes;
use crate::fixes;
use crate::modules::standard_names;
use crate::schema::{self, Kind, Type};
use crate::top::Top;
use body::Body;

/// Expands patterns.
pub(crate) struct Expander<'a> {
    pub top: &'a Top,
    pub found: &'a mut Vec<Diagnostic>,
    /// `migration` in patterns.
    pub migration: FxHashMap<String, Value>,
    /// What was expanded before, or that it cannot be shared.
    pub known: FxHashMap<Key<'a>, Option<Rc<Template>>>,
}

impl<'a> Expander<'a> {
    /// The steps that move `object`, a thing of `kind` called `name`, from `on` to `to`.
    pub fn expand(
        &mut self,
        object: &Object,
        kind: Kind,
        name: &str,
        platforms: (&'a str, &'a str),
    ) -> Option<Expansion> {
        let Some(Typed::Call(call)) = object.get("move") else {
            return None;
        };
        let pattern = self.pattern(call, kind)?;
        let own = is_own(object);
        let key = Key::new(&pattern.name.value, platforms, own, call);
        let key = key.filter(|_| own_steps(object).next().is_none());
        let shared = key.and_then(|key| self.shared(key, object, kind, (pattern, call)));
        let template = match shared {
            Some(shared) => shared,
            None => {
                let (scope, _) = self.scope(object, kind, name, platforms);
                let drafts = self.instantiate(object, pattern, call, &scope)?;
                Rc::new(self.overrides(object, drafts))
            }
        };
        Some(Expansion {
            pattern: pattern.name.value.to_string(),
            template,
            given: object.place("move"),
        })
    }

    /// The steps that everything of this key shares; `None` where something of the thing itself
    /// comes into them, or something is wrong with them.
    fn shared(
        &mut self,
        key: Key<'a>,
        object: &Object,
        kind: Kind,
        (pattern, call): (&'a Pattern, &Call),
    ) -> Option<Rc<Template>> {
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let told = self.found.len();
        let (scope, subject) = self.scope(object, kind, Template::stand_in(), key.platforms);
        let drafts = self.instantiate(object, pattern, call, &scope);
        let fine = self.found.len() == told && !subject.was_consulted();
        self.found.truncate(told);
        let drafts = drafts.filter(|drafts| fine && Template::is_shared(drafts));
        let template = drafts.map(|drafts| Rc::new(Template::new(drafts)));
        self.known.insert(key, template.clone());
        template
    }

    fn instantiate(
        &mut self,
        object: &Object,
        pattern: &'a Pattern,
        call: &Call,
        scope: &Scope,
    ) -> Option<Vec<Draft>> {
        let given = object.place("move");
        let told = self.found.len();
        let scope = self.bind(pattern, call, scope)?;
        let mut body = Body {
            expander: self,
            refused: false,
            group: 0,
            drafts: Vec::new(),
            origin: given,
            arguments: own_arguments(object, pattern, call),
        };
        body.statements(&pattern.body.statements, &scope, None);
        let (drafts, refused) = (body.drafts, body.refused);
        let source = pattern.name.span.source;
        let new = self.found.iter_mut().skip(told);
        let mut inside = new
            .filter(|found| found.primary.span.source == source)
            .peekable();
        if source != given.source
            && inside.peek().is_some()
            && standard_names("patterns")
                .iter()
                .any(|name| *name == pattern.name.value)
        {
            inside.for_each(|found| at_the_move(found, given));
        }
        (!refused).then_some(drafts)
    }

    fn pattern(&mut self, call: &Call, kind: Kind) -> Option<&'a Pattern> {
        let name = dotted(&call.callee);
        let top = self.top;
        let Some(pattern) = top.patterns.get(&name) else {
            self.found
                .push(self.unknown_pattern(&name, call.callee.span));
            return None;
        };
        if pattern.subject.value != kind.keyword() {
            self.found.push(
                Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    call.callee.span,
                    format!(
                        "the pattern `{name}` moves a {}, and this is a {}",
                        pattern.subject.value,
                        kind.keyword()
                    ),
                )
                .label(pattern.subject.span, "the pattern is for this")
                .help(self.patterns_for(kind)),
            );
            return None;
        }
        Some(pattern)
    }

    fn patterns_for(&self, kind: Kind) -> String {
        let fitting: Vec<&str> = self
            .top
            .patterns
            .values()
            .filter(|pattern| pattern.subject.value == kind.keyword())
            .map(|pattern| pattern.name.value.as_str())
            .collect();
        if fitting.is_empty() {
            format!("write a `pattern … for {}`, or `use` one", kind.keyword())
        } else {
            format!("patterns for a {}: {}", kind.keyword(), fitting.join(", "))
        }
    }

    fn unknown_pattern(&self, name: &str, span: Span) -> Diagnostic {
        let standard = standard_names("patterns");
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_NAME,
            span,
            format!("there is no pattern `{name}`"),
        )
        .here("not defined");
        if standard.iter().any(|known| known == name) {
            return fixes::using(diagnostic, &format!("std.patterns.{name}"));
        }
        let known = self
            .top
            .patterns
            .keys()
            .map(String::as_str)
            .chain(standard.iter().map(String::as_str));
        diagnostic
            .meant(name, known)
            .or_help(|| "define it with `pattern`, or `use` one of `std.patterns`")
    }

    /// The names a pattern's body knows, and the record of what moves among them.
    fn scope(
        &self,
        object: &Object,
        kind: Kind,
        name: &str,
        (on, to): (&str, &str),
    ) -> (Scope, Rc<Record>) {
        let mut fields = fields(object);
        fields.insert("name".to_owned(), Value::Text(name.into()));
        let subject = Rc::new(Record::new(kind.keyword(), name.to_owned(), fields));
        let mut fields = self.migration.clone();
        fields.insert("from".to_owned(), Value::Text(on.into()));
        fields.insert("to".to_owned(), Value::Text(to.into()));
        let migration = Record::new("migration", "migration".to_owned(), fields);
        let moved = Value::Record(Rc::clone(&subject));
        let scope = self.top.scope.with(vec![
            (kind.keyword().to_owned(), moved),
            ("migration".to_owned(), Value::Record(Rc::new(migration))),
        ]);
        (scope, subject)
    }

    fn bind(&mut self, pattern: &Pattern, call: &Call, outer: &Scope) -> Option<Scope> {
        let mut given: FxHashMap<&str, &Spanned<Value>> = FxHashMap::default();
        let mut fine = true;
        for (index, argument) in call.arguments.iter().enumerate() {
            let parameter = match &argument.name {
                Some(name) => pattern
                    .parameters
                    .iter()
                    .find(|known| known.name.value == name.value),
                None => pattern.parameters.get(index),
            };
            match parameter {
                Some(parameter) => {
                    let before = given.insert(&parameter.name.value, &argument.value);
                    if let Some(before) = before {
                        self.found
                            .push(given_twice(parameter, argument.value.span, before.span));
                        fine = false;
                    }
                }
                None => {
                    let span = argument
                        .name
                        .as_ref()
                        .map_or(argument.value.span, |name| name.span);
                    let name = argument.name.as_ref().map(|name| name.value.as_str());
                    self.found.push(unknown_parameter(pattern, name, span));
                    fine = false;
                }
            }
        }
        let mut scope = outer.clone();
        for parameter in &pattern.parameters {
            let name = parameter.name.value.as_str();
            let value = match (given.get(name), &parameter.default) {
                (Some(value), _) => (*value).clone(),
                (None, Some(default)) => {
                    Spanned::new(eval(default, &scope, self.found), default.span)
                }
                (None, None) => {
                    self.found.push(
                        Diagnostic::error(
                            codes::MISSING_ATTRIBUTE,
                            call.callee.span,
                            format!("the pattern `{}` needs `{name}`", pattern.name.value),
                        )
                        .label(parameter.name.span, "it has no default")
                        .help(format!("write `{}({name}: …)`", pattern.name.value)),
                    );
                    fine = false;
                    continue;
                }
            };
            fine &= self.fits(&parameter.ty, &value);
            scope = scope.bind(name, value.value);
        }
        fine.then_some(scope)
    }

    fn fits(&mut self, ty: &TypeName, value: &Spanned<Value>) -> bool {
        if matches!(value.value, Value::Error) {
            return false;
        }
        if ty.name.value == "list" {
            let Value::List(items) = &value.value else {
                self.found.push(
                    mismatch(value.span, "a list", &value.value).help("put it in brackets: `[…]`"),
                );
                return false;
            };
            return match &ty.argument {
                Some(inner) => items.iter().all(|item| self.fits(inner, item)),
                None => true,
            };
        }
        // A type that there is not has been told at the pattern.
        let Some(wanted) = parameter_type(&ty.name.value) else {
            return false;
        };
        match coerce::coerce(wanted, value, &self.top.names) {
            Ok(_) => true,
            Err(diagnostic) => {
                self.found.push(*diagnostic);
                false
            }
        }
    }

    /// Applies the object's own `step`, `gate` and `without`.
    fn overrides(&mut self, object: &Object, mut drafts: Vec<Draft>) -> Template {
        for child in own_steps(object) {
            let name = child.name();
            let found = drafts.iter().position(|draft| draft.object.name() == name);
            match (child.block.keyword, found) {
                ("without", Some(index)) => {
                    drafts.remove(index);
                }
                (keyword, Some(index)) => {
                    if let Some(draft) = drafts.get_mut(index) {
                        let is = draft.object.block.keyword;
                        if keyword == is {
                            draft.override_with(child);
                        } else {
                            self.found.push(another_block(child, is));
                        }
                    }
                }
                (_, None) => {
                    let known = drafts.iter().map(|draft| draft.object.name());
                    self.found.push(unknown_step(name, child.span, known));
                }
            }
        }
        Template::new(drafts)
    }
}

/// What a pattern can read of the thing it moves: what is given, and each choice that is not, by its
/// default.
fn fields(object: &Object) -> FxHashMap<String, Value> {
    let rows = object.block.attributes.iter().filter_map(|row| {
        let given = object.attributes.get(row.name);
        let value = match (row.ty, given.map(|given| &given.typed)) {
            (Type::Choice(words), Some(Typed::Choice(word))) => Value::Choice(words, word),
            (Type::Choice(words), None) => {
                let default = row.default?;
                Value::Choice(words, words.iter().find(|word| **word == default)?)
            }
            _ => given?.value.clone(),
        };
        Some((row.name.to_owned(), value))
    });
    rows.collect()
}

fn parameter_type(name: &str) -> Option<Type> {
    let row = schema::PARAMETER_TYPES.iter().find(|row| row.0 == name);
    row.map(|row| row.1)
}

/// The parameters that the thing's own `move`, not one in `defaults`, gives.
fn own_arguments<'a>(object: &Object, pattern: &'a Pattern, call: &Call) -> Vec<&'a str> {
    let own = is_own(object);
    let parameters =
        pattern
            .parameters
            .iter()
            .enumerate()
            .filter(|(index, parameter)| {
                own && call.arguments.iter().enumerate().any(|(place, argument)| {
                    match &argument.name {
                        Some(name) => name.value == parameter.name.value,
                        None => place == *index,
                    }
                })
            });
    parameters
        .map(|(_, parameter)| parameter.name.value.as_str())
        .collect()
}

fn given_twice(parameter: &Parameter, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        codes::DUPLICATE_NAME,
        span,
        format!("`{}` is given twice", parameter.name.value),
    )
    .label(first, "first given here")
    .help("keep one of them")
}

/// What is wrong inside a standard pattern is told where the user gave the arguments that make it
/// wrong.
fn at_the_move(diagnostic: &mut Diagnostic, given: Span) {
    let inside = std::mem::replace(&mut diagnostic.primary.span, given);
    let message = std::mem::take(&mut diagnostic.primary.message);
    let message = if message.is_empty() {
        "here in the pattern".to_owned()
    } else {
        message
    };
    diagnostic.labels.insert(
        0,
        Label {
            span: inside,
            message,
        },
    );
}

/// A `step` about a gate, or the other way round.
fn another_block(own: &Object, is: &str) -> Diagnostic {
    let (name, keyword) = (own.name(), own.block.keyword);
    let message = format!("`{name}` is a {is} of the pattern, not a {keyword}");
    Diagnostic::error(codes::UNKNOWN_ATTRIBUTE, own.span, message)
        .help(format!("write `{is} {name} {{ … }}`"))
}

fn unknown_step<'a>(
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        span,
        format!("the pattern has no step `{name}`"),
    );
    diagnostic
        .meant(name, known.clone())
        .or_help(|| format!("its steps are {}", known.collect::<Vec<_>>().join(", ")))
}

fn unknown_parameter(pattern: &Pattern, name: Option<&str>, span: Span) -> Diagnostic {
    let known: Vec<&str> = pattern
        .parameters
        .iter()
        .map(|parameter| parameter.name.value.as_str())
        .collect();
    let message = match name {
        Some(name) => format!("the pattern `{}` has no `{name}`", pattern.name.value),
        None => format!("the pattern `{}` takes fewer arguments", pattern.name.value),
    };
    let diagnostic = Diagnostic::error(codes::UNKNOWN_ATTRIBUTE, span, message);
    let diagnostic = match name {
        Some(name) => diagnostic.meant(name, known.iter().copied()),
        None => diagnostic,
    };
    diagnostic.or_help(|| match known.as_slice() {
        [] => "it takes none".to_owned(),
        known => format!("it takes {}", known.join(", ")),
    })
}

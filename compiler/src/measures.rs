//! Measures of the plan's own: known to conditions before anything is checked, and built for the
//! hand-off afterwards.

use std::collections::BTreeMap;

use whimbrel_lang::ast::{Body, ExprKind, Word};
use whimbrel_lang::{Diagnostic, Span, shown};
use whimbrel_plan::{Arena, Measure, MeasureId, MeasureUnit, Node, OwnMeasure, QueryPart};

use crate::build::inventory::{Built, sorted};
use crate::check::names::Names;
use crate::check::object::Object;
use crate::check::overlay::{Laid, identity};
use crate::check::value::{Value, dotted};
use crate::codes;
use crate::schema::{MEASURE, MEASURES, Type};
use crate::top::Top;

/// Stands for the name of what is measured while the query is read: a character that Unicode keeps
/// out of texts.
const SUBJECT: &str = "\u{fdd1}";

/// What `subject` stands for in a query.
pub(crate) fn subject() -> Value {
    Value::Text(SUBJECT.into())
}

/// The plan's own measures by name: what conditions on them are compared with.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnMeasures(BTreeMap<String, Type>);

impl OwnMeasures {
    /// The measure of that name, and what it is compared with.
    pub fn get(&self, name: &str) -> Option<(Measure, Type)> {
        let place = self.0.keys().position(|known| known == name)?;
        let ty = self.0.get(name)?;
        Some((Measure::Own(MeasureId::new(place)), *ty))
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Fills the names with what each measure is compared with; one that has a name of the language is
/// told.
pub(crate) fn fill(placed: &[Laid<'_>], names: &mut Names, found: &mut Vec<Diagnostic>) {
    let mut own = BTreeMap::new();
    for laid in placed.iter().filter(|laid| is_measure(laid)) {
        let Some((_, name)) = identity(None, laid) else {
            continue;
        };
        if MEASURES.iter().any(|row| row.name == name) {
            found.push(taken(&name, laid));
        } else if !is_word(&name) {
            found.push(no_word(&name, laid));
        }
        own.insert(name, compared_with(laid));
    }
    names.measures = OwnMeasures(own);
}

fn is_measure(laid: &Laid<'_>) -> bool {
    let keyword = laid.as_plain().map(|plain| plain.keyword.value.as_str());
    keyword == Some(MEASURE.keyword)
}

/// The name of a measure in the text.
fn place(laid: &Laid<'_>) -> Span {
    let word = laid.as_plain().and_then(|plain| plain.words.first());
    word.map_or(laid.statement.span, Word::span)
}

fn taken(name: &str, laid: &Laid<'_>) -> Diagnostic {
    let message = format!("`{name}` is a measure of the language");
    Diagnostic::error(codes::DUPLICATE_NAME, place(laid), message)
        .help("give yours a name of its own")
}

/// Whether conditions can name it.
fn is_word(name: &str) -> bool {
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic());
    first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn no_word(name: &str, laid: &Laid<'_>) -> Diagnostic {
    let message = format!("conditions cannot name a measure `{}`", shown(name));
    Diagnostic::error(codes::TYPE_MISMATCH, place(laid), message)
        .help("name it with letters, digits and `_`, such as `measure lost_carts { … }`")
}

/// What the `type` of a measure says; what is wrong with it is told when it is checked.
fn compared_with(laid: &Laid<'_>) -> Type {
    let inside = laid.inside(&MEASURE).into_iter();
    let words = inside.filter_map(|inner| match inner.as_plain() {
        Some(plain) if plain.keyword.value == "type" => match &plain.body {
            Body::Value { value, .. } => match &value.kind {
                ExprKind::Path(path) => Some(dotted(path)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    match unit(words.last().as_deref()) {
        MeasureUnit::Number => Type::Number,
        MeasureUnit::Ratio => Type::Ratio,
        MeasureUnit::Duration => Type::Duration,
        MeasureUnit::Rate => Type::Rate,
    }
}

fn unit(word: Option<&str>) -> MeasureUnit {
    match word {
        Some("ratio") => MeasureUnit::Ratio,
        Some("duration") => MeasureUnit::Duration,
        Some("rate") => MeasureUnit::Rate,
        _ => MeasureUnit::Number,
    }
}

/// The measures, in the order of [`OwnMeasures`].
pub(crate) fn measures(
    top: &Top,
    built: &Built<'_>,
    moving: &[Node],
    found: &mut Vec<Diagnostic>,
) -> Arena<MeasureId, OwnMeasure> {
    let mut out = Arena::default();
    for object in sorted(top, MEASURE.keyword) {
        let references = object.references("of").iter();
        let of: Vec<Node> = references
            .filter_map(|reference| built.ids.node(reference))
            .collect();
        let query = parts(&object.text("query").unwrap_or_default());
        if query.contains(&QueryPart::Subject) {
            let everything = moving.iter().copied().filter(|_| of.is_empty());
            let asked = of.iter().copied().chain(everything);
            let inventory = &built.inventory;
            let mut names = asked.map(|node| match node {
                Node::Service(id) => &inventory.services[id].name,
                Node::Resource(id) => &inventory.resources[id].name,
            });
            found.extend(names.find_map(|name| unfit(object, name)));
        }
        out.push(OwnMeasure {
            name: object.name().to_owned(),
            doc: object.doc.clone(),
            query,
            unit: unit(object.choice("type")),
            of,
        });
    }
    out
}

/// A query with the places where the name of what is measured goes.
fn parts(query: &str) -> Vec<QueryPart> {
    let mut out = Vec::new();
    for (place, text) in query.split(SUBJECT).enumerate() {
        if place > 0 {
            out.push(QueryPart::Subject);
        }
        if !text.is_empty() {
            out.push(QueryPart::Text(text.to_owned()));
        }
    }
    out
}

/// A name that would end the string of the query it is put into, or mean something else there.
fn unfit(object: &Object, name: &str) -> Option<Diagnostic> {
    let ends = |c: char| matches!(c, '"' | '\'' | '\\' | '`') || c.is_control();
    name.contains(ends).then(|| {
        let message = format!("the name `{name}` cannot stand in a string of a query");
        Diagnostic::error(codes::OUT_OF_RANGE, object.place("query"), message)
            .help("name what it is measured of, such as `of = [orders]`, or leave `${subject}` out")
    })
}

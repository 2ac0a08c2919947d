//! What expanding a pattern gives: steps that many things share, since all that moves by one
//! pattern with the same arguments between the same platforms does the same.

use std::fmt::Write as _;
use std::rc::Rc;

use whimbrel_lang::{Span, Spanned};
use whimbrel_plan::StepKind;

use super::inventory::step_kind;
use crate::check::object::Object;
use crate::check::typed::{Typed, VerbCall};
use crate::check::value::{Call, Value};
use crate::origins::Definition;
use crate::schema;

/// A step or gate of a pattern.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// The `step` or `gate` with the user's overrides applied.
    pub object: Object,
    /// Steps of one group run side by side; groups follow one another.
    pub group: usize,
    /// Where the pattern defines it.
    pub definition: Rc<Definition>,
    /// The user's override of it, if there is one.
    pub overridden: Option<Span>,
    /// Attributes that an argument of the thing's own `move` decides: stronger than `defaults`.
    pub argued: Vec<&'static str>,
}

/// The steps that things share.
#[derive(Debug)]
pub(crate) struct Template {
    pub drafts: Vec<Draft>,
    /// Index of the draft that settles the thing; `None` without drafts.
    pub cutover: Option<usize>,
}

impl Template {
    /// Steps with one among them that settles.
    pub fn new(drafts: Vec<Draft>) -> Self {
        let cutover = cutover(&drafts);
        Self { drafts, cutover }
    }
}

/// Stands for the name of the thing in steps that several things share: a character that Unicode
/// keeps out of texts.
const NAME: &str = "\u{fdd0}";

/// What a pattern's text says of one thing, from what it says of [`Template::stand_in`].
pub(crate) fn with_name(text: &str, name: &str) -> Option<String> {
    text.contains(NAME).then(|| text.replace(NAME, name))
}

impl Template {
    /// The name to expand a pattern for when several things may share the steps.
    pub fn stand_in() -> &'static str {
        NAME
    }

    /// Whether steps expanded for the stand-in serve everything: its name is nowhere but in what is
    /// left to a person, where [`with_name`] puts the real one.
    pub fn is_shared(drafts: &[Draft]) -> bool {
        let named = |typed: &Typed| match typed {
            Typed::Text(text) => text.contains(NAME),
            Typed::Texts(texts) => texts.iter().any(|text| text.contains(NAME)),
            _ => false,
        };
        let fits = |typed: &Typed| match typed {
            Typed::Action(call) if call.verb.name == "manual" => true,
            Typed::Action(call) => !call.arguments.iter().any(|(_, value)| named(&value.value)),
            other => !named(other),
        };
        drafts.iter().all(|draft| {
            let mut given = draft.object.attributes.values();
            !draft.object.name().contains(NAME) && given.all(|given| fits(&given.typed))
        })
    }
}

/// A pattern expanded for one thing.
#[derive(Debug)]
pub(crate) struct Expansion {
    pub pattern: String,
    pub template: Rc<Template>,
    /// Where the thing's `move` is written.
    pub given: Span,
}

impl Expansion {
    /// Its steps.
    pub fn drafts(&self) -> &[Draft] {
        &self.template.drafts
    }
}

/// What decides how a pattern expands, where nothing of the thing itself is asked for.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key<'a> {
    pattern: &'a str,
    pub platforms: (&'a str, &'a str),
    /// Whether the `move` is the thing's own, rather than one in `defaults`.
    own: bool,
    arguments: String,
}

impl<'a> Key<'a> {
    /// The key of a call; `None` when an argument refers to something by its place or its name.
    pub fn new(
        pattern: &'a str,
        platforms: (&'a str, &'a str),
        own: bool,
        call: &Call,
    ) -> Option<Self> {
        let mut arguments = String::new();
        for argument in &call.arguments {
            if let Some(name) = &argument.name {
                arguments.push_str(&name.value);
            }
            arguments.push(':');
            spell(&argument.value, &mut arguments)?;
        }
        Some(Self {
            pattern,
            platforms,
            own,
            arguments,
        })
    }
}

/// Writes a plain value so that different values differ.
fn spell(value: &Spanned<Value>, out: &mut String) -> Option<()> {
    let plain = &value.value;
    match plain {
        Value::Quantity(_)
        | Value::Law(_)
        | Value::Boolean(_)
        | Value::Text(_)
        | Value::Date(_)
        | Value::DateTime(_)
        | Value::Time(_) => write!(out, "{plain:?},").ok(),
        Value::List(items) => {
            out.push('[');
            items.iter().try_for_each(|item| spell(item, out))?;
            out.push(']');
            Some(())
        }
        _ => None,
    }
}

impl Draft {
    /// Applies the user's own `step` of that name.
    pub fn override_with(&mut self, own: &Object) {
        self.overridden = Some(own.span);
        for (key, given) in own.attributes.iter() {
            if given.by_default && self.argued.contains(&key) {
                continue;
            }
            self.object.attributes.insert(key, given.clone());
        }
        if own.doc.is_some() {
            self.object.doc.clone_from(&own.doc);
        }
        self.definition = Rc::new(Definition::of(&self.object, self.definition.span));
    }

    /// Whether it is a gate.
    pub fn is_gate(&self) -> bool {
        self.object.block.keyword == "gate"
    }

    /// What sort of step it is.
    pub fn kind(&self) -> StepKind {
        if self.is_gate() {
            return StepKind::Gate;
        }
        let by_verb = || self.verb().map_or("prepare", |call| call.verb.kind);
        step_kind(self.object.choice("kind").unwrap_or_else(by_verb)).unwrap_or(StepKind::Prepare)
    }

    /// What it does.
    pub fn verb(&self) -> Option<&VerbCall> {
        self.object.action("does").map(AsRef::as_ref)
    }

    /// The share of traffic on the new side when it is done.
    pub fn weight(&self) -> Option<f64> {
        let call = self.verb()?;
        let argument = |name: &str| {
            call.arguments
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| &value.value)
        };
        match call.verb.name {
            "traffic.shift" | "flag.set" => match argument("to") {
                Some(Typed::Number(share)) => Some(*share),
                _ => None,
            },
            "data.switch_reads" => match argument("to") {
                Some(Typed::Text(side)) if &**side == "old" => Some(0.0),
                _ => Some(1.0),
            },
            "queue.resume" => Some(1.0),
            _ => None,
        }
    }
}

/// The step that settles a thing: the one marked, else the last shift, switch of reads or queue
/// resumed, else the last that is not keep, decommission or tidy.
fn cutover(drafts: &[Draft]) -> Option<usize> {
    let marked = drafts
        .iter()
        .rposition(|draft| draft.object.flag("cutover") == Some(true));
    let switching = |draft: &Draft| {
        draft.verb().is_some_and(|call| {
            matches!(
                call.verb.name,
                "traffic.shift" | "flag.set" | "data.switch_reads" | "queue.resume"
            )
        }) && draft.weight() != Some(0.0)
    };
    let running = |draft: &Draft| {
        !draft.is_gate()
            && !matches!(
                draft.kind(),
                StepKind::Keep | StepKind::Decommission | StepKind::Tidy
            )
    };
    let allowed = |draft: &Draft| draft.object.flag("cutover") != Some(false);
    marked
        .or_else(|| {
            drafts
                .iter()
                .rposition(|draft| allowed(draft) && switching(draft))
        })
        .or_else(|| {
            drafts
                .iter()
                .rposition(|draft| allowed(draft) && running(draft))
        })
        .or_else(|| drafts.len().checked_sub(1))
}

/// Whether the `move` is the thing's own, rather than one in `defaults`.
pub(crate) fn is_own(object: &Object) -> bool {
    let given = object.attributes.get("move");
    given.is_some_and(|given| !given.by_default)
}

/// What a thing says of the steps and gates of its pattern.
pub(crate) fn own_steps(object: &Object) -> impl Iterator<Item = &Object> {
    let children = object.children.iter();
    children.filter(|child| schema::is_of_pattern(child.block))
}

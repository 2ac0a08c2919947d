//! The schema: what each block takes. The one source of checking, did-you-mean, `explain`, the
//! reference pages and the tests that prove every attribute is read.
//!
//! One attribute is one [`Attribute`] row, one block one [`Block`]; nothing about the meaning of a
//! keyword stands anywhere else.

mod blocks;
mod examples;
mod expressions;
mod measures;
mod migration_blocks;
mod overlay_blocks;
mod relation_blocks;
mod statements;
mod step_blocks;
mod templates;
#[cfg(test)]
mod tests;
mod types;
mod values;
mod verbs;

pub use expressions::{DISTRIBUTIONS, FUNCTIONS, LIST_PARTS, SUBJECTS, Term, distribution};
pub use measures::{MEASURE, MEASURES, MeasureRow};
pub(crate) use migration_blocks::ROLES;
pub use statements::{FORMS, Form, RESERVED};
pub use step_blocks::{MEANT_SETTINGS, VARIABLE_SUFFIX};
pub use templates::{GivenTo, TEMPLATE_VALUES};
pub use types::{Kind, Type};
pub use values::{Literal, PARAMETER_TYPES, VALUES, literal, measures};
pub use verbs::{Family, VERBS, Verb, VerbParameter, verb};

/// One attribute of a block.
#[derive(Debug)]
pub struct Attribute {
    /// Its keyword.
    pub name: &'static str,
    /// What it takes.
    pub ty: Type,
    /// Whether it must be given.
    pub required: bool,
    /// What holds when it is left out, as one would write it.
    pub default: Option<&'static str>,
    /// What holds when it is left out, in words: derived, taken from elsewhere, or unknown.
    pub otherwise: Option<&'static str>,
    /// What makes a quantity certain where a distribution may not go, such as `a promise`.
    pub certain: Option<&'static str>,
    /// Least and greatest value, in base units.
    pub bounds: Option<(f64, f64)>,
    /// A value, where the one of its type says little.
    sample: Option<&'static str>,
    /// One sentence, without its full stop.
    pub doc: &'static str,
}

impl Attribute {
    const fn new(name: &'static str, ty: Type, doc: &'static str) -> Self {
        Self {
            name,
            ty,
            required: false,
            default: None,
            otherwise: None,
            certain: None,
            bounds: None,
            sample: None,
            doc,
        }
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn otherwise(mut self, words: &'static str) -> Self {
        self.otherwise = Some(words);
        self
    }

    const fn certain(mut self, what: &'static str) -> Self {
        self.certain = Some(what);
        self
    }

    const fn bounds(mut self, low: f64, high: f64) -> Self {
        self.bounds = Some((low, high));
        self
    }

    const fn example(mut self, example: &'static str) -> Self {
        self.sample = Some(example);
        self
    }
}

/// The words a block or relation takes after its keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// None.
    None,
    /// A new name.
    Name,
    /// A reference to something of one of these kinds; a quoted address for pins.
    Reference(&'static [Kind]),
    /// A quoted address.
    Address,
    /// `a -> b`, both references.
    Arrow(Kind),
    /// The name of a step of the pattern, or a new one.
    StepName,
}

/// A block or relation.
#[derive(Debug)]
pub struct Block {
    /// Its keyword.
    pub keyword: &'static str,
    /// What it defines, if it gives a name to something.
    pub kind: Option<Kind>,
    /// The words it takes.
    pub words: Words,
    /// Whether it may be given more than once (with different words).
    pub repeats: bool,
    /// Attributes: what it takes with `=`.
    pub attributes: &'static [Attribute],
    /// Blocks and relations that may stand inside.
    pub blocks: &'static [&'static Block],
    /// One sentence.
    pub doc: &'static str,
}

impl Block {
    /// The attribute of that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|row| row.name == name)
    }

    /// The variable that its attributes may name beside those around it.
    #[must_use]
    pub fn variable(&self) -> Option<&'static str> {
        (self.kind == Some(Kind::Measure)).then_some("subject")
    }

    /// The block of that keyword inside this one.
    #[must_use]
    pub fn block(&self, keyword: &str) -> Option<&'static Block> {
        self.blocks
            .iter()
            .copied()
            .find(|block| block.keyword == keyword)
    }
}

/// The blocks that stand at the top of a plan file: first what exists, then, from `migration`
/// on, what is to happen.
pub static TOP: &[&Block] = &[
    &blocks::PLATFORM,
    &blocks::LINK,
    &blocks::TEAM,
    &blocks::CALENDAR,
    &blocks::FREEZE,
    &blocks::WINDOW,
    &blocks::INSTANCE,
    &blocks::DATASTORE,
    &blocks::TOPIC,
    &blocks::QUEUE,
    &blocks::CACHE,
    &blocks::VOLUME,
    &blocks::EXTERNAL,
    &blocks::LICENCE,
    &blocks::SERVICE,
    &relation_blocks::SEEN,
    &migration_blocks::MIGRATION,
    &migration_blocks::PHASE,
    &migration_blocks::AUTOMATION,
    &migration_blocks::BATCH,
    &migration_blocks::BRIDGE,
    &migration_blocks::CHECKLIST,
    &MEASURE,
    &migration_blocks::TRIGGER,
    &migration_blocks::RISK,
    &migration_blocks::DRIVER,
    &migration_blocks::ENVIRONMENT,
    &migration_blocks::REHEARSAL,
    &migration_blocks::ROLE,
    &migration_blocks::ANNOUNCE,
    &migration_blocks::TRAINING,
    &migration_blocks::RETROSPECTIVE,
    &overlay_blocks::GROUP,
    &overlay_blocks::LINT,
];

/// The blocks of [`TOP`] that say what exists, and those that say what is to happen.
#[must_use]
pub fn groups() -> (&'static [&'static Block], &'static [&'static Block]) {
    let first = |block: &&Block| block.kind == Some(Kind::Migration);
    TOP.split_at(TOP.iter().position(first).unwrap_or(TOP.len()))
}

/// The blocks of a pattern's body.
pub static PATTERN_BODY: &[&Block] = &[
    &step_blocks::STEP,
    &step_blocks::GATE,
    &step_blocks::TOGETHER,
];

/// Whether a block inside what moves is about a step or gate of its pattern.
#[must_use]
pub fn is_of_pattern(block: &Block) -> bool {
    matches!(block.keyword, "step" | "gate" | "without")
}

/// What is otherwise in a gate of a pattern, where something is moved.
pub static OWN_GATE: &Block = &step_blocks::OWN_GATE;

/// What drops a step of a pattern, where something is moved.
pub static WITHOUT: &Block = &step_blocks::WITHOUT;

/// The block of an `executor.mig` file.
pub static EXECUTOR: &Block = &step_blocks::EXECUTOR;

/// The top-level block of that keyword.
#[must_use]
pub fn top(keyword: &str) -> Option<&'static Block> {
    TOP.iter().copied().find(|block| block.keyword == keyword)
}

/// Every block with its path (`service`, `service.calls`), parents before children.
#[must_use]
pub fn all() -> Vec<(String, &'static Block)> {
    fn walk(path: &str, block: &'static Block, out: &mut Vec<(String, &'static Block)>) {
        out.push((path.to_owned(), block));
        for child in block.blocks {
            walk(&format!("{path}.{}", child.keyword), child, out);
        }
    }
    let mut out = Vec::new();
    for block in TOP
        .iter()
        .chain(PATTERN_BODY)
        .chain(std::iter::once(&EXECUTOR))
    {
        walk(block.keyword, block, &mut out);
    }
    out
}

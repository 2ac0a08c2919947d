//! Findings as plain data. Only the command line renders them.

use crate::{Meant, Span, meant};

/// What is shown of a text of somebody's: its beginning, where it is long.
#[must_use]
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Probably wrong.
    Warning,
    /// Certainly wrong.
    Error,
}

/// A stable code with its short name: `MG0101`, `unknown-name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// `MG0101`.
    pub number: &'static str,
    /// `unknown-name`.
    pub name: &'static str,
}

/// A place and what to say of it; the message may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// Lower case, no full stop, user text in backticks.
    pub message: String,
}

/// Replace what a span covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// Edits that, applied, reparse and silence the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Edits that do not overlap.
    pub edits: Vec<Edit>,
    /// The word that the only edit replaces, quoted or not, perhaps behind a `.`. Who offers a fix
    /// may know a word and not how it came to its place: where another text stands there (a
    /// variable, say), the fix is none.
    pub word: Option<String>,
}

/// Whether a name stands in a plan as it is, without quotes.
fn is_plain(name: &str) -> bool {
    name.chars()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'))
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code.
    pub code: Code,
    /// How bad.
    pub level: Level,
    /// Lower case, no full stop, user text in backticks.
    pub message: String,
    /// Where.
    pub primary: Label,
    /// Related places.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// More to know, a line or several each.
    pub notes: Vec<String>,
    /// A certain remedy.
    pub fix: Option<Fix>,
    /// The names of what it is about, where a rule says so: the first that it tells of, then those it
    /// stands for, too.
    pub about: Vec<String>,
}

impl Diagnostic {
    /// A finding at `span` with an empty primary label.
    #[must_use]
    pub fn new(code: Code, level: Level, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            level,
            message: message.into(),
            primary: Label {
                span,
                message: String::new(),
            },
            labels: Vec::new(),
            help: None,
            notes: Vec::new(),
            fix: None,
            about: Vec::new(),
        }
    }

    /// An error at `span`.
    #[must_use]
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Level::Error, span, message)
    }

    /// A warning at `span`.
    #[must_use]
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Level::Warning, span, message)
    }

    /// Says what is at the primary place.
    #[must_use]
    pub fn here(mut self, message: impl Into<String>) -> Self {
        self.primary.message = message.into();
        self
    }

    /// Points at a related place.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what to do, unless that has been said.
    #[must_use]
    pub fn or_help<T: Into<String>>(self, help: impl FnOnce() -> T) -> Self {
        if self.help.is_some() {
            return self;
        }
        self.help(help())
    }

    /// Asks whether the nearest of `candidates` was meant by `word`, the text at the primary place,
    /// and offers it as the remedy where `word` can only be a slip. Says nothing where none is near.
    #[must_use]
    pub fn meant<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match meant(word, candidates) {
            Some(meant) => self.asks(word, meant),
            None => self,
        }
    }

    /// The same of a candidate that has been found.
    #[must_use]
    pub fn asks(self, word: &str, meant: Meant<'_>) -> Self {
        let asked = self.help(format!("did you mean `{}`?", meant.name));
        if meant.slip && is_plain(meant.name) {
            asked.reword(word, meant.name)
        } else {
            asked
        }
    }

    /// Offers to write `meant` for `word`, the text at the primary place.
    #[must_use]
    pub fn reword(mut self, word: &str, meant: &str) -> Self {
        self.fix = Some(Fix {
            title: format!("write `{meant}`"),
            edits: vec![Edit {
                span: self.primary.span,
                text: meant.to_owned(),
            }],
            word: Some(word.to_owned()),
        });
        self
    }

    /// Adds something to know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Offers a certain remedy.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix {
            title: title.into(),
            edits,
            word: None,
        });
        self
    }
}

//! What is told of a change, before it is laid out for a terminal or as Markdown.

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words of ours.
    Text(String),
    /// Words of the plan's: a name, a value.
    Given(String),
    /// Words of the plan's in a sentence.
    Quoted(String),
}

/// Whether a line is about something new, gone or otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// New.
    Plus,
    /// No more.
    Minus,
    /// Otherwise.
    Tilde,
    /// Belongs to the line above.
    More,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Neither good nor bad.
    Plain,
    /// Better than before.
    Good,
    /// Worth a look.
    Warning,
    /// Worse than before.
    Bad,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub sign: Sign,
    /// How it is meant.
    pub mood: Mood,
    /// What it says.
    pub pieces: Vec<Piece>,
}

/// A heading and its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: &'static str,
    /// The lines; a section without any is not shown.
    pub lines: Vec<Line>,
}

impl Line {
    /// A line that says nothing yet.
    pub fn new(sign: Sign) -> Self {
        Self {
            sign,
            mood: Mood::Plain,
            pieces: Vec::new(),
        }
    }

    /// How it is meant.
    #[must_use]
    pub fn mood(mut self, mood: Mood) -> Self {
        self.mood = mood;
        self
    }

    /// Words of ours.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Text(text.into()));
        self
    }

    /// Words of the plan's.
    #[must_use]
    pub fn given(mut self, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Given(text.into()));
        self
    }

    /// Names, with how many more there are than are shown.
    #[must_use]
    pub fn names<T: AsRef<str>>(mut self, names: &[T], shown: usize) -> Self {
        for (at, name) in names.iter().take(shown).enumerate() {
            if at > 0 {
                self = self.text(", ");
            }
            self = self.given(name.as_ref());
        }
        match names.len().saturating_sub(shown) {
            0 => self,
            more => self.text(format!(" and {more} more")),
        }
    }

    /// A text in which names stand in backticks.
    #[must_use]
    pub fn quoting(mut self, text: &str) -> Self {
        for (at, part) in text
            .split('`')
            .enumerate()
            .filter(|(_, part)| !part.is_empty())
        {
            self.pieces.push(if at % 2 == 1 {
                Piece::Quoted(part.to_owned())
            } else {
                Piece::Text(part.to_owned())
            });
        }
        self
    }
}

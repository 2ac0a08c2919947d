//! Source texts and positions in them.

use std::sync::Arc;

/// A source text in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A half-open range of bytes in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The range from `start` to `end` of `source`.
    #[must_use]
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            source,
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }

    /// The least span that holds both; `self` when they are in different sources.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self {
            source: self.source,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value` at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// One source text.
#[derive(Clone, Debug)]
pub struct Source {
    path: Arc<str>,
    text: String,
    line_starts: Vec<u32>,
}

impl Source {
    /// Its path as it was given: relative to the project, `/` between folders; `std/…` for the
    /// standard library.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its path, to be kept.
    #[must_use]
    pub fn shared_path(&self) -> &Arc<str> {
        &self.path
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// All source texts of one compilation.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    sources: Vec<Source>,
}

impl Sources {
    /// Adds a text and returns its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        let text = text.into();
        let newlines = text.match_indices('\n');
        let line_starts = std::iter::once(0)
            .chain(newlines.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)))
            .collect();
        self.sources.push(Source {
            path: path.into().into(),
            text,
            line_starts,
        });
        id
    }

    /// The source of an id that [`Sources::add`] of this value returned.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids are minted by `add`")]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    /// Ids and sources in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.sources
            .iter()
            .enumerate()
            .map(|(index, source)| (SourceId(u32::try_from(index).unwrap_or(u32::MAX)), source))
    }

    /// The text a span covers; empty if it lies outside its source.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source)
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    /// The line of a byte, from 1.
    #[must_use]
    pub fn line(&self, id: SourceId, offset: u32) -> u32 {
        let starts = &self.get(id).line_starts;
        let line = starts.partition_point(|start| *start <= offset).max(1);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// The first byte of a line, counted from 1; the end of the text for a line behind the last.
    #[must_use]
    pub fn line_start(&self, id: SourceId, line: u32) -> u32 {
        let source = self.get(id);
        let start = source.line_starts.get((line as usize).saturating_sub(1));
        let end = || u32::try_from(source.text.len()).unwrap_or(u32::MAX);
        start.copied().unwrap_or_else(end)
    }

    /// Line and column of a byte.
    #[must_use]
    pub fn line_column(&self, id: SourceId, offset: u32) -> LineColumn {
        let source = self.get(id);
        let line = self.line(id, offset);
        let start = self.line_start(id, line);
        let before = source
            .text
            .get(start as usize..offset as usize)
            .unwrap_or_default();
        let column = before.chars().count() + 1;
        LineColumn {
            line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }
}

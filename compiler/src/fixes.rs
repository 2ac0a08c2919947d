//! Fixes as the texts allow them. Who offers one may know a word and not what stands in its place,
//! or a line and not where in its file it goes; here the texts are at hand, and a fix that does not
//! fit them is taken back.

use std::collections::HashMap;
use std::ops::Range;

use whimbrel_lang::ast::{File, Statement, StatementKind};
use whimbrel_lang::{Diagnostic, Edit, Fix, SourceId, Sources, Span};

/// Advises, and offers, to add `use PATH` at the head of the file the finding is in.
pub(crate) fn using(found: Diagnostic, path: &str) -> Diagnostic {
    let span = Span::new(found.primary.span.source, 0, 0);
    let text = format!("use {path}\n");
    found
        .help(format!("add `use {path}` at the head of the file"))
        .fix(format!("add `use {path}`"), vec![Edit { span, text }])
}

/// Brings every fix into its place: a word to where it stands, a line for the head of a file behind
/// what is there already, a deletion to the whole line it empties. The standard library stays as it
/// is.
pub(crate) fn settle(found: &mut [Diagnostic], files: &[(SourceId, File)], sources: &Sources) {
    let mut settling = Settling {
        files,
        sources,
        heads: HashMap::new(),
    };
    for found in found {
        found.fix = found.fix.take().and_then(|fix| settling.fix(fix));
    }
}

struct Settling<'a> {
    files: &'a [(SourceId, File)],
    sources: &'a Sources,
    /// Where a line at the head of a file goes.
    heads: HashMap<SourceId, Head>,
}

/// Where a line at the head of a file goes, and what stands around it there.
#[derive(Clone, Copy, Debug)]
struct Head {
    at: usize,
    before: &'static str,
    after: &'static str,
}

impl Settling<'_> {
    fn fix(&mut self, mut fix: Fix) -> Option<Fix> {
        for edit in &mut fix.edits {
            let source = self.sources.get(edit.span.source);
            if source.path().starts_with("std/") {
                return None;
            }
            let text = source.text();
            if let Some(word) = &fix.word {
                let within = only_place(self.sources.slice(edit.span), word)?;
                let start = edit.span.start as usize;
                edit.span = Span::new(edit.span.source, start + within.start, start + within.end);
            } else if edit.span.end == 0 {
                let source = edit.span.source;
                let head = *self.heads.entry(source).or_insert_with(|| {
                    let file = self.files.iter().find(|(id, _)| *id == source);
                    head(text, file.map_or(&[], |(_, file)| &file.statements))
                });
                edit.span = Span::new(source, head.at, head.at);
                edit.text = format!("{}{}{}", head.before, edit.text, head.after);
            } else if edit.text.is_empty() {
                edit.span = whole_lines(text, edit.span);
            }
        }
        Some(fix)
    }
}

/// Where `word` stands in a text of one line, if it stands there once; quotes around it and a path
/// before it do not count.
fn only_place(text: &str, word: &str) -> Option<Range<usize>> {
    if word.is_empty() || text.contains(['\n', '#']) {
        return None;
    }
    let part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let mut places = text.match_indices(word).filter(|(at, _)| {
        let before = text.get(..*at).unwrap_or_default();
        let after = text.get(at + word.len()..).unwrap_or_default();
        !before.ends_with(part) && !after.starts_with(part) && !after.starts_with('.')
    });
    let (at, _) = places.next()?;
    places.next().is_none().then_some(at..at + word.len())
}

/// Behind the last `use` or `import` of a file; else before its first statement, its comments
/// included as far as no blank line is between them.
fn head(text: &str, statements: &[Statement]) -> Head {
    let module = |one: &&Statement| {
        matches!(
            one.kind,
            StatementKind::Use { .. } | StatementKind::Import { .. }
        )
    };
    if let Some(last) = statements.iter().rev().find(module) {
        let end = last.span.end as usize;
        let line = text.get(end..).and_then(|rest| rest.find('\n'));
        return match line {
            Some(line) => Head {
                at: end + line + 1,
                before: "",
                after: "",
            },
            None => Head {
                at: text.len(),
                before: "\n",
                after: "",
            },
        };
    }
    let first = statements.iter().map(|one| one.span.start as usize).min();
    let above = text.get(..first.unwrap_or(0)).unwrap_or_default();
    let blank = |line: &&str| line.trim().is_empty();
    let mut at = above.len() - above.rsplit('\n').next().map_or(0, str::len);
    for line in above
        .get(..at)
        .unwrap_or_default()
        .split_inclusive('\n')
        .rev()
    {
        if blank(&line) {
            break;
        }
        at -= line.len();
    }
    Head {
        at,
        before: "",
        after: "\n",
    }
}

/// The lines of a span with their ends, where nothing but blanks stands beside it.
fn whole_lines(text: &str, span: Span) -> Span {
    let (start, end) = (span.start as usize, span.end as usize);
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let indent = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let rest = after.find('\n').map_or(after.len(), |at| at + 1);
    let alone = [before.get(start - indent..), after.get(..rest)]
        .into_iter()
        .all(|beside| beside.is_some_and(|beside| beside.trim().is_empty()));
    if alone && start < end {
        Span::new(span.source, start - indent, end + rest)
    } else {
        span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_place_or_none() {
        for (text, word, place) in [
            ("ordesr", "ordesr", Some(0..6)),
            ("\"ordesr\"", "ordesr", Some(1..7)),
            ("service.ordesr", "ordesr", Some(8..14)),
            ("waive no-triger on x", "no-triger", Some(6..15)),
            ("ordesr -> ordesr", "ordesr", None),
            ("ordesr.items", "ordesr", None),
            ("\"${x}\"", "ordr", None),
            ("my_ordesr", "ordesr", None),
            ("x # ordesr", "ordesr", None),
        ] {
            assert_eq!(only_place(text, word), place, "{text}");
        }
    }

    #[test]
    fn a_line_at_the_head_goes_behind_what_is_there() {
        for (text, expected) in [
            ("service a { }\n", "use x\n\nservice a { }\n"),
            (
                "# The shop.\n\n# Its orders.\nservice a { }\n",
                "# The shop.\n\nuse x\n\n# Its orders.\nservice a { }\n",
            ),
            (
                "# The shop.\nservice a { }\n",
                "use x\n\n# The shop.\nservice a { }\n",
            ),
            (
                "import \"b.mig\" # ours\n\nservice a { }\n",
                "import \"b.mig\" # ours\nuse x\n\nservice a { }\n",
            ),
        ] {
            let mut sources = Sources::default();
            let id = sources.add("plan.mig", text);
            let file = whimbrel_lang::parse(&sources, id).file;
            let head = head(text, &file.statements);
            let (before, after) = text.split_at(head.at);
            assert_eq!(
                format!("{before}{}use x\n{}{after}", head.before, head.after),
                expected
            );
        }
    }

    #[test]
    fn a_deletion_takes_the_line_it_empties() {
        let mut sources = Sources::default();
        let text = "a\n  waive x\nb waive y\n";
        let id = sources.add("plan.mig", text);
        let all = whole_lines(text, Span::new(id, 4, 11));
        assert_eq!((all.start, all.end), (2, 12));
        let part = Span::new(id, 14, 21);
        assert_eq!(whole_lines(text, part), part);
    }
}

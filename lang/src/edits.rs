//! Fixes applied to their texts.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Edit, Fix, SourceId, Sources};

/// Texts with fixes applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The texts that changed.
    pub texts: BTreeMap<SourceId, String>,
    /// Which of the fixes were applied, by their place among those given.
    pub taken: Vec<usize>,
}

/// Applies as many of the fixes as do not change the same text, earlier ones first. What several
/// of them do alike is done once.
#[must_use]
pub fn apply<'a>(sources: &Sources, fixes: impl IntoIterator<Item = &'a Fix>) -> Applied {
    let mut edits: BTreeMap<SourceId, Edits> = BTreeMap::new();
    let mut taken = Vec::new();
    for (index, fix) in fixes.into_iter().enumerate() {
        let fits = |edit: &Edit| {
            let known = edits.get(&edit.span.source);
            known.is_none_or(|known| known.fits(edit))
        };
        if !fix.edits.is_empty() && fix.edits.iter().all(fits) {
            for edit in &fix.edits {
                let known = edits.entry(edit.span.source).or_default();
                known
                    .edits
                    .insert((edit.span.start, edit.span.end, edit.text.clone()));
            }
            taken.push(index);
        }
    }
    let texts = edits
        .into_iter()
        .map(|(id, edits)| (id, edits.applied(sources.get(id).text())));
    Applied {
        texts: texts.collect(),
        taken,
    }
}

/// Edits of one text, none over another: start, end, what is written there.
#[derive(Debug, Default)]
struct Edits {
    edits: BTreeSet<(u32, u32, String)>,
}

impl Edits {
    /// Whether an edit is among these, or changes nothing that they change.
    fn fits(&self, edit: &Edit) -> bool {
        let (start, end) = (edit.span.start, edit.span.end);
        let whole = (start, end, edit.text.clone());
        if self.edits.contains(&whole) {
            return true;
        }
        let apart = |(other_start, other_end, _): &(u32, u32, String)| {
            start >= *other_end || end <= *other_start
        };
        let before = self.edits.range(..whole.clone()).next_back();
        let after = self.edits.range(whole..).next();
        before.into_iter().chain(after).all(apart)
    }

    fn applied(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end, new) in &self.edits {
            out.push_str(text.get(done..*start as usize).unwrap_or_default());
            out.push_str(new);
            done = *end as usize;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    fn fix(id: SourceId, edits: &[(usize, usize, &str)]) -> Fix {
        let edits = edits.iter().map(|&(start, end, text)| Edit {
            span: Span::new(id, start, end),
            text: text.to_owned(),
        });
        Fix {
            title: String::new(),
            edits: edits.collect(),
            word: None,
        }
    }

    /// The edits of each fix as (start, end, text), which fixes apply, and the text they make.
    type Case<'a> = (&'a [&'a [(usize, usize, &'a str)]], &'a [usize], &'a str);

    #[test]
    fn fixes_that_do_not_touch_are_applied_together() {
        let cases: &[Case] = &[
            (&[&[(0, 2, "x")], &[(4, 6, "y")]], &[0, 1], "xcdy"),
            // Written in any order, and beside one another.
            (&[&[(2, 4, "x")], &[(0, 2, "y")]], &[0, 1], "yxef"),
            // The second would change what the first has changed.
            (
                &[&[(0, 3, "x")], &[(2, 4, "y")], &[(5, 6, "")]],
                &[0, 2],
                "xde",
            ),
            (&[&[(0, 6, "x")], &[(2, 4, "y")]], &[0], "x"),
            (&[&[(0, 6, "x")], &[(2, 2, "y")]], &[0], "x"),
            // Two ways to replace the same.
            (&[&[(0, 2, "x")], &[(0, 2, "y")]], &[0], "xcdef"),
            // What several do alike is done once; insertions stand side by side.
            (&[&[(0, 0, "x")], &[(0, 0, "x")]], &[0, 1], "xabcdef"),
            (&[&[(2, 2, "y")], &[(2, 2, "x")]], &[0, 1], "abxycdef"),
            (&[&[(2, 2, "x")], &[(2, 4, "y")]], &[0, 1], "abxyef"),
            // All edits of a fix, or none.
            (
                &[&[(0, 1, "x")], &[(0, 1, "y"), (3, 4, "z")]],
                &[0],
                "xbcdef",
            ),
        ];
        for (fixes, taken, expected) in cases {
            let mut sources = Sources::default();
            let id = sources.add("plan.mig", "abcdef");
            let fixes: Vec<Fix> = fixes.iter().map(|edits| fix(id, edits)).collect();
            let applied = apply(&sources, &fixes);
            assert_eq!(applied.taken, *taken, "{fixes:?}");
            assert_eq!(applied.texts[&id], *expected, "{fixes:?}");
        }
    }
}

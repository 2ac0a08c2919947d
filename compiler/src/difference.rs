//! Which findings a change brings and takes away.
//!
//! A finding is the same one where its rule, what it is about and its words are the same; numbers in
//! them may be others, and where it stands does not matter. One that stands for several things is
//! looked at for each of them.

mod schema;

use std::borrow::{Borrow, Cow};
use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::{Diagnostic, Level, Sources};
use whimbrel_plan::difference::Renamed;

use crate::Compilation;

pub use schema::schema;

/// A finding of one side only, or of some of what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneSided<'a> {
    /// The finding as its side has it.
    pub finding: &'a Diagnostic,
    /// The names it is about that the other side has it not of; empty where it names nothing.
    pub of: Vec<&'a str>,
}

/// A finding of both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoSided<'a> {
    /// As it was.
    pub before: &'a Diagnostic,
    /// As it is.
    pub after: &'a Diagnostic,
}

/// What is otherwise about findings, each list in the order of its side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingChanges<'a> {
    /// New ones.
    pub gained: Vec<OneSided<'a>>,
    /// Those that are no more.
    pub lost: Vec<OneSided<'a>>,
    /// The same at another level, or with other numbers.
    pub changed: Vec<TwoSided<'a>>,
}

impl FindingChanges<'_> {
    /// How many findings are new at this level, or have come to it from a lower one.
    #[must_use]
    pub fn new_at(&self, level: Level) -> usize {
        let gained = self.gained.iter().map(|one| one.finding);
        let louder = self.changed.iter();
        let louder = louder.filter(|one| one.before.level < one.after.level);
        gained
            .chain(louder.map(|one| one.after))
            .filter(|finding| finding.level == level)
            .count()
    }
}

/// Compares the findings of two compilations; `renamed` says what has another name now.
#[must_use]
pub fn findings<'a>(
    before: &'a Compilation,
    after: &'a Compilation,
    renamed: &[Renamed],
) -> FindingChanges<'a> {
    let renamed: FxHashMap<&str, &str> = renamed
        .iter()
        .map(|one| (one.before.as_str(), one.after.as_str()))
        .collect();
    let old = atoms(&before.diagnostics, &before.sources, &renamed);
    let new = atoms(&after.diagnostics, &after.sources, &FxHashMap::default());
    let mut known: FxHashMap<&Key, Vec<usize>> = FxHashMap::default();
    for (at, atom) in old.iter().enumerate().rev() {
        known.entry(&atom.key).or_default().push(at);
    }
    let mut kept = vec![false; old.len()];
    let mut changes = FindingChanges::default();
    let mut told = FxHashSet::default();
    for atom in &new {
        let place = known.get_mut(&atom.key).and_then(Vec::pop);
        let Some(was) = place.and_then(|at| old.get(at)) else {
            add(&mut changes.gained, atom);
            continue;
        };
        if let Some(kept) = place.and_then(|at| kept.get_mut(at)) {
            *kept = true;
        }
        let pair = TwoSided {
            before: was.finding,
            after: atom.finding,
        };
        let other_words = atom.place == 0 && was.place == 0 && was.message != atom.message;
        let other_level = pair.before.level != pair.after.level;
        if (other_words || other_level) && told.insert(std::ptr::from_ref(atom.finding)) {
            changes.changed.push(pair);
        }
    }
    let lost = old.iter().zip(kept).filter(|(_, kept)| !kept);
    lost.for_each(|(atom, _)| add(&mut changes.lost, atom));
    changes
}

/// What makes a finding the same one: its rule, what it is about, its words without their numbers.
type Key = (&'static str, String, String);

/// A finding about one of the things it is about.
struct Atom<'a> {
    key: Key,
    finding: &'a Diagnostic,
    /// Which of them.
    place: usize,
    /// Its words, with the names of today.
    message: String,
}

fn atoms<'a>(
    findings: &'a [Diagnostic],
    sources: &Sources,
    renamed: &FxHashMap<&str, &str>,
) -> Vec<Atom<'a>> {
    let now = |name: &str| (*renamed.get(name).unwrap_or(&name)).to_owned();
    let of = |name: &str| FxHashMap::from_iter([(name.to_owned(), "…")]);
    let mut atoms = Vec::new();
    for finding in findings {
        let message = with_names(&finding.message, renamed);
        let code = finding.code.number;
        let Some(first) = finding.about.first() else {
            let place = sources.slice(finding.primary.span);
            let words = format!("{} {}", masked(&message), masked(place));
            atoms.push(Atom {
                key: (code, String::new(), words),
                finding,
                place: 0,
                message,
            });
            continue;
        };
        let words = masked(&with_names(&message, &of(&now(first))));
        atoms.extend(finding.about.iter().enumerate().map(|(place, name)| Atom {
            key: (code, now(name), words.clone()),
            finding,
            place,
            message: message.clone(),
        }));
    }
    atoms
}

fn add<'a>(told: &mut Vec<OneSided<'a>>, atom: &Atom<'a>) {
    let name = atom.finding.about.get(atom.place).map(String::as_str);
    match told.last_mut() {
        Some(last) if std::ptr::eq(last.finding, atom.finding) => last.of.extend(name),
        _ => told.push(OneSided {
            finding: atom.finding,
            of: name.into_iter().collect(),
        }),
    }
}

/// A text whose names in backticks, of steps too, are those of today.
fn with_names<K: Borrow<str> + Eq + Hash>(text: &str, renamed: &FxHashMap<K, &str>) -> String {
    if renamed.is_empty() {
        return text.to_owned();
    }
    let parts = text.split('`').enumerate().map(|(at, part)| {
        let (thing, local) = part.split_at(part.find('/').unwrap_or(part.len()));
        match renamed.get(thing) {
            Some(now) if at % 2 == 1 => Cow::Owned(format!("{now}{local}")),
            _ => Cow::Borrowed(part),
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// A text with `#` for each number and what is counted by it: `1h 20min`, `$3`, `2 services`.
fn masked(text: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut counted = false;
    for word in text.split_whitespace() {
        let first = word.chars().find(|letter| letter.is_alphanumeric());
        let number = !word.contains('`') && first.is_some_and(|letter| letter.is_ascii_digit());
        if number {
            if !counted {
                out.push("#");
            }
        } else {
            out.push(if counted {
                word.trim_end_matches('s')
            } else {
                word
            });
        }
        counted = number;
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_what_they_count_are_masked_and_names_are_not() {
        for (one, other) in [
            (
                "takes 45min in nine of ten",
                "takes 1h 20min in nine of ten",
            ),
            ("1 service waits", "12 services waits"),
            ("costs $30", "costs $1,200"),
        ] {
            assert_eq!(masked(one), masked(other), "{one}");
        }
        assert_ne!(masked("`s1` waits"), masked("`s2` waits"));
    }

    #[test]
    fn names_in_backticks_follow_a_rename() {
        let renamed = FxHashMap::from_iter([("orders", "order")]);
        assert_eq!(
            with_names("`orders/go` needs orders of `orders_db`", &renamed),
            "`order/go` needs orders of `orders_db`"
        );
    }
}

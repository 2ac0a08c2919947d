//! What the rules found: waived where the plan says so, and the same thing told once.

use indexmap::IndexSet;
use jiff::civil::Date;
use rustc_hash::{FxBuildHasher, FxHashMap};
use whimbrel_lang::{Code, Diagnostic, Level, Span};
use whimbrel_plan::Waiver;

use super::context::listed_up_to;
use super::{Coverage, Rule};

/// How many names are listed where one edit mends all, and where somebody works down the list.
const MENDED_AT_ONCE: usize = 8;
const MENDED_ONE_BY_ONE: usize = 40;

/// What the rules found so far.
#[derive(Debug)]
pub struct Findings {
    waivers: Vec<Waiver>,
    today: Date,
    /// What each waiver covers.
    coverage: Vec<Coverage>,
    told: Vec<Told>,
    /// Where in `told` a finding is that another is one with.
    places: FxHashMap<(Code, Level, Cause), usize>,
}

/// A finding and the names of those it stands for.
#[derive(Debug)]
struct Told {
    diagnostic: Diagnostic,
    names: IndexSet<String, FxBuildHasher>,
    /// How many names are listed.
    shown: usize,
}

/// What makes findings of one rule and one level one.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Cause {
    Place(Span),
    Alike(String),
}

impl Findings {
    /// Nothing found yet, with the waivers that take off what will be.
    pub(super) fn new(waivers: &[Waiver], today: Date) -> Self {
        Self {
            waivers: waivers.to_vec(),
            today,
            coverage: vec![Coverage::default(); waivers.len()],
            told: Vec::new(),
            places: FxHashMap::default(),
        }
    }

    /// Reports a finding about `targets`, the first of which it is told by.
    pub(super) fn report<T: AsRef<str> + Into<String>>(
        &mut self,
        targets: impl IntoIterator<Item = T>,
        diagnostic: Diagnostic,
    ) {
        let cause = Cause::Place(diagnostic.primary.span);
        let kind = (diagnostic.code, diagnostic.level);
        self.push(kind, cause, targets, || diagnostic);
    }

    /// Reports a finding that is one with all others of this rule that are `alike`, wherever they
    /// stand: it is told at the first of them that no waiver takes off, and names the rest.
    pub(super) fn report_together<T: AsRef<str> + Into<String>>(
        &mut self,
        alike: impl Into<String>,
        targets: impl IntoIterator<Item = T>,
        diagnostic: Diagnostic,
    ) {
        let kind = (diagnostic.code, diagnostic.level);
        self.push(kind, Cause::Alike(alike.into()), targets, || diagnostic);
    }

    /// As [`Findings::report_together`] where there may be thousands: only the one that is told is
    /// worded.
    pub(super) fn report_first<T: AsRef<str> + Into<String>>(
        &mut self,
        rule: &Rule,
        alike: impl Into<String>,
        targets: impl IntoIterator<Item = T>,
        diagnostic: impl FnOnce() -> Diagnostic,
    ) {
        let kind = (rule.code, rule.level);
        self.push(kind, Cause::Alike(alike.into()), targets, diagnostic);
    }

    fn push<T: AsRef<str> + Into<String>>(
        &mut self,
        (code, level): (Code, Level),
        cause: Cause,
        targets: impl IntoIterator<Item = T>,
        diagnostic: impl FnOnce() -> Diagnostic,
    ) {
        let targets: Vec<T> = targets.into_iter().collect();
        if self.is_waived(code, level, &targets) {
            return;
        }
        let shown = match cause {
            Cause::Alike(_) => MENDED_ONE_BY_ONE,
            Cause::Place(_) => MENDED_AT_ONCE,
        };
        let name = targets.into_iter().next().map(Into::into);
        let next = self.told.len();
        let at = *self.places.entry((code, level, cause)).or_insert(next);
        match self.told.get_mut(at) {
            Some(told) => told.names.extend(name),
            None => self.told.push(Told {
                diagnostic: diagnostic(),
                names: name.into_iter().collect(),
                shown,
            }),
        }
    }

    /// Whether a waiver takes it off: warnings and notes, until the end of the waiver's last day.
    fn is_waived<T: AsRef<str>>(&mut self, code: Code, level: Level, targets: &[T]) -> bool {
        let mut waived = false;
        for (waiver, coverage) in self.waivers.iter().zip(&mut self.coverage) {
            if !is_about(waiver, code, targets) {
                continue;
            }
            if level == Level::Error {
                coverage.errors += 1;
            } else {
                coverage.waivable += 1;
                waived |= waiver.until >= self.today;
            }
        }
        waived
    }

    /// What each waiver covers of what was found so far. No waiver takes off what comes after.
    pub(super) fn take_coverage(&mut self) -> Vec<Coverage> {
        self.waivers.clear();
        std::mem::take(&mut self.coverage)
    }

    /// What is told, in the order found; a finding that stands for others has a note that names
    /// them.
    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let told = self.told.into_iter();
        told.map(|told| {
            let mut diagnostic = told.diagnostic;
            diagnostic.about = told.names.into_iter().collect();
            match diagnostic.about.get(1..) {
                None | Some([]) => diagnostic,
                Some(others) => {
                    let others = listed_up_to(others, told.shown);
                    diagnostic.note(format!("the same holds of {others}"))
                }
            }
        })
        .collect()
    }
}

/// Whether a waiver names the rule and one of the targets.
fn is_about<T: AsRef<str>>(waiver: &Waiver, code: Code, targets: &[T]) -> bool {
    (waiver.code == code.number || waiver.code == code.name) && names_one_of(waiver, targets)
}

/// By its name, or by its kind and name: `b` or `platform.b`.
fn names_one_of<T: AsRef<str>>(waiver: &Waiver, targets: &[T]) -> bool {
    let is_target = |name: &str| targets.iter().any(|target| target.as_ref() == name);
    let by_kind = || {
        let (kind, name) = waiver.on.split_once('.')?;
        let block = crate::schema::top(kind)?;
        (block.kind.is_some() || kind == "migration").then_some(name)
    };
    is_target(&waiver.on) || by_kind().is_some_and(is_target)
}

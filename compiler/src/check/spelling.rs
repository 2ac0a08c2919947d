//! Did-you-mean among the names of a plan, at a bounded price.
//!
//! Looking for the nearest name compares it with all names, which would be quadratic where most
//! names are unknown. Each is looked for once, and no longer when [`COMPARISONS`] are used up: a plan
//! with so many unknown names lacks a file, and no spelling helps.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;
use whimbrel_lang::{Meant, meant};

use super::names::Names;
use crate::schema::Kind;

/// How many names are compared in one plan, in some tenths of a second: two hundred unknown names
/// where ten thousand are known.
const COMPARISONS: usize = 2_000_000;

/// What an unknown name may stand for.
#[derive(Clone, Debug)]
pub(super) enum Guess {
    /// It is near to one that is known.
    Near {
        /// The one.
        name: Rc<str>,
        /// Whether it can only be a slip of it.
        slip: bool,
    },
    /// It is near to none.
    None,
    /// So many are unknown that nobody looked.
    Unsought,
}

impl Guess {
    pub(super) fn meant(&self) -> Option<Meant<'_>> {
        match self {
            Self::Near { name, slip } => Some(Meant { name, slip: *slip }),
            Self::None | Self::Unsought => None,
        }
    }
}

/// The kinds that would do, and the name as it is written.
type Misspelt = (Box<[Kind]>, Box<str>);

/// What has been guessed, and how many names were compared for it.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    compared: Cell<usize>,
    guessed: RefCell<FxHashMap<Misspelt, Guess>>,
}

impl Spelling {
    /// Whether another `count` names may be compared; then they count as compared.
    pub(super) fn affords(&self, count: usize) -> bool {
        let sum = self.compared.get().saturating_add(count);
        let affords = sum <= COMPARISONS;
        if affords {
            self.compared.set(sum);
        }
        affords
    }

    /// The name of one of `kinds` that `name` may stand for.
    pub(super) fn guess(&self, names: &Names, kinds: &[Kind], name: &str) -> Guess {
        let key = (Box::from(kinds), Box::from(name));
        if let Some(known) = self.guessed.borrow().get(&key) {
            return known.clone();
        }
        let candidates = || kinds.iter().flat_map(|kind| names.of(*kind));
        let guess = if self.affords(candidates().count()) {
            let near = meant(name, candidates().map(|name| &**name));
            near.map_or(Guess::None, |near| Guess::Near {
                name: near.name.into(),
                slip: near.slip,
            })
        } else {
            Guess::Unsought
        };
        self.guessed.borrow_mut().insert(key, guess.clone());
        guess
    }
}

#[cfg(test)]
mod tests {
    use whimbrel_lang::{Sources, Span};

    use super::*;

    fn place() -> Span {
        let mut sources = Sources::default();
        let source = sources.add("plan.mig", "");
        Span::new(source, 0, 0)
    }

    #[test]
    fn a_name_is_looked_for_once_and_no_longer_than_it_pays() {
        let mut names = Names::default();
        for index in 0..1_000 {
            let name = format!("service_{index}");
            names.define(Kind::Service, &name, place()).unwrap();
        }
        let spelling = Spelling::default();
        let guess = |name: &str| spelling.guess(&names, &[Kind::Service], name);
        for _ in 0..10 {
            let Guess::Near { name, slip } = guess("sarvice_12") else {
                panic!("it is near");
            };
            assert!(&*name == "service_12" && !slip);
        }
        assert_eq!(spelling.compared.get(), 1_000);
        for index in 1..COMPARISONS / 1_000 {
            assert!(matches!(guess(&format!("far {index}")), Guess::None));
        }
        assert!(matches!(guess("sarvice_13"), Guess::Unsought));
        assert!(matches!(guess("sarvice_12"), Guess::Near { .. }));
    }
}

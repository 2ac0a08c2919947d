//! Matching by name, and comparing what matches.

use std::borrow::Cow;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::named::{Manner, Own, compact, shown};
use super::value::attributes;
use super::{Attribute, Changed, Sides};

/// A part and the name it is matched by.
pub(super) type Named<'n, T> = (Cow<'n, str>, &'n T);

/// Parts of both sides by name, each list in the order of its side.
pub(super) struct Matched<'n, T> {
    /// On both, in the order of the side that is.
    pub(super) both: Vec<(Cow<'n, str>, &'n T, &'n T)>,
    /// New.
    pub(super) gained: Vec<Named<'n, T>>,
    /// No more.
    pub(super) lost: Vec<Named<'n, T>>,
}

/// Matches by name; of several with one name the first with the first.
pub(super) fn matched<'n, T>(
    before: impl Iterator<Item = Named<'n, T>>,
    after: impl Iterator<Item = Named<'n, T>>,
) -> Matched<'n, T> {
    let before: Vec<Named<'n, T>> = before.collect();
    let mut places: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (at, (name, _)) in before.iter().enumerate().rev() {
        places.entry(name).or_default().push(at);
    }
    let mut taken = vec![false; before.len()];
    let (mut both, mut gained) = (Vec::new(), Vec::new());
    for (name, new) in after {
        let place = places.get_mut(&*name).and_then(Vec::pop);
        match place.and_then(|at| Some((before.get(at)?, taken.get_mut(at)?))) {
            Some(((_, old), taken)) => {
                *taken = true;
                both.push((name, *old, new));
            }
            None => gained.push((name, new)),
        }
    }
    drop(places);
    let left = before.into_iter().zip(taken);
    let lost = left.filter(|(_, taken)| !taken).map(|(one, _)| one);
    Matched {
        lost: lost.collect(),
        both,
        gained,
    }
}

/// What is compared of a part, and under which manner.
#[derive(Clone, Copy)]
pub(super) struct Compared<'s, 'a> {
    pub(super) sides: &'s Sides<'a>,
    /// Fields that are told elsewhere.
    pub(super) without: &'static [&'static str],
}

impl Compared<'_, '_> {
    /// The attributes in which two parts differ; `own` is what either is about.
    pub(super) fn attributes<T: Serialize + ?Sized>(
        &self,
        (old, new): (&T, &T),
        own: Option<(Own<'_>, Own<'_>)>,
        buffers: &mut (Vec<u8>, Vec<u8>),
    ) -> Vec<Attribute> {
        let of = |names, own| Manner {
            own,
            ..Manner::new(names, self.without)
        };
        let (was, is) = own.unzip();
        let before = of(&self.sides.before, was);
        let after = of(&self.sides.after, is);
        buffers.0.clear();
        buffers.1.clear();
        compact(old, before, &mut buffers.0);
        compact(new, after, &mut buffers.1);
        if buffers.0 == buffers.1 {
            return Vec::new();
        }
        attributes(&shown(old, before), &shown(new, after), &self.sides.locales)
    }

    /// What differs, the same change of several told once; `kind` is the keyword of a part.
    pub(super) fn changed<T: Serialize + Sync>(
        &self,
        pairs: &[(Cow<'_, str>, &T, &T)],
        kind: impl Fn(&T) -> &'static str,
    ) -> Vec<Changed> {
        let attributes: Vec<Vec<Attribute>> = pairs
            .par_iter()
            .map_init(Default::default, |buffers, (_, old, new)| {
                self.attributes((*old, *new), None, buffers)
            })
            .collect();
        let found = pairs.iter().zip(attributes);
        let differing = found.filter(|(_, attributes)| !attributes.is_empty());
        grouped(
            differing.map(|((name, _, new), attributes)| (kind(new), name.as_ref(), attributes)),
        )
    }
}

/// The same change of several things as one, in the order of the first.
pub(super) fn grouped<'n>(
    changes: impl Iterator<Item = (&'n str, &'n str, Vec<Attribute>)>,
) -> Vec<Changed> {
    let mut places: FxHashMap<(&str, Vec<Attribute>), usize> = FxHashMap::default();
    let mut groups: Vec<Changed> = Vec::new();
    for (kind, name, attributes) in changes {
        let key = (kind, attributes);
        if let Some(group) = places.get(&key).and_then(|at| groups.get_mut(*at)) {
            group.names.push(name.to_owned());
            continue;
        }
        groups.push(Changed {
            kind: kind.to_owned(),
            names: vec![name.to_owned()],
            attributes: key.1.clone(),
        });
        places.insert(key, groups.len() - 1);
    }
    groups
}

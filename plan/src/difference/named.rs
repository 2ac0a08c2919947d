//! A part of a plan with names in place of ids, written from its own serialisation: so whatever a
//! part has is compared and shown, and a new field is, too.
//!
//! Places in the text are left out. Two ways to write: [`compact`] for comparing byte by byte, and
//! [`shown`] for what differs.

mod writer;

use serde::Serialize;
use serde_json::Value;

use super::names::Names;
use writer::Writer;

/// What a part is written as.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    /// How ids are called.
    pub(super) names: &'a Names<'a>,
    /// Fields of the part itself that are left out.
    pub(super) without: &'a [&'static str],
    /// What the part is about: its name is written `…`, so that the same change of many things is the
    /// same.
    pub(super) own: Option<Own<'a>>,
}

/// What a part is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own<'a> {
    /// What its own side calls it, as in texts.
    pub(super) told: &'a str,
    /// What ids call it: its name on the side that is.
    pub(super) called: &'a str,
}

impl<'a> Manner<'a> {
    pub(super) fn new(names: &'a Names<'a>, without: &'a [&'static str]) -> Self {
        Self {
            names,
            without,
            own: None,
        }
    }
}

/// Appends the part to `out`, so that other bytes mean another part.
pub(super) fn compact<T: Serialize + ?Sized>(part: &T, manner: Manner<'_>, out: &mut Vec<u8>) {
    // What a plan holds can be written; what could not would stop alike on either side.
    let _ = part.serialize(&mut Writer::new(out, manner, false));
}

/// The part as JSON.
pub(super) fn shown<T: Serialize + ?Sized>(part: &T, manner: Manner<'_>) -> Value {
    let mut out = Vec::new();
    let _ = part.serialize(&mut Writer::new(&mut out, manner, true));
    serde_json::from_slice(&out).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::difference::names::Texts;
    use crate::{Inventory, Need, Platform, PlatformId, Target};

    #[derive(Serialize)]
    struct Part {
        name: String,
        on: Option<PlatformId>,
        target: Target,
        need: Need,
        rate: f64,
        location: u32,
        pair: (i8, char),
        #[serde(flatten)]
        more: More,
    }

    #[derive(Serialize)]
    struct More {
        text: &'static str,
    }

    fn inventory(names: &[&str]) -> Inventory {
        let mut inventory = Inventory::default();
        for name in names {
            inventory.platforms.push(Platform {
                name: (*name).to_owned(),
                doc: None,
                region: None,
                jurisdiction: None,
                cost_per_day: None,
            });
        }
        inventory
    }

    fn part(on: usize, location: u32) -> Part {
        Part {
            name: "a".to_owned(),
            on: Some(PlatformId::new(on)),
            target: Target::Address("x\"y".to_owned()),
            need: Need::Hard,
            rate: 0.1,
            location,
            pair: (-3, 'é'),
            more: More {
                text: "load orders, not orders2",
            },
        }
    }

    #[test]
    fn ids_become_names_and_places_go() {
        let inventory = inventory(&["new", "old"]);
        let of = Texts {
            inventory: &inventory,
            plan: None,
        };
        let mut names = Names::new(of);
        let manner = Manner {
            own: Some(Own {
                told: "orders",
                called: "orders",
            }),
            ..Manner::new(&names, &["name"])
        };
        assert_eq!(
            shown(&part(1, 7), manner),
            json!({
                "on": "old", "target": {"address": "x\"y"}, "need": "hard", "rate": 0.1,
                "pair": [-3, "é"], "text": "load …, not orders2",
            })
        );
        names.rename("PlatformId", 1, "ancient");
        let manner = Manner::new(&names, &[]);
        assert_eq!(shown(&part(1, 7), manner)["on"], "ancient");
    }

    #[test]
    fn the_same_under_other_ids_has_the_same_bytes() {
        let (few, many) = (inventory(&["old"]), inventory(&["new", "old"]));
        let bytes = |inventory: &Inventory, on: usize, location: u32| {
            let names = Names::new(Texts {
                inventory,
                plan: None,
            });
            let mut out = Vec::new();
            compact(&part(on, location), Manner::new(&names, &[]), &mut out);
            out
        };
        assert_eq!(bytes(&few, 0, 3), bytes(&many, 1, 40));
        assert_ne!(bytes(&few, 0, 3), bytes(&many, 0, 3));
    }
}

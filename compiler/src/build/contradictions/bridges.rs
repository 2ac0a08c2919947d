//! Bridges that cannot carry what they are over, or that say two things at once.

use rustc_hash::FxHashMap;
use whimbrel_lang::Diagnostic;

use super::Finder;
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::codes;
use crate::schema::Kind;
use crate::top::Top;

/// What two bridges over one thing have in common.
#[derive(PartialEq, Eq, Hash)]
struct Over {
    kind: Kind,
    names: (String, Option<String>),
    /// Whether it carries back what the other carries there.
    back: bool,
}

impl Over {
    fn of(object: &Object) -> Option<Self> {
        let back = object.choice("by") == Some("back_sync");
        let (kind, names) = match object.get("over")? {
            Typed::Edge(ends) => {
                let to = Some(ends.1.name.to_string());
                (Kind::Service, (ends.0.name.to_string(), to))
            }
            Typed::Reference(one) => (one.kind, (one.name.to_string(), None)),
            _ => return None,
        };
        Some(Self { kind, names, back })
    }
}

impl Finder<'_> {
    /// Everything a bridge contradicts, itself or another.
    pub(super) fn bridges(&mut self, top: &Top) {
        let mut known: FxHashMap<Over, &Object> = FxHashMap::default();
        for object in top.of("bridge") {
            self.bridge(object);
            self.technique(object);
            let Some(over) = Over::of(object) else {
                continue;
            };
            if let Some(first) = known.get(&over) {
                let message = format!(
                    "`{}` carries what `{}` carries already",
                    object.name(),
                    first.name()
                );
                self.found.push(
                    Diagnostic::error(codes::DUPLICATE_NAME, object.place("over"), message)
                        .label(first.place("over"), "carried here")
                        .help(
                            "keep one of them; a second one may only carry back (`by = back_sync`)",
                        ),
                );
            } else {
                known.insert(over, object);
            }
        }
    }

    fn bridge(&mut self, object: &Object) {
        if let Some(Typed::Edge(ends)) = object.get("over")
            && ends.0.name == ends.1.name
        {
            let message = format!("a bridge from `{}` to itself carries nothing", ends.0.name);
            self.report(object.place("over"), message, "name two different ends");
        }
    }

    fn technique(&mut self, object: &Object) {
        let Some(by) = object.choice("by") else {
            return;
        };
        if let Some(Typed::Reference(over)) = object.get("over") {
            let keyword = over.kind.keyword();
            match (by, over.kind) {
                ("cdc", Kind::Topic | Kind::Queue) => self.report(
                    object.place("by"),
                    format!("change capture reads a database's log, and `{}` is a {keyword}", over.name),
                    "messages are carried by a mirror: `by = mirror`",
                ),
                ("mirror", Kind::Datastore | Kind::Table) => self.report(
                    object.place("by"),
                    format!("a mirror carries messages, and `{}` is a {keyword}", over.name),
                    "rows are carried by change capture or by writing twice: `by = cdc`, `by = dual_write`",
                ),
                _ => {}
            }
        }
        if matches!(by, "adapter" | "proxy") && object.get("lag").is_some() {
            self.report(
                object.place("lag"),
                format!("a bridge by {by} keeps no copy that could be behind"),
                "take `lag` out; how long the way takes is the link's `latency`",
            );
        }
        if by == "back_sync" && object.choice("source") == Some("old") {
            self.report(
                object.place("source"),
                "back-sync carries the new side's changes to the old, so the new side is right",
                "write `source = new`, or carry it the other way: `by = cdc`",
            );
        }
    }
}

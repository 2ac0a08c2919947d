//! What each block may say alone and cannot mean together: ranges that end before they begin,
//! things that need themselves, moves that go nowhere.

mod bridges;

use rustc_hash::FxHashMap;
use whimbrel_lang::{Diagnostic, Span};
use whimbrel_plan::Node;

use super::inventory::{Built, Route};
use super::movers::ends;
use crate::check::names::Reference;
use crate::check::object::{Named, Object};
use crate::check::typed::Typed;
use crate::codes;
use crate::schema;
use crate::top::Top;

/// The years a migration can start in: far enough for any plan, and every date after it exists.
const START_YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// Reports every contradiction.
pub(crate) fn find(top: &Top, built: &Built<'_>, route: &Route, found: &mut Vec<Diagnostic>) {
    let mut finder = Finder { found };
    for object in &top.objects {
        match object.block.keyword {
            "freeze" => finder.freeze(object),
            "window" => finder.window(object),
            "calendar" => finder.calendar(object),
            "migration" => finder.migration(object),
            "batch" => finder.batch(object),
            "seen" | "link" => finder.edge(object),
            "licence" => finder.licence(object, top),
            "service" => finder.service(object),
            _ => {}
        }
        finder.steps_without_move(object);
        object
            .children
            .iter()
            .for_each(|child| finder.steps_without_move(child));
    }
    finder.moves(built, route);
    finder.endpoints(top);
    finder.bridges(top);
}

struct Finder<'a> {
    found: &'a mut Vec<Diagnostic>,
}

impl Finder<'_> {
    fn report(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.found
            .push(Diagnostic::error(codes::OUT_OF_RANGE, span, message).help(help));
    }

    fn freeze(&mut self, object: &Object) {
        if let (Some(from), Some(to)) = (object.date("from"), object.date("to"))
            && to < from
        {
            let message = format!("the freeze `{}` ends before it begins", object.name());
            self.found.push(
                Diagnostic::error(codes::OUT_OF_RANGE, object.place("to"), message)
                    .label(object.place("from"), "it begins here")
                    .help("exchange the two dates"),
            );
        }
    }

    fn window(&mut self, object: &Object) {
        if !object.broken.is_empty() {
            return;
        }
        let once = object.get("from").is_some() || object.get("to").is_some();
        let weekly = object.get("days").is_some() || object.get("hours").is_some();
        let (from, to) = (object.moment("from"), object.moment("to"));
        let help = "write `days` and `hours` for every week, or `from` and `to` for once";
        match (once, weekly) {
            (true, true) => {
                self.report(
                    object.span,
                    "a window opens every week or once, not both",
                    help,
                );
            }
            (true, false) if from.is_none() || to.is_none() => {
                self.report(
                    object.span,
                    "a window that opens once needs `from` and `to`",
                    help,
                );
            }
            (false, true) if object.get("days").is_none() || object.get("hours").is_none() => {
                self.report(
                    object.span,
                    "a weekly window needs `days` and `hours`",
                    help,
                );
            }
            (false, false) => self.report(object.span, "this window never opens", help),
            _ => {}
        }
        if let (Some(from), Some(to)) = (from, to)
            && to <= from
        {
            let message = format!("the window `{}` closes before it opens", object.name());
            self.report(object.place("to"), message, "exchange the two moments");
        }
        self.hours(object);
    }

    fn calendar(&mut self, object: &Object) {
        self.hours(object);
    }

    fn hours(&mut self, object: &Object) {
        if let Some(Typed::Hours(hours)) = object.get("hours")
            && hours.from == hours.to
        {
            self.report(
                object.place("hours"),
                "hours that close when they open are no hours",
                "write `00:00..24:00` for the whole day",
            );
        }
        if let Some(Typed::Days(days)) = object.get("days")
            && days.is_empty()
        {
            self.report(
                object.place("days"),
                "at least one day is needed",
                "write `mon..fri`",
            );
        }
    }

    fn migration(&mut self, object: &Object) {
        if let Some(start) = object.moment("start")
            && !START_YEARS.contains(&start.year())
        {
            self.report(
                object.place("start"),
                "a migration starts between 1970 and 2199",
                "check the year",
            );
        }
        if let (Some(start), Some(deadline)) = (object.moment("start"), object.date("deadline"))
            && deadline < start.date()
        {
            self.found.push(
                Diagnostic::error(
                    codes::OUT_OF_RANGE,
                    object.place("deadline"),
                    "the deadline is before the start",
                )
                .label(object.place("start"), "the migration starts here")
                .help("check the years"),
            );
        }
        self.platforms(object);
    }

    fn platforms(&mut self, object: &Object) {
        let (from, to) = (object.references("from"), object.references("to"));
        if object.get("from").is_some() && from.is_empty() {
            self.report(
                object.place("from"),
                "a migration leaves some platform",
                "name it",
            );
        }
        for (from, to) in from.iter().zip(to) {
            if from.name == to.name {
                let message = format!("the migration goes from `{}` to itself", from.name);
                self.report(to.span, message, "name another platform in `to`");
            }
        }
        self.twice(from, "is left twice", "pair each platform once");
    }

    fn twice(&mut self, references: &[Reference], what: &str, help: &str) {
        for (at, reference) in references.iter().enumerate() {
            let first = references
                .iter()
                .take(at)
                .find(|first| first.name == reference.name && first.kind == reference.kind);
            if let Some(first) = first {
                self.found.push(
                    Diagnostic::error(
                        codes::DUPLICATE_NAME,
                        reference.span,
                        format!("`{}` {what}", reference.name),
                    )
                    .label(first.span, "first named here")
                    .help(help),
                );
            }
        }
    }

    fn batch(&mut self, object: &Object) {
        self.twice(
            object.references("members"),
            "is named twice",
            "name it once",
        );
        if object.get("at_once").is_some() && object.choice("mode") != Some("parallel") {
            self.report(
                object.place("at_once"),
                "units of a sequential batch go one at a time",
                "write `mode = parallel`, or take `at_once` out",
            );
        }
    }

    fn edge(&mut self, object: &Object) {
        if let Named::Edge(from, to) = &object.named
            && from.name == to.name
        {
            let message = format!("`{}` is on both sides of the arrow", from.name);
            self.report(object.span, message, "name two different ends");
        }
    }

    fn licence(&mut self, object: &Object, top: &Top) {
        let start = top
            .of("migration")
            .next()
            .and_then(|migration| migration.moment("start"));
        if let (Some(start), Some(until)) = (start, object.date("until"))
            && until < start.date()
        {
            let message = format!("the licence `{}` has ended before the start", object.name());
            self.report(
                object.place("until"),
                message,
                "write the end of its present term",
            );
        }
    }

    fn service(&mut self, object: &Object) {
        for call in object
            .children("calls")
            .filter(|call| call.name() == object.name())
        {
            let message = format!("`{}` calls itself", object.name());
            self.report(
                call.span,
                message,
                "take the call out: it forms no dependency",
            );
        }
    }

    fn steps_without_move(&mut self, object: &Object) {
        let has_move = object.block.attribute("move").is_some();
        if !has_move || object.get("move").is_some() {
            return;
        }
        let steps = object.children.iter();
        for step in steps.filter(|child| schema::is_of_pattern(child.block)) {
            self.found.push(
                Diagnostic::error(
                    codes::MISSING_ATTRIBUTE,
                    step.span,
                    format!(
                        "`{}` has no `move` whose {} this could be",
                        object.name(),
                        if step.block.keyword == "gate" {
                            "gate"
                        } else {
                            "step"
                        }
                    ),
                )
                .help("give it a `move`, or take this out"),
            );
        }
    }

    /// A move goes from one platform to another.
    fn moves(&mut self, built: &Built<'_>, route: &Route) {
        let services = built.inventory.services.ids().map(Node::Service);
        let resources = built.inventory.resources.ids().map(Node::Resource);
        for node in services.chain(resources) {
            let Some(object) = built.object(node) else {
                continue;
            };
            if object.get("move").is_none() {
                continue;
            }
            if matches!(object.get("to"), Some(Typed::Stay)) {
                self.found.push(
                    Diagnostic::error(
                        codes::OUT_OF_RANGE,
                        object.place("to"),
                        format!("`{}` has a `move` and is to stay", object.name()),
                    )
                    .label(object.place("move"), "the move")
                    .help("take one of them out"),
                );
                continue;
            }
            let (Some(on), to) = ends(built, node) else {
                continue;
            };
            let platform = &built.inventory.platforms[on].name;
            if to == Some(on) {
                let message = format!("`{}` moves from `{platform}` to itself", object.name());
                self.report(
                    object.place("move"),
                    message,
                    "say where it is (`on`) and where it goes (`to`), or take the move out",
                );
            } else if to.is_none() && !route.pairs.is_empty() && !object.broken.contains(&"to") {
                self.no_destination(object, platform);
            }
        }
    }

    /// It is on a platform that the migration does not leave.
    fn no_destination(&mut self, object: &Object, platform: &str) {
        let message = format!("`{}` moves, and nothing says where to", object.name());
        self.found.push(
            Diagnostic::error(codes::MISSING_ATTRIBUTE, object.place("move"), message)
                .label(
                    object.place("on"),
                    format!("the migration does not leave `{platform}`"),
                )
                .help(format!(
                    "write `to = …`, or put `{platform}` into the migration's `from`, and its pair into `to`"
                )),
        );
    }

    fn endpoints(&mut self, top: &Top) {
        let mut known: FxHashMap<String, Span> = FxHashMap::default();
        for object in top.of("service") {
            for name in ["endpoint", "new_endpoint"] {
                let Some(address) = object.text(name) else {
                    continue;
                };
                let span = object.place(name);
                if let Some(first) = known.get(&address) {
                    self.found.push(
                        Diagnostic::error(
                            codes::DUPLICATE_NAME,
                            span,
                            format!("two things answer at `{address}`"),
                        )
                        .label(*first, "the other one")
                        .help("give each its own address"),
                    );
                } else {
                    known.insert(address, span);
                }
            }
        }
    }
}

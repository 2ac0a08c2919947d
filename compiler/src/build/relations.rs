//! Relations: who calls, reads, writes, publishes, consumes, pins or was seen calling what.

use std::sync::Arc;

use whimbrel_lang::Sources;
use whimbrel_plan::{
    Arena, CallMode, Evidence, EvidenceKind, Fallback, Location, Need, Relation, RelationId,
    RelationKind, ResourceKind, ServiceId, Target,
};

use super::inventory::Built;
use crate::check::object::{Named, Object};
use crate::origins::{Entity, Origins};
use crate::top::Top;

/// Adds all relations to the inventory, in the order of their services.
pub(crate) fn build<'a>(
    built: &mut Built<'a>,
    top: &'a Top,
    sources: &Sources,
    origins: &mut Origins<'a>,
) {
    let children = built
        .service_objects
        .iter()
        .map(|object| object.children.len());
    let mut all: Arena<RelationId, Relation> = Arena::default();
    all.reserve(children.sum());
    let seen = top.of("seen").filter_map(|object| seen(built, object));
    let mut seen: Vec<Draft<'a>> = seen.collect();
    seen.sort_by_key(|draft| draft.from);
    let mut seen = seen.into_iter().peekable();
    let mut drafts: Vec<Draft<'a>> = Vec::new();
    for (index, object) in built.service_objects.iter().enumerate() {
        let (id, object): (ServiceId, &'a Object) = (ServiceId::new(index), object);
        for child in &object.children {
            let made = relations(built, id, child);
            drafts.extend(made.into_iter().flatten());
        }
        drafts.extend(std::iter::from_fn(|| seen.next_if(|one| one.from == id)));
        // Order in the text does not matter: by kind and target, place last.
        let place = |draft: &Draft<'_>| location(draft.object, sources);
        drafts.sort_by(|one, other| {
            let keys = one.key().cmp(&other.key());
            keys.then_with(|| place(one).cmp(&place(other)))
        });
        for draft in drafts.drain(..) {
            let object = draft.object;
            let id = all.push(relation(draft, sources));
            origins.remember(Entity::Relation(id), object);
        }
    }
    built.inventory.relations = all;
}

/// A relation before it is made: what it is ordered by, and what says so. There are many, and made
/// they are large.
struct Draft<'a> {
    from: ServiceId,
    kind: RelationKind,
    to: Target,
    object: &'a Object,
}

impl Draft<'_> {
    fn key(&self) -> (RelationKind, (u8, usize, &str)) {
        (self.kind, target_key(&self.to))
    }
}

fn target_key(target: &Target) -> (u8, usize, &str) {
    match target {
        Target::Service(id) => (0, id.index(), ""),
        Target::Resource(id) => (1, id.index(), ""),
        Target::Address(address) => (2, 0, address),
    }
}

fn relations<'a>(built: &Built<'_>, from: ServiceId, object: &'a Object) -> [Option<Draft<'a>>; 2] {
    let draft = |kind, to| Draft {
        from,
        kind,
        to,
        object,
    };
    let keyword = object.block.keyword;
    if keyword == "pins" {
        let to = Target::Address(object.name().to_owned());
        return [Some(draft(RelationKind::Pins, to)), None];
    }
    let Named::Reference(reference) = &object.named else {
        return [None, None];
    };
    let Some(node) = built.ids.node(reference) else {
        return [None, None];
    };
    let (to, messages) = match node {
        whimbrel_plan::Node::Service(id) => (Target::Service(id), false),
        whimbrel_plan::Node::Resource(id) => {
            let kind = built.inventory.resources[id].kind;
            (
                Target::Resource(id),
                matches!(kind, ResourceKind::Topic | ResourceKind::Queue),
            )
        }
    };
    let reads = if messages {
        RelationKind::Consumes
    } else {
        RelationKind::Reads
    };
    let writes = if messages {
        RelationKind::Publishes
    } else {
        RelationKind::Writes
    };
    let kinds = match keyword {
        "calls" => [Some(RelationKind::Calls), None],
        "reads" | "consumes" => [Some(reads), None],
        "writes" | "publishes" => [Some(writes), None],
        "uses" => [Some(reads), Some(writes)],
        _ => [None, None],
    };
    kinds.map(|kind| kind.map(|kind| draft(kind, to.clone())))
}

fn relation(draft: Draft<'_>, sources: &Sources) -> Relation {
    let Draft {
        from,
        kind,
        to,
        object,
    } = draft;
    let seen = kind == RelationKind::Seen;
    let need = object.choice("need");
    let asynchronous = matches!(kind, RelationKind::Publishes | RelationKind::Consumes);
    Relation {
        from,
        kind,
        to,
        rate: object.amount("rate"),
        bytes: object.amount("bytes"),
        need: if need == Some("soft") {
            Need::Soft
        } else {
            Need::Hard
        },
        need_guessed: need.is_none(),
        mode: match object.choice("mode") {
            Some("async") => CallMode::Async,
            _ if asynchronous => CallMode::Async,
            _ => CallMode::Sync,
        },
        fallback: object.text("fallback").map(|text| {
            let covers = object.amount("covers").unwrap_or(1.0.into());
            Box::new(Fallback { text, covers })
        }),
        ordering_required: object.choice("ordering") == Some("required"),
        evidence: Evidence {
            kind: match object.choice("evidence") {
                _ if seen => EvidenceKind::Observed,
                Some("configured") => EvidenceKind::Configured,
                Some("observed") => EvidenceKind::Observed,
                Some("guessed") => EvidenceKind::Guessed,
                _ => EvidenceKind::Declared,
            },
            source: object.text("source").filter(|_| seen),
            at: object.date("at").filter(|_| seen),
            location: location(object, sources),
        },
    }
}

fn seen<'a>(built: &Built<'_>, object: &'a Object) -> Option<Draft<'a>> {
    let Named::Edge(from, to) = &object.named else {
        return None;
    };
    Some(Draft {
        from: *built.ids.services.get(&from.name)?,
        kind: RelationKind::Seen,
        to: Target::Service(*built.ids.services.get(&to.name)?),
        object,
    })
}

/// Where an object stands.
pub(crate) fn location(object: &Object, sources: &Sources) -> Location {
    Location {
        file: Arc::clone(sources.get(object.span.source).shared_path()),
        line: sources.line(object.span.source, object.span.start),
    }
}

//! Relations: who calls, reads, writes, publishes, consumes, pins or was seen calling what.

use std::sync::Arc;

use whimbrel_lang::Sources;
use whimbrel_plan::{
    CallMode, Evidence, EvidenceKind, Fallback, Location, Need, Relation, RelationKind,
    ResourceKind, ServiceId, Target,
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
    let mut found: Vec<(Relation, &'a Object)> = Vec::with_capacity(children.sum());
    for (index, object) in built.service_objects.iter().enumerate() {
        let object: &'a Object = object;
        for child in &object.children {
            let made = relations(built, ServiceId::new(index), child, sources);
            found.extend(made.into_iter().flatten().map(|relation| (relation, child)));
        }
    }
    for object in top.of("seen") {
        found.extend(seen(built, object, sources).map(|relation| (relation, object)));
    }
    // Order in the text does not matter: by service, kind and target, evidence last.
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_cached_key(|index| {
        let (relation, _) = found.get(*index)?;
        let what = (relation.from, relation.kind, target_key(&relation.to));
        Some((what, &relation.evidence.location))
    });
    let mut found: Vec<Option<(Relation, &'a Object)>> = found.into_iter().map(Some).collect();
    built.inventory.relations.reserve(order.len());
    for index in order {
        if let Some((relation, object)) = found.get_mut(index).and_then(Option::take) {
            let id = built.inventory.relations.push(relation);
            origins.remember(Entity::Relation(id), object);
        }
    }
}

fn target_key(target: &Target) -> (u8, usize, &str) {
    match target {
        Target::Service(id) => (0, id.index(), ""),
        Target::Resource(id) => (1, id.index(), ""),
        Target::Address(address) => (2, 0, address),
    }
}

fn relations(
    built: &Built<'_>,
    from: ServiceId,
    object: &Object,
    sources: &Sources,
) -> [Option<Relation>; 2] {
    let keyword = object.block.keyword;
    if keyword == "pins" {
        let to = Target::Address(object.name().to_owned());
        let pin = relation(from, RelationKind::Pins, to, object, sources);
        return [Some(pin), None];
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
    kinds.map(|kind| kind.map(|kind| relation(from, kind, to.clone(), object, sources)))
}

fn relation(
    from: ServiceId,
    kind: RelationKind,
    to: Target,
    object: &Object,
    sources: &Sources,
) -> Relation {
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
        fallback: object.text("fallback").map(|text| Fallback {
            text,
            covers: object.amount("covers").unwrap_or(1.0.into()),
        }),
        ordering_required: object.choice("ordering") == Some("required"),
        evidence: Evidence {
            kind: match object.choice("evidence") {
                Some("configured") => EvidenceKind::Configured,
                Some("observed") => EvidenceKind::Observed,
                Some("guessed") => EvidenceKind::Guessed,
                _ => EvidenceKind::Declared,
            },
            source: None,
            at: None,
            location: location(object, sources),
        },
    }
}

fn seen(built: &Built<'_>, object: &Object, sources: &Sources) -> Option<Relation> {
    let Named::Edge(from, to) = &object.named else {
        return None;
    };
    let from = *built.ids.services.get(&from.name)?;
    let to = *built.ids.services.get(&to.name)?;
    let mut relation = relation(
        from,
        RelationKind::Seen,
        Target::Service(to),
        object,
        sources,
    );
    relation.evidence.kind = EvidenceKind::Observed;
    relation.evidence.source = object.text("source");
    relation.evidence.at = object.date("at");
    Some(relation)
}

/// Where an object stands.
pub(crate) fn location(object: &Object, sources: &Sources) -> Location {
    Location {
        file: Arc::clone(sources.get(object.span.source).shared_path()),
        line: sources.line(object.span.source, object.span.start),
    }
}

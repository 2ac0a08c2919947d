//! What moves: each service's and resource's expanded pattern, and what follows from it before
//! batches are made.

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::Diagnostic;
use whimbrel_lang::ast::ExprKind;
use whimbrel_plan::{
    Node, PlatformId, RelationKind, ResourceKind, ServiceKind, Step, StepKind, Target,
};

use super::inventory::Built;
use super::patterns::Expander;
use super::templates::Expansion;
use crate::analysis::batching::MoverTraits;
use crate::check::object::Object;
use crate::check::typed::{Typed, VerbCall};
use crate::check::value::Value;
use crate::codes;
use crate::executors::Executors;
use crate::schema::{Family, Kind};
use crate::top::Top;
use crate::walk;

/// What the names of the compiler's own steps begin with, as in `bridge/orders_sync`.
const TAKEN: &[&str] = &["announce", "bridge", "external", "migration", "phase"];

/// A thing that moves, with its steps.
#[derive(Debug)]
pub(crate) struct MoverDraft {
    pub node: Node,
    /// Unique among everything that has steps: its name, or `topic.orders` where a service is called
    /// the same, or `service.bridge` where the compiler's own steps are.
    pub name: String,
    pub expansion: Expansion,
    /// Index of the draft that settles it.
    pub cutover: usize,
}

/// Expands the pattern of everything that moves, in node order.
pub(crate) fn expand(
    built: &Built<'_>,
    top: &Top,
    migration: &Object,
    found: &mut Vec<Diagnostic>,
) -> Vec<MoverDraft> {
    let nodes = moving(built);
    let names = unique_names(built, &nodes);
    let mut expander = expander(top, migration, found);
    let mut out = Vec::with_capacity(nodes.len());
    for (node, name) in nodes.into_iter().zip(names) {
        let Some(object) = built.object(node) else {
            continue;
        };
        let (on, to) = ends(built, node);
        let platform = |id: Option<PlatformId>| {
            id.map_or("", |id| built.inventory.platforms[id].name.as_str())
        };
        let told = expander.found.len();
        let expansion = expander.expand(
            object,
            built.kind(node),
            &name,
            (platform(on), platform(to)),
        );
        let Some(expansion) = expansion else { continue };
        let Some(cutover) = expansion.template.cutover else {
            if expander.found.len() == told {
                expander.found.push(no_steps(object, &expansion.pattern));
            }
            continue;
        };
        out.push(MoverDraft {
            node,
            name,
            expansion,
            cutover,
        });
    }
    out
}

/// Expands patterns for this migration.
fn expander<'a>(top: &'a Top, migration: &Object, found: &'a mut Vec<Diagnostic>) -> Expander<'a> {
    let mut fields: FxHashMap<String, Value> = migration
        .attributes
        .iter()
        .map(|(name, given)| ((*name).to_owned(), given.value.clone()))
        .collect();
    fields.entry("keep_old".to_owned()).or_insert_with(|| {
        Value::Quantity(whimbrel_lang::Quantity::of(
            super::migration::KEEP_OLD,
            whimbrel_lang::Dimension::DURATION,
        ))
    });
    Expander {
        top,
        found,
        migration: fields,
        known: FxHashMap::default(),
    }
}

/// Expands the pattern of every phase that has one, by the phase's name.
pub(crate) fn expand_phases(
    built: &Built<'_>,
    top: &Top,
    migration: &Object,
    found: &mut Vec<Diagnostic>,
) -> FxHashMap<String, Expansion> {
    let mut expander = expander(top, migration, found);
    let mut out = FxHashMap::default();
    for object in top
        .of("phase")
        .filter(|object| object.get("move").is_some())
    {
        let told = expander.found.len();
        let name = object.name();
        let expansion = expander.expand(object, Kind::Phase, name, route(built, migration));
        match expansion {
            Some(expansion) if !expansion.drafts().is_empty() => {
                unread(top, object, &expansion, expander.found);
                no_cutover(&expansion, expander.found);
                out.insert(name.to_owned(), expansion);
            }
            Some(expansion) if expander.found.len() == told => {
                expander.found.push(no_steps(object, &expansion.pattern));
            }
            _ => {}
        }
    }
    out
}

/// The names of the first platforms that the migration leaves and enters.
fn route<'a>(built: &'a Built<'_>, migration: &Object) -> (&'a str, &'a str) {
    let end = |name: &str| {
        let Some(Typed::References(references)) = migration.get(name) else {
            return "";
        };
        let first = references.first();
        let id = first.and_then(|first| built.ids.platforms.get(&first.name));
        id.map_or("", |id| built.inventory.platforms[*id].name.as_str())
    };
    (end("from"), end("to"))
}

/// Nothing moves in a phase, so that no step of its pattern can settle anything.
fn no_cutover(expansion: &Expansion, found: &mut Vec<Diagnostic>) {
    let marked = expansion.drafts().iter().filter_map(|draft| {
        let given = draft.object.attributes.get("cutover")?;
        Some((draft, given.span))
    });
    found.extend(marked.map(|(draft, span)| {
        Diagnostic::error(
            codes::UNKNOWN_ATTRIBUTE,
            span,
            format!(
                "`{}` is a step of a phase, in which nothing cuts over",
                draft.object.name()
            ),
        )
        .help("leave `cutover` out")
    }));
}

/// What a phase says of itself and its pattern does not ask would be lost.
fn unread(top: &Top, object: &Object, expansion: &Expansion, found: &mut Vec<Diagnostic>) {
    let Some(pattern) = top.patterns.get(&expansion.pattern) else {
        return;
    };
    let mut read: FxHashSet<&str> = FxHashSet::default();
    walk::statements(&pattern.body.statements, &mut |expr| {
        if let ExprKind::Path(path) = &expr.kind
            && let [first, name] = path.segments.as_slice()
            && first.name == "phase"
        {
            read.extend(["takes", "needs"].iter().find(|known| **known == name.name));
        }
    });
    for name in ["takes", "needs"] {
        if let Some(given) = object.attributes.get(name)
            && !read.contains(name)
        {
            found.push(
                Diagnostic::error(
                    codes::UNKNOWN_ATTRIBUTE,
                    given.span,
                    format!(
                        "the pattern `{}` does not ask for the `{name}` of its phase",
                        expansion.pattern
                    ),
                )
                .help(format!(
                    "give `{name}` to one of its steps: `step NAME {{ {name} = … }}`"
                )),
            );
        }
    }
}

fn no_steps(object: &Object, pattern: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MISSING_ATTRIBUTE,
        object.place("move"),
        format!(
            "the pattern `{pattern}` leaves `{}` without a step",
            object.name()
        ),
    )
    .help("give the pattern a `step`, or leave `move` out of what stays")
}

fn moving(built: &Built<'_>) -> Vec<Node> {
    let services = built
        .inventory
        .services
        .iter()
        .filter(|(_, service)| service.moves);
    let resources = built
        .inventory
        .resources
        .iter()
        .filter(|(_, resource)| resource.moves);
    services
        .map(|(id, _)| Node::Service(id))
        .chain(resources.map(|(id, _)| Node::Resource(id)))
        .collect()
}

fn unique_names(built: &Built<'_>, nodes: &[Node]) -> Vec<String> {
    let plain = |node: &Node| match node {
        Node::Service(id) => built.inventory.services[*id].name.clone(),
        Node::Resource(id) => built.inventory.resources[*id].name.clone(),
    };
    let mut seen = FxHashSet::default();
    let mut twice = FxHashSet::default();
    for node in nodes {
        let name = plain(node);
        if !seen.insert(name.clone()) {
            twice.insert(name);
        }
    }
    nodes
        .iter()
        .map(|node| {
            let name = plain(node);
            let twice = twice.contains(&name) && matches!(node, Node::Resource(_));
            if twice || TAKEN.contains(&name.as_str()) {
                format!("{}.{name}", built.kind(*node).keyword())
            } else {
                name
            }
        })
        .collect()
}

/// Where a node is and where it goes.
pub(crate) fn ends(built: &Built<'_>, node: Node) -> (Option<PlatformId>, Option<PlatformId>) {
    match node {
        Node::Service(id) => {
            let service = &built.inventory.services[id];
            (service.on, service.to)
        }
        Node::Resource(id) => {
            let resource = &built.inventory.resources[id];
            (resource.on, resource.to)
        }
    }
}

/// What batching asks of each mover, whose steps are `lowered`.
pub(crate) fn traits(
    built: &Built<'_>,
    movers: &[MoverDraft],
    lowered: &[Vec<Step>],
    rehearsed: &FxHashSet<Node>,
    watched: bool,
) -> Vec<MoverTraits> {
    let ordered = ordered_nodes(built);
    movers
        .iter()
        .zip(lowered)
        .map(|(mover, steps)| {
            let synced = steps
                .iter()
                .filter_map(|step| step.action.as_ref())
                .any(|action| matches!(action.verb.as_str(), "data.dual_write" | "data.cdc_start"));
            let shifts = || steps.iter().filter(|step| step.kind == StepKind::Shift);
            let undone = |step: &Step| {
                let undo = step.undo.as_ref();
                undo.is_some_and(|undo| undo.executor.is_some())
            };
            MoverTraits {
                node: mover.node,
                stateful: stateful(built, mover.node),
                synced,
                canary: shifts().count() >= 2,
                automatic_rollback: watched && shifts().next().is_some() && shifts().all(undone),
                rehearsed: rehearsed.contains(&mover.node),
                order_sensitive: ordered.contains(&mover.node),
            }
        })
        .collect()
}

fn stateful(built: &Built<'_>, node: Node) -> bool {
    match node {
        Node::Service(id) => built.inventory.services[id].kind == ServiceKind::Stateful,
        Node::Resource(id) => {
            let resource = &built.inventory.resources[id];
            match resource.kind {
                ResourceKind::Cache => resource.holds_sessions,
                ResourceKind::External => false,
                _ => true,
            }
        }
    }
}

fn ordered_nodes(built: &Built<'_>) -> FxHashSet<Node> {
    let mut out = FxHashSet::default();
    for relation in built.inventory.relations.values() {
        if relation.kind == RelationKind::Consumes && relation.ordering_required {
            out.insert(Node::Service(relation.from));
            if let Target::Resource(id) = relation.to {
                out.insert(Node::Resource(id));
            }
        }
    }
    out
}

/// The executor that carries out a verb on a node: its own, its instance's, its platform's.
pub(crate) fn executor(
    built: &Built<'_>,
    executors: &Executors,
    node: Option<Node>,
    call: &VerbCall,
) -> Option<usize> {
    let family = call.verb.family;
    let fits = |index: &usize| executors.carries_out(*index, call.verb.name);
    if family == Family::Script {
        return executors.script().filter(fits);
    }
    let node = node?;
    let platform = |id: PlatformId| {
        let name = &built.inventory.platforms[id].name;
        executors.of(Kind::Platform, name, family)
    };
    own(built, executors, node, family)
        .or_else(|| {
            platforms(built, node, call)
                .into_iter()
                .flatten()
                .find_map(platform)
        })
        .filter(fits)
}

fn own(built: &Built<'_>, executors: &Executors, node: Node, family: Family) -> Option<usize> {
    let Node::Resource(id) = node else {
        return None;
    };
    let entry = built.resource_objects.get(id.index())?;
    let named = |object: &Object| {
        let kind = object.block.kind?;
        executors.of(kind, object.name(), family)
    };
    named(entry.object).or_else(|| entry.parent.and_then(named))
}

/// The platforms whose executor acts, the first that names one winning: traffic comes in on the
/// old side; software is installed on the new side and removed from the one named.
fn platforms(built: &Built<'_>, node: Node, call: &VerbCall) -> [Option<PlatformId>; 2] {
    let (on, to) = ends(built, node);
    let named = call
        .arguments
        .iter()
        .find(|(name, _)| *name == "from")
        .and_then(|(_, value)| {
            let Typed::Text(name) = &value.value else {
                return None;
            };
            built.ids.platforms.get(name).copied()
        });
    match call.verb.family {
        Family::Deploy => [named.or(to), on],
        Family::Traffic | Family::Data => [on, to],
        _ => [to, on],
    }
}

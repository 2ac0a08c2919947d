//! A consumer that needs messages in order and moves apart from those who publish them.

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{
    BatchId, BridgeOver, Node, Plan, Relation, RelationId, RelationKind, ResourceId, ServiceId,
    Target,
};

use super::context::{batches, listed};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0403",
        name: "ordered-consumer-split",
    },
    level: Level::Warning,
    summary: "a consumer that needs messages in order moves apart from their publishers",
    page: include_str!("../../rules/ordered-consumer-split.md"),
    check: Check::Plan(check),
};

/// A consumer that requires order, and what it consumes.
struct Consumer<'a> {
    relation: &'a Relation,
    topic: ResourceId,
    batch: BatchId,
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let batches = batches(plan);
    let publishers = publishers(context);
    for (id, relation) in context.inventory.relations.iter() {
        let (true, Target::Resource(topic)) = (relation.ordering_required, &relation.to) else {
            continue;
        };
        let Some(&batch) = batches.get(&Node::Service(relation.from)) else {
            continue;
        };
        let consumer = Consumer {
            relation,
            topic: *topic,
            batch,
        };
        let apart = publishers_apart(context, plan, &consumer, (&publishers, &batches));
        if !apart.is_empty() {
            let finding = told(context, plan, id, &consumer, &apart);
            let others = apart.iter().map(|(publisher, _)| *publisher);
            let names = std::iter::once(relation.from).chain(others);
            let names = names.map(|id| context.service(id));
            findings.report(names.chain([context.resource(*topic)]), finding);
        }
    }
}

type Publishers = FxHashMap<ResourceId, Vec<ServiceId>>;

fn publishers(context: &Context<'_>) -> Publishers {
    let mut publishers = Publishers::default();
    for relation in context.inventory.relations.values() {
        if let (RelationKind::Publishes, Target::Resource(topic)) = (relation.kind, &relation.to) {
            publishers.entry(*topic).or_default().push(relation.from);
        }
    }
    publishers
}

/// The moving publishers of the topic in other batches, unless a bridge carries what lies between.
fn publishers_apart(
    context: &Context<'_>,
    plan: &Plan,
    consumer: &Consumer<'_>,
    (publishers, batches): (&Publishers, &FxHashMap<Node, BatchId>),
) -> Vec<(ServiceId, BatchId)> {
    let (topic, consumes) = (consumer.topic, consumer.relation.from);
    let parent = context.inventory.resources[topic].parent;
    let covers = |over: &BridgeOver, publisher: ServiceId| match over {
        BridgeOver::Resource(id) => *id == topic || Some(*id) == parent,
        BridgeOver::Edge { from, to } => *from == consumes && *to == publisher,
    };
    let mut apart: Vec<(ServiceId, BatchId)> = publishers
        .get(&topic)
        .into_iter()
        .flatten()
        .filter(|id| **id != consumes)
        .filter(|id| {
            !plan
                .bridges
                .values()
                .any(|bridge| covers(&bridge.over, **id))
        })
        .filter_map(|id| Some((*id, *batches.get(&Node::Service(*id))?)))
        .filter(|(_, other)| *other != consumer.batch)
        .collect();
    apart.sort_unstable();
    apart.dedup();
    apart
}

fn told(
    context: &Context<'_>,
    plan: &Plan,
    fact: RelationId,
    consumer: &Consumer<'_>,
    apart: &[(ServiceId, BatchId)],
) -> Diagnostic {
    let (name, topic) = (
        context.service(consumer.relation.from),
        context.resource(consumer.topic),
    );
    let publishers: Vec<&str> = apart.iter().map(|(id, _)| context.service(*id)).collect();
    let mut batches: Vec<&str> = apart
        .iter()
        .map(|(_, id)| plan.batches[*id].name.as_str())
        .collect();
    batches.dedup();
    RULE.finding(
        context.relation_span(fact),
        format!(
            "`{name}` needs the messages of `{topic}` in order and moves in `{}`, but {} publishes them from {}",
            plan.batches[consumer.batch].name,
            listed(&publishers),
            listed(&batches)
        ),
    )
    .here("order is required")
    .help(format!(
        "move them in one batch, or bridge the topic while they are apart: `bridge {topic}_bridge {{ over = {topic}; by = mirror }}`"
    ))
}

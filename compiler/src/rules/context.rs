//! What a rule may look at, and how names and numbers are worded.

pub(super) mod observed;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashMap;
use whimbrel_lang::{SourceId, Sources, Span};
use whimbrel_plan::{
    Amount, BatchId, CycleHop, Distribution, EdgeKind, Graph, Inventory, Mover, Node, Plan,
    RelationId, ResourceId, ServiceId, Step, StepId,
};

pub(super) use crate::analysis::counted;
use crate::analysis::cuts::Weights;
use crate::analysis::nodes;
use crate::analysis::schedule::Schedule;
use crate::origins::{Entity, Origins};
use crate::uses::Unused;

/// What a rule may look at.
pub struct Context<'a> {
    /// What exists.
    pub inventory: &'a Inventory,
    /// How it hangs together.
    pub graph: &'a Graph,
    /// What bridges cost in this plan.
    pub weights: &'a Weights,
    /// The whole plan; `None` when the text has no migration.
    pub plan: Option<&'a Plan>,
    /// Where the plan's steps stand at mean durations; `None` when they wait for one another.
    pub schedule: Option<&'a Schedule>,
    /// Where everything is written.
    pub origins: &'a Origins<'a>,
    /// The texts.
    pub sources: &'a Sources,
    /// What the plan's own files define and nothing uses.
    pub unused: &'a [Unused],
    /// The day that ages are counted to.
    pub today: Date,
    /// The file that nothing but this plan reads: its entry, where no scenario reads it another way.
    pub own_file: Option<SourceId>,
}

impl Context<'_> {
    /// The name of a node.
    pub(super) fn name(&self, node: Node) -> &str {
        match node {
            Node::Service(id) => &self.inventory.services[id].name,
            Node::Resource(id) => &self.inventory.resources[id].name,
        }
    }

    /// The name of a service.
    pub(super) fn service(&self, id: ServiceId) -> &str {
        &self.inventory.services[id].name
    }

    /// The name of a resource.
    pub(super) fn resource(&self, id: ResourceId) -> &str {
        &self.inventory.resources[id].name
    }

    /// Whether a node moves, by a `move` of its own or in something that has one.
    pub(super) fn moves(&self, node: Node) -> bool {
        nodes::moves(self.inventory, node)
    }

    /// Where the migration is written.
    pub(super) fn migration_span(&self) -> Span {
        self.origins.of(Entity::Migration)
    }

    /// Where a fact is written.
    pub(super) fn relation_span(&self, id: RelationId) -> Span {
        self.origins.of(Entity::Relation(id))
    }

    /// Where a node's `move` is written, or else the node.
    pub(super) fn move_span(&self, node: Node) -> Span {
        self.origins.attribute(entity(node), "move")
    }

    /// A hop as a line of a story: who needs whom, and why.
    pub(super) fn told(&self, hop: &CycleHop) -> String {
        let (from, to) = (self.service(hop.from), self.service(hop.to));
        let hidden = hop.hidden.then_some("hidden");
        let marks = [hidden, hop.known(self.inventory).mark()];
        let marks: Vec<&str> = marks.into_iter().flatten().collect();
        let marks = if marks.is_empty() {
            String::new()
        } else {
            format!(" ({})", marks.join(", "))
        };
        format!("`{from}` → `{to}`: {}{marks}", self.why(hop))
    }

    /// Why the hop's first service needs its second.
    pub(super) fn why(&self, hop: &CycleHop) -> String {
        let to = self.service(hop.to);
        match hop.via {
            Some(via) => {
                let uses = self.is_use(hop.evidence.first());
                self.shared(hop.kind, self.resource(via), to, uses)
            }
            None => {
                let why = match hop.kind {
                    EdgeKind::Pin => format!("uses the address of `{to}`, written down"),
                    EdgeKind::Seen => format!("was seen calling `{to}`"),
                    EdgeKind::Order => format!("goes after `{to}`"),
                    _ => "calls".to_owned(),
                };
                let rate = hop
                    .evidence
                    .iter()
                    .find_map(|&id| self.inventory.relations[id].rate.as_ref())
                    .map(Amount::mean);
                rate.map_or(why.clone(), |rate| format!("{why}, {}", per_second(rate)))
            }
        }
    }

    fn shared(&self, kind: EdgeKind, via: &str, to: &str, uses: bool) -> String {
        match kind {
            EdgeKind::Read | EdgeKind::Write if uses => {
                format!("uses `{via}`, which `{to}` writes")
            }
            EdgeKind::Message => format!("consumes `{via}`, to which `{to}` publishes"),
            EdgeKind::Write => format!("writes `{via}`, which `{to}` writes too"),
            _ => format!("reads `{via}`, which `{to}` writes"),
        }
    }

    /// Whether the fact is written `uses`, which is reading and writing in one word.
    pub(super) fn is_use(&self, fact: Option<&RelationId>) -> bool {
        fact.is_some_and(|&id| {
            let text = self.sources.slice(self.relation_span(id));
            text.split_whitespace().next() == Some("uses")
        })
    }
}

/// The entity of a node.
pub(super) fn entity(node: Node) -> Entity {
    match node {
        Node::Service(id) => Entity::Service(id),
        Node::Resource(id) => Entity::Resource(id),
    }
}

/// The batch each moving node is in.
pub(super) fn batches(plan: &Plan) -> FxHashMap<Node, BatchId> {
    plan.movers
        .iter()
        .map(|mover| (mover.node, mover.batch))
        .collect()
}

/// The steps of a mover in pattern order.
pub(super) fn steps_of<'a>(
    plan: &'a Plan,
    mover: &'a Mover,
) -> impl DoubleEndedIterator<Item = (StepId, &'a Step)> {
    mover.steps.iter().map(|&id| (id, &plan.steps[id]))
}

/// Whether one of the mover's steps does this.
pub(super) fn does(plan: &Plan, mover: &Mover, verbs: &[&str]) -> bool {
    steps_of(plan, mover)
        .filter_map(|(_, step)| step.action.as_ref())
        .any(|action| verbs.contains(&action.verb.as_str()))
}

/// What a step does; nothing for a gate.
pub(super) fn verb(step: &Step) -> &str {
    step.action.as_ref().map_or("", |action| &action.verb)
}

/// Two years from the start: weeks, holidays and changes of the clocks repeat within them.
pub(super) fn two_years(plan: &Plan) -> (Timestamp, Timestamp) {
    let from = plan.migration.start;
    let later = SignedDuration::from_secs(2 * 366 * 24 * 3_600);
    (from, from.checked_add(later).unwrap_or(Timestamp::MAX))
}

/// The 90th percentile of a law.
pub(super) fn p90(law: &Distribution) -> f64 {
    law.quantile(0.9)
}

/// `a`, `b` and `c`; the first eight of many.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    listed_up_to(names, 8)
}

/// `a`, `b` and `c`; the first `shown` of many.
pub(super) fn listed_up_to<T: AsRef<str>>(names: &[T], shown: usize) -> String {
    let quoted: Vec<String> = names
        .iter()
        .take(shown)
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    if names.len() > shown {
        return format!("{} and {} more", quoted.join(", "), names.len() - shown);
    }
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A duration as the language writes it, the two largest units: `2d 4h`, `15min`, `0s`.
pub(super) fn duration(seconds: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s")];
    if seconds > 0.0 && seconds < 1.0 {
        return format!("{}ms", rounded(seconds * 1_000.0));
    }
    let mut left = seconds.round();
    let mut parts = Vec::new();
    for (length, unit) in UNITS {
        let whole = (left / length).floor();
        if whole >= 1.0 && parts.len() < 2 {
            parts.push(format!("{whole}{unit}"));
            left -= whole * length;
        } else if !parts.is_empty() {
            break;
        }
    }
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.join(" ")
    }
}

/// How much later: `4h after`, `at once after`.
pub(super) fn after(seconds: f64) -> String {
    match seconds > 0.0 {
        true => format!("{} after", duration(seconds)),
        false => "at once after".to_owned(),
    }
}

/// A rate: `120/s`, `0.2/s`.
pub(super) fn per_second(rate: f64) -> String {
    format!("{}/s", rounded(rate))
}

/// A ratio in per cent: `25 %`, `0.5 %`.
pub(super) fn percent(ratio: f64) -> String {
    format!("{} %", rounded(ratio * 100.0))
}

/// At most two digits behind the point, none that say nothing.
pub(super) fn rounded(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_their_two_largest_units() {
        let cases = [
            (0.0, "0s"),
            (0.25, "250ms"),
            (59.6, "1min"),
            (90.0, "1min 30s"),
            (3_600.0, "1h"),
            (90_061.0, "1d 1h"),
            (86_460.0, "1d"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..11).map(|n| format!("s{n}")).collect();
        assert_eq!(listed(&names[..1]), "`s0`");
        assert_eq!(listed(&names[..3]), "`s0`, `s1` and `s2`");
        assert_eq!(
            listed(&names),
            "`s0`, `s1`, `s2`, `s3`, `s4`, `s5`, `s6`, `s7` and 3 more"
        );
    }

    #[test]
    fn numbers_lose_digits_that_say_nothing() {
        assert_eq!(rounded(120.0), "120");
        assert_eq!(rounded(0.125), "0.12");
        assert_eq!(percent(0.005), "0.5 %");
    }
}

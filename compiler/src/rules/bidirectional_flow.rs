//! Data that is carried there and back at once.

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{
    Bridge, BridgeId, BridgeOver, BridgeTechnique, Mover, Plan, ResourceId, ServiceId, Step,
};

use super::context::{listed, steps_of, verb};
use super::{Check, Context, Findings, Rule};
use crate::analysis::nodes::enclosing;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0402",
        name: "bidirectional-flow",
    },
    level: Level::Warning,
    summary: "data flows both ways and nothing says how the two sides stay one",
    page: include_str!("../../rules/bidirectional-flow.md"),
    check: Check::Plan(check),
};

const HELP: &str = "say on both what keeps them one: `source = …` (which side is right), `deduplicates = true` (what comes round is taken once), `breaks = \"…\"` (what is done when one of them stops)";

/// What a bridge is over, as something to look up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Over {
    Edge(ServiceId, ServiceId),
    Resource(ResourceId),
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    bridges(context, plan, findings);
    for mover in &plan.movers {
        patterns(context, plan, mover, findings);
    }
}

/// Two bridges over one thing, or one over a part of what the other is over.
fn bridges(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let back = plan.bridges.iter();
    let back: FxHashMap<Over, (BridgeId, &Bridge)> = back
        .filter(|(_, bridge)| bridge.by == BridgeTechnique::BackSync)
        .flat_map(|(id, bridge)| around(context, bridge).map(move |over| (over, (id, bridge))))
        .collect();
    if back.is_empty() {
        return;
    }
    for (id, bridge) in plan
        .bridges
        .iter()
        .filter(|(_, bridge)| carries_over(bridge.by))
    {
        let Some(&(other, back)) = around(context, bridge).find_map(|over| back.get(&over)) else {
            continue;
        };
        let unsaid: Vec<String> = [(id, bridge), (other, back)]
            .into_iter()
            .filter_map(|(id, bridge)| {
                let unsaid = unsaid(context, id, bridge);
                let names = listed(&unsaid);
                (!unsaid.is_empty()).then(|| format!("`{}` does not say {names}", bridge.name))
            })
            .collect();
        if unsaid.is_empty() {
            continue;
        }
        let finding = RULE
            .finding(
                context.origins.of(Entity::Bridge(id)),
                format!(
                    "`{}` carries data over and `{}` carries it back at the same time, and {}",
                    bridge.name,
                    back.name,
                    unsaid.join(", and ")
                ),
            )
            .label(context.origins.of(Entity::Bridge(other)), "and back")
            .help(HELP);
        findings.report([&bridge.name, &back.name], finding);
    }
}

fn carries_over(technique: BridgeTechnique) -> bool {
    use BridgeTechnique::{Cdc, DualWrite, Mirror};
    matches!(technique, Cdc | DualWrite | Mirror)
}

/// What a bridge is over, and what that stands in but for its instance.
fn around<'a>(context: &'a Context<'_>, bridge: &Bridge) -> Box<dyn Iterator<Item = Over> + 'a> {
    match bridge.over {
        BridgeOver::Edge { from, to } => Box::new(std::iter::once(Over::Edge(from, to))),
        BridgeOver::Resource(id) => {
            let inventory = context.inventory;
            let inner = move |id: &ResourceId| {
                inventory.resources[*id].kind != whimbrel_plan::ResourceKind::Instance
            };
            Box::new(enclosing(inventory, id).filter(inner).map(Over::Resource))
        }
    }
}

fn unsaid(context: &Context<'_>, id: BridgeId, bridge: &Bridge) -> Vec<&'static str> {
    let back = bridge.by == BridgeTechnique::BackSync;
    let source = back || context.origins.has_attribute(Entity::Bridge(id), "source");
    let said = [
        ("source", source),
        ("deduplicates", bridge.deduplicates),
        ("breaks", bridge.breaks.is_some()),
    ];
    let unsaid = said.into_iter().filter(|(_, said)| !said);
    unsaid.map(|(name, _)| name).collect()
}

/// A pattern that begins to carry back while it still carries over.
fn patterns(context: &Context<'_>, plan: &Plan, mover: &Mover, findings: &mut Findings) {
    let mut over: Option<&Step> = None;
    for (id, step) in steps_of(plan, mover) {
        match verb(step) {
            "data.cdc_start" => over = Some(step),
            "data.cdc_stop" | "data.switch_reads" => over = None,
            "data.back_sync" => {
                let Some(over) = over else { continue };
                let finding = RULE
                    .finding(
                        context.origins.of(Entity::Step(id)),
                        format!(
                            "`{}` carries changes back while `{}` still carries them over, before anybody is on the new side",
                            step.name, over.name
                        ),
                    )
                    .help("begin to carry back after `data.switch_reads`, or stop carrying over first (`data.cdc_stop`)");
                let targets = [context.name(mover.node), step.name.as_str()];
                findings.report_together(&mover.pattern, targets, finding);
            }
            _ => {}
        }
    }
}

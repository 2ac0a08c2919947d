//! Names that callers remember for longer than a rollback may take.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Mover, Node, Plan, Step, Subject};

use super::context::{duration, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1105",
        name: "dns-ttl-not-lowered",
    },
    level: Level::Warning,
    summary: "callers keep the old address for longer than a rollback may take",
    page: include_str!("../../rules/dns-ttl-not-lowered.md"),
    check: Check::Plan(check),
};

/// How long callers may keep an address where no RTO is promised: five minutes, in seconds.
const WITHOUT_RTO: f64 = 300.0;

/// A step that lowers the time to live of names, and the seconds from then to the first shift.
#[derive(Clone, Copy)]
struct Lowered {
    to: f64,
    before: f64,
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let phase = by_phase(plan);
    for mover in &plan.movers {
        let Node::Service(id) = mover.node else {
            continue;
        };
        let service = &context.inventory.services[id];
        let (Some(today), Some(_)) = (service.dns_ttl, mover.first_shift) else {
            continue;
        };
        let lowered = by_pattern(plan, mover).or(phase);
        let Some(message) = problem(plan, &service.name, today, lowered) else {
            continue;
        };
        let finding = RULE
            .finding(
                context.origins.attribute(Entity::Service(id), "dns_ttl"),
                message,
            )
            .help("lower it before the first shift and wait for as long as it was, in the pattern or in a phase: `step lower { does = run(script: …); dns_ttl = 60s; soak = 1d }`");
        findings.report([&service.name], finding);
    }
}

fn problem(plan: &Plan, name: &str, today: f64, lowered: Option<Lowered>) -> Option<String> {
    let rto = plan.migration.objectives.rto;
    let most = rto.unwrap_or(WITHOUT_RTO);
    let kept = lowered.map_or(today, |lowered| lowered.to);
    if kept > most {
        let most = match rto {
            Some(rto) => format!("the RTO is {}", duration(rto)),
            None => format!("no RTO says that more than {} would do", duration(most)),
        };
        return Some(format!(
            "callers of `{name}` keep its address for {}, and {most}",
            duration(kept)
        ));
    }
    let lowered = lowered?;
    (today > most && lowered.before < today).then(|| {
        format!(
            "the name of `{name}` is lowered {} before its first shift, and callers keep what they have for {}",
            duration(lowered.before),
            duration(today)
        )
    })
}

/// The last step before the first shift that lowers the name.
fn by_pattern(plan: &Plan, mover: &Mover) -> Option<Lowered> {
    let mut lowered: Option<Lowered> = None;
    let before = steps_of(plan, mover).take_while(|(id, _)| Some(*id) != mover.first_shift);
    for (_, step) in before {
        if let Some(to) = step.dns_ttl {
            let before = step.soak.mean();
            lowered = Some(Lowered { to, before });
        } else if let Some(lowered) = &mut lowered {
            lowered.before += takes(step);
        }
    }
    lowered
}

/// A phase lowers all names, long before anything shifts: only its own soak is known for sure.
fn by_phase(plan: &Plan) -> Option<Lowered> {
    let phases = plan.steps.values();
    let mut phases = phases.filter(|step| matches!(step.subject, Subject::Migration(_)));
    phases.find_map(|step| {
        Some(Lowered {
            to: step.dns_ttl?,
            before: step.soak.mean(),
        })
    })
}

/// Mean seconds of a step at the least: working time lasts longer.
fn takes(step: &Step) -> f64 {
    let act = match &step.act {
        Act::Elapsed(law) | Act::Working(law) => law.mean(),
        Act::Instant | Act::Transfer(_) => 0.0,
    };
    act + step.soak.mean()
}

//! A third party whose lead time decides when the migration ends.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Plan, StepId, Subject};

use super::context::duration;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0806",
        name: "external-lead-time",
    },
    level: Level::Warning,
    summary: "the whole plan waits for a third party",
    page: include_str!("../../rules/external-lead-time.md"),
    check: Check::Plan(check),
};

/// For how long a plan may wait before it is worth a word, in seconds.
const A_WEEK: f64 = 7.0 * 86_400.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    // A lead time waits for nothing, so that it can only be the first of the longest chain.
    let Some(first) = plan.critical_path.first() else {
        return;
    };
    let step = &plan.steps[*first];
    let (Subject::Resource(id), Act::Elapsed(lead)) = (&step.subject, &step.act) else {
        return;
    };
    let external = &context.inventory.resources[*id];
    if external.lead_time.is_none() || waited(context, plan, *first) < A_WEEK {
        return;
    }
    let name = external.name.as_str();
    let waits = plan
        .critical_path
        .get(1)
        .map(|step| plan.steps[*step].name.as_str());
    let ask = match &external.contact {
        Some(contact) => format!("ask {contact} now"),
        None => format!("find out whom to ask at `{name}` (`contact`), and ask now"),
    };
    let mut finding = RULE
        .finding(
            context.origins.attribute(Entity::Resource(*id), "change_lead_time"),
            format!(
                "the end of the plan waits for `{name}`, which takes {} to let in a change",
                duration(lead.mean())
            ),
        )
        .help(format!(
            "{ask}: `change_lead_time` counts from the start of the migration; or let what does not need it go first"
        ));
    if let Some(waits) = waits {
        finding = finding.note(format!(
            "until then `{waits}` does not start, at mean durations"
        ));
    }
    findings.report([name], finding);
}

/// Seconds for which nothing but the lead time holds up the step that waits for it.
fn waited(context: &Context<'_>, plan: &Plan, lead: StepId) -> f64 {
    let (Some(schedule), Some(next)) = (context.schedule, plan.critical_path.get(1)) else {
        return 0.0;
    };
    let others = plan.steps[*next]
        .predecessors
        .iter()
        .filter(|id| **id != lead);
    let ready = others
        .map(|id| schedule.finish(*id))
        .fold(0.0_f64, f64::max);
    schedule.finish(lead) - ready
}

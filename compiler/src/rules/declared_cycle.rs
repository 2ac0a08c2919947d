//! Services that say themselves that they need one another.

use whimbrel_lang::{Code, Level};

use super::bridging::Advice;
use super::context::listed;
use super::hidden_cycle::{around, names, open_cycles, place, story};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0302",
        name: "declared-cycle",
    },
    level: Level::Warning,
    summary: "services declare that they need one another",
    page: include_str!("../../rules/declared-cycle.md"),
    check: Check::Inventory(check),
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut open = open_cycles(context);
    open.retain(|cycle| !cycle.hops.is_empty() && !cycle.hops.iter().any(|hop| hop.hidden));
    let components = open.iter().map(|cycle| cycle.component.clone());
    let advice = Advice::about(context, components.collect());
    for (at, cycle) in open.iter().enumerate() {
        let Some(first) = cycle.hops.first() else {
            continue;
        };
        let component = &cycle.component;
        let cycle_names = listed(&around(context, &cycle.hops));
        let finding = RULE
            .finding(
                place(context, first),
                format!("{cycle_names} need one another"),
            )
            .help(advice.help(at, RULE.level, &cycle.hops));
        findings.report(
            names(context, component),
            story(context, finding, &cycle.hops, component),
        );
    }
}

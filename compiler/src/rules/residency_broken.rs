//! Data that moves to where it may not be.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, Plan, Platform};

use super::context::listed;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1301",
        name: "residency-broken",
    },
    level: Level::Error,
    summary: "data moves to where it may not be",
    page: include_str!("../../rules/residency-broken.md"),
    check: Check::Plan(check),
};

/// The members of the European Union, by the codes of ISO 3166.
const EU: [&str; 27] = [
    "at", "be", "bg", "hr", "cy", "cz", "dk", "ee", "fi", "fr", "de", "gr", "hu", "ie", "it", "lv",
    "lt", "lu", "mt", "nl", "pl", "pt", "ro", "sk", "si", "es", "se",
];
/// What the European Economic Area has beside them.
const EEA: [&str; 3] = ["is", "li", "no"];

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Node::Resource(id) = mover.node else {
            continue;
        };
        let resource = &context.inventory.resources[id];
        let Some(to) = resource.to.filter(|_| !resource.residency.is_empty()) else {
            continue;
        };
        let platform = &context.inventory.platforms[to];
        let (level, why) = match place(platform, &resource.residency) {
            Place::Inside => continue,
            Place::Outside(law) => (Level::Error, format!("is under `{law}`")),
            Place::Unclear(law) => (
                Level::Warning,
                format!("is under `{law}`, which says no more"),
            ),
            Place::Unknown => (Level::Warning, "says no jurisdiction".to_owned()),
        };
        let name = resource.name.as_str();
        let mut finding = RULE
            .finding(
                context.origins.attribute(Entity::Resource(id), "residency"),
                format!(
                    "`{name}` must stay in {}, and `{}`, where it goes, {why}",
                    listed(&resource.residency),
                    platform.name
                ),
            )
            .label(
                context.origins.attribute(Entity::Platform(to), "jurisdiction"),
                "where it goes",
            )
            .help(match level {
                Level::Error => "move it to a platform inside, or let those who are responsible for the data widen its `residency`",
                _ => "say under which jurisdiction the platform is: `jurisdiction = …`",
            });
        finding.level = level;
        findings.report([name, platform.name.as_str()], finding);
    }
}

enum Place<'a> {
    Inside,
    Outside(&'a str),
    /// In something larger than what is allowed.
    Unclear(&'a str),
    Unknown,
}

/// Where a platform is, seen from the jurisdictions or regions that are allowed.
fn place<'a>(platform: &'a Platform, allowed: &[String]) -> Place<'a> {
    let (law, region) = (&platform.jurisdiction, &platform.region);
    let is_allowed = |word: &str| allowed.iter().any(|allowed| contains(allowed, word));
    if region.as_ref().is_some_and(|region| is_allowed(region)) {
        return Place::Inside;
    }
    match law {
        None => Place::Unknown,
        Some(law) if is_allowed(law) => Place::Inside,
        Some(law) if allowed.iter().any(|allowed| contains(law, allowed)) => Place::Unclear(law),
        Some(law) => Place::Outside(law),
    }
}

/// Whether a word names the same as another, or a part of it.
fn contains(whole: &str, part: &str) -> bool {
    let is = |word: &str, other: &str| word.eq_ignore_ascii_case(other);
    let among = |members: &[&str]| members.iter().any(|member| is(member, part));
    let eea = is(whole, "eea") && (is(part, "eu") || among(&EU) || among(&EEA));
    is(whole, part) || is(whole, "eu") && among(&EU) || eea
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_contains_its_members_and_no_others() {
        let cases = [
            ("eu", "de", true),
            ("EU", "fr", true),
            ("eea", "eu", true),
            ("eea", "no", true),
            ("eu", "no", false),
            ("de", "eu", false),
            ("eu", "ch", false),
            ("us", "us", true),
            ("us", "usa", false),
        ];
        for (whole, part, inside) in cases {
            assert_eq!(contains(whole, part), inside, "{part} in {whole}");
        }
    }
}

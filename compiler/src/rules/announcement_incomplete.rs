//! An announcement that leaves its readers with questions.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Announcement, Plan};

use super::context::listed;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1009",
        name: "announcement-incomplete",
    },
    level: Level::Warning,
    summary: "an announcement does not say what those told must know",
    page: include_str!("../../rules/announcement-incomplete.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for (index, announcement) in plan.announcements.iter().enumerate() {
        let missing = missing(announcement);
        if missing.is_empty() || is_reminder(plan, announcement) {
            continue;
        }
        let text: Vec<String> = missing
            .iter()
            .map(|name| format!("{name} = \"…\""))
            .collect();
        let finding = RULE
            .finding(
                context.origins.of(Entity::Announcement(index)),
                format!(
                    "announcement `{}` does not say {}",
                    announcement.name,
                    listed(&missing)
                ),
            )
            .help(format!("write `{}`", text.join("; ")));
        findings.report([&announcement.name], finding);
    }
}

/// What it does not say; its doc comment says what changes.
fn missing(announcement: &Announcement) -> Vec<&'static str> {
    let wording = &announcement.wording;
    let said = [
        ("what", wording.what.as_ref().or(announcement.doc.as_ref())),
        ("why", wording.why.as_ref()),
        ("risk", wording.risk.as_ref()),
        ("noticed", wording.noticed.as_ref()),
        ("contact", wording.contact.as_ref()),
    ];
    let is_said = |text: Option<&String>| text.is_some_and(|text| !text.trim().is_empty());
    said.into_iter()
        .filter(|(_, text)| !is_said(*text))
        .map(|(name, _)| name)
        .collect()
}

/// Whether the same readers have been told all of it before, in the same place.
fn is_reminder(plan: &Plan, announcement: &Announcement) -> bool {
    plan.announcements.iter().any(|other| {
        other.channel == announcement.channel
            && other.before > announcement.before
            && missing(other).is_empty()
    })
}

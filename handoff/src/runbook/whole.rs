//! What the index says of the whole plan beside its batches: what there is and whose it is, whom to
//! call, what stands between the sides, what may go wrong, and what is announced.

use serde_json::{Value, json};
use whimbrel_plan::{
    Announcement, Bridge, BridgeOver, BridgeTechnique, Measure, PlatformId, ResourceKind, RiskTier,
    Tier,
};

use super::{Source, steps};
use crate::text;
use crate::values::limit;

const NOTHING: &str = "–";

/// The values of the index, by the names of its template.
pub fn values(source: &Source<'_>) -> Value {
    json!({
        "platforms": platforms(source),
        "services": services(source),
        "baselines": baselines(source),
        "audit": audit(source),
        "resources": resources(source),
        "externals": externals(source),
        "licences": licences(source),
        "bridges": bridges(source),
        "measures": measures(source),
        "risks": risks(source),
        "announcements": announcements(source),
    })
}

fn said(text: Option<&String>) -> &str {
    text.map_or(NOTHING, String::as_str)
}

fn listed(words: &[String]) -> String {
    if words.is_empty() {
        NOTHING.to_owned()
    } else {
        words.join(", ")
    }
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Supporting => "supporting",
        Tier::Important => "important",
        Tier::Critical => "critical",
    }
}

/// `vms → kubernetes`, or where it stays.
fn way(source: &Source<'_>, from: Option<PlatformId>, to: Option<PlatformId>) -> String {
    let name = |id: PlatformId| source.plan.inventory.platforms[id].name.as_str();
    match (from, to) {
        (Some(from), Some(to)) if from != to => format!("{} → {}", name(from), name(to)),
        (Some(from), _) => format!("stays on {}", name(from)),
        _ => NOTHING.to_owned(),
    }
}

fn platforms(source: &Source<'_>) -> Vec<Value> {
    let platforms = source.plan.inventory.platforms.values();
    platforms
        .map(|platform| {
            json!({
                "name": platform.name,
                "region": said(platform.region.as_ref()),
                "jurisdiction": said(platform.jurisdiction.as_ref()),
                "about": said(platform.doc.as_ref()),
            })
        })
        .collect()
}

fn services(source: &Source<'_>) -> Vec<Value> {
    let services = source.plan.inventory.services.values();
    services
        .map(|service| {
            json!({
                "name": service.name,
                "team": source.team(service.team).unwrap_or(NOTHING),
                "tier": tier(service.tier),
                "version": said(service.version.as_ref()),
                "users": service.users.as_ref().map_or_else(
                    || NOTHING.to_owned(),
                    |users| text::count(users.mean()),
                ),
                "way": way(source, service.on, service.to),
            })
        })
        .collect()
}

fn baselines(source: &Source<'_>) -> Vec<Value> {
    let services = source.plan.inventory.services.values();
    let known = services.filter_map(|service| Some((service, service.baseline.as_ref()?)));
    known
        .map(|(service, baseline)| {
            let value = |measure| {
                let value = baseline.of(measure);
                value.map_or_else(
                    || NOTHING.to_owned(),
                    |value| limit(source.plan, measure, value),
                )
            };
            json!({
                "name": service.name,
                "error_rate": value(Measure::ErrorRate),
                "p50": value(Measure::P50),
                "p95": value(Measure::P95),
                "p99": value(Measure::P99),
                "at": baseline.at.map_or_else(|| NOTHING.to_owned(), |at| at.to_string()),
            })
        })
        .collect()
}

fn audit(source: &Source<'_>) -> Option<Value> {
    let audit = source.plan.migration.audit.as_ref()?;
    Some(json!({
        "place": audit.place,
        "keep": audit.keep.map_or_else(|| NOTHING.to_owned(), text::seconds),
    }))
}

fn resources(source: &Source<'_>) -> Vec<Value> {
    let resources = source.plan.inventory.resources.values();
    resources
        .filter(|resource| !matches!(resource.kind, ResourceKind::External | ResourceKind::Table))
        .map(|resource| {
            let engine = [resource.engine.as_ref(), resource.version.as_ref()];
            let engine: Vec<&str> = engine.into_iter().flatten().map(String::as_str).collect();
            let today = if engine.is_empty() {
                NOTHING.to_owned()
            } else {
                engine.join(" ")
            };
            json!({
                "name": resource.name,
                "team": source.team(resource.team).unwrap_or(NOTHING),
                "today": today,
                "becomes": said(resource.becomes.as_ref()),
                "way": way(source, resource.on, resource.to),
                "regimes": listed(&resource.regimes),
                "residency": listed(&resource.residency),
                "retention": resource.retention.map_or_else(|| NOTHING.to_owned(), text::seconds),
            })
        })
        .collect()
}

fn externals(source: &Source<'_>) -> Vec<Value> {
    let resources = source.plan.inventory.resources.values();
    resources
        .filter(|resource| resource.kind == ResourceKind::External)
        .map(|external| {
            let lead = external.lead_time.as_ref();
            json!({
                "name": external.name,
                "lead": lead.map_or_else(|| NOTHING.to_owned(), |time| text::seconds(time.mean())),
                "contact": said(external.contact.as_ref()),
            })
        })
        .collect()
}

/// The plan's own measures, with what is asked: the thing measured stands as `SUBJECT`.
fn measures(source: &Source<'_>) -> Vec<Value> {
    let measures = source.plan.measures.values();
    measures
        .map(|measure| {
            let of: Vec<&str> = measure.of.iter().map(|node| source.plan.name(*node)).collect();
            json!({
                "name": measure.name,
                "of": if of.is_empty() { "everything that moves".to_owned() } else { of.join(", ") },
                "query": measure.query_about("SUBJECT"),
                "about": said(measure.doc.as_ref()),
            })
        })
        .collect()
}

fn licences(source: &Source<'_>) -> Vec<Value> {
    let licences = source.plan.inventory.licences.iter();
    licences
        .map(|licence| {
            json!({
                "name": licence.name,
                "of": licence.of.join(", "),
                "until": source.end(Some(licence.until)),
                "notice": licence.notice.map_or_else(
                    || NOTHING.to_owned(),
                    |notice| format!("{} before that", text::seconds(notice)),
                ),
            })
        })
        .collect()
}

fn bridges(source: &Source<'_>) -> Vec<Value> {
    let bridges = source.plan.bridges.values();
    bridges.map(|bridge| self::bridge(source, bridge)).collect()
}

fn bridge(source: &Source<'_>, bridge: &Bridge) -> Value {
    let plan = source.plan;
    let over = match &bridge.over {
        BridgeOver::Edge { from, to } => {
            let services = &plan.inventory.services;
            format!("{} → {}", services[*from].name, services[*to].name)
        }
        BridgeOver::Resource(id) => plan.inventory.resources[*id].name.clone(),
    };
    let by = match bridge.by {
        BridgeTechnique::Cdc => "change data capture",
        BridgeTechnique::DualWrite => "dual write",
        BridgeTechnique::BackSync => "back-sync",
        BridgeTechnique::Mirror => "mirror",
        BridgeTechnique::Adapter => "adapter",
        BridgeTechnique::Proxy => "proxy",
    };
    json!({
        "name": bridge.name,
        "over": over,
        "by": by,
        "lag": bridge.lag.as_ref().map_or_else(|| NOTHING.to_owned(), steps::amount),
        "source": if bridge.source_is_new { "the new side" } else { "the old side" },
        "twice": if bridge.deduplicates { "taken once" } else { "taken twice" },
        "breaks": said(bridge.breaks.as_ref()),
    })
}

fn risks(source: &Source<'_>) -> Vec<Value> {
    let plan = source.plan;
    plan.risks
        .iter()
        .map(|risk| {
            let owner = risk.owner.map(|id| plan.roles[id].name.as_str());
            json!({
                "name": risk.name,
                "tier": match risk.tier {
                    RiskTier::Low => "low",
                    RiskTier::Medium => "medium",
                    RiskTier::High => "high",
                },
                "mitigation": risk.mitigation.as_deref().unwrap_or("none is written down"),
                "alert": said(risk.alert.as_ref()),
                "owner": owner.unwrap_or(NOTHING),
            })
        })
        .collect()
}

fn announcements(source: &Source<'_>) -> Vec<Value> {
    let all = source.plan.announcements.iter();
    all.map(|announcement| {
        json!({
            "to": announcement.name,
            "channel": announcement.channel,
            "before": text::seconds(announcement.before),
            "body": body(source, announcement),
        })
    })
    .collect()
}

/// The words of an announcement; what its author left out is left out.
fn body(source: &Source<'_>, announcement: &Announcement) -> String {
    let wording = &announcement.wording;
    let finish = &source.estimates.finish;
    let shown = [
        source.about(finish.p50, finish.error.p50),
        source.about(finish.p80, finish.error.p80),
    ];
    let when = format!(
        "from {}; {}",
        source.instant(Some(source.plan.migration.start)),
        Source::promise([finish.p50, finish.p80], &shown),
    );
    let lines = [
        ("What", wording.what.as_ref().or(announcement.doc.as_ref())),
        ("Why", wording.why.as_ref()),
        ("When", Some(&when)),
        ("Risk", wording.risk.as_ref()),
        ("What you will notice", wording.noticed.as_ref()),
        ("Whom to call", wording.contact.as_ref()),
    ];
    let lines = lines.iter().filter_map(|(head, text)| {
        let text = text.as_ref()?.trim().trim_end_matches('.');
        Some(format!("{head}: {text}."))
    });
    lines.collect::<Vec<_>>().join(" ")
}

//! Runbooks: one for each batch, an index, and the table for runbook tools.
//!
//! Every number of time, money or chance comes from the estimates as they are; beside the rounded
//! text each runbook carries them unrounded in a comment.

mod batch;
mod reversal;
mod steps;
mod whole;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use whimbrel_plan::{Plan, StepId, TeamId};
use whimbrel_simulator::{Estimates, StepEstimates};

use crate::error::HandoffError;
use crate::layout::Stage;
use crate::scripts::{Writer, needed, tidy};
use crate::text;

/// What runbooks are made from.
struct Source<'a> {
    plan: &'a Plan,
    estimates: &'a Estimates,
    steps: BTreeMap<&'a str, &'a StepEstimates>,
    /// Where each step stands: its stage and its folder there.
    places: BTreeMap<StepId, (&'a Stage, &'a str)>,
}

impl<'a> Source<'a> {
    fn new(plan: &'a Plan, estimates: &'a Estimates, stages: &'a [Stage]) -> Self {
        let steps = estimates
            .steps
            .iter()
            .map(|step| (step.id.as_str(), step))
            .collect();
        let places = stages
            .iter()
            .flat_map(|stage| {
                stage
                    .steps
                    .iter()
                    .map(move |step| (step.id, (stage, step.folder.as_str())))
            })
            .collect();
        Self {
            plan,
            estimates,
            steps,
            places,
        }
    }

    fn step(&self, id: StepId) -> Option<&StepEstimates> {
        self.steps.get(self.plan.steps[id].name.as_str()).copied()
    }

    fn instant(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(
            || "never".to_owned(),
            |at| text::instant(at, &self.plan.migration.zone),
        )
    }

    fn team(&self, id: Option<TeamId>) -> Option<&str> {
        Some(&self.plan.inventory.teams[id?].name)
    }

    fn money(&self, amount: Option<f64>) -> String {
        let currency = &self.plan.migration.currency;
        amount.map_or_else(
            || "unknown".to_owned(),
            |amount| format!("{currency} {amount:.0}"),
        )
    }
}

fn days(value: Option<f64>) -> String {
    value.map_or_else(|| "unknown".to_owned(), text::days)
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "unknown".to_owned(), text::percent)
}

/// JSON that may stand in a comment of Markdown and HTML.
fn data(value: &Value) -> String {
    value
        .to_string()
        .replace("--", "-\\u002d")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
}

impl Writer<'_, '_> {
    /// The runbooks of all batches, their index, the table of steps, and the README.
    pub fn runbooks(
        &mut self,
        estimates: &Estimates,
        stages: &[Stage],
    ) -> Result<(), HandoffError> {
        let source = Source::new(self.plan, estimates, stages);
        let head = head(&source);
        let rows: Vec<Value> = stages
            .iter()
            .map(|stage| stage_row(&source, stage))
            .collect();
        for stage in stages {
            let mut context = batch::values(&source, stage, &self.files);
            if let Value::Object(fields) = &mut context {
                fields.insert("plan".to_owned(), json!(self.about));
                fields.insert("head".to_owned(), head.clone());
            }
            let text = self.engine.own("runbook.md.tera", &context)?;
            self.files
                .text(format!("runbook/{}.md", stage.folder), tables(&tidy(&text)))?;
        }
        let context = json!({"plan": self.about, "head": head, "stages": rows,
            "whole": whole::values(&source), "unknown": estimates.unknown,
            "remarks": self.plan.remarks()});
        let index = self.engine.own("index.md.tera", &context)?;
        self.files.text("runbook/index.md", tables(&tidy(&index)))?;
        let readme = self.engine.own("readme.md.tera", &context)?;
        self.files.text("README.md", tables(&tidy(&readme)))?;
        let steps: Vec<Value> = self
            .plan
            .steps
            .ids()
            .map(|id| steps::csv_row(&source, id))
            .collect();
        let csv = self
            .engine
            .own("steps.csv.tera", &json!({"steps": steps}))?;
        self.files
            .text("runbook/steps.csv", tidy(&csv).replace("\n\n", "\n"))
    }
}

/// Loops leave a blank line between the rows of a table and between the items of a list, which
/// would end them, and among commands, which need none.
fn tables(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut joined = String::with_capacity(text.len());
    for (index, line) in lines.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| lines.get(index));
        let after = lines.get(index + 1);
        let inside = |mark: &str| {
            before.is_some_and(|line| line.starts_with(mark))
                && after.is_some_and(|line| line.starts_with(mark))
        };
        let heads = lines
            .get(index + 2)
            .is_some_and(|line| line.starts_with("|---"));
        let opens = before.is_some_and(|line| *line == "```bash");
        let closes = before.is_some_and(|line| line.starts_with("scripts/"))
            && after.is_some_and(|line| *line == "```");
        let joins = inside("|") || inside("- ") || inside("scripts/") || opens || closes;
        if line.is_empty() && !heads && joins {
            continue;
        }
        joined.push_str(line);
        joined.push('\n');
    }
    joined
}

/// What every runbook says of the whole plan.
fn head(source: &Source<'_>) -> Value {
    let Source {
        plan, estimates, ..
    } = source;
    let blast = &estimates.blast_radius;
    let services = blast.services.p95.map_or_else(
        || "an unknown number of services".to_owned(),
        |count| match text::count_of(&count.to_string()) {
            count if count == "1" => "1 service".to_owned(),
            count => format!("{count} services"),
        },
    );
    let share = blast.request_share.as_ref().map_or_else(
        || "no traffic is known".to_owned(),
        |share| format!("{} of requests", percent(share.p95)),
    );
    let until = plan.migration.deadline.or(estimates.finish.p95);
    json!({
        "doc": plan.migration.doc.as_deref().unwrap_or("One runbook for each batch, in this order."),
        "version": plan.version,
        "seed": estimates.seed,
        "trials": estimates.trials,
        "valid_until": source.instant(until),
        "start": source.instant(Some(plan.migration.start)),
        "finish_p50": source.instant(estimates.finish.p50),
        "finish_p80": source.instant(estimates.finish.p80),
        "duration_p50": days(estimates.duration_days.p50),
        "duration_p80": days(estimates.duration_days.p80),
        "cost_p50": source.money(estimates.cost.total.p50),
        "cost_p80": source.money(estimates.cost.total.p80),
        "at_least": estimates.cost.at_least,
        "blast_services": services,
        "blast_share": share,
        "deadline": estimates.deadline_probability.map_or("no deadline is given".to_owned(), text::percent),
        "incident": text::percent(estimates.incident_probability),
        "data": data(&json!({
            "finish": {"p50": estimates.finish.p50, "p80": estimates.finish.p80},
            "duration_days": {"p50": estimates.duration_days.p50, "p80": estimates.duration_days.p80},
            "cost": {"p50": estimates.cost.total.p50, "p80": estimates.cost.total.p80},
            "blast_radius": {
                "services": {"p95": blast.services.p95},
                "request_share": {"p95": blast.request_share.as_ref().and_then(|share| share.p95)},
            },
            "deadline_probability": estimates.deadline_probability,
            "incident_probability": estimates.incident_probability,
        })),
    })
}

/// A line of the index.
fn stage_row(source: &Source<'_>, stage: &Stage) -> Value {
    let (p50, p80) = batch::finish(source, stage);
    let (commands, environment) = needed(source.plan, stage);
    let list = |names: std::collections::BTreeSet<String>| {
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.into_iter().collect::<Vec<_>>().join(" ")
        }
    };
    json!({
        "name": stage.name,
        "folder": stage.folder,
        "members": batch::scope_in(source, stage),
        "finish_p50": source.instant(p50),
        "finish_p80": source.instant(p80),
        "command": format!("scripts/{}/run", stage.folder),
        "commands": list(commands),
        "environment": list(environment),
    })
}

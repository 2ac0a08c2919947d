//! Runbooks: one for each batch, an index, and the table for runbook tools.
//!
//! Every number of time, money or chance comes from the estimates as they are; beside the rounded
//! text each runbook carries them unrounded in a comment.

mod batch;
mod before;
mod reversal;
mod steps;
mod whole;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use whimbrel_plan::{Plan, StepId, TeamId};
use whimbrel_simulator::{BlastRadius, Estimates, Missed, StepEstimates, wording};

use crate::error::HandoffError;
use crate::layout::Stage;
use crate::rows::Courses;
use crate::scripts::{Writer, needed, tidy};
use crate::text;

/// What runbooks are made from.
struct Source<'a> {
    plan: &'a Plan,
    estimates: &'a Estimates,
    courses: &'a Courses<'a>,
    steps: BTreeMap<&'a str, &'a StepEstimates>,
    /// Where each step stands: its stage and its folder there.
    places: BTreeMap<StepId, (&'a Stage, &'a str)>,
}

impl<'a> Source<'a> {
    fn new(
        (plan, courses): (&'a Plan, &'a Courses<'a>),
        estimates: &'a Estimates,
        stages: &'a [Stage],
    ) -> Self {
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
            courses,
            steps,
            places,
        }
    }

    fn step(&self, id: StepId) -> Option<&StepEstimates> {
        self.steps.get(self.plan.steps[id].name.as_str()).copied()
    }

    fn instant(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(
            || "no date".to_owned(),
            |at| text::instant(at, &self.plan.migration.zone),
        )
    }

    /// When something ends.
    fn end(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(
            || "no date".to_owned(),
            |at| text::end(at, self.plan.migration.start, &self.plan.migration.zone),
        )
    }

    /// A step, and when it starts.
    fn planned(&self, id: StepId) -> String {
        let start = self.step(id).and_then(|known| known.start_p50);
        let name = &self.plan.steps[id].name;
        start.map_or_else(
            || format!("{name}, for which there is no date"),
            |_| format!("{name}, planned for {}", self.instant(start)),
        )
    }

    /// What may be told of a finish, P50 and P80, as a clause: where too many trials never finish
    /// there is no date to promise.
    fn promise(at: [Option<Timestamp>; 2], shown: &[String; 2]) -> String {
        let [p50, p80] = shown;
        match at {
            [Some(_), Some(_)] => format!(
                "we expect to finish by {p50}, and by {p80} at the latest with 80 % confidence"
            ),
            [Some(_), None] => {
                format!("we expect to finish by {p50}, but no date can be promised")
            }
            [None, _] => "no date can be promised".to_owned(),
        }
    }

    fn team(&self, id: Option<TeamId>) -> Option<&str> {
        Some(&self.plan.inventory.teams[id?].name)
    }

    /// An end that lies in `interval`: without its time where that is longer than an hour.
    fn about(&self, at: Option<Timestamp>, interval: Option<[Timestamp; 2]>) -> String {
        let wide = interval.is_some_and(|[low, high]| high.duration_since(low).as_hours() >= 1);
        match at {
            Some(at) if wide => {
                text::end_date(at, self.plan.migration.start, &self.plan.migration.zone)
            }
            at => self.end(at),
        }
    }

    /// Money whose error is `error`.
    fn money(&self, amount: Option<f64>, error: f64) -> String {
        let currency = &self.plan.migration.currency;
        amount.map_or_else(
            || UNKNOWN.to_owned(),
            |amount| wording::money(amount, error, currency),
        )
    }
}

const UNKNOWN: &str = "unknown";

fn days(value: Option<f64>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), text::days)
}

/// Days whose error is so many days.
fn about_days(value: Option<f64>, error: f64) -> String {
    let error = error * wording::DAY;
    value.map_or_else(
        || UNKNOWN.to_owned(),
        |days| wording::span(days * wording::DAY, error),
    )
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
        let source = Source::new((self.plan, &self.courses), estimates, stages);
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
    let Estimates {
        finish,
        duration_days: duration,
        cost,
        ..
    } = estimates;
    let cost = &cost.total;
    let until = plan.migration.deadline.or(estimates.finish.p95);
    json!({
        "doc": plan.migration.doc.as_deref().unwrap_or("One runbook for each batch, in this order."),
        "version": plan.version,
        "seed": estimates.seed,
        "trials": estimates.trials,
        "valid_until": source.end(until),
        "start": source.instant(Some(plan.migration.start)),
        "certain": estimates.certain,
        "finish_p50": source.about(finish.p50, finish.error.p50),
        "finish_p80": source.about(finish.p80, finish.error.p80),
        "duration_p50": about_days(duration.p50, wording::precision(duration)),
        "duration_p80": about_days(duration.p80, wording::precision(duration)),
        "cost_p50": source.money(cost.p50, wording::precision(cost)),
        "cost_p80": source.money(cost.p80, wording::precision(cost)),
        "at_least": estimates.cost.at_least && cost.p50.is_some(),
        "blast_services": services_hurt(&estimates.blast_radius),
        "blast_share": requests_hurt(&estimates.blast_radius),
        "deadline": estimates.deadline_probability.map_or_else(
            || "no deadline is given".to_owned(),
            |chance| wording::chance(chance, estimates.error.deadline_probability),
        ),
        "unfinished": unfinished(estimates),
        "incident": wording::chance(
            estimates.incident_probability,
            estimates.error.incident_probability,
        ),
        "data": unrounded(estimates),
    })
}

/// In which share of the trials the migration never finishes, and which steps hold those up; none where
/// all finish.
fn unfinished(estimates: &Estimates) -> Option<String> {
    if estimates.unfinished <= 0.0 {
        return None;
    }
    let share = wording::chance(estimates.unfinished, estimates.error.unfinished);
    let missed = Missed::sentences(&estimates.missed);
    let told: Vec<String> = std::iter::once(share).chain(missed).collect();
    Some(told.join("; "))
}

/// How many services break at once, at the P95.
fn services_hurt(blast: &BlastRadius) -> String {
    let error = wording::half_width(blast.services.error.p95);
    blast.services.p95.map_or_else(
        || "an unknown number of services".to_owned(),
        |count| match wording::tally(count, error) {
            count if count == "1" => "1 service".to_owned(),
            count => format!("{count} services"),
        },
    )
}

/// Which share of the requests is hurt at once, at the P95.
fn requests_hurt(blast: &BlastRadius) -> String {
    let Some(share) = &blast.request_share else {
        return "no traffic is known".to_owned();
    };
    let error = wording::half_width(share.error.p95);
    share.p95.map_or_else(
        || "an unknown share of requests".to_owned(),
        |share| format!("{} of requests", wording::percent(share, error)),
    )
}

/// The figures of [`head`] as they are.
fn unrounded(estimates: &Estimates) -> String {
    let blast = &estimates.blast_radius;
    data(&json!({
        "finish": {"p50": estimates.finish.p50, "p80": estimates.finish.p80},
        "duration_days": {"p50": estimates.duration_days.p50, "p80": estimates.duration_days.p80},
        "cost": {"p50": estimates.cost.total.p50, "p80": estimates.cost.total.p80},
        "blast_radius": {
            "services": {"p95": blast.services.p95},
            "request_share": {"p95": blast.request_share.as_ref().and_then(|share| share.p95)},
        },
        "deadline_probability": estimates.deadline_probability,
        "incident_probability": estimates.incident_probability,
    }))
}

/// A line of the index.
fn stage_row(source: &Source<'_>, stage: &Stage) -> Value {
    let [p50, p80] = batch::finish(source, stage).shown;
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
        "finish_p50": p50,
        "finish_p80": p80,
        "command": format!("scripts/{}/run", stage.folder),
        "commands": list(commands),
        "environment": list(environment),
    })
}

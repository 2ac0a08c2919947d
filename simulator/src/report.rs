//! Results to estimates.

use jiff::Timestamp;
use rayon::prelude::*;
use whimbrel_plan::Plan;

use crate::Settings;
use crate::estimates::{
    BatchEstimates, BlastRadius, Breach, CostEstimates, CostKinds, Estimates, FinishError,
    FinishSummary, SlaEstimates, StepEstimates, Summary,
};
use crate::model::{DAY, Model, SECOND};
use crate::outcomes::{Figures, Outcome};
use crate::run::{Results, StepSamples};
use crate::sensitivity::{drivers, undo_p80};
use crate::statistics::{Ranks, number, quantile, summarise};

/// Version of the contract of [`Estimates`].
const VERSION: u32 = 1;

/// Everything estimates are made from.
pub(crate) struct Report<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) model: &'a Model,
    pub(crate) results: &'a Results,
    pub(crate) settings: &'a Settings,
}

impl Report<'_> {
    pub(crate) fn estimates(&self, plan_hash: String) -> Estimates {
        let plan = self.plan;
        let ranks = Ranks::new(self.results.outcomes.len());
        let finish = self.column(|outcome| outcome.finish);
        let finish = summarise(&finish, &ranks);
        let mut unknown = plan.unknown.clone();
        unknown.extend(self.model.unknown.iter().cloned());
        Estimates {
            version: VERSION,
            plan_hash,
            scenario: plan.scenario.clone(),
            seed: self.settings.seed,
            trials: self.settings.trials,
            trials_asked: self.settings.trials,
            interrupted: false,
            convergence: None,
            currency: plan.migration.currency.clone(),
            finish: self.instants(&finish),
            duration_days: in_days(finish),
            cost: self.cost(&ranks, !unknown.is_empty()),
            dual_running_days: self.summary(&ranks, |o| o.money.dual_running_days),
            effort_hours: self.summary(&ranks, |o| o.money.effort_hours),
            blast_radius: self.blast_radius(&ranks),
            sla: self.sla(&ranks),
            rto: self.breach(plan.migration.objectives.rto, |o| o.harm.rto_broken),
            rpo: self.breach(plan.migration.objectives.rpo, |o| o.harm.rpo_broken),
            rollbacks: self.summary(&ranks, |o| f64::from(o.harm.rollbacks)),
            deadline_probability: self.deadline(|_| true),
            budget_probability: plan
                .migration
                .budget
                .map(|budget| self.share(|o| o.money.total() <= budget)),
            joint_probability: plan
                .migration
                .budget
                .and_then(|budget| self.deadline(|o| o.money.total() <= budget)),
            unfinished: self.share(|o| o.finish.is_infinite()),
            missed: self
                .results
                .missed
                .by_share(plan, self.results.outcomes.len()),
            incident_probability: self.share(|o| o.harm.incidents > 0),
            critical_path_percentile: self
                .share(|o| o.finish <= (plan.critical_path_duration * SECOND).round_ties_even()),
            steps: self.steps(),
            unknown,
            batches: self.batches(&ranks),
            drivers: drivers(plan, self.model, self.results, self.settings.seed),
        }
    }

    fn column(&self, value: impl Fn(&Outcome) -> f64) -> Vec<f64> {
        self.results.outcomes.iter().map(|o| value(&o)).collect()
    }

    fn summary(&self, ranks: &Ranks, value: impl Fn(&Outcome) -> f64) -> Summary {
        summarise(&self.column(value), ranks)
    }

    fn share(&self, holds: impl Fn(&Outcome) -> bool) -> f64 {
        let outcomes = &self.results.outcomes;
        let hits = outcomes.iter().filter(&holds).count();
        number(hits) / number(outcomes.len())
    }

    fn breach(&self, objective: Option<f64>, broken: impl Fn(&Outcome) -> bool) -> Breach {
        Breach {
            breach_probability: objective.map(|_| self.share(broken)),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds, below 2^53 for centuries"
    )]
    fn deadline(&self, and: impl Fn(&Outcome) -> bool) -> Option<f64> {
        let deadline = self.model.objectives.deadline? as f64;
        Some(self.share(|outcome| outcome.finish <= deadline && and(outcome)))
    }

    /// The instant so many microseconds after the start.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "cut to the range of instants"
    )]
    fn instant(&self, microseconds: f64) -> Option<Timestamp> {
        let start = self.model.start.as_microsecond();
        let since = microseconds.round_ties_even() as i64;
        Timestamp::from_microsecond(start.saturating_add(since)).ok()
    }

    fn instants(&self, finish: &Summary) -> FinishSummary {
        let at = |value: Option<f64>| value.and_then(|value| self.instant(value));
        let both = |ends: Option<[f64; 2]>| {
            let [low, high] = ends?;
            Some([self.instant(low)?, self.instant(high)?])
        };
        FinishSummary {
            mean: at(finish.mean),
            sd: finish.sd.map(|sd| sd / DAY),
            p5: at(finish.p5),
            p10: at(finish.p10),
            p25: at(finish.p25),
            p50: at(finish.p50),
            p75: at(finish.p75),
            p80: at(finish.p80),
            p90: at(finish.p90),
            p95: at(finish.p95),
            p99: at(finish.p99),
            error: FinishError {
                mean: both(finish.error.mean),
                p50: both(finish.error.p50),
                p80: both(finish.error.p80),
                p95: both(finish.error.p95),
            },
        }
    }

    fn cost(&self, ranks: &Ranks, at_least: bool) -> CostEstimates {
        let kind =
            |kind: usize| self.summary(ranks, |o| o.money.kinds.get(kind).copied().unwrap_or(0.0));
        CostEstimates {
            total: self.summary(ranks, |o| o.money.total()),
            kinds: CostKinds {
                dual_running: kind(0),
                engineering: kind(1),
                automation: kind(2),
                bridges: kind(3),
                network: kind(4),
                licences: kind(5),
                lost_revenue: kind(6),
            },
            at_least,
        }
    }

    fn blast_radius(&self, ranks: &Ranks) -> BlastRadius {
        let traffic = self.model.exposure.may_enter;
        let given = |value: &dyn Fn(&Outcome) -> f64| {
            let outcomes = self.results.outcomes.iter();
            let incidents = outcomes.filter(|outcome| outcome.harm.incidents > 0);
            let values: Vec<f64> = incidents.map(|outcome| value(&outcome)).collect();
            (!values.is_empty()).then(|| summarise(&values, &Ranks::new(values.len())))
        };
        let share = |o: &Outcome| o.harm.request_share;
        BlastRadius {
            services: self.summary(ranks, |o| o.harm.services),
            request_share: traffic.then(|| self.summary(ranks, share)),
            requests_lost: self.summary(ranks, |o| o.harm.requests_lost),
            services_given_incident: given(&|o| o.harm.services),
            request_share_given_incident: if traffic { given(&share) } else { None },
        }
    }

    fn sla(&self, ranks: &Ranks) -> SlaEstimates {
        let sla = self.plan.migration.objectives.sla;
        SlaEstimates {
            breach_probability: sla.map(|_| self.share(|o| o.harm.budget_spent > 1.0)),
            budget_spent: sla.map(|_| self.summary(ranks, |o| o.harm.budget_spent)),
        }
    }

    fn batches(&self, ranks: &Ranks) -> Vec<BatchEstimates> {
        let name = |(position, batch): (usize, &whimbrel_plan::Batch)| {
            let finishes = self.results.batches.get(position).into_iter();
            let finishes: Vec<f64> = finishes.flat_map(Figures::floats).collect();
            BatchEstimates {
                name: batch.name.clone(),
                finish: self.instants(&summarise(&finishes, ranks)),
            }
        };
        let batches: Vec<_> = self.plan.batches.values().enumerate().collect();
        batches.into_par_iter().map(name).collect()
    }

    fn steps(&self) -> Vec<StepEstimates> {
        let finished = self
            .results
            .outcomes
            .iter()
            .filter(|o| o.finish.is_finite());
        let finished = finished.count();
        let steps: Vec<(usize, &whimbrel_plan::Step)> =
            self.plan.steps.values().enumerate().collect();
        steps
            .into_par_iter()
            .map(|(position, step)| self.step(position, step, finished))
            .collect()
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "counts and sums of microseconds"
    )]
    fn step(&self, position: usize, step: &whimbrel_plan::Step, finished: usize) -> StepEstimates {
        let samples = self.results.samples.get(position);
        let sorted = |figures: fn(&StepSamples) -> &Figures| {
            let values = samples.map(figures).into_iter().flat_map(Figures::floats);
            let mut values: Vec<f64> = values.collect();
            values.sort_unstable_by(f64::total_cmp);
            values
        };
        let finishes = sorted(|samples| &samples.finish);
        let durations = sorted(|samples| &samples.duration);
        let at = |sorted: &[f64], p| quantile(sorted, p).and_then(|at| self.instant(at));
        let critical = self.results.critical.get(position).copied().unwrap_or(0);
        let float = self.results.floats.get(position).copied().unwrap_or(0);
        let any = finished > 0;
        StepEstimates {
            id: step.name.clone(),
            criticality: if any {
                critical as f64 / number(finished)
            } else {
                0.0
            },
            start_p50: at(&sorted(|samples| &samples.start), 50),
            finish_p50: at(&finishes, 50),
            finish_p80: at(&finishes, 80),
            duration_p50: quantile(&durations, 50).map(|length| length / DAY),
            duration_p80: quantile(&durations, 80).map(|length| length / DAY),
            float_days: any.then(|| float as f64 / number(finished) / DAY),
            undo_p80: undo_p80(self.plan, self.model, position, self.settings),
        }
    }
}

/// Microseconds to days.
fn in_days(summary: Summary) -> Summary {
    let day = |value: Option<f64>| value.map(|value| value / DAY);
    let both = |ends: Option<[f64; 2]>| ends.map(|ends| ends.map(|end| end / DAY));
    Summary {
        mean: day(summary.mean),
        sd: day(summary.sd),
        p5: day(summary.p5),
        p10: day(summary.p10),
        p25: day(summary.p25),
        p50: day(summary.p50),
        p75: day(summary.p75),
        p80: day(summary.p80),
        p90: day(summary.p90),
        p95: day(summary.p95),
        p99: day(summary.p99),
        error: crate::estimates::SummaryError {
            mean: both(summary.error.mean),
            p50: both(summary.error.p50),
            p80: both(summary.error.p80),
            p95: both(summary.error.p95),
        },
        histogram: crate::estimates::Histogram {
            low: summary.histogram.low / DAY,
            high: summary.histogram.high / DAY,
            counts: summary.histogram.counts,
        },
    }
}

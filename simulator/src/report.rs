//! Results to estimates.

use jiff::Timestamp;
use rayon::prelude::*;
use whimbrel_plan::{Act, Bounded, Plan, Unknown};

use crate::Settings;
use crate::estimates::{
    BatchEstimates, BlastRadius, Breach, BreachError, ChanceErrors, CostEstimates, CostKinds,
    EffortEstimates, Estimates, FinishError, FinishSummary, SlaEstimates, StepError, StepEstimates,
    Summary,
};
use crate::model::{DAY, Model, SECOND};
use crate::outcomes::Figures;
use crate::results::{Results, StepSamples};
use crate::sensitivity::{drivers, undo_p80};
use crate::statistics::{Chances, Ranks, number, percentiles, summarise};

/// Version of the contract of [`Estimates`].
pub(crate) const VERSION: u32 = 1;

/// Everything estimates are made from.
pub(crate) struct Report<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) model: &'a Model,
    pub(crate) results: &'a Results,
    pub(crate) settings: &'a Settings,
}

/// What is of the whole migration and varies from trial to trial in nearly every plan.
struct Wholes {
    finish: Summary,
    cost: CostEstimates,
    dual_running_days: Summary,
    effort_hours: Summary,
}

impl Report<'_> {
    pub(crate) fn estimates(&self, plan_hash: String) -> Estimates {
        let plan = self.plan;
        let outcomes = &self.results.outcomes;
        let ranks = Ranks::new(outcomes.len());
        let total = outcomes.total();
        let unknown = self.model.unknown_with(plan);
        let chances = self.chances(outcomes.len());
        let bounds = |of| unknown.iter().any(|unknown| unknown.bounds == of);
        let wholes = self.wholes(&total, &ranks, bounds(Bounded::Cost));
        let mut estimates = Estimates {
            version: VERSION,
            plan_hash,
            scenario: plan.scenario.clone(),
            seed: self.settings.seed,
            trials: self.settings.trials,
            trials_asked: self.settings.trials,
            interrupted: false,
            convergence: None,
            certain: chances.certain,
            currency: plan.migration.currency.clone(),
            finish: self.instants(&wholes.finish),
            duration_days: in_days(wholes.finish),
            cost: wholes.cost,
            dual_running_days: wholes.dual_running_days,
            effort_hours: effort(plan, wholes.effort_hours),
            wasted_hours: summarise(outcomes.wasted_hours(), &ranks),
            blast_radius: self.blast_radius(&ranks, bounds(Bounded::Requests)),
            sla: self.sla(&ranks, chances),
            rto: breach(
                plan.migration.objectives.rto,
                &outcomes.rto_broken(),
                chances,
            ),
            rpo: breach(
                plan.migration.objectives.rpo,
                &outcomes.rpo_broken(),
                chances,
            ),
            rollbacks: summarise(&outcomes.rollbacks(), &ranks),
            deadline_probability: self.deadline(),
            budget_probability: self.budget(&total),
            joint_probability: self.deadline_and_budget(&total),
            unfinished: outcomes.finish().share(f64::is_infinite),
            missed: self.results.missed.by_share(plan, chances),
            incident_probability: outcomes.incidents().share(|incidents| incidents > 0.0),
            critical_path_percentile: {
                let path = (plan.critical_path_duration * SECOND).round_ties_even();
                outcomes.finish().share(|finish| finish <= path)
            },
            error: ChanceErrors::default(),
            steps: self.steps(),
            unknown: Unknown::sentences(&unknown),
            batches: self.batches(),
            drivers: drivers(plan, self.model, self.results, self.settings.seed),
        };
        estimates.error = chance_errors(&estimates, chances);
        estimates
    }

    /// In parallel, since each of them looks at every trial.
    fn wholes(&self, total: &Figures, ranks: &Ranks, at_least: bool) -> Wholes {
        let outcomes = &self.results.outcomes;
        let summarise = |figures| summarise(figures, ranks);
        let ((finish, cost), (dual_running_days, effort_hours)) = rayon::join(
            || {
                rayon::join(
                    || summarise(outcomes.finish()),
                    || self.cost(total, ranks, at_least),
                )
            },
            || {
                rayon::join(
                    || summarise(outcomes.dual_running_days()),
                    || summarise(outcomes.effort_hours()),
                )
            },
        );
        Wholes {
            finish,
            cost,
            dual_running_days,
            effort_hours,
        }
    }

    fn chances(&self, trials: usize) -> Chances {
        Chances {
            trials,
            certain: self.model.is_certain(),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds, below 2^53 for centuries"
    )]
    fn deadline_at(&self) -> Option<f64> {
        self.model.objectives.deadline.map(|at| at as f64)
    }

    fn deadline(&self) -> Option<f64> {
        let deadline = self.deadline_at()?;
        let finish = self.results.outcomes.finish();
        Some(finish.share(|finish| finish <= deadline))
    }

    fn budget(&self, total: &Figures) -> Option<f64> {
        let budget = self.plan.migration.budget?;
        Some(total.share(|cost| cost <= budget))
    }

    fn deadline_and_budget(&self, total: &Figures) -> Option<f64> {
        let (deadline, budget) = (self.deadline_at()?, self.plan.migration.budget?);
        let both = self.results.outcomes.finish().floats().zip(total.floats());
        let kept = both.filter(|(finish, cost)| *finish <= deadline && *cost <= budget);
        Some(number(kept.count()) / number(total.len()))
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
                p5: both(finish.error.p5),
                p10: both(finish.error.p10),
                p25: both(finish.error.p25),
                p50: both(finish.error.p50),
                p75: both(finish.error.p75),
                p80: both(finish.error.p80),
                p90: both(finish.error.p90),
                p95: both(finish.error.p95),
                p99: both(finish.error.p99),
            },
        }
    }

    fn cost(&self, total: &Figures, ranks: &Ranks, at_least: bool) -> CostEstimates {
        if self.plan.migration.currency == whimbrel_plan::NO_CURRENCY {
            return unpriced(at_least);
        }
        let [
            dual_running,
            engineering,
            automation,
            bridges,
            network,
            licences,
            lost_revenue,
        ] = self.results.outcomes.kinds().each_ref();
        CostEstimates {
            total: summarise(total, ranks),
            kinds: CostKinds {
                dual_running: summarise(dual_running, ranks),
                engineering: summarise(engineering, ranks),
                automation: summarise(automation, ranks),
                bridges: summarise(bridges, ranks),
                network: summarise(network, ranks),
                licences: summarise(licences, ranks),
                lost_revenue: summarise(lost_revenue, ranks),
            },
            at_least,
        }
    }

    fn blast_radius(&self, ranks: &Ranks, at_least: bool) -> BlastRadius {
        let outcomes = &self.results.outcomes;
        let traffic = self.model.exposure.may_enter;
        let incidents = outcomes.incidents();
        let given = |figures: &Figures| {
            let both = figures.floats().zip(incidents.floats());
            let hurt = both.filter(|(_, incidents)| *incidents > 0.0);
            let values: Figures = hurt.map(|(value, _)| value).collect();
            (values.len() > 0).then(|| summarise(&values, &Ranks::new(values.len())))
        };
        BlastRadius {
            services: summarise(outcomes.services(), ranks),
            request_share: traffic.then(|| summarise(outcomes.request_share(), ranks)),
            requests_lost: summarise(outcomes.requests_lost(), ranks),
            requests_lost_at_least: at_least,
            services_given_incident: given(outcomes.services()),
            request_share_given_incident: if traffic {
                given(outcomes.request_share())
            } else {
                None
            },
        }
    }

    fn sla(&self, ranks: &Ranks, chances: Chances) -> SlaEstimates {
        let sla = self.plan.migration.objectives.sla;
        let spent = self.results.outcomes.budget_spent();
        let breach_probability = sla.map(|_| spent.share(|spent| spent > 1.0));
        SlaEstimates {
            breach_probability,
            error: breach_error(breach_probability, chances),
            budget_spent: sla.map(|_| summarise(spent, ranks)),
        }
    }

    fn batches(&self) -> Vec<BatchEstimates> {
        let trials = self.results.batches.first().map_or(0, Figures::len);
        let ranks = Ranks::new(trials);
        let batches = self.plan.batches.values().zip(&self.results.batches);
        let batches: Vec<_> = batches.collect();
        let estimates = |(batch, finishes): (&whimbrel_plan::Batch, &Figures)| BatchEstimates {
            name: batch.name.clone(),
            trials: trials as u64,
            finish: self.instants(&summarise(finishes, &ranks)),
        };
        batches.into_par_iter().map(estimates).collect()
    }

    fn steps(&self) -> Vec<StepEstimates> {
        let finishes = self.results.outcomes.finish().floats();
        let finished = self.chances(finishes.filter(|finish| finish.is_finite()).count());
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
    fn step(
        &self,
        position: usize,
        step: &whimbrel_plan::Step,
        finished: Chances,
    ) -> StepEstimates {
        let samples = self.results.samples.get(position);
        let percentiles = |of: fn(&StepSamples) -> &Figures| {
            samples.map_or([None; 2], |samples| percentiles(of(samples), [50, 80]))
        };
        let [start_p50, _] = percentiles(|samples| &samples.start);
        let [finish_p50, finish_p80] = percentiles(|samples| &samples.finish);
        let durations = percentiles(|samples| &samples.duration);
        let [duration_p50, duration_p80] = durations.map(|length| Some(length? / DAY));
        let at = |microseconds: Option<f64>| microseconds.and_then(|at| self.instant(at));
        let critical = self.results.critical.get(position).copied().unwrap_or(0);
        let float = self.results.floats.get(position).copied().unwrap_or(0);
        let any = finished.trials > 0;
        let criticality = if any {
            critical as f64 / number(finished.trials)
        } else {
            0.0
        };
        StepEstimates {
            id: step.name.clone(),
            criticality,
            error: StepError {
                criticality: finished.interval(criticality),
            },
            start_p50: at(start_p50),
            finish_p50: at(finish_p50),
            finish_p80: at(finish_p80),
            duration_p50,
            duration_p80,
            float_days: any.then(|| float as f64 / number(finished.trials) / DAY),
            undo_p80: undo_p80(self.plan, self.model, position, self.settings),
        }
    }
}

/// The cost of a plan that states no amount of money: nothing is known of it.
fn unpriced(at_least: bool) -> CostEstimates {
    CostEstimates {
        total: Summary::default(),
        kinds: CostKinds::default(),
        at_least,
    }
}

fn effort(plan: &Plan, total: Summary) -> EffortEstimates {
    let without_team = without_team(plan);
    EffortEstimates {
        total,
        at_least: !without_team.is_empty(),
        without_team,
    }
}

/// The steps whose work is nobody's.
pub(crate) fn without_team(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.values();
    let nobodys = steps.filter(|step| matches!(step.act, Act::Working(_)) && step.needs.is_empty());
    nobodys.map(|step| step.name.clone()).collect()
}

fn chance_errors(estimates: &Estimates, chances: Chances) -> ChanceErrors {
    let interval = |share: f64| chances.interval(share);
    ChanceErrors {
        deadline_probability: estimates.deadline_probability.and_then(interval),
        budget_probability: estimates.budget_probability.and_then(interval),
        joint_probability: estimates.joint_probability.and_then(interval),
        unfinished: interval(estimates.unfinished),
        incident_probability: interval(estimates.incident_probability),
        critical_path_percentile: interval(estimates.critical_path_percentile),
    }
}

/// How often what an objective allows was broken; none without one.
fn breach(objective: Option<f64>, broken: &Figures, chances: Chances) -> Breach {
    let probability = objective.map(|_| broken.share(|broken| broken > 0.0));
    Breach {
        breach_probability: probability,
        error: breach_error(probability, chances),
    }
}

fn breach_error(probability: Option<f64>, chances: Chances) -> BreachError {
    BreachError {
        breach_probability: probability.and_then(|share| chances.interval(share)),
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
            p5: both(summary.error.p5),
            p10: both(summary.error.p10),
            p25: both(summary.error.p25),
            p50: both(summary.error.p50),
            p75: both(summary.error.p75),
            p80: both(summary.error.p80),
            p90: both(summary.error.p90),
            p95: both(summary.error.p95),
            p99: both(summary.error.p99),
        },
        histogram: crate::estimates::Histogram {
            low: summary.histogram.low / DAY,
            high: summary.histogram.high / DAY,
            counts: summary.histogram.counts,
        },
    }
}

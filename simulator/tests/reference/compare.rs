//! One trial told twice, and where the two stories differ.

use std::cell::RefCell;
use std::ops::Range;

use jiff::Timestamp;
use whimbrel_plan::*;
use whimbrel_simulator::{Estimates, Lack, Settings, SimulationError, simulate};

use crate::exposure::{comes_any, exposure};
use crate::money;
use crate::random_plan::{Feature, late, plan};
use crate::sampler::Samplers;
use crate::setup::Setup;
use crate::trial::Trial;
use crate::world;

/// Of one plan; the rest follows from the first.
const SHOWN: usize = 4;

/// One trial of each plan, told by both.
pub fn check(feature: Feature, plans: Range<u64>) {
    let count = plans.end - plans.start;
    check_all(
        &format!("{feature:?}"),
        plans.map(|it| (it, plan(it, feature))),
    );
    // A line that `cargo xtask verification` gathers.
    let test = std::thread::current();
    let test = test.name().unwrap_or_default();
    println!("checked | {test} | plans of kind {feature:?} | {count} | {count} | certain");
}

/// One trial of each plan in which steps may wait in vain.
pub fn check_late(plans: Range<u64>) {
    let mut told = [0; 3];
    for number in plans.clone() {
        let plan = late(number);
        let samplers = RefCell::new(Samplers::default());
        let world = world::of(&plan, seed(number), 0, &samplers);
        let setup = Setup::new(&plan, &world, seed(number), 0, &samplers);
        told[match Trial::run(&setup).missed {
            Some((_, Lack::Window)) => 0,
            Some(_) => 1,
            None => 2,
        }] += 1;
    }
    assert!(told.iter().all(|count| *count > 5), "{told:?}");
    check_all("late", plans.map(|it| (it, late(it))));
    let count: usize = told.iter().sum();
    let test = std::thread::current();
    let test = test.name().unwrap_or_default();
    println!("checked | {test} | plans in which steps wait in vain | {count} | {count} | certain");
}

/// Seeds of both words, so that no two plans share their draws.
fn seed(number: u64) -> u64 {
    number << 32 | (number * 7)
}

fn check_all(kind: &str, plans: impl Iterator<Item = (u64, Plan)>) {
    let samplers = RefCell::new(Samplers::default());
    let mut wrong = vec![];
    for (number, plan) in plans {
        let seed = seed(number);
        for difference in differences(&plan, seed, &samplers).into_iter().take(SHOWN) {
            wrong.push(format!("{kind} plan {number} seed {seed}: {difference}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Three trials of one run: nothing of a trial is left over in the next.
pub fn check_later_trials(feature: Feature, plans: Range<u64>) {
    let samplers = RefCell::new(Samplers::default());
    let mut compared = 0;
    for number in plans {
        let plan = plan(number, feature);
        let settings = Settings {
            trials: 3,
            seed: number,
            threads: Some(1),
        };
        let theirs = simulate(&plan, &settings, None);
        let worlds: Vec<Plan> = (0..3)
            .map(|trial| world::of(&plan, number, trial, &samplers))
            .collect();
        let setups: Vec<_> = (0..)
            .zip(&worlds)
            .map(|(trial, world)| Setup::new(&plan, world, number, trial, &samplers))
            .collect();
        let ours: Vec<_> = setups.iter().map(Trial::run).collect();
        if ours.iter().any(|trial| trial.unfinished) {
            continue;
        }
        let theirs = theirs.unwrap();
        compared += 1;
        let mut notes = Notes(vec![]);
        let mut finishes: Vec<i64> = ours.iter().map(|trial| trial.now).collect();
        finishes.sort_unstable();
        let found = [theirs.finish.p10, theirs.finish.p50, theirs.finish.p99];
        for (finish, found) in finishes.into_iter().zip(found) {
            notes.instant("finish", &plan, finish, found);
        }
        let mean = |of: &dyn Fn(&Trial<'_>) -> f64| ours.iter().map(of).sum::<f64>() / 3.0;
        let rollbacks = mean(&|trial| f64::from(trial.log.rollbacks));
        notes.near("rollbacks", rollbacks, theirs.rollbacks.mean);
        notes.near(
            "effort",
            mean(&money::effort_hours),
            theirs.effort_hours.total.mean,
        );
        let lost = mean(&|trial| exposure(trial.setup.plan, &trial.log.hurts).requests_lost);
        let found = theirs.blast_radius.requests_lost.mean;
        notes.near("requests lost", lost, found);
        assert!(notes.0.is_empty(), "plan {number}: {:?}", notes.0);
    }
    assert!(compared > 0, "no plan was finished in all trials");
}

fn differences(plan: &Plan, seed: u64, samplers: &RefCell<Samplers>) -> Vec<String> {
    let settings = Settings {
        trials: 1,
        seed,
        threads: Some(1),
    };
    let world = world::of(plan, seed, 0, samplers);
    let setup = Setup::new(plan, &world, seed, 0, samplers);
    let ours = Trial::run(&setup);
    let mut notes = Notes(vec![]);
    let theirs = match simulate(plan, &settings, None) {
        Ok(theirs) => theirs,
        // Which of the others holds it up is told by tests of their own.
        Err(SimulationError::NeverFinishes { .. } | SimulationError::WindowCloses { .. })
            if ours.unfinished && ours.missed.is_none() =>
        {
            return notes.0;
        }
        Err(error) => {
            missed(plan, &ours, &error, &mut notes);
            return notes.0;
        }
    };
    notes.exact(
        "unfinished",
        f64::from(u8::from(ours.unfinished)),
        Some(theirs.unfinished),
    );
    if let Some((id, lack)) = ours.missed {
        let name = &plan.steps[id].name;
        notes
            .0
            .push(format!("reference misses {name} for {lack:?}"));
    }
    if ours.unfinished {
        return notes.0;
    }
    steps(plan, &ours, &theirs, &mut notes);
    whole(plan, &ours, &theirs, &mut notes);
    notes.0
}

/// A run of one trial that is given up for a step is refused for it.
fn missed(plan: &Plan, ours: &Trial<'_>, error: &SimulationError, notes: &mut Notes) {
    let theirs = match error {
        SimulationError::NoFit { step, .. } => Some((step.as_str(), Lack::Window)),
        SimulationError::FrozenForEver { step, .. } => Some((step.as_str(), Lack::Freeze)),
        _ => None,
    };
    let ours = ours.missed;
    let ours = ours.map(|(id, lack)| (plan.steps[id].name.as_str(), lack));
    if theirs.is_none() || theirs != ours {
        notes.0.push(format!(
            "reference misses {ours:?}, the engine refuses: {error}"
        ));
    }
}

struct Notes(Vec<String>);

impl Notes {
    fn exact(&mut self, what: &str, ours: f64, theirs: Option<f64>) {
        if theirs != Some(ours) {
            self.0
                .push(format!("{what}: reference {ours}, engine {theirs:?}"));
        }
    }

    /// Sums may be added up in another order, and the fixed point stops at 1e-12.
    fn near(&mut self, what: &str, ours: f64, theirs: Option<f64>) {
        let close = theirs.is_some_and(|theirs| {
            (theirs - ours).abs() <= 1e-9 * ours.abs().max(theirs.abs()).max(1.0)
        });
        if !close {
            self.0
                .push(format!("{what}: reference {ours}, engine {theirs:?}"));
        }
    }

    fn instant(&mut self, what: &str, plan: &Plan, ours: i64, theirs: Option<Timestamp>) {
        let start = plan.migration.start.as_microsecond();
        let theirs = theirs.map(|at| at.as_microsecond() - start);
        if theirs != Some(ours) {
            let hours = |at: i64| at as f64 / 3600e6;
            self.0.push(format!(
                "{what}: reference {} h, engine {:?} h",
                hours(ours),
                theirs.map(hours)
            ));
        }
    }
}

fn steps(plan: &Plan, ours: &Trial<'_>, theirs: &Estimates, notes: &mut Notes) {
    let mut all: Vec<_> = plan.steps.iter().zip(&theirs.steps).collect();
    all.sort_by_key(|((id, _), _)| ours.steps[id.index()].first_start);
    for ((id, step), found) in all {
        let state = &ours.steps[id.index()];
        let first = state.first_start.unwrap();
        notes.instant(
            &format!("{} start", step.name),
            plan,
            first,
            found.start_p50,
        );
        notes.instant(
            &format!("{} finish", step.name),
            plan,
            state.finished,
            found.finish_p50,
        );
        let days = (state.finished - state.started) as f64 / 86_400e6;
        notes.near(&format!("{} duration", step.name), days, found.duration_p50);
        if !notes.0.is_empty() {
            notes.0.push(format!("{step:?}"));
            return;
        }
    }
}

fn whole(plan: &Plan, ours: &Trial<'_>, theirs: &Estimates, notes: &mut Notes) {
    let finish = ours.now;
    notes.instant("finish", plan, finish, theirs.finish.p50);
    notes.exact(
        "rollbacks",
        f64::from(ours.log.rollbacks),
        theirs.rollbacks.mean,
    );
    let incident = f64::from(u8::from(ours.log.incidents > 0));
    notes.exact("incident", incident, Some(theirs.incident_probability));
    let exposed = exposure(ours.setup.plan, &ours.log.hurts);
    let radius = &theirs.blast_radius;
    notes.exact("services hurt", exposed.services, radius.services.mean);
    let share = radius.request_share.as_ref().and_then(|share| share.mean);
    notes.near(
        "share hurt",
        exposed
            .share
            .unwrap_or(if comes_any(plan) { 0.0 } else { -1.0 }),
        share.or(Some(-1.0)),
    );
    notes.near(
        "requests lost",
        exposed.requests_lost,
        radius.requests_lost.mean,
    );
    if let Some(spent) = exposed.budget_spent {
        let theirs = &theirs.sla;
        notes.near(
            "budget spent",
            spent,
            theirs.budget_spent.as_ref().and_then(|s| s.mean),
        );
    }
    let broken = |broken: bool| f64::from(u8::from(broken));
    if plan.migration.objectives.rto.is_some() {
        notes.exact(
            "rto",
            broken(ours.log.rto_broken),
            theirs.rto.breach_probability,
        );
        notes.exact(
            "rpo",
            broken(ours.log.rpo_broken),
            theirs.rpo.breach_probability,
        );
    }
    notes.near(
        "effort",
        money::effort_hours(ours),
        theirs.effort_hours.total.mean,
    );
    notes.near(
        "wasted",
        money::wasted_hours(ours),
        theirs.wasted_hours.mean,
    );
    costs(ours, finish, exposed.revenue_lost, theirs, notes);
}

fn costs(ours: &Trial<'_>, finish: i64, revenue: f64, theirs: &Estimates, notes: &mut Notes) {
    let [dual, engineering, automation, bridges, network, licences] = money::kinds(ours, finish);
    let kinds = &theirs.cost.kinds;
    notes.near("dual running", dual, kinds.dual_running.mean);
    notes.near("engineering", engineering, kinds.engineering.mean);
    notes.near("automation", automation, kinds.automation.mean);
    notes.near("bridges", bridges, kinds.bridges.mean);
    notes.near("network", network, kinds.network.mean);
    notes.near("licences", licences, kinds.licences.mean);
    notes.near("revenue", revenue, kinds.lost_revenue.mean);
    notes.near(
        "dual days",
        money::dual_days(ours, finish),
        theirs.dual_running_days.mean,
    );
}

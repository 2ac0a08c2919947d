//! Trials side by side against the event loop: the same bytes, on random plans of which everything
//! is taken away that would hold a step up, and on those that are so by themselves.

use whimbrel_plan::*;
use whimbrel_simulator::{Engine, Estimates, Settings, runs_side_by_side, simulate_by};

use crate::common::{self, HOUR};
use crate::random_plan::{Feature, plan};

/// Five chunks of trials side by side and a few more, in two blocks.
const TRIALS: u64 = 330;

/// Leaves precedence, lengths, soaks, drivers, uncertain figures, people without a limit and money.
fn without_obstacles(mut plan: Plan) -> Plan {
    plan.freezes = Arena::default();
    let teams: Vec<TeamId> = plan.inventory.teams.ids().collect();
    for team in teams {
        let team = &mut plan.inventory.teams[team];
        team.engineers = None;
        team.calendar = None;
    }
    let batches: Vec<BatchId> = plan.batches.ids().collect();
    for batch in batches {
        plan.batches[batch].at_once = None;
    }
    let steps: Vec<StepId> = plan.steps.ids().collect();
    for step in steps {
        let step = &mut plan.steps[step];
        step.calendars.clear();
        step.window = None;
        step.relay = false;
        step.gate = None;
        step.downtime = 0.0.into();
        step.failure.chance = 0.0.into();
        step.failure.hazard = None;
        if let Act::Transfer(transfer) = &step.act {
            let seconds = transfer.size.mean() / 1e8;
            step.act = Act::Elapsed(Distribution::uniform(seconds, 2.0 * seconds).unwrap());
        }
    }
    plan
}

fn run(plan: &Plan, seed: u64, threads: usize, engine: Engine) -> Estimates {
    let settings = Settings {
        trials: TRIALS,
        seed,
        threads: Some(threads),
    };
    simulate_by(engine, plan, &settings, None).unwrap()
}

/// Compares all engines that this machine has.
fn assert_same(plan: &Plan, seed: u64, what: &str) {
    let expected = run(plan, seed, 1, Engine::Events);
    let bytes = serde_json::to_string(&expected).unwrap();
    for engine in Engine::ALL.into_iter().filter(|e| e.is_available()) {
        let found = run(plan, seed, 2, engine);
        assert_eq!(found, expected, "{what} by {}", engine.name());
        assert_eq!(serde_json::to_string(&found).unwrap(), bytes);
    }
}

#[test]
fn plans_of_precedence_alone_give_the_same_bytes() {
    for number in 0..10 {
        let plan = plan(number, Feature::Precedence);
        assert!(runs_side_by_side(&plan).unwrap(), "plan {number}");
        assert_same(&plan, number, &format!("plan {number}"));
    }
}

#[test]
fn what_is_left_of_full_plans_gives_the_same_bytes() {
    let (mut costly, mut driven) = (0, 0);
    for number in 0..20 {
        let whole = plan(number, Feature::Uncertainty);
        let plan = without_obstacles(whole);
        assert!(runs_side_by_side(&plan).unwrap(), "plan {number}");
        assert_same(&plan, number << 32 | number, &format!("plan {number}"));
        costly += usize::from(!plan.movers.is_empty() && !plan.bridges.is_empty());
        driven += usize::from(!plan.drivers.is_empty());
    }
    assert!(
        costly > 5 && driven > 5,
        "{costly} cost, {driven} are driven"
    );
}

/// Nobody is paid and nothing has a price, as in a first draft: one bill stands for all trials, but for
/// how long something runs twice.
fn without_prices(mut plan: Plan) -> Plan {
    plan.automation_cost = None;
    plan.bridges = Arena::default();
    plan.inventory.licences.clear();
    plan.inventory.relations = Arena::default();
    let steps: Vec<StepId> = plan.steps.ids().collect();
    for step in steps {
        plan.steps[step].needs.clear();
        plan.steps[step].team = None;
    }
    let services: Vec<ServiceId> = plan.inventory.services.ids().collect();
    for service in services {
        plan.inventory.services[service].cost = RunningCost::default();
    }
    let resources: Vec<ResourceId> = plan.inventory.resources.ids().collect();
    for resource in resources {
        plan.inventory.resources[resource].cost = RunningCost::default();
    }
    let platforms: Vec<PlatformId> = plan.inventory.platforms.ids().collect();
    for platform in platforms {
        plan.inventory.platforms[platform].cost_per_day = None;
    }
    plan
}

/// Beyond what lanes can hold, where trials reach it and where they may.
#[test]
fn what_takes_a_lifetime_gives_the_same_bytes() {
    const YEAR: f64 = 31_557_600.0;
    for years in [72.0, 95.0] {
        let mut plan = without_prices(without_obstacles(plan(3, Feature::Uncertainty)));
        let first = plan.steps.ids().next().unwrap();
        let takes = Distribution::uniform(60.0 * YEAR, years * YEAR).unwrap();
        plan.steps[first].act = Act::Elapsed(takes);
        assert!(runs_side_by_side(&plan).unwrap());
        assert_same(&plan, 3, &format!("{years} years"));
    }
}

/// Nothing old is ever removed, and what is new first runs from any step of a mover on: the first of
/// several that start at different times.
fn kept_for_good(mut plan: Plan) -> Plan {
    for (number, mover) in plan.movers.iter_mut().enumerate() {
        mover.decommission = None;
        let steps = mover.steps.len().max(1);
        let from = mover.steps.get((number + 1) % steps);
        mover.first_deploy = from.copied();
    }
    plan
}

#[test]
fn what_runs_twice_for_good_gives_the_same_bytes() {
    for number in 0..20 {
        let plan = without_prices(without_obstacles(plan(number, Feature::Uncertainty)));
        assert_same(&kept_for_good(plan), number, &format!("plan {number}"));
    }
}

#[test]
fn what_runs_twice_at_no_price_gives_the_same_bytes() {
    let mut varying = 0;
    for number in 0..20 {
        let plan = without_prices(without_obstacles(plan(number, Feature::Uncertainty)));
        assert!(runs_side_by_side(&plan).unwrap(), "plan {number}");
        assert_same(&plan, number, &format!("plan {number}"));
        let estimates = run(&plan, number, 1, Engine::Events);
        assert_eq!(estimates.cost.total.p99, Some(0.0), "plan {number}");
        varying += usize::from(estimates.dual_running_days.sd > Some(0.0));
    }
    assert!(varying > 10, "{varying} plans run something twice");
}

/// Three teams of one to three, of which three steps in four need somebody, and one in five somebody of
/// another team, too.
fn short_of_people(mut plan: Plan) -> Plan {
    let teams = [1, 2, 3].map(|engineers| (common::team(&mut plan, engineers, None), engineers));
    let steps: Vec<StepId> = plan.steps.ids().collect();
    for (number, step) in steps.into_iter().enumerate() {
        plan.steps[step].needs.clear();
        let draw = number * 7 + number / 3;
        if let Some((team, engineers)) = teams.get(draw % 4) {
            common::needs(&mut plan, step, *team, 1 + draw as u32 % engineers);
        }
        if number % 5 == 0 && draw % 4 != 1 {
            common::needs(&mut plan, step, teams[1].0, 1);
        }
    }
    plan
}

#[test]
fn plans_short_of_people_give_the_same_bytes() {
    let mut later = 0;
    for number in 0..14 {
        let free = without_obstacles(plan(number, Feature::Uncertainty));
        let plan = short_of_people(free.clone());
        assert!(runs_side_by_side(&plan).unwrap(), "plan {number}");
        assert_same(&plan, number << 32 | number, &format!("plan {number}"));
        let mean = |plan: &Plan| run(plan, number, 1, Engine::Widest).duration_days.mean;
        later += usize::from(mean(&plan) > mean(&free));
    }
    assert!(later > 7, "{later} plans are held up");
}

/// Lengths of nothing, one hour and two: much begins and ends at one instant, so that who waited for
/// whom is told by ties.
#[test]
fn ties_among_people_give_the_same_bytes() {
    for number in 0..10 {
        let mut plan = short_of_people(without_obstacles(plan(number, Feature::Precedence)));
        let steps: Vec<StepId> = plan.steps.ids().collect();
        for (place, step) in steps.into_iter().enumerate() {
            plan.steps[step].act = match (place + number as usize) % 4 {
                0 => Act::Instant,
                1 => common::certain(0.0),
                hours => common::certain(hours as f64 * HOUR - HOUR),
            };
            if place % 6 == 0 {
                plan.steps[step].soak = HOUR.into();
            }
        }
        assert!(runs_side_by_side(&plan).unwrap(), "plan {number}");
        assert_same(&plan, number, &format!("plan {number}"));
    }
}

/// What holds a step up in one of the ways there are.
#[test]
fn the_event_loop_keeps_what_is_held_up() {
    type Change = fn(&mut Plan, StepId);
    let changes: [(&str, Change); 6] = [
        ("a place in the batch", |plan, step| {
            let batch = plan.batches.push(common::batch("b", BatchMode::Parallel));
            plan.batches[batch].at_once = Some(1);
            let service = common::service(plan, "s", None);
            let cutover = plan.steps.ids().last().unwrap();
            common::mover(plan, Node::Service(service), batch, &[step, cutover], step);
        }),
        ("a calendar", |plan, step| {
            let office = common::office(plan, "UTC");
            plan.steps[step].calendars = vec![office];
            plan.steps[step].act = Act::Working(Distribution::constant(HOUR));
        }),
        ("a failure", |plan, step| {
            plan.steps[step].failure.chance = 0.1.into();
        }),
        ("a hazard", |plan, step| {
            plan.steps[step].failure.hazard = Some(1e-9.into());
        }),
        ("downtime", |plan, step| {
            plan.steps[step].downtime = 60.0.into();
        }),
        ("a freeze", |plan, _| {
            plan.freezes.push(Freeze {
                name: "f".to_owned(),
                zone: "UTC".to_owned(),
                from: jiff::civil::date(2027, 1, 12),
                to: jiff::civil::date(2027, 1, 13),
                blocks: vec![],
            });
        }),
    ];
    for (what, change) in changes {
        let mut plan = plan(3, Feature::Precedence);
        let step = plan.steps.ids().next().unwrap();
        change(&mut plan, step);
        assert!(!runs_side_by_side(&plan).unwrap(), "{what}");
        assert_same(&plan, 3, what);
    }
}

/// Beyond 2^52 microseconds, some 143 years, doubles no longer hold what is added up: such chunks
/// go to the event loop, in which two hundred years are never.
#[test]
fn centuries_are_left_to_the_event_loop() {
    let mut plan = common::plan();
    let century = common::exponential(60.0 * 365.25 * 24.0 * HOUR);
    let first = common::step(&mut plan, "a", Act::Elapsed(century), &[]);
    common::step(&mut plan, "b", common::certain(HOUR), &[first]);
    let team = common::team(&mut plan, 500, None);
    common::needs(&mut plan, first, team, 500);
    for engineers in [None, Some(500)] {
        plan.inventory.teams[team].engineers = engineers;
        assert!(runs_side_by_side(&plan).unwrap());
        let estimates = run(&plan, 5, 1, Engine::Widest);
        assert!(estimates.unfinished > 0.0 && estimates.unfinished < 0.5);
        assert_same(&plan, 5, "centuries");
    }
}

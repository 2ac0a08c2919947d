//! Small plans built in code.
#![expect(dead_code, reason = "every test file uses its own part")]

use jiff::Timestamp;
use whimbrel_plan::*;
use whimbrel_simulator::{Estimates, Settings, simulate};

pub const HOUR: f64 = 3600.0;
pub const DAY: f64 = 86_400.0;

/// Starts Monday 2027-01-11 at midnight in UTC, with one batch.
pub fn plan() -> Plan {
    let mut batches = Arena::default();
    batches.push(batch("all", BatchMode::Sequential));
    Plan {
        version: PLAN_VERSION,
        scenario: None,
        migration: migration("2027-01-11T00:00:00Z"),
        inventory: Inventory::default(),
        graph: Graph::default(),
        calendars: Arena::default(),
        windows: Arena::default(),
        freezes: Arena::default(),
        roles: Arena::default(),
        batches,
        movers: vec![],
        steps: Arena::default(),
        bridges: Arena::default(),
        drivers: Arena::default(),
        measures: Arena::default(),
        triggers: vec![],
        risks: vec![],
        announcements: vec![],
        environments: vec![],
        rehearsals: vec![],
        waivers: vec![],
        lints: vec![],
        executors: vec![],
        automation_cost: None,
        retrospective: None,
        checklist: Checklist {
            scores: vec![],
            total: 0,
            verdict: Strategy::Sequential,
            margin: 0,
            flip: None,
            notes: vec![],
        },
        batch_checklists: vec![],
        seam: vec![],
        reversals: vec![],
        critical_path: vec![],
        critical_path_duration: 0.0,
        effort_hours: 0.0,
        unknown: vec![],
    }
}

pub fn migration(start: &str) -> Migration {
    Migration {
        name: "m".to_owned(),
        doc: None,
        from: vec![],
        to: vec![],
        zone: "UTC".to_owned(),
        start: start.parse().unwrap(),
        deadline: None,
        budget: None,
        currency: "USD".to_owned(),
        objectives: Objectives {
            sla: None,
            sla_period: 30.0 * DAY,
            rpo: None,
            rto: None,
        },
        strategy: Strategy::Sequential,
        strategy_declared: true,
        teams: vec![],
        keep_old: 0.0.into(),
        batch_size: 10,
        audit: None,
    }
}

pub fn batch(name: &str, mode: BatchMode) -> Batch {
    Batch {
        name: name.to_owned(),
        doc: None,
        mode,
        at_once: None,
        isolate: false,
        cutover: CutoverMode::Each,
        after: vec![],
        units: vec![],
        handwritten: true,
    }
}

/// A step that fails never and takes `act` after `predecessors`; returns its id.
pub fn step(plan: &mut Plan, name: &str, act: Act, predecessors: &[StepId]) -> StepId {
    let id = StepId::new(plan.steps.len());
    let mut work = Work::instant(StepKind::Prepare);
    work.act = act;
    work.failure.attempts = 1000;
    let mut step = Step::new(name, Subject::Migration(name.to_owned()), work, id);
    step.batch = Some(BatchId::new(0));
    step.predecessors = predecessors.to_vec();
    plan.steps.push(step)
}

pub fn elapsed(takes: Distribution) -> Act {
    Act::Elapsed(takes)
}

pub fn certain(seconds: f64) -> Act {
    Act::Elapsed(Distribution::constant(seconds))
}

pub fn exponential(mean: f64) -> Distribution {
    Distribution::exponential(mean).unwrap()
}

pub fn team(plan: &mut Plan, engineers: u32, calendar: Option<CalendarId>) -> TeamId {
    plan.inventory.teams.push(Team {
        name: format!("team{}", plan.inventory.teams.len()),
        doc: None,
        engineers: Some(engineers),
        rate_per_hour: Some(100.0.into()),
        calendar,
        oncall: None,
    })
}

/// Gives a step people of a team, in the team's calendar.
pub fn needs(plan: &mut Plan, step: StepId, team: TeamId, count: u32) {
    let calendar = plan.inventory.teams[team].calendar;
    plan.steps[step].needs = vec![PeopleNeed { team, count }];
    plan.steps[step].team = Some(team);
    plan.steps[step].calendars = calendar.into_iter().collect();
}

/// Monday to Friday, 9 to 17.
pub fn office(plan: &mut Plan, zone: &str) -> CalendarId {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    plan.calendars.push(Calendar {
        name: zone.to_owned(),
        zone: zone.to_owned(),
        days: vec![Mon, Tue, Wed, Thu, Fri],
        hours: HoursRange {
            from: 9 * 60,
            to: 17 * 60,
        },
        holidays: vec![],
    })
}

pub fn service(plan: &mut Plan, name: &str, traffic: Option<f64>) -> ServiceId {
    plan.inventory.services.push(Service {
        name: name.to_owned(),
        doc: None,
        team: None,
        tier: Tier::Supporting,
        kind: ServiceKind::Stateless,
        traffic: traffic.map(Amount::from),
        users: None,
        version: None,
        revenue: None,
        on: None,
        to: None,
        moves: true,
        endpoint: None,
        new_endpoint: None,
        dns_ttl: None,
        longest_transaction: None,
        baseline: None,
        cost: RunningCost::default(),
    })
}

pub fn call(plan: &mut Plan, from: ServiceId, to: ServiceId, rate: Option<f64>) -> RelationId {
    plan.inventory.relations.push(Relation {
        from,
        kind: RelationKind::Calls,
        to: Target::Service(to),
        rate: rate.map(Amount::from),
        bytes: None,
        need: Need::Hard,
        need_guessed: false,
        mode: CallMode::Sync,
        fallback: None,
        ordering_required: false,
        evidence: Evidence {
            kind: EvidenceKind::Declared,
            source: None,
            at: None,
            location: Location {
                file: "plan.mig".into(),
                line: 1,
            },
        },
    })
}

/// Makes `steps` those of a mover of `batch`; the last cuts over and the first shift is
/// `first_shift`.
pub fn mover(plan: &mut Plan, node: Node, batch: BatchId, steps: &[StepId], first_shift: StepId) {
    let unit = plan.batches[batch].units.len();
    plan.batches[batch].units.push(Unit {
        members: vec![BatchMember {
            node,
            reason: String::new(),
        }],
    });
    for &step in steps {
        plan.steps[step].batch = Some(batch);
    }
    plan.movers.push(Mover {
        node,
        batch,
        unit,
        pattern: "p".to_owned(),
        steps: steps.to_vec(),
        first_deploy: steps.first().copied(),
        first_shift: Some(first_shift),
        cutover: *steps.last().unwrap(),
        decommission: None,
        copies: Vec::new(),
    });
}

/// So many hours for certain.
pub fn constant(hours: f64) -> Distribution {
    Distribution::constant(hours * HOUR)
}

/// A gate that nobody in particular answers after so long, within two hours.
pub fn gate(takes: Distribution, otherwise: NoAnswer) -> Gate {
    Gate {
        approve: None,
        not_by: None,
        when: vec![],
        takes: Some(takes),
        within: 2.0 * HOUR,
        otherwise,
        max_hold: None,
    }
}

/// A window every night from one to four.
pub fn night(plan: &mut Plan) -> WindowId {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    plan.windows.push(Window {
        name: "night".to_owned(),
        zone: "UTC".to_owned(),
        span: WindowSpan::Weekly {
            days: vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun],
            hours: HoursRange { from: 60, to: 240 },
        },
    })
}

/// Whatever `step` does takes twice as long in that share of the trials.
pub fn doubled(plan: &mut Plan, step: StepId, chance: f64) -> DriverId {
    plan.drivers.push(Driver {
        name: "slow_tools".to_owned(),
        doc: None,
        chance: chance.into(),
        factor: Distribution::constant(2.0),
        steps: vec![step],
        affects: DriverEffect::Duration,
    })
}

/// Fails the first time and never again.
pub fn fails_once(plan: &mut Plan, step: StepId, detect: f64, undo: f64, fix: f64) {
    let failure = &mut plan.steps[step].failure;
    failure.chance = 1.0.into();
    failure.learning = 0.0.into();
    failure.detect = constant(detect);
    failure.undo_takes = constant(undo);
    failure.fix = constant(fix);
}

/// A service of batch 0 that is deployed in so many hours and shifted in one.
pub fn member(plan: &mut Plan, name: &str, deploy: f64) -> [StepId; 2] {
    let service = service(plan, name, Some(10.0));
    let deploy = step(plan, &format!("{name}/deploy"), certain(deploy * HOUR), &[]);
    let shift = step(plan, &format!("{name}/shift"), certain(HOUR), &[deploy]);
    plan.steps[shift].weight = Some(1.0);
    plan.steps[shift].kind = StepKind::Shift;
    let batch = BatchId::new(0);
    mover(plan, Node::Service(service), batch, &[deploy, shift], shift);
    [deploy, shift]
}

/// front (100/s, 1 per second) calls back (50/s) for half of its requests. back's cutover is down
/// for an hour: half of front's requests are lost, 180,000 of them.
pub fn front_and_back() -> (Plan, RelationId) {
    let mut plan = plan();
    let front = service(&mut plan, "front", Some(100.0));
    let back = service(&mut plan, "back", Some(50.0));
    plan.inventory.services[front].revenue = Some(1.0.into());
    let relation = call(&mut plan, front, back, Some(50.0));
    let cutover = step(&mut plan, "back/cutover", certain(HOUR), &[]);
    plan.steps[cutover].kind = StepKind::Cutover;
    fails_once(&mut plan, cutover, 0.25, 0.75, 0.0);
    let batch = BatchId::new(0);
    mover(&mut plan, Node::Service(back), batch, &[cutover], cutover);
    (plan, relation)
}

/// A plan with a bit of everything that is drawn.
pub fn busy() -> Plan {
    let (mut plan, _) = front_and_back();
    plan.batches[BatchId::new(0)].mode = BatchMode::Parallel;
    plan.migration.budget = Some(5000.0);
    plan.migration.deadline = Some("2027-01-13T00:00:00Z".parse().unwrap());
    let team = team(&mut plan, 1, None);
    for name in ["a", "b", "c"] {
        let [deploy, shift] = member(&mut plan, name, 1.0);
        plan.steps[deploy].act = elapsed(Distribution::pert(HOUR, 3.0 * HOUR, 9.0 * HOUR).unwrap());
        needs(&mut plan, deploy, team, 1);
        plan.steps[shift].soak = (6.0 * HOUR).into();
        let failure = &mut plan.steps[shift].failure;
        failure.chance = 0.3.into();
        failure.detect = exponential(HOUR);
        failure.undo_takes = exponential(HOUR);
        failure.fix = Distribution::gamma(2.0, HOUR).unwrap();
    }
    plan
}

pub fn run(plan: &Plan, trials: u64) -> Estimates {
    let settings = Settings {
        trials,
        seed: 1,
        threads: None,
    };
    simulate(plan, &settings, None).unwrap()
}

/// Whether a mean agrees with `expected` within four standard errors, that is wrong once in
/// 16,000 seeds; the seed is fixed.
pub fn assert_mean(summary: &whimbrel_simulator::Summary, trials: u64, expected: f64) {
    let error = summary.sd.unwrap() / (trials as f64).sqrt();
    let mean = summary.mean.unwrap();
    assert!(
        (mean - expected).abs() <= 4.0 * error,
        "mean {mean}, expected {expected}, standard error {error}"
    );
}

/// Whether a share agrees within four standard errors of a binomial share.
pub fn assert_share(share: f64, trials: u64, expected: f64) {
    let error = (expected * (1.0 - expected) / trials as f64).sqrt();
    assert!(
        (share - expected).abs() <= 4.0 * error,
        "share {share}, expected {expected}, standard error {error}"
    );
}

/// The instant of a finish that is the same in every trial.
pub fn finish(plan: &Plan) -> Timestamp {
    let estimates = run(plan, 2);
    assert_eq!(estimates.finish.p5, estimates.finish.p99);
    estimates.finish.p50.unwrap()
}

/// A link for one transfer at a time, between two platforms of its own; bytes per second.
pub fn link(plan: &mut Plan, bandwidth: f64) -> LinkId {
    let platform = Platform {
        name: "p".to_owned(),
        doc: None,
        region: None,
        jurisdiction: None,
        cost_per_day: None,
    };
    let (from, to) = (
        plan.inventory.platforms.push(platform.clone()),
        plan.inventory.platforms.push(platform),
    );
    plan.inventory.links.push(Link {
        from,
        to,
        bandwidth: Some(bandwidth.into()),
        latency: None,
        private: true,
        egress_per_byte: None,
        at_once: 1,
    })
}

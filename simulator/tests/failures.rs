//! Failures, rollbacks, who they hurt and what they cost, worked out by hand.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use common::*;
use whimbrel_plan::*;
use whimbrel_simulator::Estimates;

/// Hours of the whole, and of the start of a step.
fn hours(estimates: &Estimates) -> f64 {
    estimates.duration_days.p50.unwrap() * 24.0
}

fn start(estimates: &Estimates, name: &str) -> i64 {
    let step = estimates.steps.iter().find(|step| step.id == name).unwrap();
    let start: jiff::Timestamp = "2027-01-11T00:00:00Z".parse().unwrap();
    step.start_p50.unwrap().duration_since(start).as_hours()
}

/// a shifts from 1 h to 2 h and soaks for ten hours; b, deployed at 2 h, fails at the end of its
/// shift at 3 h and is found at 4 h. Then a is undone too; b is undone by 5 h and fixed by 7 h, when
/// both shift again: a is done at 7 + 1 + 10 h. c, deployed at 6 h, waits with its shift until 7 h.
#[test]
fn a_parallel_batch_rolls_back_whole() {
    let mut plan = plan();
    plan.batches[BatchId::new(0)].mode = BatchMode::Parallel;
    let [_, a] = member(&mut plan, "a", 1.0);
    plan.steps[a].soak = (10.0 * HOUR).into();
    plan.steps[a].failure.undo_takes = constant(0.5);
    let [_, b] = member(&mut plan, "b", 2.0);
    fails_once(&mut plan, b, 1.0, 1.0, 2.0);
    member(&mut plan, "c", 6.0);
    let together = run(&plan, 2);
    assert_eq!(hours(&together), 18.0);
    assert_eq!(start(&together, "c/shift"), 7);
    assert_eq!(together.rollbacks.mean, Some(1.0));

    // Alone, only b starts again: a is done at 12 h and c shifts at 6 h.
    plan.batches[BatchId::new(0)].isolate = true;
    let isolated = run(&plan, 2);
    assert_eq!(hours(&isolated), 12.0);
    assert_eq!(start(&isolated, "c/shift"), 6);
    plan.batches[BatchId::new(0)].isolate = false;
    plan.batches[BatchId::new(0)].mode = BatchMode::Sequential;
    assert_eq!(hours(&run(&plan, 2)), 12.0);
}

/// What has gone through its point of no return stays.
#[test]
fn an_irreversible_step_keeps_a_member_where_it_is() {
    let mut plan = plan();
    plan.batches[BatchId::new(0)].mode = BatchMode::Parallel;
    let [_, a] = member(&mut plan, "a", 1.0);
    plan.steps[a].irreversible = true;
    let [_, b] = member(&mut plan, "b", 2.0);
    fails_once(&mut plan, b, 1.0, 1.0, 2.0);
    let estimates = run(&plan, 2);
    // b alone: found at 4 h, undone by 5 h, fixed by 7 h, shifted by 8 h.
    assert_eq!(hours(&estimates), 8.0);
    assert_eq!(
        estimates.steps[1].finish_p50.unwrap().to_string(),
        "2027-01-11T02:00:00Z"
    );
}

/// Both soak when b's failure at 3 h is found at 5 h; a's own, at 4 h, would be found at 9 h only.
/// It is found with b's: a is undone in one hour and fixed in four, so both go again at 10 h.
#[test]
fn a_rollback_finds_what_had_already_gone_wrong() {
    let mut plan = plan();
    plan.batches[BatchId::new(0)].mode = BatchMode::Parallel;
    let [_, a] = member(&mut plan, "a", 3.0);
    fails_once(&mut plan, a, 5.0, 1.0, 4.0);
    let [_, b] = member(&mut plan, "b", 2.0);
    fails_once(&mut plan, b, 2.0, 0.0, 0.0);
    let estimates = run(&plan, 2);
    assert_eq!(hours(&estimates), 11.0);
    assert_eq!(estimates.rollbacks.mean, Some(1.0));
}

/// One unit at a time until ready for cutover: the three days of deploying follow one another,
/// the shifts of a day overlap with them, so the last ends after four days.
#[test]
fn units_take_turns_until_ready_for_cutover() {
    let mut plan = plan();
    plan.batches[BatchId::new(0)].mode = BatchMode::Parallel;
    for name in ["a", "b", "c"] {
        let [_, shift] = member(&mut plan, name, 24.0);
        plan.steps[shift].act = certain(DAY);
    }
    assert_eq!(hours(&run(&plan, 2)), 48.0);
    plan.batches[BatchId::new(0)].at_once = Some(1);
    let estimates = run(&plan, 2);
    assert_eq!(hours(&estimates), 96.0);
    // Each deploy waited for the one before, so all are critical, and only the last shift is.
    let critical: Vec<f64> = estimates
        .steps
        .iter()
        .map(|step| step.criticality)
        .collect();
    assert_eq!(critical, [1.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
}

/// One hour each, the second fails once and goes back to the first: four hours; with one attempt
/// before an escalation of five hours: nine.
#[test]
fn a_failure_goes_back_to_where_it_retries_from() {
    let mut plan = plan();
    let first = step(&mut plan, "first", certain(HOUR), &[]);
    let second = step(&mut plan, "second", certain(HOUR), &[first]);
    fails_once(&mut plan, second, 0.0, 0.0, 0.0);
    assert_eq!(hours(&run(&plan, 2)), 3.0);
    plan.steps[second].retry_from = first;
    assert_eq!(hours(&run(&plan, 2)), 4.0);
    plan.steps[second].failure.attempts = 1;
    plan.steps[second].failure.escalate = constant(5.0);
    assert_eq!(hours(&run(&plan, 2)), 9.0);
}

/// The soak of one hour is extended to the detection, so the next step never starts on a failure;
/// undo and fix are billed to one person of the team, the fix waits for the office to open.
#[test]
fn detection_extends_the_soak_and_fixing_is_work() {
    let mut plan = plan();
    let calendar = office(&mut plan, "UTC");
    let team = team(&mut plan, 2, Some(calendar));
    let id = step(&mut plan, "s", certain(HOUR), &[]);
    plan.steps[id].team = Some(team);
    fails_once(&mut plan, id, 5.0, 1.0, 10.0);
    let estimates = run(&plan, 2);
    // Found at 6 h, undone at 7 h, fixed in ten hours from Monday 9:00: Tuesday 11:00; and again.
    assert_eq!(hours(&estimates), 36.0);
    assert_eq!(estimates.effort_hours.total.mean, Some(11.0));
    assert_eq!(estimates.cost.kinds.engineering.mean, Some(1100.0));
}

#[test]
fn callers_are_hurt_by_their_share() {
    let (mut plan, relation) = front_and_back();
    let lost = |plan: &Plan| {
        let estimates = run(plan, 2);
        let radius = estimates.blast_radius;
        let revenue = estimates.cost.kinds.lost_revenue.mean.unwrap();
        [
            radius.services.mean.unwrap(),
            radius.request_share.unwrap().mean.unwrap(),
            radius.requests_lost.mean.unwrap(),
            revenue,
        ]
    };
    let near = |found: [f64; 4], expected: [f64; 4]| {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-6 * expected.max(1e-3),
                "{found} {expected}"
            );
        }
    };
    near(lost(&plan), [2.0, 0.5, 180_000.0, 1800.0]);
    plan.inventory.relations[relation].fallback = Some(Box::new(Fallback {
        text: "cached".to_owned(),
        covers: 0.8.into(),
    }));
    near(lost(&plan), [2.0, 0.1, 36_000.0, 360.0]);
    plan.inventory.relations[relation].need = Need::Soft;
    near(lost(&plan), [1.0, 0.0, 0.0, 0.0]);
    plan.inventory.relations[relation].need = Need::Hard;
    plan.inventory.relations[relation].fallback = None;
    // An unknown rate is all of them; then all of back's traffic enters elsewhere and is lost too.
    plan.inventory.relations[relation].rate = None;
    near(lost(&plan), [2.0, 1.0, 540_000.0, 3600.0]);
}

/// Down for an hour of thirty days: 1/720 lost, against 0.1 % allowed: 1.39 times the budget for
/// back, half of that for front. The RTO of one hour is just kept, one second less is not.
#[test]
fn objectives_are_held_against_the_worst_service() {
    let (mut plan, _) = front_and_back();
    plan.migration.objectives.sla = Some(0.999);
    plan.migration.objectives.rto = Some(HOUR);
    let estimates = run(&plan, 2);
    let spent = estimates.sla.budget_spent.unwrap().mean.unwrap();
    assert!((spent - 1.0 / 0.72).abs() < 1e-9, "{spent}");
    assert_eq!(estimates.sla.breach_probability, Some(1.0));
    assert_eq!(estimates.rto.breach_probability, Some(0.0));
    plan.migration.objectives.rto = Some(HOUR - 1.0);
    assert_eq!(run(&plan, 2).rto.breach_probability, Some(1.0));
}

/// Planned downtime of half an hour loses requests, but is no incident.
#[test]
fn downtime_loses_requests_without_an_incident() {
    let (mut plan, _) = front_and_back();
    let step = StepId::new(0);
    plan.steps[step].failure.chance = 0.0.into();
    plan.steps[step].downtime = (0.5 * HOUR).into();
    let estimates = run(&plan, 2);
    assert!((estimates.blast_radius.requests_lost.mean.unwrap() - 90_000.0).abs() < 1e-6);
    assert_eq!(estimates.blast_radius.services.mean, Some(0.0));
    assert_eq!(estimates.incident_probability, 0.0);
}

fn database() -> Resource {
    Resource {
        name: "db".to_owned(),
        doc: None,
        kind: ResourceKind::Datastore,
        parent: None,
        engine: None,
        version: None,
        becomes: None,
        team: None,
        tier: Tier::Critical,
        on: None,
        to: None,
        moves: true,
        size: None,
        change_rate: None,
        throughput: None,
        backup_every: None,
        regimes: vec![],
        residency: vec![],
        retention: None,
        ordered: false,
        holds_sessions: false,
        lead_time: None,
        contact: None,
        cost: RunningCost::default(),
    }
}

/// A bridge that is two seconds behind.
fn back_sync(over: ResourceId, built_by: StepId, until: StepId) -> Bridge {
    Bridge {
        name: "back".to_owned(),
        doc: None,
        over: BridgeOver::Resource(over),
        by: BridgeTechnique::BackSync,
        lag: Some(2.0.into()),
        source_is_new: true,
        deduplicates: false,
        breaks: None,
        cost_per_day: None,
        built_by,
        until: vec![until],
    }
}

/// Users of a resource are hurt in full. Its failure a quarter of an hour after it took writes
/// loses as much data, or what the lag of its back-sync or the last backup says.
#[test]
fn a_failed_resource_hurts_its_users_and_may_lose_data() {
    let mut plan = plan();
    let user = service(&mut plan, "user", Some(10.0));
    let (mut other, relation) = front_and_back();
    let mut reads = other.inventory.relations[relation].clone();
    other.inventory = Inventory::default();
    let resource = plan.inventory.resources.push(database());
    reads.from = user;
    reads.kind = RelationKind::Reads;
    reads.to = Target::Resource(resource);
    plan.inventory.relations.push(reads);
    let switch = step(&mut plan, "db/switch", certain(HOUR), &[]);
    let validate = step(&mut plan, "db/validate", certain(0.25 * HOUR), &[switch]);
    plan.steps[switch].weight = Some(1.0);
    fails_once(&mut plan, validate, 0.0, 1.0, 0.0);
    let batch = BatchId::new(0);
    mover(
        &mut plan,
        Node::Resource(resource),
        batch,
        &[switch, validate],
        switch,
    );
    plan.movers[0].cutover = switch;
    plan.migration.objectives.rpo = Some(600.0);
    let breach = |plan: &Plan| run(plan, 2).rpo.breach_probability.unwrap();
    let lost = |plan: &Plan| run(plan, 2).blast_radius.requests_lost.mean.unwrap();
    assert!((lost(&plan) - 36_000.0).abs() < 1e-6);
    // Who reads a table of it is hurt as much.
    let mut table = plan.inventory.resources[resource].clone();
    table.parent = Some(resource);
    let table = plan.inventory.resources.push(table);
    plan.inventory.relations[RelationId::new(0)].to = Target::Resource(table);
    assert!((lost(&plan) - 36_000.0).abs() < 1e-6);
    assert_eq!(breach(&plan), 1.0);
    plan.inventory.resources[resource].backup_every = Some(300.0);
    assert_eq!(breach(&plan), 0.0);
    // A copy counts in place of the backup for as long as it stands: from before the switch on, and
    // until the last step is done, which it never is while that fails.
    let copy = |lag, until| StandingCopy {
        lag,
        from: switch,
        until,
    };
    plan.movers[0].copies = vec![copy(700.0, None)];
    assert_eq!(breach(&plan), 1.0);
    plan.movers[0].copies = vec![copy(700.0, None), copy(2.0, Some(validate))];
    assert_eq!(breach(&plan), 0.0);
    // What is stopped with the switch does not stand when the next step fails: the backup counts.
    plan.movers[0].copies = vec![copy(2.0, Some(switch))];
    assert_eq!(breach(&plan), 0.0);
    plan.inventory.resources[resource].backup_every = None;
    assert_eq!(breach(&plan), 1.0);
    // A bridge over a part of it stands for the whole, from when it is built.
    plan.bridges.push(back_sync(table, switch, validate));
    assert_eq!(breach(&plan), 0.0);
    plan.bridges[BridgeId::new(0)].until = vec![switch];
    assert_eq!(breach(&plan), 1.0);
}

/// Puts the first service on an old platform, to move to a new one that costs 7 a day, and adds
/// one that stays.
fn two_platforms(plan: &mut Plan) -> (ServiceId, ServiceId) {
    let platform = |plan: &mut Plan, name: &str, cost| {
        plan.inventory.platforms.push(Platform {
            name: name.to_owned(),
            doc: None,
            region: None,
            jurisdiction: None,
            cost_per_day: cost,
        })
    };
    let old = platform(plan, "old", None);
    let new = platform(plan, "new", Some(7.0.into()));
    plan.migration.to = vec![new];
    let other = service(plan, "b", None);
    plan.inventory.services[other].on = Some(old);
    plan.inventory.services[other].to = Some(old);
    let moving = ServiceId::new(0);
    plan.inventory.services[moving].on = Some(old);
    plan.inventory.services[moving].to = Some(new);
    plan.inventory.services[moving].cost = RunningCost {
        old_per_day: Some(20.0.into()),
        new_per_day: Some(10.0.into()),
    };
    (moving, other)
}

fn bridge_and_licence(
    plan: &mut Plan,
    (from, to): (ServiceId, ServiceId),
    (built_by, until): (StepId, StepId),
    remove: StepId,
) {
    plan.bridges.push(Bridge {
        name: "bridge".to_owned(),
        doc: None,
        over: BridgeOver::Edge { from, to },
        by: BridgeTechnique::Proxy,
        lag: None,
        source_is_new: false,
        deduplicates: false,
        breaks: None,
        cost_per_day: Some(5.0.into()),
        built_by,
        until: vec![until],
    });
    plan.inventory.licences.push(Licence {
        name: "l".to_owned(),
        removed_by: vec![remove],
        of: vec![],
        cost_per_day: 1.0.into(),
        grows_per_year: 0.1.into(),
        until: "2027-01-12T00:00:00Z".parse().unwrap(),
        notice: None,
    });
}

/// Deployed in a day, shifted in another, removed by day four: the new side costs for two days,
/// the old for two; the bridge stands for one, the ends are apart for two, the licence that ends
/// after a day is renewed once at 10 % more.
#[test]
fn every_kind_of_cost() {
    let mut plan = plan();
    let [deploy, shift] = member(&mut plan, "a", 24.0);
    plan.steps[shift].act = certain(DAY);
    let remove = step(&mut plan, "a/remove", certain(2.0 * DAY), &[shift]);
    plan.movers[0].steps.push(remove);
    plan.movers[0].decommission = Some(remove);
    let (moving, other) = two_platforms(&mut plan);
    let relation = call(&mut plan, moving, other, Some(1.0));
    plan.inventory.relations[relation].bytes = Some(1e6.into());
    plan.inventory.links.push(Link {
        from: PlatformId::new(1),
        to: PlatformId::new(0),
        bandwidth: None,
        latency: None,
        private: true,
        egress_per_byte: Some(1e-9.into()),
        at_once: 1,
    });
    bridge_and_licence(&mut plan, (moving, other), (deploy, shift), remove);
    plan.automation_cost = Some(500.0.into());
    let team = team(&mut plan, 1, None);
    needs(&mut plan, deploy, team, 1);
    let estimates = run(&plan, 2);
    let kinds = &estimates.cost.kinds;
    let expected = [
        // 2 · 10 + 2 · 20, and the platform for four days.
        (&kinds.dual_running, 60.0 + 28.0),
        (&kinds.engineering, 2400.0),
        (&kinds.automation, 500.0),
        (&kinds.bridges, 5.0),
        // 86,400 calls a day of a megabyte at 10⁻⁹ a byte, for two days.
        (&kinds.network, 172.8),
        (&kinds.licences, 365.25 * 1.1),
        (&kinds.lost_revenue, 0.0),
    ];
    for (kind, expected) in expected {
        assert!(
            (kind.mean.unwrap() - expected).abs() < 1e-9,
            "{kind:?} {expected}"
        );
    }
    let sum: f64 = expected.iter().map(|(_, value)| value).sum();
    assert!((estimates.cost.total.mean.unwrap() - sum).abs() < 1e-9);
    assert_eq!(estimates.dual_running_days.mean, Some(4.0));
}

#[test]
fn kinds_sum_to_the_cost_and_chances_are_consistent() {
    let estimates = run(&busy(), 2000);
    let kinds = &estimates.cost.kinds;
    let sum: f64 = [
        &kinds.dual_running,
        &kinds.engineering,
        &kinds.automation,
        &kinds.bridges,
        &kinds.network,
        &kinds.licences,
        &kinds.lost_revenue,
    ]
    .iter()
    .map(|kind| kind.mean.unwrap())
    .sum();
    let total = estimates.cost.total.mean.unwrap();
    assert!((sum - total).abs() < 1e-9 * total);
    let (deadline, budget) = (
        estimates.deadline_probability.unwrap(),
        estimates.budget_probability.unwrap(),
    );
    let joint = estimates.joint_probability.unwrap();
    assert!(joint <= deadline.min(budget) && joint >= deadline + budget - 1.0);
    assert!(
        (0.0..1.0).contains(&joint) && joint > 0.0,
        "{deadline} {budget} {joint}"
    );
}

//! What goes on while something is undone and fixed, worked out by hand.
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

/// A service of batch 0, which goes in parallel, with a first step of so many hours and shifts of
/// one hour to these weights.
fn member(plan: &mut Plan, name: &str, first: f64, weights: &[f64]) -> Vec<StepId> {
    plan.batches[BatchId::new(0)].mode = BatchMode::Parallel;
    let service = service(plan, name, Some(10.0));
    let mut steps = vec![step(plan, &format!("{name}/0"), certain(first * HOUR), &[])];
    for (number, &weight) in weights.iter().enumerate() {
        let before = *steps.last().unwrap();
        let name = format!("{name}/{}", number + 1);
        let shift = step(plan, &name, certain(HOUR), &[before]);
        plan.steps[shift].weight = Some(weight);
        plan.steps[shift].kind = StepKind::Shift;
        steps.push(shift);
    }
    let batch = BatchId::new(0);
    mover(plan, Node::Service(service), batch, &steps, steps[1]);
    steps
}

fn hour(estimates: &Estimates, step: StepId) -> f64 {
    let start: jiff::Timestamp = "2027-01-11T00:00:00Z".parse().unwrap();
    let finish = estimates.steps[step.index()].finish_p50.unwrap();
    finish.duration_since(start).as_secs_f64() / HOUR
}

/// An attempt that takes no time bills nothing, not the two hours of the fix before it again.
#[test]
fn a_fix_is_billed_once() {
    let mut plan = plan();
    let team = team(&mut plan, 1, None);
    let id = step(&mut plan, "s", Act::Instant, &[]);
    needs(&mut plan, id, team, 1);
    fails_once(&mut plan, id, 0.0, 0.0, 2.0);
    let estimates = run(&plan, 2);
    assert_eq!(estimates.effort_hours.total.mean, Some(2.0));
    assert_eq!(estimates.wasted_hours.mean, Some(0.0));
    assert_eq!(estimates.cost.kinds.engineering.mean, Some(200.0));
}

/// What takes no time still waits for its people, who come at 9:00.
#[test]
fn an_instant_act_needs_its_people_there() {
    let mut plan = plan();
    let calendar = office(&mut plan, "UTC");
    let team = team(&mut plan, 1, Some(calendar));
    let id = step(&mut plan, "s", Act::Instant, &[]);
    needs(&mut plan, id, team, 1);
    assert_eq!(hour(&run(&plan, 2), id), 9.0);
    plan.steps[id].needs.clear();
    assert_eq!(hour(&run(&plan, 2), id), 0.0);
}

/// The bridge stands from its first day of building, 1, until 5: the step after it fails at 2 and
/// goes back to building for two days.
#[test]
fn a_bridge_that_is_built_again_stood_meanwhile() {
    let mut plan = plan();
    let (one, two) = (
        service(&mut plan, "one", None),
        service(&mut plan, "two", None),
    );
    let build = step(&mut plan, "build", certain(DAY), &[]);
    let test = step(&mut plan, "test", certain(DAY), &[build]);
    let last = step(&mut plan, "last", certain(DAY), &[test]);
    fails_once(&mut plan, test, 0.0, 0.0, 0.0);
    plan.steps[test].retry_from = build;
    plan.bridges.push(Bridge {
        name: "bridge".to_owned(),
        doc: None,
        over: BridgeOver::Edge { from: one, to: two },
        by: BridgeTechnique::Proxy,
        lag: None,
        source_is_new: false,
        deduplicates: false,
        breaks: None,
        cost_per_day: Some(5.0.into()),
        built_by: build,
        until: vec![last],
    });
    assert_eq!(run(&plan, 2).cost.kinds.bridges.mean, Some(20.0));
}

/// a fails at 2 h. b's first shift, one hour of one person, is undone with it, and its second, begun at
/// 1.5 h by two people, is aborted: two hours are wasted, and three are not.
#[test]
fn work_that_is_aborted_or_undone_is_wasted() {
    let mut plan = plan();
    let team = team(&mut plan, 2, None);
    let a = member(&mut plan, "a", 1.0, &[1.0]);
    fails_once(&mut plan, a[1], 0.0, 0.0, 0.0);
    let b = member(&mut plan, "b", 0.5, &[0.5, 1.0]);
    needs(&mut plan, b[1], team, 1);
    needs(&mut plan, b[2], team, 2);
    let estimates = run(&plan, 2);
    assert_eq!(estimates.rollbacks.mean, Some(1.0));
    assert_eq!(estimates.wasted_hours.mean, Some(2.0));
    assert_eq!(estimates.effort_hours.total.mean, Some(5.0));
}

/// a shifts from 1 h to 2 h, is found failing then and undone in ten hours by two people of a
/// team, that is twenty person-hours. Meanwhile, at 3 h, b's first step fails too, which rolls the
/// batch back: a is being undone already, and not once more.
#[test]
fn a_member_is_undone_once() {
    let mut plan = plan();
    let team = team(&mut plan, 2, None);
    let a = member(&mut plan, "a", 1.0, &[1.0]);
    needs(&mut plan, a[1], team, 2);
    fails_once(&mut plan, a[1], 0.0, 10.0, 0.0);
    let b = member(&mut plan, "b", 3.0, &[1.0]);
    fails_once(&mut plan, b[0], 0.0, 0.0, 0.0);
    let estimates = run(&plan, 2);
    assert_eq!(estimates.rollbacks.mean, Some(2.0));
    // Two hours for each of a's two shifts, and the undo.
    assert_eq!(estimates.effort_hours.total.mean, Some(24.0));
    // The first of the two shifts is done again.
    assert_eq!(estimates.wasted_hours.mean, Some(2.0));
    // Both go again at 12 h.
    assert_eq!(hour(&estimates, a[1]), 13.0);
    assert_eq!(hour(&estimates, b[0]), 15.0);
}

/// a's second shift fails at 3 h and takes its traffic away; it waits for its people from 3 h on,
/// who come at 9:00. b's first step fails at 8 h and is fixed by 14 h: until then the batch takes
/// no traffic, also not a, which is past its first shift.
#[test]
fn nobody_takes_traffic_during_a_rollback() {
    let mut plan = plan();
    let calendar = office(&mut plan, "UTC");
    let team = team(&mut plan, 1, Some(calendar));
    let a = member(&mut plan, "a", 1.0, &[0.5, 1.0]);
    fails_once(&mut plan, a[2], 0.0, 0.0, 0.0);
    // Closed from 3:00 to 9:00 only: the first attempt is let in.
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    plan.calendars[calendar].days = vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun];
    plan.calendars[calendar].hours = HoursRange {
        from: 9 * 60,
        to: 3 * 60,
    };
    needs(&mut plan, a[2], team, 1);
    let b = member(&mut plan, "b", 8.0, &[1.0]);
    fails_once(&mut plan, b[0], 0.0, 0.0, 6.0);
    let estimates = run(&plan, 2);
    assert_eq!(hour(&estimates, a[2]), 15.0);
}

/// The gate after the shift is refused at 4 h; it goes back to the first step, as it says, and not
/// to the shift only: three steps of one hour and a gate of one follow.
#[test]
fn a_refused_gate_goes_back_as_far_as_it_says() {
    let mut plan = plan();
    let a = member(&mut plan, "a", 1.0, &[0.5]);
    let law = Distribution::discrete(vec![(HOUR, 0.5), (3.0 * HOUR, 0.5)]).unwrap();
    let go = step(&mut plan, "a/go", Act::Instant, &[a[1]]);
    plan.steps[go].gate = Some(Gate {
        approve: None,
        not_by: None,
        when: vec![],
        takes: Some(law),
        within: 2.0 * HOUR,
        otherwise: NoAnswer::Undo,
        max_hold: None,
    });
    plan.steps[go].retry_from = a[0];
    plan.movers[0].steps.push(go);
    plan.movers[0].cutover = go;
    // Each refusal costs two hours of work and two of silence; there are 1 on average.
    assert_mean(&run(&plan, 20_000).duration_days, 20_000, 7.0 / 24.0);
}

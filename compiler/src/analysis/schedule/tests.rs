//! Steps are given by their durations and predecessors; expected paths are read off the drawing.

use whimbrel_plan::{Arena, Step, StepId, StepKind, Subject, Work};

use super::{CircularSteps, Schedule};

fn step(predecessors: &[usize]) -> Step {
    let subject = Subject::Migration(String::new());
    let mut step = Step::new(
        "",
        subject,
        Work::instant(StepKind::Prepare),
        StepId::new(0),
    );
    step.predecessors = predecessors.iter().map(|&id| StepId::new(id)).collect();
    step
}

fn path(steps: &[(f64, &[usize])]) -> Result<(Vec<usize>, f64), Vec<usize>> {
    let arena: Arena<StepId, Step> = steps.iter().map(|(_, before)| step(before)).collect();
    let indices = |ids: Vec<StepId>| ids.into_iter().map(StepId::index).collect();
    match Schedule::new(&arena, |id| steps[id.index()].0) {
        Ok(schedule) => {
            let (path, length) = schedule.critical_path();
            Ok((indices(path), length))
        }
        Err(CircularSteps { steps }) => Err(indices(steps)),
    }
}

#[test]
fn the_longest_chain_decides() {
    assert_eq!(path(&[]), Ok((vec![], 0.0)));
    assert_eq!(path(&[(3.0, &[])]), Ok((vec![0], 3.0)));
    // 0 (2) → 1 (5) → 3 (1) and 0 (2) → 2 (6) → 3 (1): the way over 2 is 9 long.
    let diamond: [(f64, &[usize]); 4] = [(2.0, &[]), (5.0, &[0]), (6.0, &[0]), (1.0, &[1, 2])];
    assert_eq!(path(&diamond), Ok((vec![0, 2, 3], 9.0)));
}

#[test]
fn of_equal_paths_the_least_ids_win_and_predecessors_may_stand_anywhere() {
    let equal: [(f64, &[usize]); 4] = [(1.0, &[3, 2]), (1.0, &[]), (4.0, &[]), (4.0, &[])];
    assert_eq!(path(&equal), Ok((vec![2, 0], 5.0)));
}

#[test]
fn steps_that_wait_for_one_another_are_an_error() {
    // 3 waits for the circle 0 ← 2 ← 1 ← 0 without being on it.
    let circle: [(f64, &[usize]); 4] = [(1.0, &[1]), (1.0, &[2]), (1.0, &[0]), (1.0, &[2])];
    assert_eq!(path(&circle), Err(vec![0, 1, 2]));
    assert_eq!(path(&[(1.0, &[0])]), Err(vec![0]));
}

#[test]
fn a_step_starts_when_the_last_of_those_before_it_is_done() {
    let steps: [(f64, &[usize]); 4] = [(2.0, &[]), (5.0, &[0]), (6.0, &[0]), (1.0, &[1, 2])];
    let arena: Arena<StepId, Step> = steps.iter().map(|(_, before)| step(before)).collect();
    let schedule = Schedule::new(&arena, |id| steps[id.index()].0).unwrap();
    let times: Vec<(f64, f64)> = arena
        .ids()
        .map(|id| (schedule.start(id), schedule.finish(id)))
        .collect();
    assert_eq!(times, [(0.0, 2.0), (2.0, 7.0), (2.0, 8.0), (8.0, 9.0)]);
}

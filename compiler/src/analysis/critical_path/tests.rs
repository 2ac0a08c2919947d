//! Steps are given by their durations and predecessors; expected paths are read off the drawing.

use whimbrel_plan::{Act, Arena, Distribution, Failure, Step, StepId, StepKind, Subject};

use super::{CircularSteps, critical_path};

fn step(predecessors: &[usize]) -> Step {
    let zero = Distribution::Constant { value: 0.0 };
    Step {
        name: String::new(),
        doc: None,
        subject: Subject::Migration(String::new()),
        batch: None,
        kind: StepKind::Prepare,
        added: false,
        action: None,
        act: Act::Instant,
        needs: Vec::new(),
        team: None,
        calendars: Vec::new(),
        soak: 0.0.into(),
        verify: None,
        every: None,
        failure: Failure {
            chance: 0.0.into(),
            hazard: None,
            severity: 1.0.into(),
            detect: zero.clone(),
            undo_takes: zero.clone(),
            fix: zero.clone(),
            retry_from: StepId::new(0),
            learning: 1.0.into(),
            attempts: 1,
            escalate: zero,
        },
        undo: None,
        downtime: 0.0.into(),
        window: None,
        irreversible: false,
        owner: None,
        weight: None,
        gate: None,
        predecessors: predecessors.iter().map(|&id| StepId::new(id)).collect(),
    }
}

fn path(steps: &[(f64, &[usize])]) -> Result<(Vec<usize>, f64), Vec<usize>> {
    let arena: Arena<StepId, Step> = steps.iter().map(|(_, before)| step(before)).collect();
    let indices = |ids: Vec<StepId>| ids.into_iter().map(StepId::index).collect();
    match critical_path(&arena, |id| steps[id.index()].0) {
        Ok((path, length)) => Ok((indices(path), length)),
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

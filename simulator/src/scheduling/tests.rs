//! What can be counted by hand, and laws on random projects. `real_psplib` compares with published
//! optima.

use proptest::prelude::*;

use super::*;

fn task(duration: u32, demands: &[u32], predecessors: &[usize]) -> Task {
    Task {
        duration,
        demands: demands.to_vec(),
        predecessors: predecessors.to_vec(),
    }
}

/// Three tasks of 2, 3 and 4 ticks and two people: 2 and 3 begin, the 4 follows the 2 and ends at
/// 6, while the best is max(9 / 2, 4) = 5 with the 4 first. All have latest finish 4, so that the
/// order of the tasks decides.
#[test]
fn a_list_is_worse_than_the_best_by_its_first_choice() {
    let tasks = [task(2, &[1], &[]), task(3, &[1], &[]), task(4, &[1], &[])];
    let project = Project::new(&tasks, &[2]).unwrap();
    assert_eq!(project.lower_bound(), 5);
    assert_eq!(project.parallel().makespan, 6);
    assert_eq!(project.serial().starts, [0, 0, 2]);
    // Late: the 4 at 2–6, then the 3 at 3–6, then the 2 at 0–2 beside nothing; early again: the
    // 2 at 0, the 4 at 0 beside it, the 3 at 2–5.
    let justified = project.schedule();
    assert_eq!(justified.starts, [0, 2, 0]);
    assert_eq!(justified.makespan, 5);
}

/// A chain of 3 and 4 with a lag of nothing between, beside one task that needs both people.
#[test]
fn tasks_without_length_hold_nothing() {
    let tasks = [
        task(0, &[2], &[]),
        task(3, &[1], &[0]),
        task(0, &[2], &[1]),
        task(4, &[1], &[2]),
        task(5, &[2], &[]),
    ];
    let project = Project::new(&tasks, &[2]).unwrap();
    assert_eq!(project.critical_path(), 7);
    // Work 3 + 4 + 10 = 17 of 2 people is 9 ticks; but the 5 excludes all else: 12.
    assert_eq!(project.lower_bound(), 9);
    for made in [project.serial(), project.parallel(), project.schedule()] {
        assert_eq!(project.verify(&made), Ok(()));
        assert_eq!(made.makespan, 12);
    }
}

#[test]
fn what_is_no_project_is_refused() {
    let refused = |tasks: &[Task]| Project::new(tasks, &[2]).unwrap_err().to_string();
    assert_eq!(
        refused(&[task(1, &[3], &[])]),
        "task 0 asks for 3 of resource 0, of which there are 2"
    );
    assert_eq!(
        refused(&[task(1, &[1, 1], &[])]),
        "task 0 asks for resource 1, which does not exist"
    );
    assert_eq!(
        refused(&[task(1, &[], &[7])]),
        "task 0 waits for task 7, which does not exist"
    );
    assert_eq!(
        refused(&[task(1, &[], &[1]), task(1, &[], &[0]), task(1, &[], &[])]),
        "tasks [0, 1] wait for each other"
    );
    let none = Project::new(&[], &[]).unwrap();
    assert_eq!(none.best_of(9, 1).makespan, 0);
}

#[test]
fn a_schedule_that_breaks_something_is_told() {
    let tasks = [task(2, &[2], &[]), task(2, &[1], &[]), task(1, &[1], &[1])];
    let project = Project::new(&tasks, &[2]).unwrap();
    let broken = |starts: [i64; 3], makespan| {
        let starts = starts.to_vec();
        project.verify(&Schedule { starts, makespan }).unwrap_err()
    };
    assert_eq!(broken([0, 2, 3], 4), "task 2 starts before task 1 ends");
    assert_eq!(
        broken([0, 1, 3], 4),
        "3 of resource 0 are held when task 1 starts, there are 2"
    );
    assert_eq!(broken([0, 2, 4], 6), "the last task ends at 5");
    assert_eq!(broken([-1, 2, 4], 5), "task 0 starts before the start");
}

/// Up to twelve tasks and two resources; predecessors come earlier.
fn project() -> impl Strategy<Value = (Vec<Task>, Vec<u32>)> {
    let one = (0_u32..6, 0_u32..4, 0_u32..3, any::<u16>());
    (prop::collection::vec(one, 1..12), 3_u32..6, 2_u32..5).prop_map(|(rows, first, second)| {
        let tasks = rows
            .iter()
            .enumerate()
            .map(|(at, &(duration, a, b, bits))| Task {
                duration,
                demands: vec![a, b],
                predecessors: (0..at).filter(|one| bits >> one & 3 == 3).collect(),
            });
        (tasks.collect(), vec![first, second])
    })
}

proptest! {
    #[test]
    fn schedules_are_feasible_and_within_their_bounds((tasks, capacities) in project()) {
        let project = Project::new(&tasks, &capacities).unwrap();
        let bound = project.lower_bound();
        let all: i64 = tasks.iter().map(|task| i64::from(task.duration)).sum();
        let best = project.best_of(60, 5);
        for made in [project.serial(), project.parallel(), project.schedule(), best.clone()] {
            prop_assert_eq!(project.verify(&made), Ok(()));
            prop_assert!(bound <= made.makespan && made.makespan <= all.max(bound));
            prop_assert!(project.justify(&made).makespan <= made.makespan);
        }
        prop_assert!(best.makespan <= project.schedule().makespan);
        prop_assert_eq!(project.best_of(60, 5), best);
    }

    /// More people never raise the lower bound; the schedules themselves may grow (Graham).
    #[test]
    fn more_people_never_raise_the_bound((tasks, capacities) in project()) {
        let project = Project::new(&tasks, &capacities).unwrap();
        let more: Vec<u32> = capacities.iter().map(|count| count + 1).collect();
        prop_assert!(Project::new(&tasks, &more).unwrap().lower_bound() <= project.lower_bound());
    }

    /// Where nothing is short, every scheme finds the longest path.
    #[test]
    fn without_limits_the_longest_path_is_found((tasks, _) in project()) {
        let project = Project::new(&tasks, &[100, 100]).unwrap();
        for made in [project.serial(), project.parallel(), project.schedule()] {
            prop_assert_eq!(made.makespan, project.critical_path());
        }
    }

    /// Serial schedules hold an optimum: all orders of at most six tasks by brute force find
    /// nothing shorter than the lower bound, and the best of many samples finds that optimum.
    #[test]
    fn many_samples_find_the_optimum_of_small_projects((tasks, capacities) in project()) {
        let tasks: Vec<Task> = tasks.into_iter().take(6).collect();
        let project = Project::new(&tasks, &capacities).unwrap();
        let optimum = optimum(&tasks, &capacities);
        prop_assert!(project.lower_bound() <= optimum);
        prop_assert_eq!(project.best_of(3_000, 1).makespan, optimum);
    }
}

/// The shortest makespan over all orders, each task as early as the ones before it allow, tick by
/// tick: the schedules of the serial scheme hold an optimum for every regular measure.
fn optimum(tasks: &[Task], capacities: &[u32]) -> i64 {
    fn extend(tasks: &[Task], capacities: &[u32], starts: &mut Vec<Option<u32>>, best: &mut u32) {
        let next: Vec<usize> = (0..tasks.len())
            .filter(|&task| {
                let before = &tasks[task].predecessors;
                starts[task].is_none() && before.iter().all(|&one| starts[one].is_some())
            })
            .collect();
        if next.is_empty() {
            let ends = starts.iter().zip(tasks);
            let end = ends
                .map(|(start, task)| start.unwrap() + task.duration)
                .max();
            *best = (*best).min(end.unwrap());
        }
        for task in next {
            let ready = tasks[task].predecessors.iter();
            let ready = ready
                .map(|&one| starts[one].unwrap() + tasks[one].duration)
                .max();
            let start = (ready.unwrap_or(0)..)
                .find(|&start| {
                    (start..start + tasks[task].duration)
                        .all(|now| free(tasks, capacities, starts, task, now))
                })
                .unwrap();
            starts[task] = Some(start);
            extend(tasks, capacities, starts, best);
            starts[task] = None;
        }
    }
    fn free(
        tasks: &[Task],
        capacities: &[u32],
        starts: &[Option<u32>],
        task: usize,
        now: u32,
    ) -> bool {
        capacities.iter().enumerate().all(|(kind, &capacity)| {
            let running = starts.iter().zip(tasks).filter(|(start, task)| {
                start.is_some_and(|start| start <= now && now < start + task.duration)
            });
            let held: u32 = running.map(|(_, task)| task.demands[kind]).sum();
            held + tasks[task].demands[kind] <= capacity
        })
    }
    let mut best = u32::MAX;
    extend(tasks, capacities, &mut vec![None; tasks.len()], &mut best);
    i64::from(best)
}

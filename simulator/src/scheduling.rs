//! Schedules of known durations under limits: the list scheduler for searching, where each
//! candidate must be judged in microseconds of computing.
//!
//! A trial of the simulator plays what a team would do, event by event. This answers another
//! question: how short could a plan with these durations be? Both schedule generation schemes of
//! Kelley (1963) are here, as Kolisch, *Serial and parallel resource-constrained project
//! scheduling methods revisited* (1996), describes them; double justification is that of Valls,
//! Ballestín and Quintanilla, *Justification and RCPSP: a technique that pays* (2005); sampling is
//! the regret-based biased one of Drexl (1991). Times are whole ticks of any length.

mod generate;
mod profile;
mod sample;

use crate::column::{Column, Lists};
use crate::precedence::{latest_finishes, topological};

/// One task of a [`Project`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// How long it takes, ticks.
    pub duration: u32,
    /// How much of each resource it holds while it runs; what is left out is 0.
    pub demands: Vec<u32>,
    /// The tasks that must end first, by position.
    pub predecessors: Vec<usize>,
}

/// Why tasks are no project.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectError {
    /// A predecessor is no task.
    #[error("task {task} waits for task {predecessor}, which does not exist")]
    NoSuchTask {
        /// The task, by position.
        task: usize,
        /// What it names.
        predecessor: usize,
    },
    /// A resource is not there.
    #[error("task {task} asks for resource {resource}, which does not exist")]
    NoSuchResource {
        /// The task, by position.
        task: usize,
        /// The resource, by position.
        resource: usize,
    },
    /// More is asked for than there ever is.
    #[error("task {task} asks for {demand} of resource {resource}, of which there are {capacity}")]
    TooLittle {
        /// The task, by position.
        task: usize,
        /// The resource, by position.
        resource: usize,
        /// What the task holds.
        demand: u32,
        /// What there is.
        capacity: u32,
    },
    /// Tasks wait for each other.
    #[error("tasks {0:?} wait for each other")]
    Cycle(Vec<u32>),
}

/// When each task starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// By task, ticks from the start of all.
    pub starts: Vec<i64>,
    /// When the last task ends.
    pub makespan: i64,
}

/// Tasks with durations, precedence and renewable resources.
#[derive(Clone, Debug)]
pub struct Project {
    durations: Column<i64>,
    /// Task after task, one number for each resource.
    demands: Vec<u32>,
    capacities: Vec<u32>,
    predecessors: Lists,
    successors: Lists,
    /// The place of each task in a topological order.
    place: Column<u32>,
    /// Latest finish of each task by precedence alone: the priority.
    latest: Column<i64>,
}

impl Project {
    /// # Errors
    /// When a task names what does not exist, can never run, or waits for itself.
    pub fn new(tasks: &[Task], capacities: &[u32]) -> Result<Self, ProjectError> {
        let mut after: Vec<Vec<u32>> = vec![Vec::new(); tasks.len()];
        let mut demands = Vec::with_capacity(tasks.len() * capacities.len());
        for (number, task) in tasks.iter().enumerate() {
            demands.extend(checked_demands(number, task, capacities)?);
            for &predecessor in &task.predecessors {
                after
                    .get_mut(predecessor)
                    .ok_or(ProjectError::NoSuchTask {
                        task: number,
                        predecessor,
                    })?
                    .push(position(number));
            }
        }
        let before = tasks.iter().map(|task| &task.predecessors);
        let predecessors: Lists = before
            .map(|before| before.iter().map(|&one| position(one)))
            .collect();
        let successors: Lists = after.into_iter().collect();
        let order = topological(&predecessors, &successors).map_err(ProjectError::Cycle)?;
        let durations: Column<i64> = tasks.iter().map(|task| i64::from(task.duration)).collect();
        let latest = latest_finishes(&order, &predecessors, &successors, &durations);
        let mut place = Column::filled(0, tasks.len());
        for (at, &task) in (0_u32..).zip(&order) {
            place[task as usize] = at;
        }
        Ok(Self {
            durations,
            demands,
            capacities: capacities.to_vec(),
            predecessors,
            successors,
            place,
            latest,
        })
    }

    /// How many tasks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.durations.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The longest path by precedence alone, ticks.
    #[must_use]
    pub fn critical_path(&self) -> i64 {
        self.latest.iter().copied().max().unwrap_or(0)
    }

    /// What no schedule can go below: the longest path, and for each resource its work over its
    /// capacity.
    #[must_use]
    pub fn lower_bound(&self) -> i64 {
        let by_resource = self.capacities.iter().enumerate().map(|(kind, &capacity)| {
            let work: i64 = (0..self.len())
                .map(|task| self.durations[task] * i64::from(self.demand(task, kind)))
                .sum();
            let capacity = i64::from(capacity).max(1);
            (work + capacity - 1) / capacity
        });
        by_resource.fold(self.critical_path(), i64::max)
    }

    /// Whether `schedule` keeps to precedence and capacities; what it breaks first if not.
    ///
    /// # Errors
    /// The sentence that says which task breaks what.
    pub fn verify(&self, schedule: &Schedule) -> Result<(), String> {
        let starts: Column<i64> = schedule.starts.iter().copied().collect();
        if starts.len() != self.len() {
            return Err(format!("{} starts of {} tasks", starts.len(), self.len()));
        }
        let end = |task: usize| starts[task] + self.durations[task];
        for task in 0..self.len() {
            if starts[task] < 0 {
                return Err(format!("task {task} starts before the start"));
            }
            let before = self.predecessors.of(task).iter().map(|&one| one as usize);
            if let Some(one) = before.into_iter().find(|&one| end(one) > starts[task]) {
                return Err(format!("task {task} starts before task {one} ends"));
            }
            self.verify_capacity(task, &starts)?;
        }
        let makespan = (0..self.len()).map(end).max().unwrap_or(0);
        if makespan != schedule.makespan {
            return Err(format!("the last task ends at {makespan}"));
        }
        Ok(())
    }

    /// Demand changes at starts only, so it is enough to look at the start of each task.
    fn verify_capacity(&self, task: usize, starts: &Column<i64>) -> Result<(), String> {
        let now = starts[task];
        for (kind, &capacity) in self.capacities.iter().enumerate() {
            let running = (0..self.len())
                .filter(|&one| starts[one] <= now && now < starts[one] + self.durations[one]);
            let held: u64 = running.map(|one| u64::from(self.demand(one, kind))).sum();
            if held > u64::from(capacity) {
                return Err(format!(
                    "{held} of resource {kind} are held when task {task} starts, there are {capacity}"
                ));
            }
        }
        Ok(())
    }

    fn demand(&self, task: usize, kind: usize) -> u32 {
        self.demands_of(task).get(kind).copied().unwrap_or(0)
    }

    fn demands_of(&self, task: usize) -> &[u32] {
        let kinds = self.capacities.len();
        let range = task * kinds..(task + 1) * kinds;
        self.demands.get(range).unwrap_or(&[])
    }
}

fn position(task: usize) -> u32 {
    u32::try_from(task).unwrap_or(u32::MAX)
}

/// What a task holds of each resource.
fn checked_demands(task: usize, one: &Task, capacities: &[u32]) -> Result<Vec<u32>, ProjectError> {
    for (resource, &demand) in one.demands.iter().enumerate() {
        let capacity = *capacities
            .get(resource)
            .ok_or(ProjectError::NoSuchResource { task, resource })?;
        if demand > capacity {
            return Err(ProjectError::TooLittle {
                task,
                resource,
                demand,
                capacity,
            });
        }
    }
    let given = one.demands.iter().copied();
    Ok(given
        .chain(std::iter::repeat(0))
        .take(capacities.len())
        .collect())
}

#[cfg(test)]
mod tests;

//! The two schemes that make a schedule of an order, and justification.

use super::profile::Profile;
use super::{Project, Schedule};
use crate::column::{Column, Lists};

/// The order in which tasks that could start are taken.
pub(super) trait Choose {
    /// The position in `candidates` (never empty) of the task to take next.
    fn choose(&mut self, project: &Project, candidates: &[u32]) -> usize;
}

/// The least latest finish, then the first.
pub(super) struct LatestFinish;

impl Choose for LatestFinish {
    fn choose(&mut self, project: &Project, candidates: &[u32]) -> usize {
        let key = |task: u32| (project.latest[task as usize], task);
        let mut best = 0;
        let mut least = None;
        for (position, &task) in candidates.iter().enumerate() {
            if least.is_none_or(|least| key(task) < least) {
                least = Some(key(task));
                best = position;
            }
        }
        best
    }
}

/// Makes schedules of one project, with memory kept from one to the next.
pub(super) struct Generator<'p> {
    project: &'p Project,
    profile: Profile,
    waiting: Column<u32>,
    starts: Column<i64>,
    eligible: Vec<u32>,
    candidates: Vec<u32>,
    order: Vec<u32>,
    running: Vec<(i64, u32)>,
    free: Vec<u32>,
}

/// Whether time runs on or back.
#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Backward,
}

impl<'p> Generator<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        Self {
            project,
            profile: Profile::default(),
            waiting: Column::filled(0, project.len()),
            starts: Column::filled(0, project.len()),
            eligible: Vec::new(),
            candidates: Vec::new(),
            order: Vec::new(),
            running: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Task after task, each as early as what is there already allows.
    pub(super) fn serial(&mut self, choice: &mut impl Choose) -> Schedule {
        self.begin();
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        while !self.eligible.is_empty() {
            let chosen = choice.choose(self.project, &self.eligible);
            let task = self.eligible.swap_remove(chosen);
            order.push(task);
            self.release(task);
        }
        self.place_all(&order, Direction::Forward);
        self.order = order;
        self.schedule(Direction::Forward)
    }

    /// Instant after instant, all that can start by then.
    pub(super) fn parallel(&mut self, choice: &mut impl Choose) -> Schedule {
        self.begin();
        self.free.clone_from(&self.project.capacities);
        self.running.clear();
        let mut now = 0;
        let mut end = 0;
        loop {
            while let Some(task) = self.next_startable(choice) {
                let length = self.project.durations[task as usize];
                self.starts[task as usize] = now;
                end = end.max(now + length);
                if length == 0 {
                    self.release(task);
                } else {
                    let demand = self.project.demands_of(task as usize);
                    let held = self.free.iter_mut().zip(demand);
                    held.for_each(|(free, asked)| *free -= asked);
                    self.running.push((now + length, task));
                }
            }
            let Some(next) = self.running.iter().map(|(end, _)| *end).min() else {
                break;
            };
            now = next;
            self.end_what_ends(now);
        }
        Schedule {
            starts: self.starts.iter().copied().collect(),
            makespan: end,
        }
    }

    /// Takes the next task that may start now out of the eligible ones.
    fn next_startable(&mut self, choice: &mut impl Choose) -> Option<u32> {
        let (project, free) = (self.project, &self.free);
        let fits = |task: u32| {
            let demand = project.demands_of(task as usize);
            project.durations[task as usize] == 0
                || demand.iter().zip(free).all(|(asked, free)| asked <= free)
        };
        self.candidates.clear();
        let startable = self.eligible.iter().copied().filter(|&task| fits(task));
        self.candidates.extend(startable);
        if self.candidates.is_empty() {
            return None;
        }
        let chosen = choice.choose(project, &self.candidates);
        let task = self.candidates.get(chosen).copied()?;
        self.eligible.retain(|&one| one != task);
        Some(task)
    }

    fn end_what_ends(&mut self, now: i64) {
        let mut running = std::mem::take(&mut self.running);
        running.retain(|&(end, task)| {
            if end == now {
                let demand = self.project.demands_of(task as usize);
                let held = self.free.iter_mut().zip(demand);
                held.for_each(|(free, asked)| *free += asked);
                self.release(task);
            }
            end != now
        });
        self.running = running;
    }

    /// The tasks of a schedule moved as late as they can be, then as early: never longer.
    pub(super) fn justify(&mut self, schedule: &Schedule) -> Schedule {
        let late = self.shift(schedule, Direction::Backward);
        self.shift(&late, Direction::Forward)
    }

    /// Backward: by latest end; forward: by earliest start. Each as far as it goes.
    fn shift(&mut self, schedule: &Schedule, direction: Direction) -> Schedule {
        let project = self.project;
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend((0_u32..).take(project.len()));
        let starts: Column<i64> = schedule.starts.iter().copied().collect();
        match direction {
            Direction::Forward => order.sort_unstable_by_key(|&task| {
                (starts[task as usize], project.place[task as usize])
            }),
            Direction::Backward => order.sort_unstable_by_key(|&task| {
                let end = starts[task as usize] + project.durations[task as usize];
                std::cmp::Reverse((end, project.place[task as usize]))
            }),
        }
        self.place_all(&order, direction);
        self.order = order;
        self.schedule(direction)
    }

    /// Puts the tasks of an order that keeps to precedence each as early as it goes; backward,
    /// time and precedence run the other way.
    fn place_all(&mut self, order: &[u32], direction: Direction) {
        let project = self.project;
        self.profile.reset(&project.capacities);
        let before: &Lists = match direction {
            Direction::Forward => &project.predecessors,
            Direction::Backward => &project.successors,
        };
        for task in order.iter().map(|&task| task as usize) {
            let ends = before.of(task).iter().map(|&one| one as usize);
            let ready = ends.map(|one| self.starts[one] + project.durations[one]);
            let ready = ready.max().unwrap_or(0);
            let duration = project.durations[task];
            let demand = project.demands_of(task);
            let start = if duration == 0 {
                ready
            } else {
                self.profile.earliest(demand, ready, duration)
            };
            self.profile.take(demand, start, start + duration);
            self.starts[task] = start;
        }
    }

    /// What `place_all` made, with time running on.
    fn schedule(&self, direction: Direction) -> Schedule {
        let ends = || {
            let pairs = self.starts.iter().zip(self.project.durations.iter());
            pairs.map(|(start, duration)| start + duration)
        };
        let makespan = ends().max().unwrap_or(0);
        let starts = match direction {
            Direction::Forward => self.starts.iter().copied().collect(),
            Direction::Backward => ends().map(|end| makespan - end).collect(),
        };
        Schedule { starts, makespan }
    }

    fn begin(&mut self) {
        self.eligible.clear();
        for task in 0..self.project.len() {
            let before = super::position(self.project.predecessors.of(task).len());
            self.waiting[task] = before;
            if before == 0 {
                self.eligible.push(super::position(task));
            }
        }
    }

    /// Makes those eligible that waited for `task` last.
    fn release(&mut self, task: u32) {
        for &successor in self.project.successors.of(task as usize) {
            self.waiting[successor as usize] -= 1;
            if self.waiting[successor as usize] == 0 {
                self.eligible.push(successor);
            }
        }
    }
}

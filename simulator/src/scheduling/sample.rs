//! One good schedule, and the best of many.

use rand::RngExt as _;

use super::generate::{Choose, Generator, LatestFinish};
use super::{Project, Schedule};
use crate::philox::{Draws, Entity, Purpose, Stream};

impl Project {
    /// One pass: the parallel scheme by latest finish, justified twice.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        let mut generator = Generator::new(self);
        let made = generator.parallel(&mut LatestFinish);
        generator.justify(&made)
    }

    /// The serial scheme by latest finish.
    #[must_use]
    pub fn serial(&self) -> Schedule {
        Generator::new(self).serial(&mut LatestFinish)
    }

    /// The parallel scheme by latest finish.
    #[must_use]
    pub fn parallel(&self) -> Schedule {
        Generator::new(self).parallel(&mut LatestFinish)
    }

    /// The tasks of a schedule moved as late as they can be, then as early: never longer.
    #[must_use]
    pub fn justify(&self, schedule: &Schedule) -> Schedule {
        Generator::new(self).justify(schedule)
    }

    /// The shortest of `count` schedules, serial and parallel in turn, each justified; each
    /// justification counts as one, too. Ends early at the lower bound. The same seed gives the
    /// same schedule.
    #[must_use]
    pub fn best_of(&self, count: u32, seed: u64) -> Schedule {
        let mut generator = Generator::new(self);
        let made = generator.parallel(&mut LatestFinish);
        let mut best = generator.justify(&made);
        let bound = self.lower_bound();
        for sample in 1..count.div_ceil(MADE) {
            if best.makespan == bound {
                break;
            }
            let mut choice = Regret::new(self, seed, sample);
            let made = if sample % 2 == 1 {
                generator.serial(&mut choice)
            } else {
                generator.parallel(&mut choice)
            };
            let made = generator.justify(&made);
            if made.makespan < best.makespan {
                best = made;
            }
        }
        best
    }
}

/// Schedules made by one sample: itself, and the two of its justification.
const MADE: u32 = 3;

/// Chance in proportion to the regret of not being taken, measured by latest finish.
struct Regret {
    stream: Stream,
    /// Added to each regret, so that nobody is without a chance: a fifth of the mean duration,
    /// about the one tick that is usual where tasks last one to ten.
    least: f64,
}

impl Regret {
    fn new(project: &Project, seed: u64, sample: u32) -> Self {
        let total: i64 = project.durations.iter().sum();
        let entity = Entity::new("scheduling");
        Self {
            stream: Draws::new(seed, sample).stream(entity, Purpose::Duration, 1),
            least: (float(total) / float(count(project.len())) / 5.0).max(f64::MIN_POSITIVE),
        }
    }
}

impl Choose for Regret {
    fn choose(&mut self, project: &Project, candidates: &[u32]) -> usize {
        if candidates.len() < 2 {
            return 0;
        }
        let latest = |task: &u32| project.latest[*task as usize];
        let worst = candidates.iter().map(latest).max().unwrap_or(0);
        let weight = |task: &u32| float(worst - latest(task)) + self.least;
        let all: f64 = candidates.iter().map(weight).sum();
        let mut left = self.stream.random::<f64>() * all;
        for (position, task) in candidates.iter().enumerate() {
            left -= weight(task);
            if left <= 0.0 {
                return position;
            }
        }
        candidates.len() - 1
    }
}

fn count(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "a chance need not be exact")]
fn float(ticks: i64) -> f64 {
    ticks as f64
}

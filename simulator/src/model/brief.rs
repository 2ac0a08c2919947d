//! What the event loop asks of a step in every trial, in as few lines of the cache as it fits: of
//! thousands of steps the models would not fit.

use std::collections::HashMap;
use std::num::NonZeroU32;

use super::{ActModel, Figure, GateLimits, Model, StepModel, is_constant, microseconds};
use crate::column::{Column, Lists};
use crate::philox::{Entity, Purpose};
use crate::sampler::Sampler;

/// A position or none, in four bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Optional(Option<NonZeroU32>);

impl Optional {
    #[inline]
    pub(crate) fn get(self) -> Option<u32> {
        self.0.map(|it| it.get() - 1)
    }

    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self.0.is_none()
    }
}

impl From<Option<u32>> for Optional {
    fn from(position: Option<u32>) -> Self {
        Self(position.and_then(|it| NonZeroU32::new(it.wrapping_add(1))))
    }
}

/// What an act is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActKind {
    Instant,
    /// So long around the clock.
    Elapsed,
    /// So long in the step's clock.
    Working,
    Transfer,
    Gate,
}

/// One step, on one line of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Brief {
    /// The chance that its first attempt fails, where every trial has the same; else no number.
    pub(crate) chance: f64,
    /// Its people, among all that are needed together anywhere.
    crew: u32,
    pub(crate) clock: Optional,
    pub(crate) window: Optional,
    pub(crate) freezes: Optional,
    pub(crate) link: Optional,
    pub(crate) mover: Optional,
    pub(crate) unit: Optional,
    /// Where what is drawn ahead for its first attempt stands.
    pub(crate) length: u32,
    pub(crate) soak: u32,
    pub(crate) failure: u32,
    /// Which gate it is, where it is one.
    gate: u32,
    pub(crate) act: ActKind,
    pub(crate) relay: bool,
    pub(crate) fails: bool,
    pub(crate) shifts: bool,
    pub(crate) shifted: bool,
    pub(crate) irreversible: bool,
    pub(crate) driven: bool,
    /// Whether its act is planned downtime.
    pub(crate) interrupts: bool,
}

/// One number drawn ahead for the first attempt of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AheadModel {
    pub(crate) step: u32,
    pub(crate) what: What,
}

/// What is drawn ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The act, or the answer of a gate. In whole microseconds; in seconds where drivers scale an act.
    Length,
    /// In whole microseconds.
    Soak,
    /// The uniform number that decides whether the attempt fails.
    Failure,
}

impl AheadModel {
    /// Whose draw it is, and for what; without a sampler it is the uniform number itself.
    pub(crate) fn draw(self, model: &Model) -> (Entity, Purpose, Option<&Sampler>) {
        let of = &model.steps[self.step as usize];
        match (self.what, &of.act) {
            (What::Failure, _) => (of.entity, Purpose::Failure, None),
            (What::Length, ActModel::Gate(gate)) => (gate.entity, Purpose::Gate, Some(&gate.delay)),
            (What::Length, ActModel::Timed { seconds, .. }) => {
                (of.entity, Purpose::Duration, Some(seconds))
            }
            (What::Soak | What::Length, _) => (of.entity, Purpose::Soak, Some(&of.soak)),
        }
    }

    /// Whether it is told in whole microseconds.
    pub(crate) fn is_whole(self, model: &Model) -> bool {
        match self.what {
            What::Length => {
                let of = &model.briefs.of[self.step as usize];
                of.act == ActKind::Gate || !of.driven
            }
            What::Soak => true,
            What::Failure => false,
        }
    }
}

/// All steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Briefs {
    pub(crate) of: Column<Brief>,
    /// By step: the share of traffic that it moves, where it moves any.
    pub(crate) weight: Column<f64>,
    crews: Column<Vec<(u32, u32)>>,
    gates: Column<GateLimits>,
    /// What is the same in every trial; the numbers drawn ahead come after it.
    pub(crate) constants: Vec<f64>,
    pub(crate) ahead: Vec<AheadModel>,
}

impl Briefs {
    pub(super) fn new(steps: &Column<StepModel>, failure_drivers: &Lists) -> Self {
        let mut maker = Maker::default();
        maker.take_constants(steps);
        let first = maker.constants.len();
        let mut draws = Column::filled([0; 3], steps.len());
        for (step, (draws, of)) in (0_u32..).zip(draws.iter_mut().zip(steps.iter())) {
            *draws = maker.draws(step, of, first);
        }
        let of = steps.iter().zip(draws.iter()).enumerate();
        let of = of.map(|(step, (of, draws))| {
            let known = failure_drivers.of(step).is_empty() && of.failure.hazard.is_none();
            maker.brief(of, *draws, known)
        });
        Self {
            of: of.collect(),
            weight: steps.iter().map(|of| of.weight.unwrap_or(1.0)).collect(),
            crews: maker.crews,
            gates: maker.gates,
            constants: maker.constants,
            ahead: maker.ahead,
        }
    }

    /// (team, people) that the act of a step holds.
    #[inline]
    pub(crate) fn people(&self, of: &Brief) -> &[(u32, u32)] {
        &self.crews[of.crew as usize]
    }

    /// The limits of a gate.
    #[inline]
    pub(crate) fn gate(&self, of: &Brief) -> GateLimits {
        self.gates[of.gate as usize]
    }
}

/// What briefs share.
#[derive(Default)]
struct Maker {
    crews: Column<Vec<(u32, u32)>>,
    crew_of: HashMap<Vec<(u32, u32)>, u32>,
    gates: Column<GateLimits>,
    constants: Vec<f64>,
    constant_of: HashMap<u64, u32>,
    ahead: Vec<AheadModel>,
}

impl Maker {
    /// What every trial has the same, before anything that is drawn.
    fn take_constants(&mut self, steps: &Column<StepModel>) {
        for of in steps.iter() {
            for value in [constant_length(of), constant(&of.soak, true)]
                .into_iter()
                .flatten()
            {
                let next = position(self.constants.len());
                let constants = &mut self.constants;
                self.constant_of.entry(value.to_bits()).or_insert_with(|| {
                    constants.push(value);
                    next
                });
            }
        }
    }

    /// Where length, soak and failure of a step stand.
    fn draws(&mut self, step: u32, of: &StepModel, first: usize) -> [u32; 3] {
        let drawn_length = matches!(of.act, ActModel::Timed { .. } | ActModel::Gate(_));
        let length = match constant_length(of) {
            Some(value) => self.constant(value),
            None if drawn_length => self.drawn(step, What::Length, first),
            None => 0,
        };
        let soak = match constant(&of.soak, true) {
            Some(value) => self.constant(value),
            None => self.drawn(step, What::Soak, first),
        };
        let failure = if of.fails && of.failure.hazard.is_none() {
            self.drawn(step, What::Failure, first)
        } else {
            0
        };
        [length, soak, failure]
    }

    fn constant(&self, value: f64) -> u32 {
        self.constant_of
            .get(&value.to_bits())
            .copied()
            .unwrap_or_default()
    }

    fn drawn(&mut self, step: u32, what: What, first: usize) -> u32 {
        self.ahead.push(AheadModel { step, what });
        position(first + self.ahead.len() - 1)
    }

    fn brief(&mut self, of: &StepModel, draws: [u32; 3], known: bool) -> Brief {
        let [length, soak, failure] = draws;
        let next = position(self.crews.len());
        let crew = *self.crew_of.entry(of.needs.clone()).or_insert(next);
        if crew == next {
            self.crews.push(of.needs.clone());
        }
        let chance = match of.failure.chance {
            Figure::Known(chance) if known => chance,
            _ => f64::NAN,
        };
        let gate = match &of.act {
            ActModel::Gate(gate) => self.gates.push(gate.limits),
            _ => 0,
        };
        Brief {
            chance,
            crew,
            clock: of.clock.into(),
            window: of.window.into(),
            freezes: of.freezes.into(),
            link: of.link.into(),
            mover: of.mover.into(),
            unit: of.unit.into(),
            length,
            soak,
            failure,
            gate,
            act: match of.act {
                ActModel::Instant => ActKind::Instant,
                ActModel::Timed { working: true, .. } => ActKind::Working,
                ActModel::Timed { working: false, .. } => ActKind::Elapsed,
                ActModel::Transfer(_) => ActKind::Transfer,
                ActModel::Gate(_) => ActKind::Gate,
            },
            relay: of.relay,
            fails: of.fails,
            shifts: of.shifts,
            shifted: of.shifted,
            irreversible: of.irreversible,
            driven: of.driven,
            interrupts: !matches!(of.downtime, Sampler::Constant(long) if microseconds(long) == 0),
        }
    }
}

fn constant_length(of: &StepModel) -> Option<f64> {
    match &of.act {
        ActModel::Timed { seconds, .. } => constant(seconds, !of.driven),
        ActModel::Gate(gate) => constant(&gate.delay, true),
        ActModel::Instant | ActModel::Transfer(_) => None,
    }
}

/// The value that every trial has, in whole microseconds or in seconds.
fn constant(sampler: &Sampler, whole: bool) -> Option<f64> {
    let seconds = is_constant(sampler).then(|| sampler.sample(0.5))?;
    Some(if whole {
        super::whole_microseconds(seconds)
    } else {
        seconds
    })
}

fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

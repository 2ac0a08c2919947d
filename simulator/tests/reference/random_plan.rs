//! Small plans of every feature, the same ones for the same number.

use jiff::civil::date;
use whimbrel_plan::*;

use crate::common::{self, DAY, HOUR};

/// What a plan may contain; each later feature comes with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    Precedence,
    People,
    Calendars,
    Windows,
    Gates,
    Failures,
    Batches,
    Exposure,
    Money,
    Drivers,
    Uncertainty,
}

/// `SplitMix64`: Steele, Lea and Flood, *Fast splittable pseudorandom number generators* (2014).
pub struct Dice(u64);

impl Dice {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.word() % n as u64) as usize
    }

    /// Once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

pub struct Maker {
    pub dice: Dice,
    pub plan: Plan,
    feature: Feature,
    teams: Vec<TeamId>,
}

pub fn plan(number: u64, feature: Feature) -> Plan {
    let mut maker = Maker {
        dice: Dice(number.wrapping_mul(0x5851_F42D_4C95_7F2D)),
        plan: common::plan(),
        feature,
        teams: vec![],
    };
    maker.migration();
    maker.people();
    maker.limits();
    maker.inventory();
    maker.batches();
    maker.free_steps();
    maker.drivers();
    maker.money();
    maker.uncertainty();
    maker.plan
}

/// A plan with a window that does not come again, or a freeze that does not end.
pub fn late(number: u64) -> Plan {
    let mut plan = plan(number, Feature::Uncertainty);
    let mut dice = Dice(number);
    let start = plan.migration.start.to_zoned(jiff::tz::TimeZone::UTC);
    let day = |number: usize| start.date() + jiff::Span::new().days(number as i64);
    let from = day(1 + dice.below(15));
    if dice.one_in(2) {
        let window = WindowId::new(dice.below(plan.windows.len()));
        let to = day(16 + dice.below(15)).to_datetime(jiff::civil::Time::midnight());
        plan.windows[window].span = WindowSpan::Once {
            from: from.to_datetime(jiff::civil::Time::midnight()),
            to,
        };
    } else {
        plan.freezes.push(Freeze {
            name: "ever".to_owned(),
            zone: "UTC".to_owned(),
            from,
            to: date(2040, 1, 1),
            blocks: dice.pick(&[&[StepKind::Shift][..], &[]]).to_vec(),
        });
    }
    plan
}

impl Maker {
    pub fn has(&self, feature: Feature) -> bool {
        self.feature >= feature
    }

    fn migration(&mut self) {
        let starts = [
            "2027-01-11T00:00:00Z",
            "2027-03-10T15:30:00Z",
            "2026-10-22T07:12:34Z",
        ];
        let migration = &mut self.plan.migration;
        migration.start = self.dice.pick(&starts).parse().unwrap();
        if self.feature >= Feature::Exposure {
            migration.objectives = Objectives {
                sla: Some(self.dice.pick(&[0.99, 0.999])),
                sla_period: self.dice.pick(&[1.0, 30.0]) * DAY,
                rpo: Some(self.dice.pick(&[60.0, 3600.0])),
                rto: Some(self.dice.pick(&[1800.0, 4.0 * HOUR])),
            };
        }
    }

    fn people(&mut self) {
        if !self.has(Feature::People) {
            return;
        }
        if self.has(Feature::Calendars) {
            self.calendars();
        }
        for number in 0..1 + self.dice.below(3) {
            let calendar = (!self.plan.calendars.is_empty() && !self.dice.one_in(4))
                .then(|| CalendarId::new(self.dice.below(self.plan.calendars.len())));
            let team = common::team(&mut self.plan, 1 + self.dice.below(3) as u32, calendar);
            let made = &mut self.plan.inventory.teams[team];
            made.name = format!("team{number}");
            let rate = 50.0 + 25.0 * number as f64;
            made.rate_per_hour = (!self.dice.one_in(4)).then_some(rate.into());
            if self.dice.one_in(6) {
                made.engineers = None;
            }
            self.teams.push(team);
        }
    }

    fn calendars(&mut self) {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        for zone in [
            "UTC",
            "America/New_York",
            "Asia/Kolkata",
            "Australia/Sydney",
        ] {
            if self.dice.one_in(2) {
                continue;
            }
            let id = common::office(&mut self.plan, zone);
            let calendar = &mut self.plan.calendars[id];
            // Wide enough that any two have hours in common.
            calendar.hours = self.dice.pick(&[
                HoursRange {
                    from: 6 * 60,
                    to: 22 * 60,
                },
                HoursRange {
                    from: 5 * 60 + 30,
                    to: 23 * 60,
                },
                HoursRange {
                    from: 12 * 60,
                    to: 6 * 60,
                },
                HoursRange { from: 0, to: 1440 },
            ]);
            if self.dice.one_in(3) {
                calendar.days = vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun];
            }
            calendar.holidays = vec![date(2026, 10, 26), date(2027, 1, 13), date(2027, 3, 12)];
        }
    }

    fn limits(&mut self) {
        if !self.has(Feature::Windows) {
            return;
        }
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        let mut window = |name: &str, zone: &str, days: Vec<Weekday>, from, to| {
            self.plan.windows.push(Window {
                name: name.to_owned(),
                zone: zone.to_owned(),
                span: WindowSpan::Weekly {
                    days,
                    hours: HoursRange { from, to },
                },
            })
        };
        window("weekend", "Europe/Berlin", vec![Sat, Sun], 0, 1440);
        window(
            "nights",
            "America/New_York",
            vec![Mon, Tue, Wed, Thu, Fri],
            12 * 60,
            8 * 60,
        );
        let day = |number: usize| {
            self.plan
                .migration
                .start
                .to_zoned(jiff::tz::TimeZone::UTC)
                .date()
                + jiff::Span::new().days(number as i64)
        };
        let blocks = [
            vec![],
            vec![StepKind::Shift, StepKind::Cutover],
            vec![StepKind::Deploy],
        ];
        for (number, blocks) in blocks.into_iter().enumerate() {
            if self.dice.one_in(2) {
                continue;
            }
            let from = day(self.dice.below(12));
            let to = from + jiff::Span::new().days(self.dice.below(4) as i64);
            self.plan.freezes.push(Freeze {
                name: format!("f{number}"),
                zone: "Europe/Berlin".to_owned(),
                from,
                to,
                blocks,
            });
        }
    }

    fn law(&mut self, hours: f64) -> Distribution {
        let mean = hours * HOUR;
        match self.dice.below(9) {
            0..3 => Ok(Distribution::constant((hours * 4.0).ceil() / 4.0 * HOUR)),
            3 => Distribution::uniform(0.5 * mean, 1.5 * mean),
            4 => Distribution::triangular(0.5 * mean, mean, 2.0 * mean),
            5 => Distribution::pert(0.5 * mean, mean, 3.0 * mean),
            6 => Distribution::lognormal_quantiles(mean, 2.0 * mean),
            7 => Distribution::discrete(vec![(0.5 * mean, 0.7), (2.0 * mean, 0.3)]),
            _ => Distribution::exponential(mean),
        }
        .unwrap()
    }

    fn step(&mut self, name: &str, kind: StepKind, hours: f64, before: &[StepId]) -> StepId {
        let hours = hours * (0.25 + 2.0 * self.dice.unit());
        let law = self.law(hours);
        let id = common::step(&mut self.plan, name, Act::Elapsed(law), before);
        self.plan.steps[id].kind = kind;
        if self.dice.one_in(8) {
            self.plan.steps[id].act = Act::Instant;
        }
        if self.dice.one_in(4) {
            let soak = HOUR * (1.0 + self.dice.below(20) as f64 / 4.0);
            self.plan.steps[id].soak = soak.into();
        }
        if self.dice.one_in(12) {
            self.plan.steps[id].added = true;
        }
        self.staff(id);
        if self.has(Feature::Windows) && self.dice.one_in(5) {
            // Not every team works at weekends.
            let weekend = self.plan.steps[id].needs.is_empty() && self.dice.one_in(2);
            let weekend = weekend && self.plan.steps[id].calendars.is_empty();
            self.plan.steps[id].window = Some(WindowId::new(usize::from(!weekend)));
            self.shorten(id);
        }
        if self.has(Feature::Failures) {
            self.failure(id);
        }
        id
    }

    /// People, and the calendars of work. Links and gates need nobody.
    fn staff(&mut self, id: StepId) {
        if self.teams.is_empty() || self.dice.one_in(3) {
            return;
        }
        let team = self.dice.pick(&self.teams);
        let engineers = self.plan.inventory.teams[team].engineers.unwrap_or(4);
        let count = 1 + self.dice.below(engineers as usize) as u32;
        let step = &mut self.plan.steps[id];
        step.team = Some(team);
        let calendar = self.plan.inventory.teams[team].calendar;
        step.calendars = calendar.into_iter().collect();
        if !self.dice.one_in(5) {
            step.needs = vec![PeopleNeed { team, count }];
        }
        let other = self.dice.pick(&self.teams);
        if other != team && self.dice.one_in(4) && !step.needs.is_empty() {
            step.needs.push(PeopleNeed {
                team: other,
                count: 1,
            });
            step.needs.sort_by_key(|need| need.team);
            let calendar = self.plan.inventory.teams[other].calendar;
            step.calendars.extend(calendar);
            step.calendars.sort();
            step.calendars.dedup();
        }
        if let (Act::Elapsed(law), false) = (step.act.clone(), self.dice.one_in(3)) {
            step.act = Act::Working(law);
            self.relay(id);
        }
    }

    /// Teams that relieve one another, more often when there are two.
    fn relay(&mut self, id: StepId) {
        let teams = &self.plan.inventory.teams;
        let step = &self.plan.steps[id];
        let always = step
            .needs
            .iter()
            .any(|need| teams[need.team].calendar.is_none());
        let odds = if step.needs.len() > 1 { 2 } else { 6 };
        if !self.has(Feature::Calendars) || step.needs.is_empty() || !self.dice.one_in(odds) {
            return;
        }
        let step = &mut self.plan.steps[id];
        step.relay = true;
        if always {
            step.calendars.clear();
        }
    }

    /// An act in a window must fit at its P90; it may overrun it.
    fn shorten(&mut self, id: StepId) {
        let step = &mut self.plan.steps[id];
        if let Act::Elapsed(_) | Act::Working(_) = step.act {
            let law =
                Distribution::discrete(vec![(0.5 * HOUR, 0.5), (HOUR, 0.45), (30.0 * HOUR, 0.05)]);
            step.act = match step.act {
                Act::Working(_) => Act::Working(law.unwrap()),
                _ => Act::Elapsed(law.unwrap()),
            };
        }
    }

    fn failure(&mut self, id: StepId) {
        let chance = self.dice.pick(&[0.0, 0.0, 0.1, 0.3, 0.6]);
        let detect = self.law(0.5);
        let undo_takes = self.law(0.3);
        let fix = self.law(4.0);
        let escalate = self.law(20.0);
        let failure = &mut self.plan.steps[id].failure;
        failure.chance = chance.into();
        failure.detect = detect;
        failure.undo_takes = undo_takes;
        failure.fix = fix;
        failure.escalate = escalate;
        failure.learning = self.dice.pick(&[1.0, 0.5, 0.8]).into();
        failure.attempts = self.dice.pick(&[1, 2, 3]);
        failure.severity = self.dice.pick(&[1.0, 0.5, 0.05]).into();
        if self.dice.one_in(4) {
            failure.detect = Distribution::constant(0.0);
        }
        if self.dice.one_in(4) {
            failure.fix = Distribution::constant(0.0);
        }
        if self.dice.one_in(6) {
            failure.chance = 0.0.into();
            failure.hazard = Some((self.dice.pick(&[0.05, 0.2]) / HOUR).into());
        }
        if self.plan.steps[id].added {
            self.plan.steps[id].failure.chance = 0.0.into();
            self.plan.steps[id].failure.hazard = None;
        }
    }

    fn batches(&mut self) {
        if !self.has(Feature::Failures) {
            return;
        }
        let inventory = &self.plan.inventory;
        let services = inventory.services.ids().map(Node::Service);
        let resources = inventory.resources.ids().map(Node::Resource);
        let mut nodes: Vec<Node> = services.chain(resources).collect();
        let mut before: Vec<StepId> = vec![];
        while !nodes.is_empty() {
            let number = self.plan.batches.len();
            let mode = self.dice.pick(&[
                BatchMode::Sequential,
                BatchMode::Parallel,
                BatchMode::Parallel,
            ]);
            let mut batch = common::batch(&format!("b{number}"), mode);
            batch.isolate = mode == BatchMode::Sequential || self.dice.one_in(3);
            if self.has(Feature::Batches) {
                batch.at_once = self.dice.one_in(3).then_some(1);
            } else {
                batch.isolate = true;
            }
            let id = self.plan.batches.push(batch);
            let taken = nodes.split_off(self.dice.below(nodes.len()));
            before = self.members(id, taken, &before);
        }
    }

    /// The units of a batch, one after another in a sequential one; returns their cutovers.
    fn members(&mut self, batch: BatchId, nodes: Vec<Node>, before: &[StepId]) -> Vec<StepId> {
        let mut cutovers = vec![];
        for node in nodes {
            let start = match (self.plan.batches[batch].mode, cutovers.last()) {
                (BatchMode::Sequential, Some(&last)) => vec![last],
                _ => before.to_vec(),
            };
            cutovers.push(self.mover(node, batch, &start));
        }
        cutovers
    }

    fn mover(&mut self, node: Node, batch: BatchId, before: &[StepId]) -> StepId {
        let name = self.plan.name(node).to_owned();
        let named = |part: &str| format!("{name}/{part}");
        let deploy = self.step(&named("deploy"), StepKind::Deploy, 6.0, before);
        let mut steps = vec![deploy];
        if let Node::Resource(resource) = node {
            steps.push(self.copy(&named("copy"), resource, deploy));
        }
        if self.has(Feature::Gates) && self.dice.one_in(2) {
            steps.push(self.gate(&named("go"), *steps.last().unwrap()));
        }
        let first = self.shift(&named("shift_1"), 0.1, &mut steps);
        if self.dice.one_in(2) {
            let last = *steps.last().unwrap();
            steps.push(self.step(&named("validate"), StepKind::Validate, 2.0, &[last]));
        }
        if self.has(Feature::Gates) && self.dice.one_in(3) {
            steps.push(self.gate(&named("widen"), *steps.last().unwrap()));
        }
        if self.dice.one_in(2) {
            self.shift(&named("shift_2"), 0.5, &mut steps);
        }
        let cutover = self.shift(&named("shift_3"), 1.0, &mut steps);
        if self.dice.one_in(2) {
            self.plan.steps[cutover].kind = StepKind::Cutover;
            self.plan.steps[cutover].downtime = 900.0.into();
        }
        let remove = self
            .dice
            .one_in(2)
            .then(|| self.step(&named("remove"), StepKind::Decommission, 5.0, &[cutover]));
        if let Some(remove) = remove {
            self.plan.steps[remove].irreversible = true;
            steps.push(remove);
        }
        self.retries(&steps);
        let copies = self.copies(&steps);
        let share = self.dice.one_in(3) && self.plan.batches[batch].mode == BatchMode::Parallel;
        common::mover(&mut self.plan, node, batch, &steps, first);
        let units = &mut self.plan.batches[batch].units;
        if share && units.len() > 1 {
            let unit = units.pop().unwrap();
            units.last_mut().unwrap().members.extend(unit.members);
        }
        let unit = units.len() - 1;
        let mover = self.plan.movers.last_mut().unwrap();
        mover.unit = unit;
        mover.cutover = cutover;
        mover.decommission = remove;
        mover.copies = copies;
        cutover
    }

    fn copies(&mut self, steps: &[StepId]) -> Vec<StandingCopy> {
        let mut copies = vec![];
        for lag in [120.0, 30.0] {
            if self.dice.one_in(3) {
                copies.push(StandingCopy {
                    lag,
                    from: self.dice.pick(steps),
                    until: self.dice.one_in(2).then(|| self.dice.pick(steps)),
                });
            }
        }
        copies
    }

    fn retries(&mut self, steps: &[StepId]) {
        for (at, &step) in steps.iter().enumerate() {
            if self.dice.one_in(3) {
                self.plan.steps[step].retry_from = steps[self.dice.below(at + 1)];
            }
        }
    }

    fn shift(&mut self, name: &str, weight: f64, steps: &mut Vec<StepId>) -> StepId {
        let id = self.step(name, StepKind::Shift, 1.0, &[*steps.last().unwrap()]);
        self.plan.steps[id].weight = Some(weight);
        self.plan.steps[id].added = false;
        if self.dice.one_in(2) {
            let soak = HOUR * (2.0 + self.dice.below(24) as f64);
            self.plan.steps[id].soak = soak.into();
        }
        steps.push(id);
        id
    }

    fn copy(&mut self, name: &str, resource: ResourceId, before: StepId) -> StepId {
        let id = self.step(name, StepKind::Bootstrap, 1.0, &[before]);
        let size = 1e11 * (1 + self.dice.below(40)) as f64;
        let step = &mut self.plan.steps[id];
        step.window = None;
        step.subject = Subject::Resource(resource);
        step.act = Act::Transfer(Transfer {
            link: Some(LinkId::new(0)),
            size: size.into(),
            change_rate: 1e6.into(),
            throughput: self.dice.one_in(2).then_some(7e7.into()),
        });
        id
    }

    fn gate(&mut self, name: &str, before: StepId) -> StepId {
        let takes = self.law(3.0);
        let escalate = self.law(10.0);
        let id = common::step(&mut self.plan, name, Act::Instant, &[before]);
        let approve = (!self.dice.one_in(3)).then(|| {
            let team = (!self.teams.is_empty()).then(|| self.dice.pick(&self.teams));
            self.plan.roles.push(Role {
                name: name.to_owned(),
                doc: None,
                who: None,
                backup: None,
                team,
            })
        });
        let step = &mut self.plan.steps[id];
        step.kind = StepKind::Gate;
        step.failure.escalate = escalate;
        step.gate = Some(Gate {
            approve,
            not_by: None,
            when: vec![],
            takes: (!self.dice.one_in(3)).then_some(takes),
            within: 4.0 * HOUR,
            otherwise: self.dice.pick(&[NoAnswer::Stop, NoAnswer::Undo]),
            max_hold: self.dice.one_in(3).then_some(5.0 * HOUR),
        });
        id
    }

    /// Steps of the migration itself, after one another or after anything.
    fn free_steps(&mut self) {
        let most = 25_usize.saturating_sub(self.plan.steps.len());
        let wanted = 5_usize.saturating_sub(self.plan.steps.len());
        let count = wanted.max(1 + self.dice.below(most.max(1))).min(12);
        for number in 0..count {
            let so_far = self.plan.steps.len();
            let mut before: Vec<StepId> = vec![];
            for _ in 0..self.dice.below(4) {
                if so_far > 0 {
                    before.push(StepId::new(self.dice.below(so_far)));
                }
            }
            before.sort();
            before.dedup();
            self.step(&format!("prep{number}"), StepKind::Prepare, 8.0, &before);
        }
        if self.has(Feature::Gates) && !self.has(Feature::Failures) {
            let before = StepId::new(self.dice.below(self.plan.steps.len()));
            let gate = self.gate("prep/go", before);
            self.step("prep/after", StepKind::Prepare, 8.0, &[gate]);
        }
    }

    fn drivers(&mut self) {
        if !self.has(Feature::Drivers) {
            return;
        }
        for number in 0..self.dice.below(4) {
            let affects = self
                .dice
                .pick(&[DriverEffect::Duration, DriverEffect::Failure]);
            let ids: Vec<StepId> = self.plan.steps.ids().collect();
            let steps = ids.into_iter().filter(|_| self.dice.one_in(2)).collect();
            self.plan.drivers.push(Driver {
                name: format!("d{number}"),
                doc: None,
                chance: self.dice.pick(&[0.3, 0.7, 1.0]).into(),
                factor: Distribution::uniform(0.5, 2.5).unwrap(),
                steps,
                affects,
            });
        }
    }
}

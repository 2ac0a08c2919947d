//! Shifts that relieve one another.

use whimbrel_plan::*;

use crate::trial::{Phase, Trial};

impl Trial<'_> {
    /// The first team of a relay that is there and has its people free.
    pub fn next_shift(&self, id: StepId) -> Option<PeopleNeed> {
        let mut needs = self.setup.needs(id).iter();
        let comes = |need: &&PeopleNeed| {
            self.setup.team_hours(need.team).at(self.now)
                && self.has_people(std::slice::from_ref(*need))
        };
        let relay = self.setup.is_relay(id);
        needs.find(comes).filter(|_| relay).cloned()
    }

    /// When a team that is at work since then goes home.
    pub fn goes_home(&self, need: &PeopleNeed, since: i64) -> i64 {
        let hours = self.setup.team_hours(need.team);
        hours.span(since).unwrap().1
    }

    /// A relay that nobody is at goes on with the next shift; whether it did.
    pub fn take_over(&mut self, id: StepId) -> bool {
        let Phase::Relay {
            left,
            shift: None,
            closes,
        } = *self.phase(id)
        else {
            return false;
        };
        let Some(need) = self.next_shift(id) else {
            return false;
        };
        self.take_people(std::slice::from_ref(&need));
        let shift = Some((need, self.now));
        *self.phase(id) = Phase::Relay {
            left,
            shift,
            closes,
        };
        true
    }

    /// The team at work leaves; its hours are billed.
    pub fn pass_on(&mut self, id: StepId) {
        let Phase::Relay {
            left,
            shift: Some((need, since)),
            closes,
        } = self.phase(id).clone()
        else {
            return;
        };
        let people = std::slice::from_ref(&need);
        self.give_back(people);
        self.bill_act(id, people, self.now - since);
        *self.phase(id) = Phase::Relay {
            left: left - (self.now - since),
            shift: None,
            closes,
        };
    }
}

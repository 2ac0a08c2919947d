//! What gates are asked, and what they answer.

use whimbrel_plan::*;

use crate::philox::Purpose;
use crate::setup::micros;
use crate::trial::{Answer, Phase, Trial};

impl Trial<'_> {
    /// A question to a gate: its answer, or what follows when there is none in time.
    pub fn ask(&mut self, id: StepId) {
        let now = self.now;
        let setup = self.setup;
        let step = setup.step(id);
        let gate = step.gate.as_ref().unwrap();
        let state = &mut self.steps[id.index()];
        state.asked += 1;
        let (attempt, since) = (state.asked, state.asked_since.unwrap());
        if attempt > 20 {
            self.unfinished = true;
        }
        let hours = setup.approvers_hours(gate);
        let name = format!("gate/{}", step.name);
        let delay = micros(setup.draw(&setup.answer(gate), &name, Purpose::Gate, attempt));
        let (ends, answer) = if delay <= micros(gate.within) {
            (hours.advance(now, delay), Answer::Yes)
        } else if gate.otherwise == NoAnswer::Undo {
            (hours.advance(now, micros(gate.within)), Answer::Undo)
        } else {
            (hours.advance(now, micros(gate.within)), Answer::Silence)
        };
        *self.phase(id) = self.unless_held_too_long(id, since, ends, answer);
    }

    fn unless_held_too_long(&self, id: StepId, since: i64, ends: i64, answer: Answer) -> Phase {
        let gate = self.setup.step(id).gate.as_ref().unwrap();
        let holds = self
            .setup
            .mover(id)
            .is_some_and(|mover| self.weights[mover] > 0.0);
        match gate.max_hold {
            Some(most) if holds && since + micros(most) < ends => Phase::Asked {
                ends: since + micros(most),
                answer: Answer::Undo,
            },
            _ => Phase::Asked { ends, answer },
        }
    }

    pub fn answered(&mut self, id: StepId, answer: Answer) {
        match answer {
            Answer::Yes => {
                self.act_ends(id);
            }
            Answer::Silence => {
                let state = &self.steps[id.index()];
                let step = self.setup.step(id);
                let name = format!("gate/{}", step.name);
                let law = &step.failure.escalate;
                let delay = self
                    .setup
                    .draw(law, &name, Purpose::Escalation, state.asked);
                let (since, ends) = (state.asked_since.unwrap(), self.now + micros(delay));
                *self.phase(id) = self.unless_held_too_long(id, since, ends, Answer::AskAgain);
            }
            Answer::AskAgain => self.ask(id),
            Answer::Undo => unreachable!("a rollback is detected"),
        }
    }
}

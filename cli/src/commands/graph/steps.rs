//! The steps of a plan as a picture.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_plan::{BatchId, Plan, Step, StepId, StepKind, Subject};

use super::picture::{Arrow, Frame, Kind, Picture, Shape, Vertex, short, shown};

/// What is done after what: a frame for each batch, in it one for what moves.
pub fn picture(plan: &Plan) -> Picture {
    let mut frames = Frames::default();
    let boxes = plan
        .steps
        .values()
        .map(|step| draw(plan, step, &mut frames));
    let boxes = boxes.collect();
    Picture {
        title: shown(&plan.title()),
        boxes,
        frames: frames.all,
        in_turn: false,
        gap: 0.3,
        arrows: arrows(plan),
        reading: "then",
        left_out: None,
    }
}

fn draw(plan: &Plan, step: &Step, frames: &mut Frames) -> Vertex {
    let subject = match &step.subject {
        Subject::Service(id) => plan.inventory.services[*id].name.clone(),
        Subject::Resource(id) => plan.inventory.resources[*id].name.clone(),
        Subject::Migration(name) => name.clone(),
    };
    let prefix = format!("{subject}/");
    let within = step.name.strip_prefix(&prefix);
    let frame = step.batch.map(|batch| {
        let batch = frames.of_batch(batch, &plan.batches[batch].name);
        within.map_or(batch, |_| frames.of_subject(batch, &subject))
    });
    // What stands in no frame of its subject says whose it is.
    let label = if frame.is_some() { within } else { None };
    Vertex {
        label: short(label.unwrap_or(&step.name)),
        name: step.name.clone(),
        detail: None,
        shape: match step.kind {
            StepKind::Gate => Shape::Gate,
            _ => Shape::Step,
        },
        stays: false,
        on_cycle: false,
        sought: false,
        frame,
        batch: step.batch.map(|batch| plan.batches[batch].name.clone()),
        of: Some(subject),
    }
}

#[derive(Default)]
struct Frames {
    all: Vec<Frame>,
    batches: BTreeMap<BatchId, usize>,
    subjects: BTreeMap<(usize, String), usize>,
}

impl Frames {
    fn of_batch(&mut self, batch: BatchId, name: &str) -> usize {
        let next = self.all.len();
        let at = *self.batches.entry(batch).or_insert(next);
        if at == next {
            self.all.push(Frame {
                name: shown(name),
                within: None,
            });
        }
        at
    }

    fn of_subject(&mut self, batch: usize, subject: &str) -> usize {
        let next = self.all.len();
        let at = self.subjects.entry((batch, subject.to_owned()));
        let at = *at.or_insert(next);
        if at == next {
            self.all.push(Frame {
                name: shown(subject),
                within: Some(batch),
            });
        }
        at
    }
}

/// From each step to those that follow it, but for what follows already from a step between.
fn arrows(plan: &Plan) -> Vec<Arrow> {
    let path = plan.critical_path.iter();
    let critical: BTreeSet<(StepId, StepId)> =
        path.clone().copied().zip(path.skip(1).copied()).collect();
    let name = |id: StepId| shown(&plan.steps[id].name);
    let arrow = |from: StepId, to: StepId| Arrow {
        from: whimbrel_plan::Id::index(from),
        to: whimbrel_plan::Id::index(to),
        both: false,
        kind: if critical.contains(&(from, to)) {
            Kind::Critical
        } else {
            Kind::Plain
        },
        hidden: false,
        told: format!("{} then {}", name(from), name(to)),
    };
    let steps = plan.steps.iter();
    let all = steps.flat_map(|(to, step)| {
        let implied: BTreeSet<StepId> = step
            .predecessors
            .iter()
            .flat_map(|before| &plan.steps[*before].predecessors)
            .copied()
            .collect();
        let needed = step.predecessors.iter().copied();
        needed
            .filter(move |before| !implied.contains(before))
            .map(move |before| arrow(before, to))
    });
    all.collect()
}

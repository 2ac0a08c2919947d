//! One draft to one step: durations resolved with the calendars of those who do it.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use whimbrel_lang::{Diagnostic, Dimension, Span};
use whimbrel_plan::{
    Act, Action, Argument, CalendarId, Call, Distribution, Failure, Gate, LinkId, NoAnswer, Node,
    PeopleNeed, PlatformId, RoleId, Step, StepId, StepKind, Subject, TeamId, Transfer, Work,
};

use super::inventory::{Built, Ids};
use super::movers::{MoverDraft, ends, executor};
use super::statics;
use super::templates::{Draft, Expansion, Template, with_name};
use crate::check::law::Law;
use crate::check::object::Object;
use crate::check::typed::{Typed, VerbCall};
use crate::codes;
use crate::executors::{Executors, argument};
use crate::top::Top;

/// The default chance that a shift fails: five shifts in each of forty services then give about
/// the 60 to 70 % of migrations with an incident that the field reports.
const SHIFT_FAILS: f64 = 0.005;
const DAY: f64 = 86_400.0;

/// What lowering a draft needs.
pub(crate) struct Lowering<'a> {
    pub built: &'a Built<'a>,
    pub executors: &'a Executors,
    pub roles: &'a FxHashMap<Rc<str>, RoleId>,
    pub found: &'a mut Vec<Diagnostic>,
    /// The steps of services by what decides them, before they have names.
    pub known: FxHashMap<Likeness, Rc<Vec<Step>>>,
}

/// What decides the steps of a service but for its name: the template, by its address, the team
/// and the platforms.
type Likeness = (
    *const Template,
    Option<TeamId>,
    (Option<PlatformId>, Option<PlatformId>),
);

/// What a step does and for whom, before its predecessors are known.
pub(crate) struct Frame {
    pub name: String,
    pub subject: Subject,
    pub node: Option<Node>,
    pub team: Option<TeamId>,
}

impl Lowering<'_> {
    /// The steps of each mover in the order of its pattern, alone: neither batches nor other movers
    /// have come into them.
    pub fn movers(&mut self, movers: &[MoverDraft]) -> Vec<Vec<Step>> {
        let steps = |mover| self.mover(mover);
        movers.iter().map(steps).collect()
    }

    /// The steps of each phase in the order of the text, alone; `drafts` are those of phases that have a
    /// pattern.
    pub fn phases(&mut self, top: &Top, drafts: &FxHashMap<String, Expansion>) -> Vec<Vec<Step>> {
        let steps = |phase: &Object| match drafts.get(phase.name()) {
            Some(expansion) => {
                let drafts = expansion.drafts().iter();
                let step = |draft: &Draft| {
                    let frame = self.frame_of_phase(phase, Some(draft.object.name()));
                    self.drafted(draft, &frame)
                };
                drafts.map(step).collect()
            }
            None => {
                let frame = self.frame_of_phase(phase, None);
                vec![self.step(phase, StepKind::Prepare, &frame)]
            }
        };
        top.of("phase").map(steps).collect()
    }

    fn frame_of_phase(&self, phase: &Object, step: Option<&str>) -> Frame {
        let mut name = format!("phase/{}", phase.name());
        if let Some(step) = step {
            name = format!("{name}/{step}");
        }
        Frame {
            name,
            subject: Subject::Migration(phase.name().to_owned()),
            node: None,
            team: self.team_needed(phase),
        }
    }

    /// The first team that something needs people of.
    pub fn team_needed(&self, object: &Object) -> Option<TeamId> {
        let needs = people_needs(&self.built.ids, object.people("needs")?);
        needs.first().map(|need| need.team)
    }

    fn mover(&mut self, mover: &MoverDraft) -> Vec<Step> {
        let Node::Service(id) = mover.node else {
            let steps = self.drafts(mover);
            return steps.iter().map(|step| named(step, mover)).collect();
        };
        let likeness = (
            Rc::as_ptr(&mover.expansion.template),
            self.built.inventory.services[id].team,
            ends(self.built, mover.node),
        );
        let steps = match self.known.get(&likeness) {
            Some(known) => Rc::clone(known),
            None => {
                let steps = Rc::new(self.drafts(mover));
                self.known.insert(likeness, Rc::clone(&steps));
                steps
            }
        };
        steps.iter().map(|step| named(step, mover)).collect()
    }

    /// The steps of a mover's drafts, called as in its pattern.
    fn drafts(&mut self, mover: &MoverDraft) -> Vec<Step> {
        let drafts = mover.expansion.drafts().iter().enumerate();
        let steps = drafts.map(|(index, draft)| {
            let frame = Frame {
                name: draft.object.name().to_owned(),
                subject: subject(mover.node),
                node: Some(mover.node),
                team: self.team_of(mover.node),
            };
            let mut step = self.drafted(draft, &frame);
            let all = (index == mover.cutover).then_some(1.0);
            step.weight = draft.weight().or(all);
            step
        });
        steps.collect()
    }

    /// The step of a draft.
    pub fn drafted(&mut self, draft: &Draft, frame: &Frame) -> Step {
        let mut step = self.step(&draft.object, draft.kind(), frame);
        if draft.is_gate() {
            step.gate = Some(self.gate(&draft.object));
        }
        step
    }

    fn team_of(&self, node: Node) -> Option<TeamId> {
        match node {
            Node::Service(id) => self.built.inventory.services[id].team,
            Node::Resource(id) => self.built.inventory.resources[id].team,
        }
    }

    /// The step that an object with the attributes of a step makes.
    pub fn step(&mut self, object: &Object, kind: StepKind, frame: &Frame) -> Step {
        // How long a gate takes is its answer's delay, not an act.
        let takes = if kind == StepKind::Gate {
            None
        } else {
            object.law("takes")
        };
        let takes = takes.or_else(|| object.law("effort")).cloned();
        let working = takes
            .as_ref()
            .is_some_and(|law| law.dimension() == Dimension::WORKING);
        let needs = self.needs(object, frame.team, working);
        let calendars = calendars(self.built, &needs, frame.team, working);
        let hours = self.working_day(&calendars);
        let act = match takes {
            Some(law) if working => Act::Working(self.resolve(&law, hours, object.place("takes"))),
            Some(law) => Act::Elapsed(self.resolve(&law, hours, object.place("takes"))),
            None => self.transfer(object, frame.node),
        };
        let relay = self.relay(object, &act, &needs);
        let always = |need: &PeopleNeed| self.built.inventory.teams[need.team].calendar.is_none();
        let calendars = if relay && needs.iter().any(always) {
            Vec::new()
        } else {
            calendars
        };
        let action = |name| {
            let call = object.action(name)?;
            Some(self.action(call, frame.node))
        };
        let (act_of, verify, undo) = (action("does"), action("verify"), action("undo"));
        let work = Work {
            doc: object.doc.clone(),
            kind,
            added: false,
            act,
            team: needs.first().map(|need| need.team).or(frame.team),
            needs,
            relay,
            calendars,
            soak: object.amount("soak").unwrap_or(0.0.into()),
            every: object.number("every"),
            failure: self.failure(object, kind, frame.team),
            downtime: object.amount("downtime").unwrap_or(0.0.into()),
            window: object
                .reference("within")
                .and_then(|window| self.built.ids.windows.get(&window.name).copied()),
            load: object.number("load"),
            dns_ttl: object.number("dns_ttl"),
            irreversible: object.flag("irreversible").unwrap_or(false),
            owner: self.role(object, "owner"),
            weight: None,
            gate: None,
        };
        // What it goes again from is set once the steps have ids.
        let step = Step::new(&*frame.name, frame.subject.clone(), work, StepId::new(0));
        Step {
            action: act_of,
            verify,
            undo,
            ..step
        }
    }

    fn role(&self, object: &Object, name: &str) -> Option<RoleId> {
        object
            .reference(name)
            .and_then(|role| self.roles.get(&role.name).copied())
    }

    fn needs(&self, object: &Object, team: Option<TeamId>, working: bool) -> Vec<PeopleNeed> {
        match (object.people("needs"), team) {
            (Some(people), _) => people_needs(&self.built.ids, people),
            (None, Some(team)) if working => vec![PeopleNeed { team, count: 1 }],
            _ => Vec::new(),
        }
    }

    /// Whether shifts relieve one another. They pass work on: what runs by itself needs nobody to.
    fn relay(&mut self, object: &Object, act: &Act, needs: &[PeopleNeed]) -> bool {
        if object.flag("relay") != Some(true) {
            return false;
        }
        let (message, help) = match act {
            Act::Working(_) if !needs.is_empty() => return true,
            Act::Working(_) => (
                "nobody can relieve anybody here: the step has no `needs`",
                "name the teams, such as `needs = [1 of london, 1 of sydney]`",
            ),
            _ => (
                "shifts relieve one another in work, and this takes no working time",
                "say how much work it is, such as `takes = 48wh`, or leave `relay` out",
            ),
        };
        self.found.push(
            Diagnostic::error(codes::OUT_OF_RANGE, object.place("relay"), message).help(help),
        );
        false
    }

    fn working_day(&self, calendars: &[CalendarId]) -> f64 {
        calendars
            .first()
            .map_or(24.0, |id| self.built.calendars[*id].hours_per_day())
    }

    fn resolve(&mut self, law: &Law, hours: f64, span: Span) -> Distribution {
        law.resolve(hours).unwrap_or_else(|error| {
            self.found.push(
                Diagnostic::error(
                    codes::IMPOSSIBLE_DISTRIBUTION,
                    span,
                    format!("with a working day of {hours} h this is no distribution: {error}"),
                )
                .help("use one unit, `wh` or `wd`, for all its parameters"),
            );
            Distribution::constant(0.0)
        })
    }

    fn law(&mut self, object: &Object, name: &str, hours: f64) -> Option<Distribution> {
        let law = object.law(name)?.clone();
        Some(self.resolve(&law, hours, object.place(name)))
    }

    fn failure(&mut self, object: &Object, kind: StepKind, team: Option<TeamId>) -> Failure {
        let hours = team
            .and_then(|team| self.built.inventory.teams[team].calendar)
            .map_or(24.0, |id| self.built.calendars[id].hours_per_day());
        let hazard = object.amount("hazard");
        let default = if kind == StepKind::Shift && hazard.is_none() {
            SHIFT_FAILS
        } else {
            0.0
        };
        let zero = || Distribution::constant(0.0);
        Failure {
            chance: object.amount("fails").unwrap_or(default.into()),
            hazard,
            severity: object.amount("severity").unwrap_or(1.0.into()),
            detect: self.law(object, "detect", 24.0).unwrap_or_else(zero),
            undo_takes: self.law(object, "undo_takes", 24.0).unwrap_or_else(zero),
            fix: self.law(object, "fix", hours).unwrap_or_else(zero),
            learning: object.amount("learning").unwrap_or(1.0.into()),
            attempts: object.whole("attempts").unwrap_or(3),
            escalate: self
                .law(object, "escalate", 24.0)
                .unwrap_or_else(escalation),
        }
    }

    fn gate(&mut self, object: &Object) -> Gate {
        Gate {
            approve: self.role(object, "approve"),
            not_by: object.text("not_by"),
            when: match object.get("when") {
                Some(Typed::Conditions(conditions)) => conditions.clone(),
                _ => Vec::new(),
            },
            takes: self.law(object, "takes", 24.0),
            within: object.number("within").unwrap_or(0.0),
            otherwise: match object.choice("else") {
                Some("undo") => NoAnswer::Undo,
                _ => NoAnswer::Stop,
            },
            max_hold: object.number("max_hold"),
        }
    }

    /// A verb as the plan carries it.
    pub fn action(&self, call: &VerbCall, node: Option<Node>) -> Action {
        let arguments: IndexMap<String, Argument> = call
            .arguments
            .iter()
            .map(|(name, value)| {
                let row = call.verb.parameters.iter().find(|row| row.name == *name);
                let ty = row.map_or(crate::schema::Type::Any, |row| row.ty);
                ((*name).to_owned(), argument(ty, &value.value))
            })
            .collect();
        let on = node.filter(|_| call.verb.subject);
        let call = Call {
            verb: call.verb.name.to_owned(),
            arguments,
            executor: executor(self.built, self.executors, node, call),
        };
        Action::new(on, call)
    }

    /// A copy of all data takes as long as the data and the link say.
    fn transfer(&mut self, object: &Object, node: Option<Node>) -> Act {
        let copies = object
            .action("does")
            .is_some_and(|call| matches!(call.verb.name, "data.bootstrap" | "data.backfill"));
        let (true, Some(Node::Resource(id))) = (copies, node) else {
            return Act::Instant;
        };
        let resource = &self.built.inventory.resources[id];
        let Some(size) = resource.size.clone() else {
            return Act::Instant;
        };
        let transfer = Transfer {
            link: self.link(Node::Resource(id)),
            size,
            change_rate: resource.change_rate.clone().unwrap_or(0.0.into()),
            throughput: resource.throughput.clone(),
        };
        let Some(rate) = statics::durations(self.built).rate(&transfer) else {
            return Act::Instant;
        };
        let changed = transfer.change_rate.mean();
        if rate <= changed {
            let name = &resource.name;
            let span = self
                .built
                .span(Node::Resource(id), "change_rate")
                .unwrap_or(object.span);
            self.found.push(
                Diagnostic::error(
                    codes::DIVERGING_TRANSFER,
                    span,
                    format!(
                        "the copy of `{name}` never catches up: {:.3} MB/s change, {:.3} MB/s are copied",
                        changed / 1e6,
                        rate / 1e6
                    ),
                )
                .help("a faster link or engine, fewer transfers at once, or shipping on media"),
            );
            return Act::Instant;
        }
        Act::Transfer(transfer)
    }

    fn link(&self, node: Node) -> Option<LinkId> {
        let (on, to) = ends(self.built, node);
        self.built.ids.links.get(&(on?, to?)).copied()
    }
}

fn subject(node: Node) -> Subject {
    match node {
        Node::Service(id) => Subject::Service(id),
        Node::Resource(id) => Subject::Resource(id),
    }
}

/// A step of a template as that of a mover.
fn named(step: &Step, mover: &MoverDraft) -> Step {
    let action = |action: &Option<Action>| {
        let mut action = action.clone()?;
        action.on = action.on.map(|_| mover.node);
        if action.verb == "manual" {
            let texts = action.arguments.values_mut();
            texts.for_each(|value| give_name(value, &mover.name));
        }
        Some(action)
    };
    Step {
        name: [&*mover.name, "/", &*step.name].concat(),
        subject: subject(mover.node),
        batch: None,
        action: action(&step.action),
        verify: action(&step.verify),
        undo: action(&step.undo),
        retry_from: step.retry_from,
        predecessors: Vec::new(),
        work: Arc::clone(&step.work),
    }
}

fn give_name(value: &mut Argument, name: &str) {
    match value {
        Argument::Text(text) => {
            if let Some(real) = with_name(text, name) {
                *text = real;
            }
        }
        Argument::List(values) => values.iter_mut().for_each(|value| give_name(value, name)),
        _ => {}
    }
}

/// People by team, ascending.
pub(crate) fn people_needs(
    ids: &Ids,
    people: &[(u32, crate::check::names::Reference)],
) -> Vec<PeopleNeed> {
    let mut needs: Vec<PeopleNeed> = Vec::new();
    for (count, team) in people {
        let Some(team) = ids.teams.get(&team.name).copied() else {
            continue;
        };
        match needs.iter_mut().find(|need| need.team == team) {
            Some(need) => need.count += count,
            None => needs.push(PeopleNeed {
                team,
                count: *count,
            }),
        }
    }
    needs.sort_by_key(|need| need.team);
    needs
}

/// The calendars of everyone needed; of the owning team when work needs nobody in particular.
fn calendars(
    built: &Built<'_>,
    needs: &[PeopleNeed],
    team: Option<TeamId>,
    working: bool,
) -> Vec<CalendarId> {
    let teams: Vec<TeamId> = if needs.is_empty() && working {
        team.into_iter().collect()
    } else {
        needs.iter().map(|need| need.team).collect()
    };
    let mut out: Vec<CalendarId> = teams
        .into_iter()
        .filter_map(|team| built.inventory.teams[team].calendar)
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The default delay until an owner decides on an escalation: pert(1d, 3d, 10d).
pub(crate) fn escalation() -> Distribution {
    Distribution::pert(DAY, 3.0 * DAY, 10.0 * DAY)
        .unwrap_or_else(|_| Distribution::constant(3.0 * DAY))
}

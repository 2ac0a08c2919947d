//! Where everything in the plan was written, for the rules' messages.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use whimbrel_lang::Span;
use whimbrel_plan::{
    BatchId, BridgeId, CalendarId, DriverId, FreezeId, LinkId, PlatformId, RelationId, ResourceId,
    RoleId, ServiceId, StepId, TeamId, WindowId,
};

use crate::check::object::Object;

/// Something that has a place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each variant is the plan's entity of that name"
)]
pub enum Entity {
    Migration,
    /// The `objective` block, or the migration without one.
    Objective,
    Checklist,
    Automation,
    Retrospective,
    Audit,
    Platform(PlatformId),
    Link(LinkId),
    Team(TeamId),
    Calendar(CalendarId),
    Freeze(FreezeId),
    Window(WindowId),
    Service(ServiceId),
    Resource(ResourceId),
    Relation(RelationId),
    Batch(BatchId),
    /// What the user wrote that made the step: its own `step`, else the `move`.
    Step(StepId),
    /// Where the pattern defines the step.
    StepDefinition(StepId),
    Bridge(BridgeId),
    Driver(DriverId),
    Role(RoleId),
    /// Index into the plan's list, as all below.
    Licence(usize),
    Trigger(usize),
    Risk(usize),
    Announcement(usize),
    Rehearsal(usize),
    Waiver(usize),
    /// Where it is first named.
    Executor(usize),
}

/// Where a step is defined, and its attributes.
#[derive(Debug)]
pub(crate) struct Definition {
    pub span: Span,
    attributes: Vec<(&'static str, Span)>,
    /// Whether some of it cannot be read.
    broken: bool,
}

impl Definition {
    /// The definition at `span` of what `object` says.
    pub fn of(object: &Object, span: Span) -> Self {
        let attributes = object.attributes.iter();
        let attributes = attributes.map(|(name, given)| (name, given.span));
        Self {
            span,
            attributes: attributes.collect(),
            broken: !object.broken.is_empty(),
        }
    }

    /// The definition at `span` of what has no attributes.
    pub fn bare(span: Span) -> Self {
        Self {
            span,
            attributes: Vec::new(),
            broken: false,
        }
    }
}

/// Spans of entities and of their attributes.
#[derive(Debug)]
pub struct Origins<'a> {
    fallback: Span,
    entities: FxHashMap<Entity, Span>,
    /// What makes an entity knows where its attributes stand.
    objects: FxHashMap<Entity, &'a Object>,
    /// Relations by id: there are many.
    relations: Vec<&'a Object>,
    /// Steps by id: there are many, and what defines them is shared by those of one pattern.
    steps: Vec<(Span, Rc<Definition>)>,
}

impl<'a> Origins<'a> {
    /// An empty map that answers `fallback` for what it does not know.
    #[must_use]
    pub fn new(fallback: Span) -> Self {
        Self {
            fallback,
            entities: FxHashMap::default(),
            objects: FxHashMap::default(),
            relations: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Remembers where an entity other than a step is defined: its keyword and name.
    pub fn set(&mut self, entity: Entity, span: Span) {
        self.entities.insert(entity, span);
    }

    /// Remembers what makes an entity. Relations come in the order of their ids.
    pub(crate) fn remember(&mut self, entity: Entity, object: &'a Object) {
        match entity {
            Entity::Relation(_) => self.relations.push(object),
            _ => {
                self.objects.insert(entity, object);
            }
        }
    }

    /// Remembers the places of a list.
    pub fn set_all(&mut self, entity: fn(usize) -> Entity, places: &[Option<Span>]) {
        for (index, place) in places.iter().enumerate() {
            if let Some(place) = place {
                self.set(entity(index), *place);
            }
        }
    }

    /// Remembers what the user wrote that made the next step, and where it is defined.
    pub(crate) fn push_step(&mut self, origin: Span, definition: Rc<Definition>) {
        self.steps.push((origin, definition));
    }

    /// Whether some of what defines a step cannot be read.
    #[must_use]
    pub fn is_broken(&self, step: StepId) -> bool {
        self.definition(step)
            .is_some_and(|definition| definition.broken)
    }

    /// Where an entity is defined.
    #[must_use]
    pub fn of(&self, entity: Entity) -> Span {
        let known = match entity {
            Entity::Step(id) => self.steps.get(id.index()).map(|(origin, _)| *origin),
            Entity::StepDefinition(id) => self.definition(id).map(|definition| definition.span),
            _ => {
                let object = || self.object(entity).map(|object| object.span);
                self.entities.get(&entity).copied().or_else(object)
            }
        };
        known.unwrap_or(self.fallback)
    }

    fn object(&self, entity: Entity) -> Option<&'a Object> {
        match entity {
            Entity::Relation(id) => self.relations.get(id.index()).copied(),
            _ => self.objects.get(&entity).copied(),
        }
    }

    fn definition(&self, id: StepId) -> Option<&Definition> {
        self.steps
            .get(id.index())
            .map(|(_, definition)| &**definition)
    }

    /// Where an attribute (or the first block or relation of that keyword) is written, or else its
    /// entity.
    #[must_use]
    pub fn attribute(&self, entity: Entity, name: &'static str) -> Span {
        self.place(entity, name).unwrap_or_else(|| self.of(entity))
    }

    /// Whether an attribute is written at all.
    #[must_use]
    pub fn has_attribute(&self, entity: Entity, name: &'static str) -> bool {
        self.place(entity, name).is_some()
    }

    fn place(&self, entity: Entity, name: &str) -> Option<Span> {
        if let Entity::StepDefinition(id) = entity {
            let mut attributes = self.definition(id)?.attributes.iter();
            return attributes
                .find(|(other, _)| *other == name)
                .map(|(_, span)| *span);
        }
        let object = self.object(entity)?;
        let given = object.attributes.get(name).map(|given| given.span);
        given.or_else(|| object.children(name).next().map(|child| child.span))
    }
}

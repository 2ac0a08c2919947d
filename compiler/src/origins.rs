//! Where everything in the plan was written, for the rules' messages.

use rustc_hash::FxHashMap;
use whimbrel_lang::Span;
use whimbrel_plan::{
    BatchId, BridgeId, CalendarId, DriverId, FreezeId, LinkId, PlatformId, RelationId, ResourceId,
    RoleId, ServiceId, StepId, TeamId, WindowId,
};

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

/// Spans of entities and of their attributes.
#[derive(Debug)]
pub struct Origins {
    fallback: Span,
    kept: bool,
    entities: FxHashMap<Entity, Span>,
    /// Few for each entity, so a list is quicker than a map.
    attributes: FxHashMap<Entity, Vec<(&'static str, Span)>>,
}

impl Origins {
    /// An empty map that answers `fallback` for what it does not know.
    #[must_use]
    pub fn new(fallback: Span) -> Self {
        Self {
            fallback,
            kept: true,
            entities: FxHashMap::default(),
            attributes: FxHashMap::default(),
        }
    }

    /// A map that remembers nothing, for a plan that is made only to be measured.
    #[must_use]
    pub fn forgetful(fallback: Span) -> Self {
        Self {
            kept: false,
            ..Self::new(fallback)
        }
    }

    /// Remembers where an entity is defined: its keyword and name.
    pub fn set(&mut self, entity: Entity, span: Span) {
        if self.kept {
            self.entities.insert(entity, span);
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

    /// Remembers where an attribute (or the first relation of that keyword) is written.
    pub fn set_attribute(&mut self, entity: Entity, name: &'static str, span: Span) {
        self.set_attributes(entity, std::iter::once((name, span)));
    }

    /// Remembers where several attributes are written; the first place of each counts.
    pub fn set_attributes(
        &mut self,
        entity: Entity,
        places: impl Iterator<Item = (&'static str, Span)>,
    ) {
        if !self.kept {
            return;
        }
        let known = self.attributes.entry(entity).or_default();
        for (name, span) in places {
            if known.iter().all(|(other, _)| *other != name) {
                known.push((name, span));
            }
        }
    }

    /// Where an entity is defined.
    #[must_use]
    pub fn of(&self, entity: Entity) -> Span {
        self.entities.get(&entity).copied().unwrap_or(self.fallback)
    }

    /// Where an attribute is written, or else its entity.
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
        let known = self.attributes.get(&entity)?;
        known
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, span)| *span)
    }
}

//! What ids stand for, on either side of a comparison.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::{
    Inventory, LinkId, Node, Plan, PlatformId, Relation, RelationId, RelationKind, ResourceId,
    ServiceId, Step, StepId, Target, TeamId,
};

/// The type of a service's id.
pub(super) const SERVICE: &str = "ServiceId";
/// The type of a resource's id.
pub(super) const RESOURCE: &str = "ResourceId";

/// What the ids of one side are ids of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) plan: Option<&'a Plan>,
}

/// How the ids of one side are called: by their names, or by what the other side calls them.
#[derive(Clone, Debug)]
pub(super) struct Names<'a> {
    pub(super) of: Texts<'a>,
    /// By type of id and position.
    renamed: FxHashMap<(&'static str, usize), String>,
    /// New names of services and resources, by the old ones, where a text stands for an id.
    by_name: FxHashMap<String, String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(of: Texts<'a>) -> Self {
        Self {
            of,
            renamed: FxHashMap::default(),
            by_name: FxHashMap::default(),
        }
    }

    /// From now on that id is called `name`.
    pub(super) fn rename(&mut self, id: &'static str, at: usize, name: &str) {
        if matches!(id, SERVICE | RESOURCE) {
            let known = self.name(id, at).into_owned();
            self.by_name.insert(known, name.to_owned());
        }
        self.renamed.insert((id, at), name.to_owned());
    }

    /// What a text that may be the name of something is on the other side.
    pub(super) fn text<'t>(&'t self, text: &'t str) -> &'t str {
        self.by_name.get(text).map_or(text, String::as_str)
    }

    /// A sentence whose names in backticks, of steps too, are those of the other side.
    pub(super) fn sentence(&self, text: String) -> String {
        if self.by_name.is_empty() {
            return text;
        }
        let parts = text.split('`').enumerate().map(|(at, part)| {
            let (thing, local) = part.split_at(part.find('/').unwrap_or(part.len()));
            match self.by_name.get(thing) {
                Some(name) if at % 2 == 1 => format!("{name}{local}"),
                _ => part.to_owned(),
            }
        });
        parts.collect::<Vec<_>>().join("`")
    }

    /// The name of a node.
    pub(super) fn node(&self, node: Node) -> Cow<'_, str> {
        match node {
            Node::Service(id) => self.name(SERVICE, id.index()),
            Node::Resource(id) => self.name(RESOURCE, id.index()),
        }
    }

    /// The name of what an id of this type stands for.
    pub(super) fn name(&self, id: &'static str, at: usize) -> Cow<'_, str> {
        if !self.renamed.is_empty()
            && let Some(name) = self.renamed.get(&(id, at))
        {
            return Cow::Borrowed(name);
        }
        let inventory = self.of.inventory;
        let name = match id {
            SERVICE => Some(&inventory.services[ServiceId::new(at)].name),
            RESOURCE => Some(&inventory.resources[ResourceId::new(at)].name),
            "PlatformId" => Some(&inventory.platforms[PlatformId::new(at)].name),
            "TeamId" => Some(&inventory.teams[TeamId::new(at)].name),
            "LinkId" => return Cow::Owned(self.link(LinkId::new(at))),
            "RelationId" => {
                return Cow::Owned(self.relation(&inventory.relations[RelationId::new(at)]));
            }
            "StepId" => {
                let step = self.of.plan.map(|plan| &plan.steps[StepId::new(at)]);
                return step.map_or(Cow::Borrowed(""), |step| self.step(step));
            }
            other => self.of.plan.and_then(|plan| of_plan(plan, other, at)),
        };
        Cow::Borrowed(name.map_or("", String::as_str))
    }

    /// `old -> new`.
    fn link(&self, id: LinkId) -> String {
        let link = &self.of.inventory.links[id];
        let end = |platform: PlatformId| self.name("PlatformId", platform.index());
        format!("{} -> {}", end(link.from), end(link.to))
    }

    /// `orders reads db.orders`.
    pub(super) fn relation(&self, relation: &Relation) -> String {
        let from = self.name(SERVICE, relation.from.index());
        let to = match &relation.to {
            Target::Service(id) => self.name(SERVICE, id.index()),
            Target::Resource(id) => self.name(RESOURCE, id.index()),
            Target::Address(address) => Cow::Borrowed(address.as_str()),
        };
        [&*from, verb(relation.kind), &*to].join(" ")
    }

    /// The name of a step, with what it is about as the other side calls it.
    pub(super) fn step<'s>(&'s self, step: &'s Step) -> Cow<'s, str> {
        if self.renamed.is_empty() {
            return Cow::Borrowed(&step.name);
        }
        let Some(node) = step.subject.node() else {
            return Cow::Borrowed(&step.name);
        };
        let own = match node {
            Node::Service(id) => &self.of.inventory.services[id].name,
            Node::Resource(id) => &self.of.inventory.resources[id].name,
        };
        match step.name.strip_prefix(own.as_str()) {
            Some(local) => Cow::Owned(format!("{}{local}", self.node(node))),
            None => Cow::Borrowed(&step.name),
        }
    }

    /// The name of the executor at that place of the plan.
    pub(super) fn executor(&self, at: usize) -> &'a str {
        let executors = self.of.plan.map_or(&[][..], |plan| &plan.executors);
        executors.get(at).map_or("", |executor| &executor.name)
    }
}

fn of_plan<'a>(plan: &'a Plan, id: &str, at: usize) -> Option<&'a String> {
    match id {
        "BatchId" => plan.batches.values().nth(at).map(|it| &it.name),
        "BridgeId" => plan.bridges.values().nth(at).map(|it| &it.name),
        "CalendarId" => plan.calendars.values().nth(at).map(|it| &it.name),
        "DriverId" => plan.drivers.values().nth(at).map(|it| &it.name),
        "FreezeId" => plan.freezes.values().nth(at).map(|it| &it.name),
        "MeasureId" => plan.measures.values().nth(at).map(|it| &it.name),
        "RoleId" => plan.roles.values().nth(at).map(|it| &it.name),
        "WindowId" => plan.windows.values().nth(at).map(|it| &it.name),
        _ => None,
    }
}

/// The keyword of a relation.
pub(super) fn verb(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Calls => "calls",
        RelationKind::Reads => "reads",
        RelationKind::Writes => "writes",
        RelationKind::Publishes => "publishes",
        RelationKind::Consumes => "consumes",
        RelationKind::Pins => "pins",
        RelationKind::Seen => "seen",
    }
}

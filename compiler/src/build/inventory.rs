//! Objects to the inventory: everything in name order, with the places it was written at.

use std::rc::Rc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use whimbrel_lang::Span;
use whimbrel_plan::{
    Arena, Baseline, Calendar, CalendarId, Freeze, FreezeId, HoursRange, Inventory, Link, LinkId,
    Node, Platform, PlatformId, Resource, ResourceId, ResourceKind, RunningCost, Service,
    ServiceId, ServiceKind, StepKind, Team, TeamId, Tier, Weekday, Window, WindowId, WindowSpan,
};

use super::values::DAY;
use crate::check::names::Reference;
use crate::check::object::{Named, Object};
use crate::check::typed::Typed;
use crate::origins::{Entity, Origins};
use crate::schema::Kind;
use crate::top::Top;

/// What names became.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    pub platforms: FxHashMap<Rc<str>, PlatformId>,
    pub links: FxHashMap<(PlatformId, PlatformId), LinkId>,
    pub teams: FxHashMap<Rc<str>, TeamId>,
    pub calendars: FxHashMap<Rc<str>, CalendarId>,
    pub windows: FxHashMap<Rc<str>, WindowId>,
    pub services: FxHashMap<Rc<str>, ServiceId>,
    pub resources: FxHashMap<(Kind, Rc<str>), ResourceId>,
}

impl Ids {
    /// The node a reference names.
    pub fn node(&self, reference: &Reference) -> Option<Node> {
        if reference.kind == Kind::Service {
            return self
                .services
                .get(&reference.name)
                .copied()
                .map(Node::Service);
        }
        let key = (reference.kind, Rc::clone(&reference.name));
        self.resources.get(&key).copied().map(Node::Resource)
    }

    /// The team of an attribute.
    pub fn team(&self, object: &Object, name: &str) -> Option<TeamId> {
        self.teams.get(&object.reference(name)?.name).copied()
    }
}

/// The inventory with what it was built from.
pub(crate) struct Built<'a> {
    pub inventory: Inventory,
    pub calendars: Arena<CalendarId, Calendar>,
    pub windows: Arena<WindowId, Window>,
    pub freezes: Arena<FreezeId, Freeze>,
    pub ids: Ids,
    /// The start of the migration: the offsets of time zones are those of then.
    pub start: Timestamp,
    /// The object of each service and resource, with the instance it stands in.
    pub service_objects: Vec<&'a Object>,
    pub resource_objects: Vec<ResourceObject<'a>>,
}

/// Where a resource comes from.
#[derive(Clone, Copy)]
pub(crate) struct ResourceObject<'a> {
    pub object: &'a Object,
    /// The instance or datastore around it.
    pub parent: Option<&'a Object>,
    pub kind: Kind,
}

/// The platforms of the migration, for the defaults of `on` and `to`.
pub(crate) struct Route {
    pub pairs: Vec<(PlatformId, PlatformId)>,
    pub zone: String,
}

impl Route {
    fn on(&self, given: Option<PlatformId>) -> Option<PlatformId> {
        given.or_else(|| self.pairs.first().map(|(from, _)| *from))
    }

    fn to(&self, on: Option<PlatformId>) -> Option<PlatformId> {
        self.pairs
            .iter()
            .find(|(from, _)| Some(*from) == on)
            .map(|(_, to)| *to)
    }
}

/// Builds everything but relations and licences.
pub(crate) fn build<'a>(top: &'a Top, origins: &mut Origins<'a>) -> (Built<'a>, Route) {
    let mut built = Built {
        inventory: Inventory::default(),
        calendars: Arena::default(),
        windows: Arena::default(),
        freezes: Arena::default(),
        ids: Ids::default(),
        start: start(top),
        service_objects: Vec::new(),
        resource_objects: Vec::new(),
    };
    let zone = top
        .of("migration")
        .next()
        .and_then(|migration| migration.text("zone"))
        .unwrap_or_else(|| "UTC".to_owned());
    built.civil(top, &zone, origins);
    built.platforms(top, origins);
    let route = built.route(top, zone);
    built.links(top, origins);
    built.teams(top, origins);
    built.resources(top, &route, origins);
    built.services(top, &route, origins);
    (built, route)
}

/// When the migration starts; one that says nothing readable of it makes no plan.
fn start(top: &Top) -> Timestamp {
    let migration = top.of("migration").next();
    let at = migration.and_then(|migration| {
        let zone = migration.text("zone").unwrap_or_else(|| "UTC".to_owned());
        whimbrel_plan::instant(&zone, migration.moment("start")?).ok()
    });
    at.unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The objects of a keyword, by name.
pub(crate) fn sorted<'a>(top: &'a Top, keyword: &'static str) -> Vec<&'a Object> {
    let mut objects: Vec<&Object> = top.of(keyword).collect();
    objects.sort_by(|a, b| a.name().cmp(b.name()));
    objects
}

impl<'a> Built<'a> {
    fn civil(&mut self, top: &'a Top, zone: &str, origins: &mut Origins<'a>) {
        for object in sorted(top, "calendar") {
            let id = self.calendars.push(calendar(object, zone));
            self.ids.calendars.insert(object.name().into(), id);
            origins.remember(Entity::Calendar(id), object);
        }
        for object in sorted(top, "window") {
            let Some(window) = window(object, zone) else {
                continue;
            };
            let id = self.windows.push(window);
            self.ids.windows.insert(object.name().into(), id);
            origins.remember(Entity::Window(id), object);
        }
        for object in sorted(top, "freeze") {
            let (Some(from), Some(to)) = (object.date("from"), object.date("to")) else {
                continue;
            };
            let blocks = match object.get("blocks") {
                Some(Typed::Choices(words)) => words.iter().filter_map(|w| step_kind(w)).collect(),
                _ => Vec::new(),
            };
            let name = object.name().to_owned();
            let id = self.freezes.push(Freeze {
                name,
                zone: zone.to_owned(),
                from,
                to,
                blocks,
            });
            origins.remember(Entity::Freeze(id), object);
        }
    }

    fn platforms(&mut self, top: &'a Top, origins: &mut Origins<'a>) {
        for object in sorted(top, "platform") {
            let id = self.inventory.platforms.push(Platform {
                name: object.name().to_owned(),
                doc: object.doc.clone(),
                region: object.text("region"),
                jurisdiction: object.text("jurisdiction"),
                cost_per_day: object.amount("cost").map(|cost| cost.times(DAY)),
            });
            self.ids.platforms.insert(object.name().into(), id);
            origins.remember(Entity::Platform(id), object);
        }
    }

    fn route(&self, top: &Top, zone: String) -> Route {
        let Some(migration) = top.of("migration").next() else {
            return Route {
                pairs: Vec::new(),
                zone,
            };
        };
        let ids = |name: &str| -> Vec<PlatformId> {
            migration
                .references(name)
                .iter()
                .filter_map(|reference| self.ids.platforms.get(&reference.name).copied())
                .collect()
        };
        Route {
            pairs: ids("from").into_iter().zip(ids("to")).collect(),
            zone,
        }
    }

    fn links(&mut self, top: &'a Top, origins: &mut Origins<'a>) {
        let mut objects: Vec<((PlatformId, PlatformId), &Object)> = top
            .of("link")
            .filter_map(|object| {
                let Named::Edge(from, to) = &object.named else {
                    return None;
                };
                let from = self.ids.platforms.get(&from.name)?;
                let to = self.ids.platforms.get(&to.name)?;
                Some(((*from, *to), object))
            })
            .collect();
        objects.sort_by_key(|(ends, _)| *ends);
        for ((from, to), object) in objects {
            let id = self.inventory.links.push(Link {
                from,
                to,
                bandwidth: object.amount("bandwidth"),
                latency: object.amount("latency"),
                private: object.flag("private").unwrap_or(false),
                egress_per_byte: object.amount("egress"),
                at_once: object.whole("at_once").unwrap_or(1),
            });
            self.ids.links.insert((from, to), id);
            self.ids.links.entry((to, from)).or_insert(id);
            origins.remember(Entity::Link(id), object);
        }
    }

    fn teams(&mut self, top: &'a Top, origins: &mut Origins<'a>) {
        for object in sorted(top, "team") {
            let calendar = object.reference("calendar");
            let id = self.inventory.teams.push(Team {
                name: object.name().to_owned(),
                doc: object.doc.clone(),
                engineers: object.whole("engineers"),
                rate_per_hour: object.amount("rate").map(|rate| rate.times(3600.0)),
                calendar: calendar.and_then(|name| self.ids.calendars.get(&name.name).copied()),
                oncall: object.text("oncall"),
            });
            self.ids.teams.insert(object.name().into(), id);
            origins.remember(Entity::Team(id), object);
        }
    }

    fn resources(&mut self, top: &'a Top, route: &Route, origins: &mut Origins<'a>) {
        let mut found: Vec<(Vec<&str>, ResourceObject<'a>)> = Vec::new();
        for object in &top.objects {
            collect(object, None, &mut Vec::new(), &mut found);
        }
        found.sort_by(|a, b| (&a.0, a.1.kind).cmp(&(&b.0, b.1.kind)));
        let mut by_path: FxHashMap<(Vec<&str>, Kind), ResourceId> = FxHashMap::default();
        by_path.reserve(found.len());
        self.ids.resources.reserve(found.len());
        self.inventory.resources.reserve(found.len());
        self.resource_objects.reserve(found.len());
        for (path, entry) in found {
            let parent_kind = entry.parent.and_then(|parent| parent.block.kind);
            let parent = parent_kind.and_then(|kind| {
                let above = path.get(..path.len() - 1)?.to_vec();
                by_path.get(&(above, kind)).copied()
            });
            let resource = self.resource(&entry, parent, route);
            let name: Rc<str> = resource.name.as_str().into();
            let id = self.inventory.resources.push(resource);
            by_path.insert((path, entry.kind), id);
            self.ids.resources.insert((entry.kind, name), id);
            self.resource_objects.push(entry);
            origins.remember(Entity::Resource(id), entry.object);
        }
    }

    fn resource(
        &self,
        entry: &ResourceObject<'_>,
        parent: Option<ResourceId>,
        route: &Route,
    ) -> Resource {
        let object = entry.object;
        let above = parent.map(|id| &self.inventory.resources[id]);
        let on = if entry.kind == Kind::External {
            None
        } else {
            let given = self
                .platform(object, "on")
                .or_else(|| above.and_then(|above| above.on));
            route.on(given)
        };
        let stays = matches!(object.get("to"), Some(Typed::Stay));
        let moves = object.get("move").is_some() && !stays;
        let to = match self.platform(object, "to") {
            Some(to) => Some(to),
            None if moves => above
                .filter(|above| above.to != above.on)
                .and_then(|above| above.to)
                .or_else(|| route.to(on)),
            None => on,
        };
        let name = match (entry.kind, above) {
            (Kind::Table, Some(above)) => [&above.name, ".", object.name()].concat(),
            _ => object.name().to_owned(),
        };
        Resource {
            name,
            doc: object.doc.clone(),
            kind: resource_kind(entry.kind),
            parent,
            engine: object
                .text("engine")
                .or_else(|| above.and_then(|above| above.engine.clone())),
            version: object.text("version"),
            becomes: object.text("becomes"),
            team: self
                .ids
                .team(object, "team")
                .or_else(|| above.and_then(|above| above.team)),
            tier: tier(object),
            on,
            to,
            moves,
            size: object.amount("size"),
            change_rate: object.amount("change_rate"),
            throughput: object
                .amount("throughput")
                .or_else(|| above.and_then(|above| above.throughput.clone())),
            backup_every: object.number("backup_every"),
            regimes: object.texts("regimes"),
            residency: object.texts("residency"),
            retention: object.number("retention"),
            ordered: object.choice("ordering").is_some_and(|word| word != "none"),
            holds_sessions: object.choice("holds") == Some("sessions"),
            lead_time: object
                .law("change_lead_time")
                .and_then(|law| law.resolve(24.0).ok()),
            contact: object.text("contact"),
            cost: cost(object),
        }
    }

    fn services(&mut self, top: &'a Top, route: &Route, origins: &mut Origins<'a>) {
        let objects = sorted(top, "service");
        self.ids.services.reserve(objects.len());
        self.inventory.services.reserve(objects.len());
        self.service_objects.reserve(objects.len());
        for object in objects {
            let on = route.on(self.platform(object, "on"));
            let stays = matches!(object.get("to"), Some(Typed::Stay));
            let moves = object.get("move").is_some() && !stays;
            let given = self.platform(object, "to");
            let to = given.or_else(|| if moves { route.to(on) } else { on });
            let id = self.inventory.services.push(Service {
                name: object.name().to_owned(),
                doc: object.doc.clone(),
                team: self.ids.team(object, "team"),
                tier: tier(object),
                kind: service_kind(object.choice("kind")),
                traffic: object.amount("traffic"),
                users: object.amount("users"),
                version: object.text("version"),
                revenue: object.amount("revenue"),
                on,
                to,
                moves,
                endpoint: object.text("endpoint"),
                new_endpoint: object.text("new_endpoint"),
                dns_ttl: object.number("dns_ttl"),
                longest_transaction: object.number("longest_transaction"),
                baseline: object.children("baseline").next().map(baseline),
                cost: cost(object),
            });
            self.ids.services.insert(object.name().into(), id);
            self.service_objects.push(object);
            origins.remember(Entity::Service(id), object);
        }
    }

    fn platform(&self, object: &Object, name: &str) -> Option<PlatformId> {
        self.ids
            .platforms
            .get(&object.reference(name)?.name)
            .copied()
    }

    /// The object of a node.
    pub fn object(&self, node: Node) -> Option<&'a Object> {
        match node {
            Node::Service(id) => self.service_objects.get(id.index()).copied(),
            Node::Resource(id) => self
                .resource_objects
                .get(id.index())
                .map(|entry| entry.object),
        }
    }

    /// The kind of a node, as the language calls it.
    pub fn kind(&self, node: Node) -> Kind {
        match node {
            Node::Service(_) => Kind::Service,
            Node::Resource(id) => self
                .resource_objects
                .get(id.index())
                .map_or(Kind::Datastore, |entry| entry.kind),
        }
    }

    /// Where a node is written.
    pub fn span(&self, node: Node, attribute: &str) -> Option<Span> {
        self.object(node).map(|object| object.place(attribute))
    }
}

fn baseline(object: &Object) -> Baseline {
    Baseline {
        error_rate: object.number("error_rate"),
        p50: object.number("p50"),
        p95: object.number("p95"),
        p99: object.number("p99"),
        at: object.date("at"),
    }
}

fn collect<'a>(
    object: &'a Object,
    parent: Option<&'a Object>,
    path: &mut Vec<&'a str>,
    found: &mut Vec<(Vec<&'a str>, ResourceObject<'a>)>,
) {
    let Some(kind) = object.block.kind.filter(|kind| is_resource(*kind)) else {
        return;
    };
    path.push(object.name());
    found.push((
        path.clone(),
        ResourceObject {
            object,
            parent,
            kind,
        },
    ));
    for child in &object.children {
        collect(child, Some(object), path, found);
    }
    path.pop();
}

fn is_resource(kind: Kind) -> bool {
    kind == Kind::Instance || kind == Kind::External || Kind::SHARED.contains(&kind)
}

fn resource_kind(kind: Kind) -> ResourceKind {
    match kind {
        Kind::Instance => ResourceKind::Instance,
        Kind::Table => ResourceKind::Table,
        Kind::Topic => ResourceKind::Topic,
        Kind::Queue => ResourceKind::Queue,
        Kind::Cache => ResourceKind::Cache,
        Kind::Volume => ResourceKind::Volume,
        Kind::External => ResourceKind::External,
        _ => ResourceKind::Datastore,
    }
}

fn service_kind(word: Option<&str>) -> ServiceKind {
    match word {
        Some("stateful") => ServiceKind::Stateful,
        Some("batch") => ServiceKind::Batch,
        Some("workflow") => ServiceKind::Workflow,
        Some("frontend") => ServiceKind::Frontend,
        Some("telemetry") => ServiceKind::Telemetry,
        _ => ServiceKind::Stateless,
    }
}

fn tier(object: &Object) -> Tier {
    match object.choice("tier") {
        Some("critical") => Tier::Critical,
        Some("important") => Tier::Important,
        _ => Tier::Supporting,
    }
}

fn cost(object: &Object) -> RunningCost {
    let Some(cost) = object.children("cost").next() else {
        return RunningCost::default();
    };
    RunningCost {
        old_per_day: cost.amount("old").map(|cost| cost.times(DAY)),
        new_per_day: cost.amount("new").map(|cost| cost.times(DAY)),
    }
}

/// The kind of step a word names.
pub(crate) fn step_kind(word: &str) -> Option<StepKind> {
    Some(match word {
        "prepare" => StepKind::Prepare,
        "deploy" => StepKind::Deploy,
        "bootstrap" => StepKind::Bootstrap,
        "replicate" => StepKind::Replicate,
        "validate" => StepKind::Validate,
        "shift" => StepKind::Shift,
        "cutover" => StepKind::Cutover,
        "keep" => StepKind::Keep,
        "decommission" => StepKind::Decommission,
        "tidy" => StepKind::Tidy,
        "notify" => StepKind::Notify,
        "gate" => StepKind::Gate,
        _ => return None,
    })
}

fn calendar(object: &Object, zone: &str) -> Calendar {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    Calendar {
        name: object.name().to_owned(),
        zone: object.text("zone").unwrap_or_else(|| zone.to_owned()),
        days: match object.get("days") {
            Some(Typed::Days(days)) => days.clone(),
            _ => vec![Mon, Tue, Wed, Thu, Fri],
        },
        hours: match object.get("hours") {
            Some(Typed::Hours(hours)) => *hours,
            _ => HoursRange {
                from: 9 * 60,
                to: 17 * 60,
            },
        },
        holidays: match object.get("holidays") {
            Some(Typed::Dates(dates)) => dates.clone(),
            _ => Vec::new(),
        },
    }
}

fn window(object: &Object, zone: &str) -> Option<Window> {
    let span = match (object.moment("from"), object.moment("to")) {
        (Some(from), Some(to)) => WindowSpan::Once { from, to },
        _ => {
            let Some(Typed::Hours(hours)) = object.get("hours") else {
                return None;
            };
            let days = match object.get("days") {
                Some(Typed::Days(days)) => days.clone(),
                _ => return None,
            };
            WindowSpan::Weekly {
                days,
                hours: *hours,
            }
        }
    };
    Some(Window {
        name: object.name().to_owned(),
        zone: zone.to_owned(),
        span,
    })
}

//! Small inventories for tests, one fact a line:
//!
//! ```text
//! link old new
//! service orders move critical            # also: important, stateful, telemetry, at=ADDRESS
//! service ledger on=new
//! datastore db move                       # any kind of resource; `in=db` gives its parent
//! table db.orders in=db
//! orders writes db.orders rate=12         # also: soft, async, ordered, bytes=100; `uses` is both
//! orders pins 10.0.0.1
//! orders after ledger
//! bridge orders -> ledger
//! bridge db.orders
//! ```
//!
//! Everything is on `old`; what has `move` goes to `new`.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use whimbrel_plan::{
    Amount, Arena, Batch, BatchId, BatchMember, BatchMode, BridgeId, BridgeOver, CallMode,
    CutoverMode, Distribution, Edge, Evidence, EvidenceKind, Graph, Inventory, Link, Location,
    Need, Node, Platform, PlatformId, Relation, RelationKind, Resource, ResourceId, ResourceKind,
    RunningCost, Service, ServiceId, ServiceKind, Target, Tier, Unit,
};

use super::graph::{GraphInput, build};
use super::nodes::name;

/// What a text says.
pub struct Fixture {
    pub inventory: Inventory,
    pub bridges: Vec<(BridgeId, BridgeOver)>,
    pub orders: Vec<(Node, Node)>,
    nodes: FxHashMap<String, Node>,
}

/// Reads such a text; panics on one it does not understand.
pub fn fixture(text: &str) -> Fixture {
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('#').next().unwrap().split_whitespace().collect())
        .filter(|words: &Vec<&str>| !words.is_empty())
        .collect();
    let mut fixture = Fixture {
        inventory: Inventory::default(),
        bridges: Vec::new(),
        orders: Vec::new(),
        nodes: FxHashMap::default(),
    };
    for platform in ["new", "old"] {
        fixture.inventory.platforms.push(Platform {
            name: platform.to_owned(),
            doc: None,
            region: None,
            jurisdiction: None,
            cost_per_day: None,
        });
    }
    fixture.define(&lines);
    for words in &lines {
        fixture.relate(words);
    }
    fixture
}

impl Fixture {
    pub fn graph(&self) -> Graph {
        build(&GraphInput {
            inventory: &self.inventory,
            bridges: &self.bridges,
            orders: &self.orders,
        })
    }

    pub fn node(&self, wanted: &str) -> Node {
        *self
            .nodes
            .get(wanted)
            .unwrap_or_else(|| panic!("no node {wanted}"))
    }

    pub fn service(&self, wanted: &str) -> ServiceId {
        match self.node(wanted) {
            Node::Service(id) => id,
            Node::Resource(_) => panic!("{wanted} is a resource"),
        }
    }

    /// `orders -> db.orders write binding hidden bridged`.
    pub fn told(&self, edge: &Edge) -> String {
        let [from, to] = [edge.from, edge.to].map(|node| name(&self.inventory, node));
        let mut text = format!("{from} -> {to} {:?}", edge.kind).to_lowercase();
        for (holds, word) in [
            (edge.hidden, " hidden"),
            (edge.binding, " binding"),
            (edge.bridge.is_some(), " bridged"),
        ] {
            text.push_str(if holds { word } else { "" });
        }
        text
    }

    /// Batches of these members, each a unit of its own, each batch after the one before it.
    pub fn batches(&self, lines: &[&str]) -> Arena<BatchId, Batch> {
        let mut batches: Arena<BatchId, Batch> = Arena::default();
        for line in lines {
            let unit = |wanted| {
                let reason = String::new();
                let node = self.node(wanted);
                Unit {
                    members: vec![BatchMember { node, reason }],
                }
            };
            batches.push(Batch {
                name: format!("b{}", batches.len()),
                doc: None,
                mode: BatchMode::Sequential,
                at_once: None,
                isolate: false,
                cutover: CutoverMode::Each,
                after: batches.ids().next_back().into_iter().collect(),
                units: line.split_whitespace().map(unit).collect(),
                handwritten: true,
            });
        }
        batches
    }

    fn define(&mut self, lines: &[Vec<&str>]) {
        let mut services = BTreeMap::new();
        let mut resources = BTreeMap::new();
        for words in lines {
            match words.as_slice() {
                ["link", from, to] => {
                    let link = link(platform(from), platform(to));
                    self.inventory.links.push(link);
                }
                ["service", name, rest @ ..] => {
                    services.insert(*name, service(name, rest));
                }
                [kind, name, rest @ ..] => {
                    if let Some(kind) = resource_kind(kind) {
                        let depth = name.matches('.').count();
                        let place = (kind != ResourceKind::Instance, depth, *name);
                        resources.insert(place, (kind, rest));
                    }
                }
                _ => {}
            }
        }
        for service in services.into_values() {
            let name = service.name.clone();
            let id = self.inventory.services.push(service);
            self.nodes.insert(name, Node::Service(id));
        }
        for ((_, _, name), (kind, rest)) in resources {
            let parent = value(rest, "in=").map(|parent| match self.node(parent) {
                Node::Resource(id) => id,
                Node::Service(_) => panic!("{parent} is a service"),
            });
            let resource = resource(name, kind, parent, rest);
            let id = self.inventory.resources.push(resource);
            self.nodes.insert(name.to_owned(), Node::Resource(id));
        }
    }

    fn relate(&mut self, words: &[&str]) {
        let id = BridgeId::new(self.bridges.len());
        match *words {
            ["bridge", from, "->", to] => {
                let (from, to) = (self.service(from), self.service(to));
                self.bridges.push((id, BridgeOver::Edge { from, to }));
            }
            ["bridge", over] => match self.node(over) {
                Node::Resource(over) => self.bridges.push((id, BridgeOver::Resource(over))),
                Node::Service(_) => panic!("{over} is a service"),
            },
            [from, "after", to] => {
                let order = (self.node(from), self.node(to));
                self.orders.push(order);
            }
            [from, "uses", to, ref rest @ ..] => {
                self.relation(from, RelationKind::Reads, to, rest);
                self.relation(from, RelationKind::Writes, to, rest);
            }
            [from, verb, to, ref rest @ ..] => {
                if let Some(kind) = relation_kind(verb) {
                    self.relation(from, kind, to, rest);
                }
            }
            _ => {}
        }
    }

    fn relation(&mut self, from: &str, kind: RelationKind, to: &str, rest: &[&str]) {
        let target = if kind == RelationKind::Pins {
            Target::Address(to.to_owned())
        } else {
            match self.node(to) {
                Node::Service(id) => Target::Service(id),
                Node::Resource(id) => Target::Resource(id),
            }
        };
        let line = u32::try_from(self.inventory.relations.len()).unwrap();
        let relation = Relation {
            from: self.service(from),
            kind,
            to: target,
            rate: number(rest, "rate=").map(Amount::from),
            bytes: number(rest, "bytes=").map(Amount::from),
            need: if rest.contains(&"soft") {
                Need::Soft
            } else {
                Need::Hard
            },
            need_guessed: false,
            mode: if rest.contains(&"async") {
                CallMode::Async
            } else {
                CallMode::Sync
            },
            fallback: None,
            ordering_required: rest.contains(&"ordered"),
            evidence: Evidence {
                kind: EvidenceKind::Declared,
                source: None,
                at: None,
                location: Location {
                    file: "plan.mig".into(),
                    line,
                },
            },
        };
        self.inventory.relations.push(relation);
    }
}

fn value<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(key))
}

fn number(words: &[&str], key: &str) -> Option<f64> {
    value(words, key).map(|text| text.parse().unwrap())
}

fn platform(name: &str) -> PlatformId {
    PlatformId::new(usize::from(name != "new"))
}

fn ends(words: &[&str]) -> (Option<PlatformId>, Option<PlatformId>) {
    let on = platform(value(words, "on=").unwrap_or("old"));
    let to = if words.contains(&"move") {
        platform("new")
    } else {
        on
    };
    (Some(on), Some(to))
}

fn link(from: PlatformId, to: PlatformId) -> Link {
    Link {
        from,
        to,
        bandwidth: None,
        latency: Some(0.002.into()),
        private: true,
        egress_per_byte: None,
        at_once: 1,
    }
}

fn tier(words: &[&str]) -> Tier {
    if words.contains(&"critical") {
        Tier::Critical
    } else if words.contains(&"important") {
        Tier::Important
    } else {
        Tier::Supporting
    }
}

fn service(name: &str, words: &[&str]) -> Service {
    let (on, to) = ends(words);
    Service {
        name: name.to_owned(),
        doc: None,
        team: None,
        tier: tier(words),
        kind: if words.contains(&"telemetry") {
            ServiceKind::Telemetry
        } else if words.contains(&"stateful") {
            ServiceKind::Stateful
        } else {
            ServiceKind::Stateless
        },
        traffic: None,
        users: None,
        version: None,
        revenue: number(words, "revenue=").map(Amount::from),
        on,
        to,
        moves: words.contains(&"move"),
        endpoint: value(words, "at=").map(str::to_owned),
        new_endpoint: None,
        dns_ttl: None,
        longest_transaction: None,
        baseline: None,
        cost: RunningCost::default(),
    }
}

fn resource(
    name: &str,
    kind: ResourceKind,
    parent: Option<ResourceId>,
    words: &[&str],
) -> Resource {
    let (on, to) = ends(words);
    Resource {
        name: name.to_owned(),
        doc: None,
        kind,
        parent,
        engine: None,
        version: None,
        becomes: None,
        team: None,
        tier: tier(words),
        on,
        to,
        moves: words.contains(&"move"),
        size: None,
        change_rate: None,
        throughput: None,
        backup_every: None,
        regimes: value(words, "regime=")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        residency: Vec::new(),
        retention: None,
        ordered: false,
        holds_sessions: false,
        lead_time: number(words, "lead=").map(|value| Distribution::Constant { value }),
        contact: None,
        cost: RunningCost::default(),
    }
}

fn resource_kind(word: &str) -> Option<ResourceKind> {
    Some(match word {
        "instance" => ResourceKind::Instance,
        "datastore" => ResourceKind::Datastore,
        "table" => ResourceKind::Table,
        "topic" => ResourceKind::Topic,
        "queue" => ResourceKind::Queue,
        "cache" => ResourceKind::Cache,
        "volume" => ResourceKind::Volume,
        "external" => ResourceKind::External,
        _ => return None,
    })
}

fn relation_kind(word: &str) -> Option<RelationKind> {
    Some(match word {
        "calls" => RelationKind::Calls,
        "reads" => RelationKind::Reads,
        "writes" => RelationKind::Writes,
        "publishes" => RelationKind::Publishes,
        "consumes" => RelationKind::Consumes,
        "pins" => RelationKind::Pins,
        "seen" => RelationKind::Seen,
        _ => return None,
    })
}

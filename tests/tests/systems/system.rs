//! A system as the compiler reads it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};
use whimbrel_plan::{EdgeKind, Graph, Inventory, ServiceId};

use crate::expected::Edge;

/// The folders of `tests/fixtures/real`.
pub const SYSTEMS: [&str; 5] = [
    "online-boutique",
    "aks-store",
    "sock-shop",
    "hotel-reservation",
    "media-microservices",
];

/// The folder of one system's fixture.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/real")
        .join(name)
}

/// The texts of a plan, by path.
pub type Files = BTreeMap<String, String>;

/// The plan files of one system.
pub fn read(name: &str) -> Files {
    let entries = std::fs::read_dir(folder(name)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let plans = paths.filter(|path| path.extension().is_some_and(|end| end == "mig"));
    plans
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

struct Texts<'a>(&'a Files);

impl Provider for Texts<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let text = self.0.get(path).ok_or(ReadError::NotFound)?;
        Ok(text.clone().into_bytes())
    }
}

/// A compiled plan, in words.
pub struct System(Compilation);

impl System {
    pub fn compile(files: &Files) -> Self {
        let options = Options::new(date(2026, 11, 21));
        Self(compile(&Texts(files), "plan.mig", &options))
    }

    fn inventory(&self) -> &Inventory {
        self.0.inventory().unwrap()
    }

    fn graph(&self) -> &Graph {
        self.0.graph().unwrap()
    }

    pub fn edges(&self) -> Vec<Edge> {
        let inventory = self.inventory();
        let name = |node| whimbrel_compiler::analysis::nodes::name(inventory, node).to_owned();
        let edges = self.graph().edges.iter();
        edges
            .map(|edge| {
                let facts = edge.evidence.iter();
                let known = facts.map(|&fact| inventory.relations[fact].evidence.kind);
                let known = known.min().unwrap().mark().unwrap_or("declared");
                Edge {
                    from: name(edge.from),
                    to: name(edge.to),
                    kind: word(edge.kind).to_owned(),
                    known: known.to_owned(),
                    hidden: edge.hidden,
                    binding: edge.binding,
                }
            })
            .collect()
    }

    pub fn components(&self) -> Vec<Vec<&str>> {
        self.named(&self.graph().components)
    }

    pub fn binding_components(&self) -> Vec<Vec<&str>> {
        self.named(&self.graph().binding_components)
    }

    fn named(&self, components: &[Vec<ServiceId>]) -> Vec<Vec<&str>> {
        let name = |id: &ServiceId| self.inventory().services[*id].name.as_str();
        let named = components.iter().map(|services| {
            let mut names: Vec<&str> = services.iter().map(name).collect();
            names.sort_unstable();
            names
        });
        named.collect()
    }

    /// Code, name and message of each finding.
    pub fn findings(&self) -> Vec<String> {
        let found = self.0.diagnostics.iter();
        found
            .map(|found| {
                format!(
                    "{} {}: {}",
                    found.code.number, found.code.name, found.message
                )
            })
            .collect()
    }
}

fn word(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Call => "call",
        EdgeKind::Read => "read",
        EdgeKind::Write => "write",
        EdgeKind::Message => "message",
        EdgeKind::Pin => "pin",
        EdgeKind::Seen => "seen",
        EdgeKind::External => "external",
        EdgeKind::Order => "order",
    }
}

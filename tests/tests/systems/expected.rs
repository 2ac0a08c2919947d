//! What a reader of the manifests expects.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

use crate::system::folder;

/// `expected.toml` of one system.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Where its manifests are, below the folder of all systems.
    pub folder: String,
    /// The edges with where they come from.
    #[serde(rename = "edges")]
    pub lines: Vec<Line>,
    /// Components over all edges.
    pub components: Vec<Vec<String>>,
    /// Components over binding edges.
    pub binding_components: Vec<Vec<String>>,
    /// What is true and worth saying of this plan.
    #[serde(default)]
    findings: Vec<Finding>,
    /// `lines` in the words of the graph: a `use` is a read and a write.
    #[serde(skip)]
    pub edges: Vec<Edge>,
}

/// One line of the expectation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    from: String,
    to: String,
    kind: String,
    /// `path:line: what stands there`.
    pub cite: Vec<String>,
    #[serde(default = "configured")]
    known: String,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    binding: bool,
    /// Why it is believed, where the manifests do not say it.
    because: Option<String>,
}

fn configured() -> String {
    "configured".to_owned()
}

/// A finding that is true.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    /// Number and name.
    rule: String,
    /// What its message says.
    says: String,
    /// Why it is true of this system.
    because: String,
}

/// An edge of the graph.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub from: String,
    pub to: String,
    pub kind: String,
    pub known: String,
    pub hidden: bool,
    pub binding: bool,
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = if self.hidden { "hidden" } else { "declared" };
        let binding = if self.binding { "binding" } else { "loose" };
        let Self {
            from,
            to,
            kind,
            known,
            ..
        } = self;
        write!(f, "{from} -> {to} {kind} {known} {hidden} {binding}")
    }
}

impl Expected {
    pub fn read(name: &str) -> Self {
        let path = folder(name).join("expected.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let mut read: Self =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        read.edges = read.lines.iter().flat_map(Line::edges).collect();
        read
    }

    /// Every edge is expected and every expected edge is there, once.
    pub fn edges_against(&self, got: &[Edge]) -> Vec<String> {
        let wanted: BTreeSet<&Edge> = self.edges.iter().collect();
        assert_eq!(wanted.len(), self.edges.len(), "an edge is expected twice");
        let got: BTreeSet<&Edge> = got.iter().collect();
        let missing = wanted.difference(&got);
        let more = got.difference(&wanted);
        missing
            .map(|edge| format!("the compiler does not say: {edge}"))
            .chain(more.map(|edge| format!("the manifests do not say: {edge}")))
            .collect()
    }

    /// Every finding is expected and every expected finding is there, once.
    pub fn findings_against(&self, got: &[String]) -> Vec<String> {
        let mut left: Vec<&Finding> = self.findings.iter().collect();
        let mut found = Vec::new();
        for told in got {
            match left.iter().position(|finding| finding.tells(told)) {
                Some(index) => {
                    left.remove(index);
                }
                None => found.push(format!("no reason is given for: {told}")),
            }
        }
        let left = left
            .iter()
            .map(|finding| format!("not found: {} {}", finding.rule, finding.says));
        found.extend(left);
        found
    }
}

impl Finding {
    fn tells(&self, told: &str) -> bool {
        assert!(!self.because.is_empty(), "no reason for {}", self.rule);
        told.starts_with(&format!("{}: ", self.rule)) && told.contains(&self.says)
    }
}

impl Line {
    fn edges(&self) -> Vec<Edge> {
        assert!(
            !self.cite.is_empty(),
            "{} -> {}: no line",
            self.from,
            self.to
        );
        assert_eq!(
            self.because.is_some(),
            self.known == "guessed",
            "{} -> {}: a guess has a reason, and a reason makes a guess",
            self.from,
            self.to
        );
        let kinds: &[&str] = match self.kind.as_str() {
            "use" => &["read", "write"],
            kind => &[kind],
        };
        let edges = kinds.iter().map(|kind| Edge {
            from: self.from.clone(),
            to: self.to.clone(),
            kind: (*kind).to_owned(),
            known: self.known.clone(),
            hidden: self.hidden,
            binding: self.binding,
        });
        edges.collect()
    }
}

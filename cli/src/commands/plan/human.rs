//! The plan as people read it.

mod checklist;
mod reversals;
mod seam;

pub use checklist::agrees;
pub use whimbrel_compiler::analysis::checklist::name as criterion;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use whimbrel_compiler::analysis::cuts::Cuts;
use whimbrel_compiler::analysis::cycles;
use whimbrel_plan::{
    BatchMode, CycleHop, Edge, Graph, Inventory, Plan, ServiceId, StepId, Strategy, Unknown,
};

use super::blast;
use super::cuts::{self, bridges};
use crate::console::{Paint, Tone};
use crate::render::chart;
use crate::render::number::{self, count, duration};
use crate::render::table::{Align, Table, wrap};

/// Where and how it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Columns of text.
    pub width: usize,
    /// Colours.
    pub paint: Paint,
}

impl Page {
    /// The whole plan.
    pub fn plan(self, plan: &Plan, cuts: &Cuts) -> String {
        [
            self.title(plan),
            self.batches(plan),
            self.checklist(plan),
            self.cycles(&plan.inventory, &plan.graph),
            self.cuts(&plan.inventory, &plan.graph, cuts, &bridges(Some(plan))),
            self.critical_path(plan),
            self.seam(plan),
            self.blast(plan),
            self.reversals(plan),
            self.list("Unknown", &Unknown::sentences(&plan.unknown)),
            self.list("To bear in mind", &plan.remarks()),
        ]
        .into_iter()
        .filter(|section| !section.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
    }

    /// An inventory without a migration.
    pub fn graph(self, inventory: &Inventory, graph: &Graph, cuts: &Cuts) -> String {
        let hidden = graph.edges.iter().filter(|edge| edge.hidden).count();
        let services = count(inventory.services.len(), "service");
        let edges = count(graph.edges.len(), "dependency edge");
        let title = format!("{services}, {edges}, {hidden} of them hidden\n");
        let cycles = self.cycles(inventory, graph);
        let cuts = self.cuts(inventory, graph, cuts, &[]);
        let sections = [title, cycles, cuts].into_iter();
        let shown: Vec<String> = sections.filter(|section| !section.is_empty()).collect();
        shown.join("\n")
    }

    fn heading(self, text: &str) -> String {
        format!("{}\n", self.paint.tone(Tone::Heading, text))
    }

    fn title(self, plan: &Plan) -> String {
        let migration = &plan.migration;
        let name = self.paint.tone(Tone::Heading, &plan.title());
        let from = if migration.strategy_declared {
            "as declared"
        } else {
            "by the checklist"
        };
        let strategy = strategy(migration.strategy);
        let movers = plan.movers.len();
        let batches = plan.batches.len();
        let batches = format!("{batches} batch{}", if batches == 1 { "" } else { "es" });
        let path = duration(plan.critical_path_duration);
        let effort = number::number(plan.effort_hours, 0.0, 1.0);
        let cost = if migration.currency == whimbrel_plan::NO_CURRENCY {
            format!("{}\n", number::COST_UNKNOWN)
        } else {
            String::new()
        };
        format!(
            "{name}: {strategy}, {from}; {movers} to move in {batches}\n\
             {path} and {effort} person-hours at mean values; `whimbrel simulate` says how likely\n\
             {cost}"
        )
    }

    fn batches(self, plan: &Plan) -> String {
        let mut text = self.heading("Batches");
        for batch in plan.batches.values() {
            let mode = match batch.mode {
                BatchMode::Sequential => "one after another".to_owned(),
                BatchMode::Parallel => batch.at_once.map_or_else(
                    || "side by side".to_owned(),
                    |at_once| format!("side by side, {at_once} at once"),
                ),
            };
            let after: Vec<&str> = batch
                .after
                .iter()
                .map(|id| plan.batches[*id].name.as_str())
                .collect();
            let after = match after.as_slice() {
                [] => "from the start".to_owned(),
                names => format!("after {}", names.join(", ")),
            };
            let about = self.paint.tone(Tone::Faint, &format!("({mode}; {after})"));
            let _ = writeln!(text, "  {} {about}", batch.name);
            let mut table = Table::new(&[("", Align::Left), ("", Align::Left)]);
            for unit in &batch.units {
                for (at, member) in unit.members.iter().enumerate() {
                    let mark = if at > 0 { "+ " } else { "  " };
                    let name = format!("{mark}{}", plan.name(member.node));
                    table.row([name, member.reason.clone()]);
                }
            }
            text.push_str(&table.render(self.width, self.paint));
        }
        text
    }

    fn paragraph(self, text: &mut String, line: &str) {
        for part in wrap(line, self.width.saturating_sub(2)) {
            let _ = writeln!(text, "  {part}");
        }
    }

    fn cycles(self, inventory: &Inventory, graph: &Graph) -> String {
        if graph.cycles.is_empty() {
            return String::new();
        }
        let open = unbridged(inventory, graph);
        let mut text = self.heading("Cycles");
        for cycle in &graph.cycles {
            let services = graph.components.get(cycle.component);
            let size = services.map_or(0, Vec::len);
            let answered = services.is_some_and(|all| !all.iter().any(|id| open.contains(id)));
            let about = if answered { ", all bridged" } else { "" };
            let size = count(size, "service");
            let _ = writeln!(text, "  among {size}{about}, the shortest:");
            let mut table = Table::new(&[("", Align::Left); 3]);
            for hop in &cycle.hops {
                let from = &inventory.services[hop.from].name;
                let to = &inventory.services[hop.to].name;
                table.row([format!("  {from}"), format!("→ {to}"), why(inventory, hop)]);
            }
            text.push_str(&table.render(self.width, self.paint));
        }
        text
    }

    fn cuts(self, inventory: &Inventory, graph: &Graph, cuts: &Cuts, bridges: &[&str]) -> String {
        let cuts = cuts::listed(inventory, graph, cuts, bridges);
        if cuts.is_empty() {
            return cuts;
        }
        self.heading("Cuts") + &cuts
    }

    fn critical_path(self, plan: &Plan) -> String {
        if plan.critical_path.is_empty() {
            return String::new();
        }
        let mut text = self.heading("Critical path at mean durations");
        let mut table = Table::new(&[("", Align::Left), ("", Align::Left), ("", Align::Left)]);
        for run in runs(plan) {
            let (name, steps) = run;
            let batch = steps
                .first()
                .and_then(|id| plan.steps[*id].batch)
                .map_or("", |batch| plan.batches[batch].name.as_str());
            let acts: Vec<&str> = steps
                .iter()
                .map(|id| local(&plan.steps[*id].name))
                .collect();
            table.row([batch.to_owned(), name.to_owned(), acts.join(" → ")]);
        }
        text.push_str(&table.render(self.width, self.paint));
        let _ = writeln!(text, "  together {}", duration(plan.critical_path_duration));
        text
    }

    fn blast(self, plan: &Plan) -> String {
        let Some(blast) = blast::worst(plan) else {
            return String::new();
        };
        let of = plan.name(blast.of);
        let hurt = blast.services;
        let all = count(plan.inventory.services.len(), "service");
        let mut text = self.heading("Blast radius");
        let line = match blast.share {
            Some(share) => {
                let percent = number::percent(share, 0.01);
                format!("`{of}` failing hurts {hurt} of {all} and {percent} of all requests")
            }
            None => format!("`{of}` failing hurts {hurt} of {all}; no traffic is known"),
        };
        let bar = blast
            .share
            .map_or_else(String::new, |share| chart::bar(share, 30));
        let _ = writeln!(text, "  {line}");
        if !bar.is_empty() {
            let _ = writeln!(text, "  {}", self.paint.tone(Tone::Bar, &bar));
        }
        text
    }

    fn list(self, heading: &str, lines: &[String]) -> String {
        if lines.is_empty() {
            return String::new();
        }
        let mut text = self.heading(heading);
        for line in lines {
            for (at, part) in wrap(line, self.width.saturating_sub(4)).iter().enumerate() {
                let mark = if at == 0 { "- " } else { "  " };
                let _ = writeln!(text, "  {mark}{part}");
            }
        }
        text
    }
}

fn why(inventory: &Inventory, hop: &CycleHop) -> String {
    let kind = format!("{:?}", hop.kind).to_lowercase();
    let mut why = hop.via.map_or(kind.clone(), |via| {
        format!("{kind} through `{}`", inventory.resources[via].name)
    });
    let place = hop
        .evidence
        .first()
        .map(|id| &inventory.relations[*id].evidence.location);
    if let Some(place) = place {
        let _ = write!(why, ", {}:{}", place.file, place.line);
    }
    if let Some(mark) = hop.known(inventory).mark() {
        let _ = write!(why, ", {mark}");
    }
    if hop.hidden {
        why.push_str("  ← hidden");
    }
    why
}

/// Runs of steps of one thing on the critical path.
fn runs(plan: &Plan) -> Vec<(&str, Vec<StepId>)> {
    let mut runs: Vec<(&str, Vec<StepId>)> = Vec::new();
    for id in plan
        .critical_path
        .iter()
        .filter(|id| !plan.steps[**id].added)
    {
        let name = plan.steps[*id].name.as_str();
        let subject = name.split_once('/').map_or(name, |(subject, _)| subject);
        match runs.last_mut() {
            Some((last, steps)) if *last == subject => steps.push(*id),
            _ => runs.push((subject, vec![*id])),
        }
    }
    runs
}

/// The step's name within its thing.
fn local(name: &str) -> &str {
    name.split_once('/').map_or(name, |(_, local)| local)
}

/// Services that still need one another over edges that no bridge carries.
fn unbridged(inventory: &Inventory, graph: &Graph) -> BTreeSet<ServiceId> {
    let open = graph.edges.iter().filter(|edge| edge.bridge.is_none());
    let open: Vec<Edge> = open.cloned().collect();
    let found = cycles::find(&open, inventory);
    found.components.into_iter().flatten().collect()
}

/// The name of a strategy.
pub fn strategy(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Sequential => "sequential",
        Strategy::Parallel => "parallel",
        Strategy::Hybrid => "hybrid",
    }
}

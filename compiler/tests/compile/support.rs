//! A project in memory, and what the cases ask of a compilation.

use std::collections::HashMap;

use jiff::civil::date;
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};
use whimbrel_lang::{Diagnostic, Span};
use whimbrel_plan::{Mover, Plan, Step, StepId, Strategy};

/// Two platforms and a migration between them.
pub const MOVE: &str = "
platform old { }
platform new { }
migration all { from = old; to = new; start = 2027-01-11 }
";

/// A pattern whose order is easy to follow: prepare, shift, keep, gone.
pub const HOP: &str = "
pattern hop() for service {
  step prepare { kind = deploy; does = deploy.apply(service); takes = 1h }
  step shift { kind = shift; does = traffic.shift(service, to: 100%); soak = 1h }
  step keep { kind = keep; soak = 1d }
  step gone { kind = decommission; does = deploy.remove(service, from: migration.from); takes = 1h }
}
";

/// The same for a datastore: load, switch, keep, gone.
pub const COPY: &str = "
pattern copy() for datastore {
  step load { kind = bootstrap; takes = 1h }
  step switch { kind = cutover; does = data.switch_reads(datastore); takes = 1h }
  step keep { kind = keep; soak = 1d }
  step gone { kind = decommission; does = deploy.remove(datastore, from: migration.from); takes = 1h }
}
";

struct Project(HashMap<String, Vec<u8>>);

impl Provider for Project {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.0.get(path).cloned().ok_or(ReadError::NotFound)
    }
}

/// Compiles files; the first is the entry.
pub fn project(files: &[(&str, &str)]) -> Compilation {
    compiled_with(files, &Options::new(date(2026, 11, 21)))
}

fn compiled_with(files: &[(&str, &str)], options: &Options) -> Compilation {
    let texts = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect();
    compile(&Project(texts), files[0].0, options)
}

/// Compiles one text under a scenario.
pub fn under(scenario: &str, text: &str) -> Compilation {
    let options = Options::new(date(2026, 11, 21)).scenario(scenario);
    compiled_with(&[("plan.mig", text)], &options)
}

/// Compiles one text under another strategy.
pub fn compiled_as(strategy: Strategy, text: &str) -> Compilation {
    let options = Options::new(date(2026, 11, 21)).strategy(strategy);
    compiled_with(&[("plan.mig", text)], &options)
}

/// Compiles files under a scenario.
pub fn project_under(scenario: &str, files: &[(&str, &str)]) -> Compilation {
    compiled_with(files, &Options::new(date(2026, 11, 21)).scenario(scenario))
}

/// Compiles one text.
pub fn compiled(text: &str) -> Compilation {
    project(&[("plan.mig", text)])
}

/// The plan of a text that means what it says.
pub fn plan(text: &str) -> Plan {
    plan_of(compiled(text))
}

/// The plan of a compilation without errors of syntax, names, types or order.
pub fn plan_of(compilation: Compilation) -> Plan {
    assert!(
        compilation.is_runnable(),
        "{:#?}",
        told(&compilation, |_| true)
    );
    compilation.plan.unwrap()
}

/// The text a span covers.
pub fn shown(compilation: &Compilation, span: Span) -> &str {
    let source = compilation.sources.get(span.source);
    &source.text()[span.start as usize..span.end as usize]
}

/// Findings that pass, as `code file:line`.
pub fn told(compilation: &Compilation, keep: impl Fn(&Diagnostic) -> bool) -> Vec<String> {
    compilation
        .diagnostics
        .iter()
        .filter(|found| keep(found))
        .map(|found| {
            let span = found.primary.span;
            let path = compilation.sources.get(span.source).path();
            let line = compilation
                .sources
                .line_column(span.source, span.start)
                .line;
            format!("{} {path}:{line}", found.code.name)
        })
        .collect()
}

/// What is wrong with syntax, names, types and order, as `code file:line`.
pub fn errors(compilation: &Compilation) -> Vec<String> {
    told(compilation, |found| {
        let families = ["MG00", "MG01", "MG02"];
        let mut families = families.iter();
        found.code.name != "unused-definition"
            && families.any(|family| found.code.number.starts_with(family))
    })
}

/// The one finding with this code.
#[track_caller]
pub fn finding<'a>(compilation: &'a Compilation, code: &str) -> &'a Diagnostic {
    let mut found = compilation
        .diagnostics
        .iter()
        .filter(|found| found.code.name == code);
    let first = found.next();
    let Some(first) = first else {
        panic!("no `{code}` in {:#?}", told(compilation, |_| true));
    };
    assert_eq!(found.next(), None, "`{code}` twice");
    first
}

/// The step of that name.
#[track_caller]
pub fn id(plan: &Plan, name: &str) -> StepId {
    match plan.steps.iter().find(|(_, step)| step.name == name) {
        Some((id, _)) => id,
        None => panic!("no step `{name}` in {:?}", names(plan)),
    }
}

/// The step of that name.
#[track_caller]
pub fn step<'a>(plan: &'a Plan, name: &str) -> &'a Step {
    &plan.steps[id(plan, name)]
}

/// The names of all steps.
pub fn names(plan: &Plan) -> Vec<&str> {
    plan.steps.values().map(|step| step.name.as_str()).collect()
}

/// The steps a step waits for directly, by name, sorted.
#[track_caller]
pub fn waits_for<'a>(plan: &'a Plan, name: &str) -> Vec<&'a str> {
    let mut before: Vec<&str> = step(plan, name)
        .predecessors
        .iter()
        .map(|id| plan.steps[*id].name.as_str())
        .collect();
    before.sort_unstable();
    before
}

/// Whether `first` is finished before `second` starts, whatever happens.
#[track_caller]
pub fn precedes(plan: &Plan, first: &str, second: &str) -> bool {
    let first = id(plan, first);
    let mut open = vec![id(plan, second)];
    let mut seen = vec![false; plan.steps.len()];
    while let Some(at) = open.pop() {
        for before in &plan.steps[at].predecessors {
            if *before == first {
                return true;
            }
            if !std::mem::replace(&mut seen[before.index()], true) {
                open.push(*before);
            }
        }
    }
    false
}

/// The record of what moves.
#[track_caller]
pub fn mover<'a>(plan: &'a Plan, name: &str) -> &'a Mover {
    plan.movers
        .iter()
        .find(|mover| plan.name(mover.node) == name)
        .unwrap()
}

/// The name of the step that settles something.
#[track_caller]
pub fn cutover<'a>(plan: &'a Plan, name: &str) -> &'a str {
    &plan.steps[mover(plan, name).cutover].name
}

/// Batches as (name, members of each unit).
pub fn batches(plan: &Plan) -> Vec<(&str, Vec<Vec<&str>>)> {
    plan.batches
        .values()
        .map(|batch| {
            let units = batch
                .units
                .iter()
                .map(|unit| {
                    unit.members
                        .iter()
                        .map(|member| plan.name(member.node))
                        .collect()
                })
                .collect();
            (batch.name.as_str(), units)
        })
        .collect()
}

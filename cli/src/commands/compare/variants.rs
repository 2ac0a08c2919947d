//! What is compared: the plan as written, under strategies, and under its scenarios.

use rayon::prelude::*;
use whimbrel_compiler::{Compilation, Options};
use whimbrel_lang::nearest;
use whimbrel_plan::{Plan, Strategy};

use crate::commands::plan::strategy as word;
use crate::error::{BAD_ARGUMENT, CliError, NO_PLAN};
use crate::project::{self, Project};
use crate::render::diagnostics::Findings;

/// What the plan as it stands is called.
pub const AS_WRITTEN: &str = "as-written";

const STRATEGIES: [Strategy; 3] = [Strategy::Sequential, Strategy::Parallel, Strategy::Hybrid];

/// What is otherwise about a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing.
    AsWritten,
    /// Another strategy, and no batches by hand.
    Strategy(Strategy),
    /// What a scenario says.
    Scenario(String),
}

impl Way {
    /// What programs call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AsWritten => "plan",
            Self::Strategy(_) => "strategy",
            Self::Scenario(_) => "scenario",
        }
    }
}

/// One thing to compare.
pub struct Variant {
    /// Its name, like no other's.
    pub name: String,
    /// What is otherwise.
    pub way: Way,
    /// Its plan, or why there is none that could be simulated.
    pub plan: Result<Plan, Problem>,
    /// The variant before it that has the same plan.
    pub same_as: Option<String>,
}

/// Why a variant cannot be simulated.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Code of the finding.
    pub code: String,
    /// What it says.
    pub message: String,
    /// Where it stands: `plan.mig:12:3`.
    pub place: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

/// What the arguments ask for.
pub struct Asked<'a> {
    /// Without any of both all are meant.
    pub strategies: &'a [Strategy],
    /// Names of scenarios.
    pub scenarios: &'a [String],
    /// What the others are held against.
    pub baseline: &'a str,
}

/// The plans of all variants that have one, each once, with their positions.
pub fn distinct(variants: &[Variant]) -> impl Iterator<Item = (usize, &Plan)> {
    let variants = variants.iter().enumerate();
    variants.filter_map(|(at, variant)| {
        let plan = variant.plan.as_ref().ok()?;
        variant.same_as.is_none().then_some((at, plan))
    })
}

/// Takes the plan of a variant, and of those that have the same one.
pub fn fail(variants: &mut [Variant], name: &str, problem: &Problem) {
    for variant in variants {
        if variant.name == name || variant.same_as.as_deref() == Some(name) {
            variant.plan = Err(problem.clone());
        }
    }
}

/// Compiles all that is asked for.
///
/// # Errors
/// When there is no such scenario, or nothing that the baseline could be.
pub fn compile(
    project: &Project,
    scenarios: &[String],
    asked: &Asked<'_>,
    options: &Options,
) -> Result<Vec<Variant>, CliError> {
    let ways = ways(scenarios, asked)?;
    let compiled: Result<Vec<Variant>, CliError> = ways
        .into_par_iter()
        .map(|(name, way)| {
            // What is wrong with one scenario is no fault of the others.
            let options = of(&way, options.clone().alone());
            let (entry, shown) = (&project.entry, project.shown());
            let compilation = project::compile(&project.folder, entry, &shown, &options)?;
            Ok(Variant {
                name,
                way,
                plan: runnable(project, &compilation),
                same_as: None,
            })
        })
        .collect();
    let mut variants = compiled?;
    find_twins(&mut variants);
    Ok(variants)
}

/// What a variant is compiled with.
fn of(way: &Way, options: Options) -> Options {
    match way {
        Way::AsWritten => options,
        Way::Strategy(strategy) => options.strategy(*strategy),
        Way::Scenario(name) => options.scenario(name),
    }
}

/// Every variant that there is, by name.
fn all(scenarios: &[String]) -> Vec<(String, Way)> {
    // A scenario keeps the name that the plan gives it.
    let name = |word: &str, kind: &str| {
        if scenarios.iter().any(|scenario| scenario == word) {
            format!("{kind}/{word}")
        } else {
            word.to_owned()
        }
    };
    let strategies = STRATEGIES.map(|it| (name(word(it), "strategy"), Way::Strategy(it)));
    let scenarios = scenarios.iter();
    std::iter::once((name(AS_WRITTEN, "plan"), Way::AsWritten))
        .chain(strategies)
        .chain(scenarios.map(|name| (name.clone(), Way::Scenario(name.clone()))))
        .collect()
}

/// The variants that are asked for, and the baseline.
fn ways(scenarios: &[String], asked: &Asked<'_>) -> Result<Vec<(String, Way)>, CliError> {
    let mut all = all(scenarios);
    if !all.iter().any(|(name, _)| name == asked.baseline) {
        return Err(no_such_baseline(asked.baseline, &all));
    }
    if asked.strategies.is_empty() && asked.scenarios.is_empty() {
        return Ok(all);
    }
    // One that the plan does not have is told of when it is compiled.
    let unknown = asked.scenarios.iter();
    let unknown = unknown.filter(|name| !scenarios.contains(name));
    all.extend(unknown.map(|name| (name.clone(), Way::Scenario(name.clone()))));
    all.retain(|(name, way)| {
        name == asked.baseline
            || match way {
                Way::AsWritten => false,
                Way::Strategy(strategy) => asked.strategies.contains(strategy),
                Way::Scenario(name) => asked.scenarios.contains(name),
            }
    });
    Ok(all)
}

fn no_such_baseline(name: &str, all: &[(String, Way)]) -> CliError {
    let names = || all.iter().map(|(name, _)| name.as_str());
    let help = nearest(name, names()).map_or_else(
        || format!("name one of {}", names().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    let message = format!("there is no variant `{name}` to hold the others against");
    CliError::new(BAD_ARGUMENT, message).help(help)
}

fn runnable(project: &Project, compilation: &Compilation) -> Result<Plan, Problem> {
    if let Some(found) = compilation.obstacle() {
        let findings = Findings {
            sources: &compilation.sources,
            diagnostics: &compilation.diagnostics,
            prefix: &project.prefix,
        };
        return Err(Problem {
            code: found.code.number.to_owned(),
            message: found.message.clone(),
            place: Some(findings.place(found.primary.span)),
            help: found.help.clone(),
        });
    }
    compilation.plan.clone().ok_or_else(|| Problem {
        code: NO_PLAN.number.to_owned(),
        message: "there is no `migration` to work with".to_owned(),
        place: None,
        help: None,
    })
}

/// Marks the variants whose plan is that of another before them, whatever it is called.
fn find_twins(variants: &mut [Variant]) {
    let mut known: Vec<(String, String)> = Vec::new();
    for variant in variants {
        let hash = variant.plan.as_ref().ok().and_then(|plan| {
            let unnamed = Plan {
                scenario: None,
                ..plan.clone()
            };
            unnamed.hash().ok()
        });
        let Some(hash) = hash else {
            continue;
        };
        match known.iter().find(|(other, _)| *other == hash) {
            Some((_, name)) => variant.same_as = Some(name.clone()),
            None => known.push((hash, variant.name.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(scenarios: &[&str], asked: &Asked<'_>) -> Vec<String> {
        let scenarios: Vec<String> = scenarios.iter().map(|&name| name.to_owned()).collect();
        let ways = ways(&scenarios, asked).unwrap();
        ways.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn what_is_not_asked_for_is_left_out_but_the_baseline() {
        let asked = |strategies, scenarios, baseline| Asked {
            strategies,
            scenarios,
            baseline,
        };
        let known = ["big_team", "late"];
        assert_eq!(
            names(&known, &asked(&[], &[], AS_WRITTEN)),
            [
                "as-written",
                "sequential",
                "parallel",
                "hybrid",
                "big_team",
                "late"
            ]
        );
        let late = ["late".to_owned()];
        assert_eq!(
            names(&known, &asked(&[], &late, AS_WRITTEN)),
            ["as-written", "late"]
        );
        assert_eq!(
            names(&known, &asked(&[Strategy::Hybrid], &late, "big_team")),
            ["hybrid", "big_team", "late"]
        );
    }

    #[test]
    fn a_scenario_named_like_a_strategy_keeps_its_name() {
        let asked = Asked {
            strategies: &[Strategy::Parallel],
            scenarios: &["parallel".to_owned()],
            baseline: "parallel",
        };
        assert_eq!(
            names(&["parallel"], &asked),
            ["strategy/parallel", "parallel"]
        );
    }
}

//! One derivation for each criterion: the score and its reason with numbers, or why it is unknown.

use rustc_hash::FxHashSet;
use whimbrel_plan::{
    Criterion, EdgeKind, Inventory, Need, Node, ServiceId, ServiceKind, Tier, money,
};

use super::super::nodes;
use super::tables::{
    ABOVE_SUPPORTING, AUTOMATED, COUPLED, CRITICAL, DUAL_RUNNING, ENGINEERS, HARD_EDGES, REGIMES,
    REVENUE, Regimes, TIME_USED,
};
use super::{ChecklistInput, UNREHEARSED_AUTOMATION};

type Derived = Result<(u8, String), String>;

const SECONDS_PER_DAY: f64 = 86_400.0;
const SECONDS_PER_HOUR: f64 = 3_600.0;

pub(super) fn derive(input: &ChecklistInput<'_>, criterion: Criterion) -> Derived {
    match criterion {
        Criterion::Coupling => coupling(input),
        Criterion::TeamSize => team_size(input),
        Criterion::Automation => automation(input),
        Criterion::RiskTolerance => risk_tolerance(input),
        Criterion::Timeline => timeline(input),
        Criterion::DualRunning => dual_running(input),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of what a plan names")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn percent(ratio: f64) -> String {
    format!("{:.0} %", ratio * 100.0)
}

/// The lower score of the share of coupled services and the hard edges per service.
fn coupling(input: &ChecklistInput<'_>) -> Derived {
    let services = input.inventory.services.values();
    let count = services
        .filter(|service| service.kind != ServiceKind::Telemetry)
        .count();
    if count == 0 || input.graph.edges.is_empty() {
        return Err("no dependency is known".to_owned());
    }
    let coupled = coupled(input).len();
    let hard = input
        .graph
        .edges
        .iter()
        .filter(|edge| edge.need == Need::Hard)
        .filter(|edge| matches!((edge.from, edge.to), (Node::Service(_), Node::Service(_))))
        .count();
    let (share, each) = (ratio(coupled, count), ratio(hard, count));
    let score = COUPLED.score(share).min(HARD_EDGES.score(each));
    let reason = format!(
        "{coupled} of {count} services ({}) are in a cycle or share a written table; {each:.1} hard \
         edges per service",
        percent(share)
    );
    Ok((score, reason))
}

/// Services in a cycle, and users of what another writes.
fn coupled(input: &ChecklistInput<'_>) -> FxHashSet<ServiceId> {
    let edges = &input.graph.edges;
    let shared: FxHashSet<Node> = edges
        .iter()
        .filter(|edge| edge.kind == EdgeKind::Read && matches!(edge.from, Node::Resource(_)))
        .map(|edge| edge.from)
        .collect();
    let users = edges.iter().filter_map(|edge| match edge.from {
        Node::Service(id) if is_use(edge.kind) && shared.contains(&edge.to) => Some(id),
        _ => None,
    });
    let cycles = input.graph.components.iter().flatten().copied();
    cycles.chain(users).collect()
}

fn is_use(kind: EdgeKind) -> bool {
    matches!(kind, EdgeKind::Read | EdgeKind::Write)
}

/// The engineers who are known; teams of unknown size do not help.
fn team_size(input: &ChecklistInput<'_>) -> Derived {
    let teams = || input.teams.iter().map(|&id| &input.inventory.teams[id]);
    let known: Vec<u32> = teams().filter_map(|team| team.engineers).collect();
    if known.is_empty() {
        return Err("no team of the migration says how many engineers it has".to_owned());
    }
    let engineers: u32 = known.iter().sum();
    let unknown = teams().count() - known.len();
    let more = match unknown {
        0 => String::new(),
        _ => format!(", without {unknown} teams of unknown size"),
    };
    let teams = if known.len() == 1 { "team" } else { "teams" };
    let reason = format!("{engineers} engineers in {} {teams}{more}", known.len());
    Ok((ENGINEERS.score(f64::from(engineers)), reason))
}

fn automation(input: &ChecklistInput<'_>) -> Derived {
    let share = input
        .automation_share
        .ok_or("no steps to look at".to_owned())?;
    let score = AUTOMATED.score(share);
    let reason = format!(
        "{} of the steps are carried out, checked and undone by an executor",
        percent(share)
    );
    if score > UNREHEARSED_AUTOMATION && !input.rehearsal_passed {
        let reason = format!("{reason}; held at {UNREHEARSED_AUTOMATION} until a rehearsal passes");
        return Ok((UNREHEARSED_AUTOMATION, reason));
    }
    Ok((score, reason))
}

/// The least score that tiers, revenue and regimes of what moves leave.
fn risk_tolerance(input: &ChecklistInput<'_>) -> Derived {
    let exposed = Exposed::of(input.inventory);
    if exposed.is_silent() {
        return Err("nothing that moves has a tier, a revenue or a regime".to_owned());
    }
    let critical = ratio(exposed.critical, exposed.count);
    let above = ratio(exposed.above_supporting, exposed.count);
    let mut score = CRITICAL.score(critical).min(ABOVE_SUPPORTING.score(above));
    let mut reason = format!(
        "{} of {} that move are critical",
        exposed.critical, exposed.count
    );
    if let Some(revenue) = exposed.revenue {
        score = score.min(REVENUE.score(revenue * SECONDS_PER_HOUR));
        let revenue = money(revenue * SECONDS_PER_HOUR, input.currency);
        reason += &format!("; revenue of {revenue} an hour");
    }
    for name in &exposed.regimes {
        let regimes = regimes_of(name);
        let left = regimes.map_or(1, |regimes| match exposed.critical {
            0 => regimes.score,
            _ => regimes.score_if_critical,
        });
        score = score.min(left);
        let what = regimes.map_or("", |regimes| regimes.what);
        reason += &format!("; `{name}`: {what}");
    }
    Ok((score, reason))
}

fn regimes_of(name: &str) -> Option<&'static Regimes> {
    let name = name.to_lowercase().replace('-', "_");
    let named = REGIMES
        .iter()
        .find(|regimes| regimes.names.contains(&name.as_str()));
    named.or(REGIMES.first())
}

/// What a failure could hurt.
#[derive(Default)]
struct Exposed {
    count: usize,
    critical: usize,
    above_supporting: usize,
    /// Per second.
    revenue: Option<f64>,
    regimes: Vec<String>,
}

impl Exposed {
    fn of(inventory: &Inventory) -> Self {
        let mut exposed = Self::default();
        let moving = nodes::all(inventory).filter(|&node| nodes::moves(inventory, node));
        for node in moving {
            let tier = match node {
                Node::Service(id) => {
                    let service = &inventory.services[id];
                    if let Some(revenue) = &service.revenue {
                        let known = exposed.revenue.unwrap_or(0.0);
                        exposed.revenue = Some(known + revenue.mean());
                    }
                    service.tier
                }
                Node::Resource(id) => {
                    let resource = &inventory.resources[id];
                    exposed.regimes.extend(resource.regimes.iter().cloned());
                    // What only stands in something that moves is counted with it.
                    if !resource.moves {
                        continue;
                    }
                    resource.tier
                }
            };
            exposed.count += 1;
            exposed.critical += usize::from(tier == Tier::Critical);
            exposed.above_supporting += usize::from(tier != Tier::Supporting);
        }
        exposed.regimes.sort_unstable();
        exposed.regimes.dedup();
        exposed
    }

    /// Supporting is the default, so it says nothing by itself.
    fn is_silent(&self) -> bool {
        self.above_supporting == 0 && self.revenue.is_none() && self.regimes.is_empty()
    }
}

fn timeline(input: &ChecklistInput<'_>) -> Derived {
    let Some(deadline) = input.deadline else {
        return Ok((2, "there is no deadline".to_owned()));
    };
    let days = input
        .sequential_duration_days
        .ok_or("the sequential duration is unknown".to_owned())?;
    let available = deadline.duration_since(input.start).as_secs_f64() / SECONDS_PER_DAY;
    let used = if available > 0.0 {
        days / available
    } else {
        f64::INFINITY
    };
    let reason = format!("{days:.0} days in sequence, {available:.0} days until the deadline");
    Ok((TIME_USED.score(used), reason))
}

fn dual_running(input: &ChecklistInput<'_>) -> Derived {
    let cost = input
        .sequential_dual_running_cost
        .ok_or("what dual running costs is unknown".to_owned())?;
    let (whole, what) = match (input.budget, input.year_running_cost) {
        (Some(budget), _) => (budget, "of the budget"),
        (None, Some(year)) => (year, "of a year's running cost"),
        (None, None) => return Err("neither a budget nor a running cost is known".to_owned()),
    };
    if whole <= 0.0 {
        return Err(format!("a share {what} cannot be taken: it is zero"));
    }
    let share = cost / whole;
    let reason = format!(
        "{} of dual running in sequence, {} {what} of {}",
        money(cost, input.currency),
        percent(share),
        money(whole, input.currency)
    );
    Ok((DUAL_RUNNING.score(share), reason))
}

//! The checklist of each batch. The scores come from the breakpoints that `explain checklist` prints.

use whimbrel_plan::{ChecklistScore, Plan, ScoreSource, Strategy};

use crate::support::plan;

/// Each thing is settled 48 hours after it begins: a day of work, a day of soak. `a` and `b` call
/// each other and share a table; `c` and `d` call `a`.
fn two_batches(platform: &str, rest: &str) -> Plan {
    plan(&format!(
        "platform old {{ {platform} }}
platform new {{ {platform} }}
migration all {{ from = old; to = new; start = 2027-01-11; deadline = 2027-01-16; budget = $800 }}
team small {{ engineers = 2 }}
team large {{ engineers = 10 }}
pattern slow() for service {{
  step work {{ kind = deploy; does = deploy.apply(service); takes = 24wh }}
  step shift {{ does = traffic.shift(service, to: 100%); soak = 24h }}
}}
defaults service {{ move = slow() }}
datastore stock {{ to = stay; table shelves }}
service a {{ team = small; tier = critical; calls b {{ need = hard }}; writes stock.shelves; cost {{ new = $1/h }} }}
service b {{ team = small; calls a {{ need = hard }}; reads stock.shelves }}
service c {{ team = large; calls a {{ need = hard }} }}
service d {{ team = large; calls a {{ need = hard }} }}
batch one {{ members = [a, b]; mode = parallel }}
batch two {{ members = [c, d]; mode = parallel }}
{rest}"
    ))
}

const EXECUTED: &str = "deploy = bash(script: \"x.sh\"); traffic = bash(script: \"x.sh\")";
const REHEARSED: &str = "environment staging { }
rehearsal back { of = one; on = staging; date = 2026-11-01; took = 5min; passed = true }";

fn scores(plan: &Plan) -> Vec<Vec<u8>> {
    let of = |score: &ChecklistScore| score.score;
    let batches = plan.batch_checklists.iter();
    batches
        .map(|checklist| checklist.scores.iter().map(of).collect())
        .collect()
}

/// Coupling: in `one` both services are in a cycle (above 50 %: 1); in `two` nothing hangs together,
/// for what reaches into another batch is not of it (counted, its two calls were one for each service
/// and gave 4). Teams: 2 and 10 engineers. Automation: nothing carries a step out. Risk: one of two is
/// critical (above 25 %: 2); of supporting services nobody knows. Time: four days in sequence; each
/// batch is planned for two, and of the six days until the end of the 16th the two batches leave two:
/// 4 of 2 + 2 days, all of it. Dual running: $48 for `a` are 12 % of half the budget (up to 25 %: 3;
/// of the whole they were 6 %, which gives 2); nothing of `c` and `d` is known.
#[test]
fn each_batch_is_scored_by_what_is_in_it() {
    let plan = two_batches("", "");
    assert_eq!(scores(&plan), [[1, 2, 1, 2, 4, 3], [5, 5, 1, 1, 4, 1]]);
    let unknown = |checklist: &whimbrel_plan::Checklist| {
        let scores = checklist.scores.iter();
        scores
            .filter(|score| score.source == ScoreSource::Unknown)
            .count()
    };
    let unknown: Vec<usize> = plan.batch_checklists.iter().map(unknown).collect();
    assert_eq!(unknown, [0, 2]);
    let totals: Vec<u8> = plan.batch_checklists.iter().map(|one| one.total).collect();
    assert_eq!(totals, [13, 17]);
    let verdicts: Vec<Strategy> = plan
        .batch_checklists
        .iter()
        .map(|one| one.verdict)
        .collect();
    assert_eq!(verdicts, [Strategy::Hybrid, Strategy::Hybrid]);
}

/// What the plan answers itself holds for every batch.
#[test]
fn declared_answers_hold_for_all() {
    let plan = two_batches("", "checklist { coupling = 3 because \"they know both\" }");
    let coupling: Vec<u8> = scores(&plan).iter().map(|scores| scores[0]).collect();
    assert_eq!(coupling, [3, 3]);
}

/// Above 3 a batch's automation comes only with a rehearsal of that batch.
#[test]
fn a_rehearsal_counts_for_its_own_batch() {
    let plan = two_batches(EXECUTED, REHEARSED);
    let automation: Vec<u8> = scores(&plan).iter().map(|scores| scores[2]).collect();
    assert_eq!(automation, [5, 3]);
}

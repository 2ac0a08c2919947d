//! Scenarios: what is laid over a plan, and what is said about it.

use whimbrel_plan::{Act, Amount, BatchMode, Distribution, Plan, Strategy};

use crate::support::{
    HOP, MOVE, batches, compiled, compiled_as, errors, finding, id, mover, plan, plan_of, project,
    project_under, shown, step, under,
};

/// Two services and a store in hand-written batches, and a team.
const SHOP: &str = "
team payments { engineers = 5; rate = $95/h }
instance pg { engine = postgresql
  datastore orders_db { size = 2TB; table orders }
}
service orders {
  team = payments; traffic = 100rps; move = hop()
  calls ledger { rate = 40rps; need = hard }
  cost { old = $24/d; new = $48/d }
  step shift { soak = 2h }
}
service ledger { move = hop() }
service ads { move = hop() }
batch core { members = [ledger, orders]; mode = sequential }
batch rest { members = remaining; mode = parallel }
";

fn shop(scenario: &str) -> String {
    let scenario = scenario.replace('\n', "\n  ");
    format!("{MOVE}{HOP}{SHOP}scenario other {{\n  {scenario}\n}}\n")
}

/// The plan under the scenario.
#[track_caller]
fn other(scenario: &str) -> Plan {
    plan_of(under("other", &shop(scenario)))
}

fn service<'a>(plan: &'a Plan, name: &str) -> &'a whimbrel_plan::Service {
    plan.inventory
        .services
        .values()
        .find(|s| s.name == name)
        .unwrap()
}

#[test]
fn attributes_replace_and_the_rest_stays() {
    let plan = other(
        "service orders { traffic = 300rps; cost { new = $96/d } }\nteam payments { engineers = 9 }",
    );
    let orders = service(&plan, "orders");
    assert_eq!(orders.traffic, Some(300.0.into()));
    assert_eq!(
        (
            orders.cost.old_per_day.clone(),
            orders.cost.new_per_day.clone()
        ),
        (Some(24.0.into()), Some(96.0.into()))
    );
    assert_eq!(
        step(&plan, "orders/shift").soak,
        2.0 * 3_600.0,
        "what the scenario leaves alone"
    );
    let team = plan.inventory.teams.values().next().unwrap();
    assert_eq!(
        (team.engineers, team.rate_per_hour.clone()),
        (Some(9), Some(95.0.into()))
    );
}

/// A relation to the same target replaces the attributes it gives; to another it is one more.
#[test]
fn relations_add_and_merge_by_target() {
    let plan = other("service orders { calls ledger { rate = 80rps }; calls ads { need = soft } }");
    let relations: Vec<(Option<Amount>, whimbrel_plan::Need)> = plan
        .inventory
        .relations
        .values()
        .map(|r| (r.rate.clone(), r.need))
        .collect();
    use whimbrel_plan::Need::{Hard, Soft};
    assert_eq!(relations.len(), 2);
    assert!(
        relations.contains(&(Some(80.0.into()), Hard)),
        "the need stays as it was: {relations:?}"
    );
    assert!(relations.contains(&(None, Soft)), "{relations:?}");
}

/// Kinds before names do not make another relation of one.
#[test]
fn a_target_with_its_kind_is_the_same_target() {
    let text = shop("service orders { reads datastore.orders_db { rate = 2rps } }").replace(
        "calls ledger {",
        "reads orders_db { rate = 1rps }\n  calls ledger {",
    );
    let plan = plan_of(under("other", &text));
    let rates = plan.inventory.relations.values().map(|r| r.rate.clone());
    let rates: Vec<Option<Amount>> = rates.collect();
    assert_eq!(rates.len(), 2, "one call, one read");
    assert!(
        rates.contains(&Some(2.0.into())) && !rates.contains(&Some(1.0.into())),
        "{rates:?}"
    );
}

#[test]
fn a_step_merges_and_beats_a_without_and_the_other_way_round() {
    let merged = other("service orders { step shift { takes = 3h } }");
    let shift = step(&merged, "orders/shift");
    assert_eq!(shift.soak, 2.0 * 3_600.0);
    let three_hours = Distribution::constant(3.0 * 3_600.0);
    assert_eq!(shift.act, Act::Elapsed(three_hours));
    let dropped = other("service orders { without shift; step gone { takes = 3h } }");
    assert!(
        dropped
            .steps
            .values()
            .all(|step| step.name != "orders/shift")
    );
    let text = shop("service orders { step shift { soak = 5h } }")
        .replace("step shift { soak = 2h }", "without shift");
    let back = plan_of(under("other", &text));
    assert_eq!(step(&back, "orders/shift").soak, 5.0 * 3_600.0);
}

/// In a step of the scenario's the thing stands for itself, as it does in the plan.
#[test]
fn a_step_of_a_scenario_knows_what_moves() {
    let plan = other("service orders { step shift { does = traffic.mirror(service) } }");
    assert_eq!(
        step(&plan, "orders/shift").action.as_ref().unwrap().verb,
        "traffic.mirror"
    );
}

#[test]
fn without_takes_out_and_lists_do_without() {
    let plan = other("without service ads\nservice orders { without calls ledger }");
    let names: Vec<&str> = plan
        .inventory
        .services
        .values()
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(names, ["ledger", "orders"]);
    assert_eq!(plan.inventory.relations.len(), 0);
    let listed = other("without service orders");
    assert_eq!(
        batches(&listed),
        [("core", vec![vec!["ledger"]]), ("rest", vec![vec!["ads"]])]
    );
}

/// Who needs what is taken out has to say what becomes of the need.
#[test]
fn what_needs_something_taken_out_is_told() {
    let text = shop("without service ledger");
    let compilation = under("other", &text);
    let found = finding(&compilation, "unknown-name");
    assert_eq!(shown(&compilation, found.primary.span), "ledger");
    assert_eq!(found.labels.len(), 1);
    assert_eq!(
        shown(&compilation, found.labels[0].span),
        "without service ledger"
    );
    assert_eq!(
        errors(&compiled(&text)),
        errors(&compilation),
        "chosen or not"
    );
}

#[test]
fn what_is_inside_an_instance_needs_no_instance() {
    let plan = other("datastore orders_db { size = 4TB }");
    let store = plan
        .inventory
        .resources
        .values()
        .find(|r| r.name == "orders_db")
        .unwrap();
    assert_eq!(store.size, Some(4e12.into()));
    assert!(store.parent.is_some());
    let gone = other("without datastore orders_db");
    assert_eq!(gone.inventory.resources.len(), 1, "the instance alone");
}

/// `remaining` is what no batch names under the scenario.
#[test]
fn remaining_is_evaluated_after_the_scenario() {
    let plan = other("batch core { members = [ledger] }");
    assert_eq!(
        batches(&plan),
        [
            ("core", vec![vec!["ledger"]]),
            ("rest", vec![vec!["ads"], vec!["orders"]])
        ]
    );
}

#[test]
fn setting_the_strategy_leaves_batches_to_the_compiler() {
    let plan = other("migration { strategy = parallel }");
    assert_eq!(plan.migration.strategy, Strategy::Parallel);
    assert!(plan.batches.values().all(|batch| !batch.handwritten));
    let kept = other("migration { strategy = parallel }\nbatch core { mode = parallel }");
    assert_eq!(
        kept.batches
            .values()
            .filter(|batch| batch.handwritten)
            .count(),
        2
    );
    assert_eq!(
        kept.batches.values().next().unwrap().mode,
        BatchMode::Parallel
    );
}

/// What a strategy asked for makes of the plan is what a scenario that sets it makes.
#[test]
fn a_strategy_asked_for_is_that_of_a_scenario_that_sets_it() {
    for (word, strategy) in [
        ("sequential", Strategy::Sequential),
        ("parallel", Strategy::Parallel),
        ("hybrid", Strategy::Hybrid),
    ] {
        let text = format!(
            "{}driver late {{ factor = 2; on = [batch.core, team.payments] }}\n",
            shop(&format!("migration {{ strategy = {word} }}"))
        );
        let asked = compiled_as(strategy, &text);
        assert!(asked.is_runnable(), "{:?}", asked.obstacle());
        let mut set = plan_of(under("other", &text));
        // Whether and where it is said is no part of what is done.
        set.scenario = None;
        set.migration.strategy_declared = false;
        assert_eq!(asked.plan.unwrap().hash().unwrap(), set.hash().unwrap());
    }
}

#[test]
fn the_strategy_that_the_plan_has_changes_nothing_without_batches_by_hand() {
    let text = format!("{MOVE}{HOP}{SHOP}");
    let text = text.split("batch core").next().unwrap();
    let written = plan(text);
    let asked = compiled_as(written.migration.strategy, text).plan.unwrap();
    assert_eq!(asked.hash().unwrap(), written.hash().unwrap());
}

/// A bridge ends with the last batch, as if it said nothing; a rehearsal of a batch that is no more
/// is no evidence; a driver on it alone acts on nothing.
#[test]
fn what_speaks_of_dropped_batches_alone_goes_with_them() {
    let text = format!(
        "{}bridge sync {{ over = orders_db; by = cdc; until = core }}
environment staging {{ }}
rehearsal back {{ of = core; on = staging; date = 2026-01-20; took = 9min; passed = true }}
driver late {{ factor = 2; on = [batch.core] }}
driver slow {{ factor = 2; on = [batch.core, team.payments] }}
",
        shop("migration { strategy = sequential }")
    );
    assert_eq!(plan(&text).rehearsals.len(), 1);
    let plan = plan_of(under("other", &text));
    assert_eq!((plan.bridges.len(), plan.rehearsals.len()), (1, 0));
    let drivers: Vec<&str> = plan
        .drivers
        .values()
        .map(|driver| driver.name.as_str())
        .collect();
    assert_eq!(drivers, ["slow"]);
}

#[test]
fn a_scenario_adds_what_is_new() {
    let plan = other(
        "service audit { move = hop(); calls ledger }\nteam contractors { engineers = 4 }\nservice ads { team = contractors }\nrisk data_loss { tier = low }",
    );
    assert_eq!(mover(&plan, "audit").pattern, "hop");
    assert_eq!((plan.inventory.teams.len(), plan.risks.len()), (2, 1));
}

/// Loops and groups: everything in the group, and a value of the scenario's own.
#[test]
fn a_scenario_loops_over_a_group_and_changes_a_let() {
    let text = format!(
        "let quiet = 1h\ngroup money {{ members = [orders, ledger] }}\n{}",
        shop("let quiet = 7h\nfor s in money { service \"${s}\" { step keep { soak = quiet } } }")
            .replace(
                "service ads { move = hop()",
                "service ads { step keep { soak = quiet }; move = hop()"
            )
    );
    let keep = |plan: &Plan, name: &str| step(plan, &format!("{name}/keep")).soak.mean() / 3_600.0;
    let plan = plan_of(under("other", &text));
    assert_eq!(
        ["orders", "ledger", "ads"].map(|name| keep(&plan, name)),
        [7.0; 3]
    );
    let as_it_stands = plan_of(compiled(&text));
    assert_eq!(
        ["orders", "ledger", "ads"].map(|name| keep(&as_it_stands, name)),
        [24.0, 24.0, 1.0]
    );
}

/// The scenario speaks of the whole plan, so its defaults do, too: they change those of a file, and
/// hold in files that have none. What a service says itself is stronger than either.
#[test]
fn defaults_of_a_scenario_hold_in_every_file() {
    let files = |entry: &'static str| [("plan.mig", entry), ("more.mig", "service far { }\n")];
    let entry = "import \"more.mig\"
platform old { }\nplatform new { }\nmigration all { from = old; to = new; start = 2027-01-11 }
defaults service { tier = important; kind = stateful }
service near { }
service own { tier = supporting }
scenario other { defaults service { tier = critical } }\n";
    let compilation = project_under("other", &files(entry));
    let plan = plan_of(compilation);
    use whimbrel_plan::{
        ServiceKind::{Stateful, Stateless},
        Tier::{Critical, Supporting},
    };
    let of = |name: &str| (service(&plan, name).tier, service(&plan, name).kind);
    assert_eq!(of("near"), (Critical, Stateful));
    assert_eq!(of("far"), (Critical, Stateless));
    assert_eq!(of("own"), (Supporting, Stateful));
    let plain = plan_of(project(&files(entry)));
    assert_eq!(service(&plain, "far").tier, Supporting);
}

#[test]
fn a_misspelt_name_makes_no_new_thing() {
    for (scenario, help) in [
        (
            "service ordesr { traffic = 9rps }",
            "did you mean `orders`?",
        ),
        ("service ordesr { move = hop() }", "did you mean `orders`?"),
        ("team payment { engineers = 9 }", "did you mean `payments`?"),
        (
            "batch cor { mode = parallel }",
            "did you mean `core`? a new batch must say `members`",
        ),
        (
            "service billing { traffic = 9rps }",
            "check the spelling; a new service is of use when something mentions it",
        ),
        (
            "driver late { chance = 60% }",
            "a new driver must say `factor`, `on`",
        ),
        (
            "migration every { strategy = parallel }",
            "a new migration must say `from`, `to`, `start`",
        ),
        (
            "without service ordes",
            "did you mean `without service orders`?",
        ),
        (
            "service orders { without calls ledgr }",
            "did you mean `without calls ledger`?",
        ),
    ] {
        for compilation in [compiled(&shop(scenario)), under("other", &shop(scenario))] {
            let found = finding(&compilation, "unknown-name");
            assert_eq!(found.help.as_deref(), Some(help), "{scenario}");
            let line = compilation
                .sources
                .line_column(found.primary.span.source, found.primary.span.start)
                .line;
            let text = compilation.sources.get(found.primary.span.source).text();
            assert_eq!(
                text.lines().nth(line as usize - 1).unwrap().trim(),
                scenario
            );
        }
    }
}

/// A series of names is no slip, and neither is a name that something mentions.
#[test]
fn a_new_name_near_another_is_new_when_it_is_of_use() {
    let plan = other(
        "service orders2 { move = hop() }\nservice ledgers { traffic = 1rps }\nservice ads { calls ledgers }",
    );
    assert_eq!(plan.inventory.services.len(), 5);
}

/// Names and types of a scenario are checked when nobody has chosen it, and told once.
#[test]
fn a_scenario_that_is_not_chosen_is_checked() {
    for (scenario, expected) in [
        ("service orders { calls nobody }", "unknown-name"),
        ("service orders { traffic = 5h }", "dimension-mismatch"),
        ("service orders { trafic = 5rps }", "unknown-attribute"),
        ("risk big { mitigation = \"none\" }", "unknown-name"),
        (
            "service orders { traffic = 1rps; traffic = 2rps }",
            "duplicate-name",
        ),
        ("nonsense orders { }", "unknown-attribute"),
        ("import \"x.mig\"", "unknown-attribute"),
        ("scenario inner { }", "unknown-attribute"),
        ("without automation", "unknown-name"),
    ] {
        assert_eq!(
            errors(&compiled(&shop(scenario))),
            [format!("{expected} plan.mig:{}", line(scenario))],
            "{scenario}"
        );
        let chosen = errors(&under("other", &shop(scenario)));
        assert_eq!(
            chosen,
            [format!("{expected} plan.mig:{}", line(scenario))],
            "{scenario}"
        );
    }
}

fn line(scenario: &str) -> usize {
    shop(scenario)
        .lines()
        .position(|line| line.trim() == scenario)
        .unwrap()
        + 1
}

/// What a scenario replaces is not looked at any more; without the scenario it is as wrong as ever.
#[test]
fn what_is_replaced_cannot_be_wrong() {
    let text = shop("service ads { after = [orders] }")
        .replace("service ads {", "service ads { after = [gone];");
    let text = text.replacen("after = [gone]; after = [orders]", "after = [orders]", 1);
    assert_eq!(errors(&under("other", &text)), Vec::<String>::new());
    assert_eq!(errors(&compiled(&text)).len(), 1);
}

#[test]
fn scenarios_are_listed_and_make_another_hash() {
    let text = shop("team payments { engineers = 9 }");
    let stands = compiled(&text);
    assert_eq!(stands.scenarios, ["other"]);
    let (plain, chosen) = (plan_of(stands), other("team payments { engineers = 9 }"));
    assert_eq!(plain.scenario, None);
    assert_eq!(chosen.scenario.as_deref(), Some("other"));
    assert_ne!(plain.hash().unwrap(), chosen.hash().unwrap());
    let without = plan(&format!("{MOVE}{HOP}{SHOP}"));
    assert_eq!(
        plain.hash().unwrap(),
        without.hash().unwrap(),
        "a scenario nobody chose changes nothing"
    );
}

#[test]
fn a_scenario_is_one_block_with_a_name() {
    assert_eq!(
        errors(&compiled(
            "scenario a { }\nscenario a { }\nscenario { }\nscenario b = 3\n"
        )),
        [
            "duplicate-name plan.mig:2",
            "type-mismatch plan.mig:3",
            "type-mismatch plan.mig:4"
        ]
    );
    assert_eq!(
        errors(&compiled("for x in [1, 2] { scenario s { } }\n")),
        ["unknown-attribute plan.mig:1"]
    );
}

/// The scenario's own doc comment is the one shown.
#[test]
fn a_doc_comment_of_the_scenario_replaces_the_plans() {
    let plan = other("## Twice the people.\nservice orders { traffic = 1rps }");
    assert_eq!(
        service(&plan, "orders").doc.as_deref(),
        Some("Twice the people.")
    );
    assert_eq!(plan.steps[id(&plan, "orders/shift")].name, "orders/shift");
}

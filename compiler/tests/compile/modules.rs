//! Files, imports, the standard library, `let`, `for`, `defaults`.

use crate::support::{
    HOP, MOVE, compiled, cutover, errors, finding, plan, plan_of, project, shown, step,
};

/// Paths are relative to the importing file, so `data/stores.mig` finds `../teams.mig` at the root;
/// a file that two others import is read once, and what it defines is not defined twice.
#[test]
fn a_diamond_of_files_in_folders_is_read_once() {
    let entry = format!("import \"data/stores.mig\"\nimport \"./apps/services.mig\"\n{MOVE}{HOP}");
    let plan = plan_of(project(&[
        ("plan.mig", &entry),
        (
            "data/stores.mig",
            "import \"../teams.mig\"\ndatastore shop_db { team = builders }\n",
        ),
        (
            "apps/services.mig",
            "import \"../teams.mig\"\nservice orders { team = builders; reads shop_db; move = hop() }\n",
        ),
        ("teams.mig", "team builders { engineers = 2 }\n"),
    ]));
    assert_eq!(plan.inventory.teams.len(), 1);
    assert_eq!(cutover(&plan, "orders"), "orders/shift");
}

/// Each file of the circle is named, in the order of the imports, and the first again at the end.
#[test]
fn a_circle_of_imports_is_shown_as_a_loop() {
    let compilation = project(&[
        ("plan.mig", "import \"a.mig\"\n"),
        ("a.mig", "import \"deep/b.mig\"\n"),
        ("deep/b.mig", "import \"../a.mig\"\n"),
    ]);
    let found = finding(&compilation, "import-cycle");
    assert_eq!(found.notes, ["a.mig → deep/b.mig → a.mig"]);
    assert_eq!(shown(&compilation, found.primary.span), "\"../a.mig\"");
}

#[test]
fn a_file_that_imports_itself_is_the_shortest_loop() {
    let compilation = project(&[("plan.mig", "import \"plan.mig\"\n")]);
    assert_eq!(
        finding(&compilation, "import-cycle").notes,
        ["plan.mig → plan.mig"]
    );
}

#[test]
fn imports_stay_inside_the_root() {
    for path in [
        "../x.mig",
        "a/../../x.mig",
        "/etc/x.mig",
        "C:/x.mig",
        "\\\\x.mig",
    ] {
        let compilation = project(&[("plan.mig", &format!("\nimport \"{path}\"\n"))]);
        assert_eq!(
            errors(&compilation),
            ["import-outside-root plan.mig:2"],
            "{path}"
        );
    }
}

/// A missing file is told at its import, and hides nothing of the rest.
#[test]
fn a_missing_file_hides_no_other_error() {
    let compilation = project(&[(
        "plan.mig",
        "import \"gone.mig\"\nteam a { engineers = 0 }\n",
    )]);
    assert_eq!(
        errors(&compilation),
        ["missing-file plan.mig:1", "out-of-range plan.mig:2"]
    );
    assert!(
        finding(&compilation, "missing-file")
            .message
            .contains("`gone.mig`")
    );
}

#[test]
fn a_missing_entry_is_an_error_too() {
    let compilation = project(&[("other.mig", "")]);
    assert!(
        compilation
            .diagnostics
            .iter()
            .all(|found| found.code.name != "missing-file")
    );
    let nothing = whimbrel_compiler::compile(
        &Nothing,
        "plan.mig",
        &whimbrel_compiler::Options::new(jiff::civil::date(2026, 11, 21)),
    );
    assert_eq!(errors(&nothing), ["missing-file plan.mig:1"]);
    assert!(nothing.plan.is_none());
}

struct Nothing;

impl whimbrel_compiler::Provider for Nothing {
    fn read(&self, _: &str) -> Result<Vec<u8>, whimbrel_compiler::ReadError> {
        Err(whimbrel_compiler::ReadError::NotFound)
    }
}

#[test]
fn a_misspelt_standard_pattern_gets_the_nearest_one() {
    let compilation = compiled("use std.patterns.{strangler_figg, canary}\n");
    let found = finding(&compilation, "unknown-name");
    assert_eq!(found.help.as_deref(), Some("did you mean `strangler_fig`?"));
    assert_eq!(shown(&compilation, found.primary.span), "strangler_figg");
}

#[test]
fn a_pattern_comes_from_an_imported_file() {
    let entry = format!("import \"patterns/own.mig\"\n{MOVE}service a {{ move = hop() }}\n");
    let plan = plan_of(project(&[("plan.mig", &entry), ("patterns/own.mig", HOP)]));
    assert_eq!(plan.movers[0].pattern, "hop");
}

/// Names may be used before they are defined, across files: half, written first, needs whole.
#[test]
fn lets_stand_in_any_order_and_file() {
    let entry = format!(
        "let half = whole / 2\nimport \"values.mig\"\n{MOVE}{HOP}service a {{ move = hop(); step keep {{ soak = half }} }}\n"
    );
    let plan = plan_of(project(&[
        ("plan.mig", &entry),
        ("values.mig", "let whole = 6h\n"),
    ]));
    assert_eq!(step(&plan, "a/keep").soak, 3.0 * 3_600.0);
}

/// `a` needs `b` and `b` needs `a`: one error shows both, since either may be the wrong one.
#[test]
fn a_let_cannot_be_defined_by_itself() {
    assert_eq!(
        errors(&compiled("let a = a + 1h\n")),
        ["unknown-name plan.mig:1"]
    );
    let both = compiled("let a = b\nlet b = a\nlet c = 1h\nphase first { takes = b }\n");
    assert_eq!(errors(&both), ["unknown-name plan.mig:1"]);
    let labels = &finding(&both, "unknown-name").labels;
    assert_eq!(labels.len(), 1);
    assert_eq!(shown(&both, labels[0].span), "b");
}

/// However many there are, and however long the chain: each is worked out once, without recursion.
#[test]
fn a_long_chain_of_lets_ends() {
    let mut text: String = (0..20_000)
        .map(|n| format!("let n{n} = n{} + 1s\n", n + 1))
        .collect();
    text.push_str("let n20000 = 0s\n");
    let plan = plan(&format!(
        "{MOVE}{HOP}{text}service a {{ move = hop(); step keep {{ soak = n0 }} }}\n"
    ));
    assert_eq!(step(&plan, "a/keep").soak, 20_000.0);
}

#[test]
fn for_makes_a_block_for_each_item() {
    let plan = plan(&format!(
        "{MOVE}{HOP}for region in [\"eu\", \"us\"] {{\n  service \"cart_${{region}}\" {{ move = hop() }}\n}}\nservice front {{ calls cart_eu; calls cart_us }}\n"
    ));
    let services: Vec<&str> = plan
        .inventory
        .services
        .values()
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(services, ["cart_eu", "cart_us", "front"]);
    assert_eq!(plan.inventory.relations.len(), 2);
}

/// A ratio is interpolated without its `%`; `.last` of the list is the weight of the last step.
#[test]
fn for_in_a_pattern_makes_a_step_for_each_item() {
    let plan = plan(&format!(
        "{MOVE}pattern ramp(weights: list<ratio> = [0.5%, 25%, 100%]) for service {{
  for w in weights {{ step \"shift_${{w}}\" {{ does = traffic.shift(service, to: w) }} }}
  step watch {{ kind = validate; soak = weights.length * 1h; takes = weights.last * 10min }}
}}\nservice a {{ move = ramp() }}\n"
    ));
    assert_eq!(step(&plan, "a/shift_0.5").weight, Some(0.005));
    assert_eq!(step(&plan, "a/shift_25").weight, Some(0.25));
    assert_eq!(step(&plan, "a/shift_100").weight, Some(1.0));
    assert_eq!(step(&plan, "a/watch").soak, 3.0 * 3_600.0);
}

const SOAKING: &str = "
pattern soaking(soak: duration = 1h) for service {
  step shift { does = traffic.shift(service, to: 100%); soak = soak }
}
";

fn soak(rest: &str) -> f64 {
    let plan = plan(&format!("{MOVE}{SOAKING}{rest}\n"));
    step(&plan, "a/shift").soak.mean() / 3_600.0
}

/// The service's own `step`, the pattern's argument, `defaults`, the pattern: each case takes the
/// strongest one away.
#[test]
fn own_step_beats_argument_beats_defaults_beats_pattern() {
    let defaults = "defaults service { move = soaking(soak: 2h) }\n";
    let own = "service a { move = soaking(soak: 3h); step shift { soak = 4h } }";
    assert_eq!(soak(&format!("{defaults}{own}")), 4.0);
    assert_eq!(
        soak(&format!(
            "{defaults}service a {{ move = soaking(soak: 3h) }}"
        )),
        3.0
    );
    assert_eq!(soak(&format!("{defaults}service a {{ }}")), 2.0);
    assert_eq!(soak("service a { move = soaking() }"), 1.0);
}

/// A `step` in `defaults` is of the rank of defaults: stronger than the pattern, weaker than an
/// argument the service gives.
#[test]
fn a_step_in_defaults_stands_between_argument_and_pattern() {
    let defaults = "defaults service { move = soaking(); step shift { soak = 5h } }\n";
    assert_eq!(soak(&format!("{defaults}service a {{ }}")), 5.0);
    assert_eq!(
        soak(&format!(
            "{defaults}service a {{ move = soaking(soak: 3h) }}"
        )),
        3.0
    );
    assert_eq!(
        soak(&format!(
            "{defaults}service a {{ step shift {{ soak = 4h }} }}"
        )),
        4.0
    );
}

/// Precedence is by attribute: an own `step` that says nothing of the soak leaves the default's.
#[test]
fn defaults_fill_what_the_own_step_and_cost_leave_out() {
    let plan = plan(&format!(
        "{MOVE}{SOAKING}defaults service {{ move = soaking(); step shift {{ soak = 5h }}; cost {{ old = $24/d; new = $48/d }} }}
service a {{ step shift {{ takes = 1h }}; cost {{ new = $96/d }} }}\n"
    ));
    assert_eq!(step(&plan, "a/shift").soak, 5.0 * 3_600.0);
    let cost = &plan.inventory.services.values().next().unwrap().cost;
    assert_eq!(
        (&cost.old_per_day, &cost.new_per_day),
        (&Some(24.0.into()), &Some(96.0.into()))
    );
}

/// `defaults` is for its own file, and stands for what is written before it too.
#[test]
fn defaults_hold_for_their_file_alone() {
    let entry = format!(
        "import \"more.mig\"\n{MOVE}{HOP}service a {{ }}\ndefaults service {{ tier = critical; move = hop() }}\n"
    );
    let plan = plan_of(project(&[
        ("plan.mig", &entry),
        ("more.mig", "service b { }\n"),
    ]));
    let tiers: Vec<(&str, _, bool)> = plan
        .inventory
        .services
        .values()
        .map(|service| (service.name.as_str(), service.tier, service.moves))
        .collect();
    use whimbrel_plan::Tier::{Critical, Supporting};
    assert_eq!(tiers, [("a", Critical, true), ("b", Supporting, false)]);
}

#[test]
fn defaults_reach_what_stands_in_an_instance() {
    let plan = plan(&format!(
        "{MOVE}defaults datastore {{ tier = important }}\ninstance pg {{ engine = postgresql\n  datastore shop_db {{ }}\n}}\n"
    ));
    let shop = plan
        .inventory
        .resources
        .values()
        .find(|r| r.name == "shop_db")
        .unwrap();
    assert_eq!(shop.tier, whimbrel_plan::Tier::Important);
}

//! Patterns of the user's own: everything the standard ones do, by the language alone.

use whimbrel_plan::{Act, StepKind};

use crate::support::{
    HOP, MOVE, compiled, cutover, errors, finding, id, mover, names, plan, plan_of, precedes,
    project, shown, step, waits_for,
};

const MINE: &str = "## Moves by halves.
pattern halves(weights: list<ratio> = [50%, 100%]) for service {
  require weights.increasing, \"the halves of `${service}` must rise\"
  step deploy { does = deploy.apply(service); takes = 1h; undo = deploy.remove(service) }
  for w in weights {
    together {
      step \"shift_${w}\" { does = traffic.shift(service, to: w); soak = 1h; undo = traffic.shift(service, to: 0%) }
      step \"watch_${w}\" { kind = validate; soak = 2h }
    }
  }
}
";

#[test]
fn a_pattern_of_the_project_is_expanded_like_a_standard_one() {
    let entry = format!(
        "import \"patterns/mine.mig\"\n{MOVE}service a {{ move = halves(weights: [20%, 100%]) }}\n"
    );
    let plan = plan_of(project(&[
        ("plan.mig", &entry),
        ("patterns/mine.mig", MINE),
    ]));
    assert_eq!(
        names(&plan),
        [
            "a/deploy",
            "a/shift_20",
            "a/watch_20",
            "a/shift_100",
            "a/watch_100",
            "migration/retrospective"
        ]
    );
    assert_eq!(waits_for(&plan, "a/watch_20"), ["a/deploy"]);
    assert_eq!(
        waits_for(&plan, "a/shift_100"),
        ["a/shift_20", "a/watch_20"]
    );
    assert_eq!(cutover(&plan, "a"), "a/shift_100");
    assert_eq!(mover(&plan, "a").pattern, "halves");
}

/// What it requires is told at the move, with the place of the requirement; what is wrong in it is
/// told in its own file, since that is the user's too.
#[test]
fn a_pattern_of_the_project_has_the_diagnostics_of_a_standard_one() {
    let entry = format!(
        "import \"patterns/mine.mig\"\n{MOVE}service a {{ move = halves(weights: [50%, 20%, 100%]) }}\n"
    );
    let compilation = project(&[("plan.mig", &entry), ("patterns/mine.mig", MINE)]);
    assert_eq!(errors(&compilation), ["precondition-failed plan.mig:6"]);
    let found = finding(&compilation, "precondition-failed");
    assert_eq!(found.message, "the halves of `a` must rise");
    assert_eq!(
        shown(&compilation, found.labels[0].span),
        "weights.increasing"
    );
    let wrong = MINE.replace("takes = 1h", "taks = 1h");
    let entry = format!("import \"patterns/mine.mig\"\n{MOVE}service a {{ move = halves() }}\n");
    let compilation = project(&[("plan.mig", &entry), ("patterns/mine.mig", &wrong)]);
    assert_eq!(
        errors(&compilation),
        ["unknown-attribute patterns/mine.mig:4"]
    );
}

/// A failed precondition is the one thing told: no steps are made, so nothing is said of them.
#[test]
fn a_refused_move_has_no_steps() {
    let compilation = compiled(&format!(
        "{MOVE}{MINE}service a {{ move = halves(weights: [50%, 50%]); step shift_50 {{ soak = 2h }} }}\n"
    ));
    assert_eq!(errors(&compilation), ["precondition-failed plan.mig:16"]);
    assert!(compilation.plan.unwrap().movers.is_empty());
}

/// One value that fits and one that does not, for every type a parameter can have.
#[test]
fn a_parameter_can_have_every_type() {
    for (ty, fits, wrong) in [
        ("boolean", "true", "1"),
        ("duration", "4h", "4wh"),
        ("effort", "pert(1wh, 2wh, 1wd)", "4rps"),
        ("money", "$20", "20%"),
        ("number", "3", "3h"),
        ("rate", "4rps", "4h"),
        ("ratio", "5%", "5h"),
        ("size", "4GB", "4h"),
        ("text", "\"a\"", "4"),
        ("list<ratio>", "[5%, 10%]", "5%"),
        ("list<duration>", "[1h, 2h]", "[1h, 5%]"),
        ("list<text>", "[\"a\"]", "[1]"),
    ] {
        let case = |value: &str| {
            let text = format!(
                "{MOVE}pattern p(it: {ty}) for service {{ step all {{ takes = 1h }} }}\nservice a {{ move = p({value}) }}\n"
            );
            errors(&compiled(&text))
        };
        assert_eq!(case(fits), Vec::<String>::new(), "{ty} {fits}");
        assert_eq!(case(wrong).len(), 1, "{ty} {wrong}");
        assert!(case(wrong)[0].ends_with(" plan.mig:6"), "{:?}", case(wrong));
    }
}

/// `require` over something that a service is told of: each case holds or does not.
#[test]
fn requirements_compare_lists_words_strings_and_what_is_known() {
    let case = |condition: &str| {
        let text = format!(
            "{MOVE}pattern p(list: list<ratio> = [10%, 30%, 20%], up: list<ratio> = [1%, 2%], name: text = \"x\", on: boolean = true) for service {{\nrequire {condition}, \"no\"\nstep all {{ takes = 1h }}\n}}\nservice a {{ traffic = 5rps; move = p() }}\n"
        );
        errors(&compiled(&text))
    };
    for holds in [
        "up.increasing",
        "list.least == 10%",
        "list.greatest == 30%",
        "list.length == 3",
        "service.tier == supporting",
        "service.kind != stateful",
        "name == \"x\"",
        "on == true",
        "on",
        "known(service.traffic, 0rps) == 5rps",
        "known(service.users, 7) == 7",
    ] {
        assert_eq!(case(holds), Vec::<String>::new(), "{holds}");
    }
    for fails in [
        "list.increasing",
        "list.least == 20%",
        "list.greatest == 20%",
        "service.tier != supporting",
        "service.kind == stateful",
        "name != \"x\"",
        "on == false",
        "known(service.traffic, 0rps) == 0rps",
    ] {
        assert_eq!(case(fails), ["precondition-failed plan.mig:9"], "{fails}");
    }
    for (wrong, code) in [
        ("list.smallest == 1%", "unknown-name"),
        ("service.trafic > 1rps", "unknown-name"),
        ("service.users > 1", "unknown-name"),
        ("known(service.trafic, 0rps) > 1rps", "unknown-name"),
        ("known(service.traffic) > 1rps", "type-mismatch"),
        ("service.kind == statefull", "type-mismatch"),
        ("service.kind == 3", "type-mismatch"),
        ("service.kind > stateful", "type-mismatch"),
        ("name == 3", "type-mismatch"),
        ("list == 3", "type-mismatch"),
        ("list.first == 3h", "dimension-mismatch"),
    ] {
        assert_eq!(case(wrong), [format!("{code} plan.mig:6")], "{wrong}");
    }
}

/// Of a distribution a requirement holds when every draw meets it.
#[test]
fn requirements_of_what_is_uncertain_hold_whatever_is_drawn() {
    let case = |soak: &str, condition: &str| {
        let text = format!(
            "{MOVE}pattern p(soak: duration, other: duration = uniform(5h, 6h), work: effort = triangular(1wh, 2wh, 1wd)) for service {{\nrequire {condition}, \"no\"\nstep all {{ takes = 1h }}\n}}\nservice a {{ move = p(soak: {soak}) }}\n"
        );
        errors(&compiled(&text))
    };
    for (soak, holds) in [
        ("uniform(1h, 2h)", "soak > 0s"),
        // Its support begins at 0, which it never takes.
        ("exponential(mean: 1h)", "soak > 0s"),
        ("uniform(1h, 2h)", "soak >= 1h"),
        ("uniform(1h, 2h)", "soak > 1h"),
        ("uniform(1h, 2h)", "soak < 2h"),
        ("uniform(1h, 2h)", "2h >= soak"),
        ("discrete([1h: 50%, 2h: 50%])", "soak <= 2h"),
        ("uniform(1h, 2h)", "soak < other"),
        ("uniform(1h, 5h)", "soak < other"),
        ("uniform(1h, 2h)", "soak != 3h"),
        ("constant(2h)", "soak == 2h"),
        // Whatever the length of a working day.
        ("1h", "work > 0wh"),
    ] {
        assert_eq!(case(soak, holds), Vec::<String>::new(), "{soak}: {holds}");
    }
    for (soak, fails) in [
        ("uniform(0h, 2h)", "soak >= 1h"),
        ("exponential(mean: 1h)", "soak < 1000d"),
        ("discrete([1h: 50%, 2h: 50%])", "soak < 2h"),
        ("discrete([0h: 1%, 2h: 99%])", "soak > 0s"),
        ("uniform(1h, 5h)", "other < soak"),
        ("uniform(1h, 5.5h)", "soak < other"),
        ("uniform(1h, 2h)", "soak == 1h"),
        // In a calendar of four hours a day only.
        ("1h", "work <= 8wh"),
        ("uniform(1h, 2h)", "soak != 1.5h"),
    ] {
        let failed = case(soak, fails);
        assert_eq!(
            failed,
            ["precondition-failed plan.mig:9"],
            "{soak}: {fails}"
        );
    }
    let wrong = case("uniform(1h, 2h)", "soak > 3");
    assert_eq!(wrong, ["dimension-mismatch plan.mig:6"]);
}

#[test]
fn a_slip_in_a_requirement_gets_the_nearest_word() {
    let compilation = compiled(&format!(
        "{MOVE}pattern p() for service {{\nrequire service.kind != statefull, \"no\"\nstep all {{ takes = 1h }}\n}}\nservice a {{ move = p() }}\n"
    ));
    let found = finding(&compilation, "type-mismatch");
    assert_eq!(found.help.as_deref(), Some("did you mean `stateful`?"));
    assert_eq!(shown(&compilation, found.primary.span), "statefull");
}

/// The head of a pattern is checked whether something moves by it or not.
#[test]
fn the_head_of_a_pattern_is_checked_by_itself() {
    let case = |head: &str| {
        let text = format!("pattern p{head} {{ step all {{ takes = 1h }} }}\n");
        let compilation = compiled(&text);
        let found = &compilation.diagnostics[0];
        assert_eq!(compilation.errors(), 1, "{head}");
        format!("{}: {}", found.message, found.help.clone().unwrap())
    };
    assert_eq!(
        case("() for servise"),
        "a pattern cannot be for a `servise`: did you mean `service`?"
    );
    assert_eq!(
        case("(a: durration = 1h) for service"),
        "there is no type `durration`: did you mean `duration`?"
    );
    assert_eq!(
        case("(a: list<ratoi> = []) for service"),
        "there is no type `ratoi`: did you mean `ratio`?"
    );
    assert_eq!(
        case("(a: ratio = 1%, a: ratio = 2%) for service"),
        "two parameters are called `a`: rename one of them"
    );
}

const LOOK: &str = "
pattern look(watch: duration = 3d) for phase {
  step ask { takes = known(phase.takes, 4h) * 0.5; needs = known(phase.needs, []); does = manual(\"ask\") }
  together {
    step watch { soak = watch }
    step write { takes = 1h; fails = 10%; fix = 1h }
  }
  gate go { approve = migration_lead; within = 4h }
}
";

/// The steps of a phase's pattern stand where its one step stood: before all that moves.
#[test]
fn a_phase_can_have_a_pattern() {
    let plan = plan(&format!(
        "{MOVE}{HOP}{LOOK}team ops {{ engineers = 3 }}
phase first {{ takes = 1h }}
phase second {{ move = look(watch: 1d); takes = 10h; needs = [2 of ops] }}
phase third {{ move = look(); step write {{ takes = 7h }} }}
driver slow {{ factor = 2; on = [second] }}
service a {{ move = hop() }}"
    ));
    let hours = |name: &str| match &step(&plan, name).act {
        Act::Elapsed(law) => law.mean() / 3600.0,
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(waits_for(&plan, "phase/second/ask"), ["phase/first"]);
    assert_eq!(
        waits_for(&plan, "phase/second/go"),
        ["phase/second/watch", "phase/second/write"]
    );
    assert_eq!(waits_for(&plan, "phase/third/ask"), ["phase/second/go"]);
    assert!(precedes(&plan, "phase/third/go", "a/prepare"));
    // Half of the ten hours that the phase says, and of the four that the pattern falls back to.
    assert!((hours("phase/second/ask") - 5.0).abs() < 1e-9);
    assert!((hours("phase/third/ask") - 2.0).abs() < 1e-9);
    assert!((hours("phase/third/write") - 7.0).abs() < 1e-9);
    assert_eq!(step(&plan, "phase/second/ask").needs[0].count, 2);
    assert!(step(&plan, "phase/third/ask").needs.is_empty());
    assert!((step(&plan, "phase/second/watch").soak.mean() - 86_400.0).abs() < 1e-9);
    let gate = step(&plan, "phase/second/go");
    assert_eq!(gate.kind, StepKind::Gate);
    assert!(gate.gate.as_ref().unwrap().approve.is_some());
    let failing = step(&plan, "phase/third/write");
    assert_eq!(
        failing.retry_from,
        id(&plan, "phase/third/write"),
        "a step that fails is tried again"
    );
    // The driver acts on all four steps of its phase.
    assert_eq!(plan.drivers.values().next().unwrap().steps.len(), 4);
}

#[test]
fn a_phase_says_nothing_that_its_pattern_does_not_ask() {
    let case = |phase: &str| {
        let compilation = compiled(&format!(
            "{MOVE}{LOOK}pattern deaf(end: boolean = true) for phase {{ step all {{ takes = 1h }} }}
pattern cut() for phase {{ step all {{ takes = 1h; cutover = true }} }}
team ops {{ }}
phase p {{ {phase} }}"
        ));
        errors(&compilation)
    };
    assert_eq!(case("move = deaf()"), Vec::<String>::new());
    let line = "unknown-attribute plan.mig:17";
    assert_eq!(case("move = deaf(); takes = 1h"), [line]);
    assert_eq!(case("move = deaf(); needs = [1 of ops]"), [line]);
    assert_eq!(
        case("move = look(); takes = 1h; needs = [1 of ops]"),
        Vec::<String>::new()
    );
    assert_eq!(case("move = cut()"), ["unknown-attribute plan.mig:15"]);
    assert_eq!(case("move = look(); step write { cutover = true }"), [line]);
    let hop = compiled(&format!("{MOVE}{HOP}phase p {{ move = hop() }}"));
    assert_eq!(
        finding(&hop, "type-mismatch").message,
        "the pattern `hop` moves a service, and this is a phase"
    );
}

#[test]
fn classes_are_values_by_name() {
    let plan = plan(&format!(
        "use std.classes.{{service_cycle, assessment_share}}\n{MOVE}phase a {{ takes = service_cycle * 2 }}\nphase b {{ takes = assessment_share * 100d }}"
    ));
    let days = |name: &str| match &step(&plan, name).act {
        Act::Elapsed(law) => law.mean() / 86_400.0,
        other => panic!("{name}: {other:?}"),
    };
    // Twice five days; a quarter of a hundred.
    assert!((days("phase/a") - 10.0).abs() < 1e-9);
    assert!((days("phase/b") - 25.0).abs() < 1e-9);
}

#[test]
fn names_of_the_library_that_are_wrong_get_the_right_ones() {
    let helped = |text: &str| {
        let compilation = compiled(text);
        let found = &compilation.diagnostics[0];
        (
            shown(&compilation, found.primary.span).to_owned(),
            found.help.clone().unwrap(),
        )
    };
    for (text, at, help) in [
        (
            "use std.classes.service_cicle\n",
            "service_cicle",
            "did you mean `service_cycle`?",
        ),
        (
            "use std.patterns.service_cycle\n",
            "service_cycle",
            "it is in `std.classes`",
        ),
        (
            "use std.clases.service_cycle\n",
            "clases",
            "did you mean `std.classes`?",
        ),
        (
            "use std.executors.haproxy\n",
            "executors",
            "an executor is named where it acts, such as `traffic = haproxy` on a platform",
        ),
        (
            "phase p { takes = service_cycle }\n",
            "service_cycle",
            "add `use std.classes.service_cycle` at the head of the file",
        ),
    ] {
        assert_eq!(helped(text), (at.to_owned(), help.to_owned()));
    }
}

/// What moves may say what is otherwise in a gate of its pattern, as in a step; the rest stays. A
/// `step` about a gate would say nothing that a gate reads.
#[test]
fn a_gate_is_overridden_like_a_step() {
    let gated = "pattern asked(within: duration = 4h) for service {
  gate go { approve = migration_lead; within = within; when = [error_rate < 1%]; else = undo }
  step shift { kind = shift; does = traffic.shift(service, to: 100%) }
}
";
    let own = "gate go { when = [p99 < 300ms]; max_hold = 2h }";
    let defaults = "defaults service { move = asked(); gate go { within = 9h; takes = 1h } }\n";
    let given = plan(&format!(
        "{MOVE}{gated}{defaults}service a {{ {own} }}\nservice b {{ move = asked(within: 5h) }}\nservice c {{ move = asked(); without go }}\n"
    ));
    let gate = |name: &str| step(&given, name).gate.clone().unwrap();
    let a = gate("a/go");
    assert_eq!((a.within, a.max_hold), (9.0 * 3_600.0, Some(2.0 * 3_600.0)));
    assert_eq!(a.when.len(), 1);
    assert_eq!(a.when[0].measure, whimbrel_plan::Measure::P99);
    assert_eq!(a.otherwise, whimbrel_plan::NoAnswer::Undo);
    // The service's own argument beats the defaults, and nothing gives an answer time to it.
    assert_eq!(gate("b/go").within, 5.0 * 3_600.0);
    assert!(!names(&given).contains(&"c/go"));
    for (own, told) in [
        (
            "step go { takes = 1h }",
            "`go` is a gate of the pattern, not a step",
        ),
        (
            "gate shift { within = 1h }",
            "`shift` is a step of the pattern, not a gate",
        ),
        (
            "gate gone { within = 1h }",
            "the pattern has no step `gone`",
        ),
    ] {
        let compilation = compiled(&format!(
            "{MOVE}{gated}service a {{ move = asked()\n{own} }}\n"
        ));
        let messages: Vec<&str> = compilation
            .diagnostics
            .iter()
            .filter(|found| found.code.number < "MG03")
            .map(|found| found.message.as_str())
            .collect();
        assert_eq!(messages, [told]);
    }
}

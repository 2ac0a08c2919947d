//! What a step is: its cutover, weight, failure, transfer and name.

use whimbrel_plan::{Act, Argument, Distribution, NoAnswer, StepKind, Transfer};

use crate::support::{
    HOP, MOVE, compiled, cutover, errors, finding, id, mover, names, plan, shown, step,
};

fn settled_by(steps: &str) -> String {
    let plan = plan(&format!(
        "{MOVE}role lead {{ who = \"x\" }}\npattern p() for service {{\n{steps}\n}}\nservice a {{ move = p() }}\n"
    ));
    cutover(&plan, "a").trim_start_matches("a/").to_owned()
}

const SHIFTS: &str = "step few { does = traffic.shift(service, to: 10%) }
step all { does = traffic.shift(service, to: 100%) }";
const TAIL: &str = "step keep { kind = keep; soak = 1d }
gate retire { approve = lead; within = 1d }
step gone { kind = decommission; takes = 1h }
step clean { kind = tidy; takes = 1h }";

/// The step marked; else the last shift; else the last that is not keep, decommission or tidy. A
/// gate is no step: `retire` settles nothing.
#[test]
fn the_cutover_is_marked_or_the_last_switch() {
    assert_eq!(
        settled_by(&format!(
            "step mark {{ takes = 1h; cutover = true }}\n{SHIFTS}\n{TAIL}"
        )),
        "mark"
    );
    assert_eq!(
        settled_by(&format!(
            "{SHIFTS}\nstep watch {{ kind = validate; soak = 1d }}\n{TAIL}"
        )),
        "all"
    );
    assert_eq!(
        settled_by(&format!(
            "step install {{ kind = deploy; takes = 1h }}\nstep watch {{ kind = validate; soak = 1d }}\n{TAIL}"
        )),
        "watch"
    );
}

#[test]
fn resuming_a_queue_and_switching_reads_settle() {
    let plan = plan(&format!(
        "{MOVE}
pattern q() for queue {{ step resume {{ does = queue.resume(queue) }}; step watch {{ kind = validate; soak = 1d }} }}
pattern d() for datastore {{ step switch {{ does = data.switch_reads(datastore) }}; step watch {{ kind = validate; soak = 1d }} }}
queue jobs {{ move = q() }}\ndatastore db {{ move = d() }}\n"
    ));
    assert_eq!(cutover(&plan, "jobs"), "jobs/resume");
    assert_eq!(cutover(&plan, "db"), "db/switch");
}

/// The own step may mark another one.
#[test]
fn a_service_may_mark_its_own_cutover() {
    let plan = plan(&format!(
        "{MOVE}{HOP}service a {{ move = hop(); step prepare {{ cutover = true }} }}\n"
    ));
    assert_eq!(cutover(&plan, "a"), "a/prepare");
}

/// `first_deploy` starts the cost of the new side, `first_shift` its exposure, `decommission` ends
/// the old one's cost.
#[test]
fn the_record_of_a_mover_names_its_turning_points() {
    let plan = plan(&format!(
        "{MOVE}pattern p() for service {{\nstep think {{ takes = 1h }}\nstep install {{ kind = deploy; takes = 1h }}\n{SHIFTS}\nstep gone {{ kind = decommission; takes = 1h }}\n}}\nservice a {{ move = p() }}\n"
    ));
    let record = mover(&plan, "a");
    assert_eq!(record.first_deploy, Some(id(&plan, "a/install")));
    assert_eq!(record.first_shift, Some(id(&plan, "a/few")));
    assert_eq!(record.cutover, id(&plan, "a/all"));
    assert_eq!(record.decommission, Some(id(&plan, "a/gone")));
    assert_eq!(record.steps.len(), 5);
}

/// Weights are those of the shifts; a cutover by any other verb moves everything; the rest moves
/// nothing.
#[test]
fn weights_follow_the_shifts() {
    let plan = plan(&format!(
        "{MOVE}pattern p() for service {{\n{SHIFTS}\n{TAIL}\n}}
pattern f() for service {{ step half {{ does = flag.set(service, to: 50%) }}; step act {{ does = run(\"x.sh\"); cutover = true }} }}
role lead {{ who = \"x\" }}
service a {{ move = p() }}\nservice b {{ move = f() }}\n"
    ));
    let weight = |name| step(&plan, name).weight;
    assert_eq!(
        (weight("a/few"), weight("a/all"), weight("a/keep")),
        (Some(0.1), Some(1.0), None)
    );
    assert_eq!((weight("b/half"), weight("b/act")), (Some(0.5), Some(1.0)));
}

/// A step's kind is what it says, else that of its verb.
#[test]
fn the_kind_is_by_the_verb_unless_said() {
    let plan = plan(&format!(
        "{MOVE}pattern p() for service {{
  step one {{ does = deploy.apply(service) }}
  step two {{ does = traffic.mirror(service) }}
  step three {{ kind = cutover; does = traffic.shift(service, to: 100%) }}
  step four {{ does = deploy.remove(service) }}
}}\nservice a {{ move = p() }}\n"
    ));
    let kinds: Vec<StepKind> = ["one", "two", "three", "four"]
        .map(|name| step(&plan, &format!("a/{name}")).kind)
        .into();
    assert_eq!(
        kinds,
        [
            StepKind::Deploy,
            StepKind::Validate,
            StepKind::Cutover,
            StepKind::Decommission
        ]
    );
}

/// A shift fails with 0.5 % unless it says otherwise, everything else never; what a failure means
/// has the defaults of the specification.
#[test]
fn failures_have_their_defaults() {
    let plan = plan(&format!(
        "{MOVE}pattern p() for service {{
  step install {{ kind = deploy; takes = 1h }}
  step few {{ does = traffic.shift(service, to: 10%) }}
  step sure {{ does = traffic.shift(service, to: 50%); fails = 0% }}
  step steady {{ does = traffic.shift(service, to: 80%); hazard = 0.01/h; soak = 1h }}
  step all {{
    does = traffic.shift(service, to: 100%); fails = 2%; severity = 30%; learning = 0.5
    attempts = 5; detect = 3min; undo_takes = 30s; fix = 4h; escalate = 1d; retry_from = few
  }}
}}\nservice a {{ move = p() }}\n"
    ));
    let failure = |name: &str| step(&plan, &format!("a/{name}")).failure.clone();
    assert_eq!(failure("install").chance, 0.0);
    assert_eq!(failure("sure").chance, 0.0);
    let few = failure("few");
    assert_eq!(
        (few.chance, few.hazard, few.severity, few.learning),
        (0.005.into(), None, 1.0.into(), 1.0.into())
    );
    assert_eq!(few.attempts, 3);
    assert_eq!(few.detect, Distribution::constant(0.0));
    assert_eq!(step(&plan, "a/few").retry_from, id(&plan, "a/few"));
    let day = 86_400.0;
    assert_eq!(
        few.escalate,
        Distribution::pert(day, 3.0 * day, 10.0 * day).unwrap()
    );
    // A hazard instead of a chance, by the second.
    let steady = failure("steady");
    assert_eq!(steady.chance, 0.0);
    assert!((steady.hazard.unwrap().mean() - 0.01 / 3_600.0).abs() < 1e-15);
    let all = failure("all");
    assert_eq!(
        (all.chance, all.severity, all.learning, all.attempts),
        (0.02.into(), 0.3.into(), 0.5.into(), 5)
    );
    assert_eq!(all.detect, Distribution::constant(180.0));
    assert_eq!(all.undo_takes, Distribution::constant(30.0));
    assert_eq!(all.fix, Distribution::constant(4.0 * 3_600.0));
    assert_eq!(all.escalate, Distribution::constant(day));
    assert_eq!(step(&plan, "a/all").retry_from, id(&plan, "a/few"));
}

/// It goes on from a step at or before the failed one: a later one would skip what failed.
#[test]
fn retry_from_names_a_step_not_after() {
    for wrong in ["all", "nowhere"] {
        let compilation = compiled(&format!(
            "{MOVE}pattern p() for service {{\nstep few {{ does = traffic.shift(service, to: 10%); retry_from = {wrong} }}\nstep all {{ takes = 1h }}\n}}\nservice a {{ move = p() }}\n"
        ));
        assert_eq!(errors(&compilation), ["unknown-name plan.mig:6"], "{wrong}");
    }
}

#[test]
fn a_gate_is_a_decision_with_its_defaults() {
    let plan = plan(&format!(
        "{MOVE}role lead {{ who = \"x\" }}
pattern p() for service {{
  gate go {{ approve = lead; not_by = executor; when = [error_rate < 1%, p99 <= 300ms]; within = 4h }}
  step all {{ does = traffic.shift(service, to: 100%) }}
  gate hold {{ approve = lead; within = 1h; takes = 10min; else = undo; max_hold = 2h }}
}}\nservice a {{ move = p() }}\n"
    ));
    let gate = step(&plan, "a/go").gate.clone().unwrap();
    assert_eq!(
        (gate.within, gate.otherwise, gate.takes, gate.max_hold),
        (4.0 * 3_600.0, NoAnswer::Stop, None, None)
    );
    assert_eq!(gate.not_by.as_deref(), Some("executor"));
    let limits: Vec<f64> = gate.when.iter().map(|condition| condition.limit).collect();
    assert_eq!(limits, [0.01, 0.3]);
    let hold = step(&plan, "a/hold").gate.clone().unwrap();
    assert_eq!(
        (hold.otherwise, hold.max_hold),
        (NoAnswer::Undo, Some(7_200.0))
    );
    assert_eq!(hold.takes, Some(Distribution::constant(600.0)));
    assert_eq!(step(&plan, "a/hold").kind, StepKind::Gate);
}

const LOAD: &str = "
pattern load() for datastore {
  step load { does = data.bootstrap(datastore) }
  step switch { does = data.switch_reads(datastore) }
}
";

fn moving(link: &str, store: &str) -> String {
    format!(
        "platform old {{ }}\nplatform new {{ }}\n{link}\nmigration all {{ from = old; to = new; start = 2027-01-11 }}\n{LOAD}{store}\n"
    )
}

/// A copy takes what its size, the link and the engine say; the instance's engine is its own.
#[test]
fn a_copy_is_a_transfer() {
    let plan = plan(&moving(
        "link old -> new { bandwidth = 1Gbps }",
        "instance pg { throughput = 50MB/s\n  datastore db { size = 1TB; change_rate = 3MB/s; move = load() }\n}",
    ));
    let link = plan.inventory.links.ids().next();
    assert_eq!(
        step(&plan, "db/load").act,
        Act::Transfer(Transfer {
            link,
            size: 1e12.into(),
            change_rate: 3e6.into(),
            throughput: Some(5e7.into())
        })
    );
    assert_eq!(step(&plan, "db/switch").act, Act::Instant);
}

/// What a step `takes` beats what could be computed, and a link carries both directions.
#[test]
fn takes_beats_the_transfer_and_a_link_goes_both_ways() {
    let store = "datastore db { size = 1TB; move = load(); step load { takes = 5h } }";
    let said = plan(&moving("link old -> new { bandwidth = 1Gbps }", store));
    assert_eq!(
        step(&said, "db/load").act,
        Act::Elapsed(Distribution::constant(18_000.0))
    );
    let back = plan(&moving(
        "link new -> old { bandwidth = 1Gbps }",
        "datastore db { size = 1TB; move = load() }",
    ));
    assert!(
        matches!(&step(&back, "db/load").act, Act::Transfer(transfer) if transfer.link.is_some())
    );
}

/// size ÷ (b − c) needs c < b, b the lesser of the link's share and the engine: 1 Gbit/s is
/// 125 MB/s, half of it 62.5 MB/s when two moves share it.
#[test]
fn a_copy_that_never_catches_up_is_an_error() {
    let cases = [
        ("bandwidth = 1Gbps", "", "124MB/s", true),
        ("bandwidth = 1Gbps", "", "125MB/s", false),
        ("bandwidth = 1Gbps; at_once = 2", "", "62MB/s", true),
        ("bandwidth = 1Gbps; at_once = 2", "", "63MB/s", false),
        ("bandwidth = 1Gbps", "throughput = 10MB/s;", "9MB/s", true),
        ("bandwidth = 1Gbps", "throughput = 10MB/s;", "10MB/s", false),
    ];
    for (link, engine, change, fine) in cases {
        let compilation = compiled(&moving(
            &format!("link old -> new {{ {link} }}"),
            &format!(
                "datastore db {{ size = 1TB; {engine} change_rate = {change}; move = load() }}"
            ),
        ));
        if fine {
            assert!(errors(&compilation).is_empty(), "{link} {change}");
        } else {
            let found = finding(&compilation, "diverging-transfer");
            assert_eq!(
                shown(&compilation, found.primary.span),
                format!("change_rate = {change}")
            );
        }
    }
}

/// The plan says how far each copy is behind, and from which step to which it stands.
#[test]
fn copies_stand_from_step_to_step() {
    let plan = plan(&format!(
        "{MOVE}pattern p() for datastore {{
  step cdc {{ does = data.cdc_start(datastore, lag: 5s) }}
  step both {{ does = data.dual_write(datastore) }}
  step switch {{ does = data.switch_reads(datastore) }}
  step back {{ does = data.back_sync(datastore, lag: 2s) }}
  step unknown {{ does = data.back_sync(datastore) }}
  step stop {{ does = data.cdc_stop(datastore) }}
  step one_side {{ does = data.dual_write(datastore, enabled: false) }}
  step again {{ does = data.back_sync(datastore, lag: 1s) }}
}}
datastore one {{ move = p() }}\ndatastore two {{ move = p(); without stop; without again }}\n"
    ));
    let copies = |name: &str| {
        let copies = mover(&plan, name).copies.iter();
        let at = |step: whimbrel_plan::StepId| {
            plan.steps[step].name.rsplit('/').next().unwrap().to_owned()
        };
        let told = copies.map(|copy| (copy.lag, at(copy.from), copy.until.map(at)));
        told.collect::<Vec<_>>()
    };
    let copy = |lag: f64, from: &str, until: Option<&str>| {
        (lag, from.to_owned(), until.map(str::to_owned))
    };
    assert_eq!(
        copies("one"),
        [
            copy(5.0, "cdc", Some("stop")),
            copy(0.0, "both", Some("one_side")),
            copy(2.0, "back", Some("stop")),
            copy(1.0, "again", None),
        ]
    );
    assert_eq!(
        copies("two"),
        [
            copy(5.0, "cdc", None),
            copy(0.0, "both", Some("one_side")),
            copy(2.0, "back", None),
        ]
    );
}

/// Adding a service changes the name of no other step, and takes none away.
#[test]
fn names_of_steps_are_stable() {
    let base =
        format!("{MOVE}{HOP}service m {{ move = hop() }}\nservice n {{ calls m; move = hop() }}\n");
    let before = plan(&base);
    let after = plan(&format!(
        "service b {{ move = hop() }}\n{base}topic m {{ }}\n"
    ));
    let later = names(&after);
    for name in names(&before) {
        assert!(later.contains(&name), "{name}");
    }
    assert_eq!(later.len(), names(&before).len() + 4);
}

/// A verb's arguments reach the plan typed, in its order.
#[test]
fn arguments_are_data() {
    let plan = plan(&format!(
        "{MOVE}pattern p() for service {{\nstep all {{ does = flag.set(service, flag: \"new\", to: 100%) }}\n}}\nservice a {{ move = p() }}\n"
    ));
    let action = step(&plan, "a/all").action.clone().unwrap();
    assert_eq!(action.verb, "flag.set");
    assert_eq!(action.on, Some(mover(&plan, "a").node));
    assert_eq!(action.arguments.get("to"), Some(&Argument::Ratio(1.0)));
    assert_eq!(
        action.arguments.get("flag"),
        Some(&Argument::Text("new".to_owned()))
    );
}

/// `require` is asked with the arguments given, at the `move` that gives them.
#[test]
fn a_precondition_is_told_at_the_move() {
    let compilation = compiled(&format!(
        "{MOVE}pattern p(weights: list<ratio>) for service {{\nrequire weights.last == 100%, \"the last weight must be 100 %\"\nstep all {{ takes = 1h }}\n}}\nservice a {{ move = p(weights: [10%]) }}\n"
    ));
    assert_eq!(errors(&compilation), ["precondition-failed plan.mig:9"]);
    assert_eq!(
        finding(&compilation, "precondition-failed").message,
        "the last weight must be 100 %"
    );
}

#[test]
fn arguments_of_patterns_are_checked() {
    let case = |call: &str| {
        let compilation = compiled(&format!(
            "{MOVE}pattern p(wait: duration, share: ratio = 5%) for service {{\nstep all {{ soak = wait; fails = share; takes = 1h }}\n}}\nservice a {{ move = {call} }}\n"
        ));
        errors(&compilation)
    };
    assert!(case("p(1h)").is_empty());
    assert!(case("p(wait: 1h, share: 1%)").is_empty());
    assert_eq!(case("p()"), ["missing-attribute plan.mig:8"]);
    assert_eq!(case("p(1h, 1%, 2)"), ["unknown-attribute plan.mig:8"]);
    assert_eq!(case("p(wiat: 1h)").len(), 2);
    assert_eq!(case("p(5%)"), ["dimension-mismatch plan.mig:8"]);
    assert_eq!(case("p(\"long\")"), ["type-mismatch plan.mig:8"]);
}

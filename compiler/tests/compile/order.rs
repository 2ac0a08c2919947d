//! Which step waits for which.

use whimbrel_plan::{BatchMode, CutoverMode, EdgeKind};

use crate::support::{
    COPY, HOP, MOVE, compiled, finding, mover, names, plan, precedes, shown, step, waits_for,
};

/// Steps of a pattern follow one another; those of `together` run side by side, each after what
/// stands before the block and before what stands after it.
#[test]
fn a_pattern_is_a_chain_with_forks() {
    let plan = plan(&format!(
        "{MOVE}pattern p() for service {{
  step one {{ takes = 1h }}
  together {{
    step left {{ takes = 1h }}
    step right {{ takes = 1h }}
  }}
  gate go {{ approve = lead; within = 1h }}
  step last {{ does = traffic.shift(service, to: 100%) }}
}}
role lead {{ who = \"x\" }}
service a {{ move = p() }}\n"
    ));
    assert!(waits_for(&plan, "a/one").is_empty());
    assert_eq!(waits_for(&plan, "a/left"), ["a/one"]);
    assert_eq!(waits_for(&plan, "a/right"), ["a/one"]);
    assert_eq!(waits_for(&plan, "a/go"), ["a/left", "a/right"]);
    assert_eq!(waits_for(&plan, "a/last"), ["a/go"]);
}

/// `without` takes a step out of the chain and closes the gap, in a fork too.
#[test]
fn without_closes_the_gap() {
    let plan = plan(&format!(
        "{MOVE}{HOP}service a {{ move = hop(); without shift }}\n"
    ));
    assert_eq!(waits_for(&plan, "a/keep"), ["a/prepare"]);
}

fn three(batches: &str) -> whimbrel_plan::Plan {
    plan(&format!(
        "{MOVE}{HOP}service a {{ move = hop() }}\nservice b {{ move = hop() }}\nservice c {{ move = hop() }}\n{batches}\n"
    ))
}

/// Sequential: a unit starts when the one before it is settled, and what runs behind (keep,
/// decommission) holds nobody up. Units without needs go in the order of their names.
#[test]
fn units_of_a_sequential_batch_follow_each_other() {
    let plan = three("batch all { members = [a, b, c] }");
    assert!(waits_for(&plan, "a/prepare").is_empty());
    assert_eq!(waits_for(&plan, "b/prepare"), ["a/shift"]);
    assert_eq!(waits_for(&plan, "c/prepare"), ["b/shift"]);
    assert!(!precedes(&plan, "a/keep", "c/shift"));
    assert_eq!(waits_for(&plan, "a/keep"), ["a/shift"]);
}

/// Parallel: side by side until the cutover; by default the cutovers wait until all are ready.
#[test]
fn members_of_a_parallel_batch_cut_over_together() {
    let plan = three("batch all { members = [a, b, c]; mode = parallel; at_once = 2 }");
    let batch = plan.batches.values().next().unwrap();
    assert_eq!(
        (batch.mode, batch.cutover, batch.at_once),
        (BatchMode::Parallel, CutoverMode::Together, Some(2))
    );
    for name in ["a", "b", "c"] {
        assert!(waits_for(&plan, &format!("{name}/prepare")).is_empty());
        assert_eq!(
            waits_for(&plan, &format!("{name}/shift")),
            ["a/prepare", "b/prepare", "c/prepare"]
        );
    }
}

#[test]
fn members_of_a_parallel_batch_may_cut_over_each_on_its_own() {
    let plan = three("batch all { members = [a, b, c]; mode = parallel; cutover = each }");
    assert_eq!(waits_for(&plan, "b/shift"), ["b/prepare"]);
}

/// A member that waits for something of its own, such as a third party, makes the others wait: they
/// are ready together or not at all.
#[test]
fn a_coordinated_cutover_waits_for_what_any_member_waits_for() {
    let plan = plan(&format!(
        "{MOVE}{HOP}external bank {{ change_lead_time = 30d }}
service a {{ calls bank; move = hop() }}
service b {{ move = hop() }}
batch all {{ members = [a, b]; mode = parallel }}\n"
    ));
    assert!(precedes(&plan, "external/bank/lead_time", "a/shift"));
    assert!(precedes(&plan, "external/bank/lead_time", "b/shift"));
}

/// A component that must cut over together does so wherever it stands, in a sequential batch too:
/// two that write one table that moves.
#[test]
fn a_component_is_one_unit_with_one_cutover() {
    let plan = plan(&format!(
        "{MOVE}{HOP}{COPY}
datastore db {{ move = copy() }}
service a {{ writes db; move = hop() }}
service b {{ writes db; move = hop() }}
batch data {{ members = [db] }}
batch apps {{ members = [a, b] }}
"
    ));
    let apps = plan.batches.values().nth(1).unwrap();
    assert_eq!(apps.units.len(), 1);
    assert!(waits_for(&plan, "a/shift").contains(&"b/prepare"));
    assert!(waits_for(&plan, "b/shift").contains(&"a/prepare"));
}

/// A batch without `after` follows the one written before it: *settled* to start.
#[test]
fn a_batch_follows_the_one_before_it() {
    let plan =
        three("batch one { members = [a, b]; mode = parallel }\nbatch two { members = [c] }");
    assert_eq!(waits_for(&plan, "c/prepare"), ["a/shift", "b/shift"]);
    assert!(!precedes(&plan, "a/keep", "c/gone"));
}

#[test]
fn an_empty_after_starts_at_once() {
    let plan = three(
        "batch one { members = [a] }\nbatch two { members = [b]; after = [] }\nbatch three { members = [c]; after = [one] }",
    );
    assert!(waits_for(&plan, "b/prepare").is_empty());
    assert_eq!(waits_for(&plan, "c/prepare"), ["a/shift"]);
}

/// Order does not speak for `after` itself: a batch may come after one written later.
#[test]
fn a_batch_may_come_after_one_written_later() {
    let plan = three(
        "batch one { members = [a]; after = [two] }\nbatch two { members = [b]; after = [] }\nbatch three { members = [c]; after = [] }",
    );
    assert_eq!(waits_for(&plan, "a/prepare"), ["b/shift"]);
}

const READER: &str = "datastore zoo { move = copy() }\nservice app { reads zoo; move = hop() }\n";

/// A cutover comes after what it needs is settled: who reads a database that moves comes after it,
/// in one batch, in two, or in those the compiler makes.
#[test]
fn a_cutover_waits_for_its_binding_needs() {
    for batches in [
        "batch all { members = [zoo, app] }",
        "batch one { members = [zoo] }\nbatch two { members = [app] }",
        "",
    ] {
        let plan = plan(&format!("{MOVE}{HOP}{COPY}{READER}{batches}\n"));
        assert!(precedes(&plan, "zoo/switch", "app/shift"), "{batches}");
        assert!(!precedes(&plan, "zoo/keep", "app/shift"), "{batches}");
    }
}

/// What is written by hand is never reordered silently: members go as they stand, and the rule says
/// what is wrong with it.
#[test]
fn members_go_as_they_are_written() {
    let compilation = compiled(&format!(
        "{MOVE}{HOP}{COPY}{READER}batch all {{ members = [app, zoo] }}\n"
    ));
    assert_eq!(
        finding(&compilation, "moved-before-its-need").level,
        whimbrel_lang::Level::Error
    );
    let plan = compilation.plan.unwrap();
    assert!(precedes(&plan, "app/shift", "zoo/load"));
}

/// The old database goes after its last user has moved and has been kept, though the user moves in
/// a later batch; its own keeping holds nobody up.
#[test]
fn a_datastore_goes_after_its_last_user() {
    let plan = plan(&format!(
        "{MOVE}{HOP}{COPY}datastore db {{ move = copy(); table rows }}
service a {{ reads db.rows; move = hop() }}
service b {{ writes db.rows; move = hop() }}
service stays {{ reads db.rows }}
batch data {{ members = [db] }}
batch apps {{ members = [b] }}
batch rest {{ members = remaining }}
"
    ));
    assert_eq!(waits_for(&plan, "db/gone"), ["a/keep", "b/keep", "db/keep"]);
    assert_eq!(waits_for(&plan, "b/prepare"), ["db/switch"]);
}

/// The old shape of a schema goes when its last reader has moved: settled, not kept.
#[test]
fn a_contract_waits_for_the_last_reader() {
    let plan = plan(&format!(
        "{MOVE}{HOP}
pattern reshape() for datastore {{
  step expand {{ does = schema.expand(datastore); takes = 1h }}
  step switch {{ does = data.switch_reads(datastore); takes = 1h }}
  step contract {{ does = schema.contract(datastore); takes = 1h }}
}}
datastore db {{ move = reshape() }}
service a {{ reads db; move = hop() }}
batch data {{ members = [db] }}
batch apps {{ members = [a] }}
"
    ));
    assert_eq!(waits_for(&plan, "db/contract"), ["a/shift", "db/switch"]);
}

/// `after` on a service is an order without a dependency: it starts when the other is settled.
#[test]
fn after_orders_services_without_a_dependency() {
    for batches in [
        "",
        "batch all { members = [z, a] }",
        "batch one { members = [z] }\nbatch two { members = [a] }",
    ] {
        let plan = plan(&format!(
            "{MOVE}{HOP}service a {{ after = [z]; move = hop() }}\nservice z {{ move = hop() }}\n{batches}\n"
        ));
        assert!(precedes(&plan, "z/shift", "a/prepare"), "{batches}");
        assert!(!precedes(&plan, "z/keep", "a/prepare"), "{batches}");
        let dependencies = plan
            .graph
            .edges
            .iter()
            .filter(|edge| edge.kind != EdgeKind::Order);
        assert_eq!(dependencies.count(), 0);
    }
}

/// Nothing starts in a circle; the error stands at one of the `after`s and names all of them.
#[test]
fn a_circle_of_after_is_impossible() {
    let compilation = compiled(&format!(
        "{MOVE}{HOP}service a {{ after = [b]; move = hop() }}\nservice b {{ after = [c]; move = hop() }}\nservice c {{ after = [a]; move = hop() }}\n"
    ));
    let found = finding(&compilation, "impossible-order");
    assert_eq!(found.level, whimbrel_lang::Level::Error);
    assert!(
        ["[a]", "[b]", "[c]", "a", "b", "c"].contains(&shown(&compilation, found.primary.span))
    );
    let told = format!("{} {:?}", found.message, found.notes);
    assert!(
        ["a", "b", "c"].iter().all(|name| told.contains(name)),
        "{told}"
    );
    assert!(
        compilation
            .diagnostics
            .iter()
            .all(|d| d.code.name != "declared-cycle")
    );
}

#[test]
fn a_service_cannot_come_after_itself() {
    let compilation = compiled(&format!(
        "{MOVE}{HOP}service a {{ after = [a]; move = hop() }}\n"
    ));
    assert_eq!(
        finding(&compilation, "impossible-order").level,
        whimbrel_lang::Level::Error
    );
}

/// A need that must be settled first and an `after` the other way round cannot both hold.
#[test]
fn after_against_a_binding_need_is_impossible() {
    let compilation = compiled(&format!(
        "{MOVE}{HOP}{COPY}datastore db {{ after = [app]; move = copy() }}\nservice app {{ reads db; move = hop() }}\n"
    ));
    let found = finding(&compilation, "impossible-order");
    assert!(shown(&compilation, found.primary.span).contains("app"));
}

/// Side by side and one after the other at once: the batch cannot keep the order.
#[test]
fn after_inside_a_parallel_batch_is_told() {
    let compilation = compiled(&format!(
        "{MOVE}{HOP}service a {{ after = [z]; move = hop() }}\nservice z {{ move = hop() }}\nbatch all {{ members = [a, z]; mode = parallel }}\n"
    ));
    assert_eq!(
        finding(&compilation, "cross-dependency-in-batch").level,
        whimbrel_lang::Level::Error
    );
}

/// Phases follow one another and precede everything else that takes time.
#[test]
fn phases_stand_at_the_head() {
    let plan = plan(&format!(
        "{MOVE}{HOP}phase survey {{ takes = 5d }}\nphase design {{ takes = 5d }}
service a {{ move = hop() }}\nservice b {{ move = hop() }}
bridge sync {{ over = a -> b; by = proxy; effort = 1d }}
automation {{ takes = 1d }}
batch one {{ members = [a]; after = [] }}\nbatch two {{ members = [b]; after = [] }}\n"
    ));
    assert_eq!(waits_for(&plan, "phase/design"), ["phase/survey"]);
    for name in ["a/prepare", "b/prepare", "bridge/sync", "automation"] {
        assert!(precedes(&plan, "phase/design", name), "{name}");
    }
}

/// The automation is built before the first batch in which an executor acts, not before a batch
/// that people carry out.
#[test]
fn automation_precedes_the_first_batch_in_which_an_executor_acts() {
    let plan = plan(&format!(
        "{HOP}platform old {{ }}\nplatform new {{ deploy = bash(script: \"x.sh\") }}
migration all {{ from = old; to = new; start = 2027-01-11 }}
pattern by_hand() for service {{ step act {{ kind = cutover; does = manual(\"do it\"); takes = 1h }} }}
service hand {{ move = by_hand() }}\nservice one {{ move = hop() }}\nservice two {{ move = hop() }}
automation {{ cost = $80_000; takes = 10d }}
batch pilot {{ members = [hand] }}\nbatch core {{ members = [one] }}\nbatch rest {{ members = [two] }}\n"
    ));
    assert!(!precedes(&plan, "automation", "hand/act"));
    assert_eq!(waits_for(&plan, "one/prepare"), ["automation", "hand/act"]);
    assert!(precedes(&plan, "automation", "two/prepare"));
    assert_eq!(plan.automation_cost, Some(80_000.0.into()));
}

/// An announcement is made its time before the first cutover; later cutovers come later anyway.
#[test]
fn announcements_come_before_the_first_cutover() {
    let plan = plan(&format!(
        "{MOVE}{HOP}service a {{ move = hop() }}\nservice b {{ move = hop() }}
announce customers {{ before = 14d; channel = \"mail\" }}
batch one {{ members = [a] }}\nbatch two {{ members = [b] }}\n"
    ));
    assert_eq!(step(&plan, "announce/customers").soak, 14.0 * 86_400.0);
    assert!(precedes(&plan, "announce/customers", "a/shift"));
    assert!(!precedes(&plan, "announce/customers", "a/prepare"));
    assert_eq!(
        plan.steps[plan.announcements[0].step].name,
        "announce/customers"
    );
}

/// A third party changes something on its side before its callers let traffic in; what prepares
/// them need not wait, and who does not call it neither.
#[test]
fn callers_of_a_third_party_wait_for_it() {
    let plan = plan(&format!(
        "{MOVE}external bank {{ change_lead_time = 30d }}
pattern ramp() for service {{
  step prepare {{ kind = deploy; takes = 1h }}
  step few {{ does = traffic.shift(service, to: 10%) }}
  step all {{ does = traffic.shift(service, to: 100%) }}
}}
service payer {{ calls bank; move = ramp() }}\nservice other {{ move = ramp() }}
batch all {{ members = [payer, other]; mode = parallel; cutover = each }}\n"
    ));
    assert_eq!(
        waits_for(&plan, "payer/few"),
        ["external/bank/lead_time", "payer/prepare"]
    );
    assert!(!precedes(&plan, "external/bank/lead_time", "payer/prepare"));
    assert!(!precedes(&plan, "external/bank/lead_time", "other/all"));
}

/// A bridge stands before either end takes traffic on the new side, until its batch is settled.
#[test]
fn a_bridge_stands_before_either_end_moves() {
    let text = |until: &str| {
        format!(
        "{MOVE}{HOP}service a {{ calls b; move = hop() }}\nservice b {{ move = hop() }}\nservice c {{ move = hop() }}
bridge sync {{ over = a -> b; by = proxy; effort = 2d; {until} }}
batch one {{ members = [b] }}\nbatch two {{ members = [a] }}\nbatch three {{ members = [c] }}\n"
    )
    };
    let named = plan(&text("until = two"));
    assert!(precedes(&named, "bridge/sync", "b/shift"));
    assert!(precedes(&named, "bridge/sync", "a/shift"));
    assert!(!precedes(&named, "bridge/sync", "b/prepare"));
    let until = |plan: &whimbrel_plan::Plan| -> Vec<String> {
        let bridge = plan.bridges.values().next().unwrap();
        bridge
            .until
            .iter()
            .map(|id| plan.steps[*id].name.clone())
            .collect()
    };
    assert_eq!(until(&named), ["a/shift"]);
    // Without `until`: the last batch.
    assert_eq!(until(&plan(&text(""))), ["c/shift"]);
}

/// A bridge over a resource stands before any of its users moves.
#[test]
fn a_bridge_over_a_resource_is_for_all_its_edges() {
    let plan = plan(&format!(
        "{MOVE}{HOP}{COPY}datastore db {{ move = copy(); table rows }}
service a {{ reads db.rows; move = hop() }}\nservice b {{ writes db.rows; move = hop() }}
bridge sync {{ over = db.rows; by = cdc; effort = 2d }}
batch one {{ members = [a] }}\nbatch two {{ members = [db] }}\nbatch three {{ members = [b] }}\n"
    ));
    for name in ["a/shift", "db/switch", "b/shift"] {
        assert!(precedes(&plan, "bridge/sync", name), "{name}");
    }
    assert!(plan.graph.edges.iter().all(|edge| !edge.binding));
}

/// Bridges keep their own attributes when one of them is wrong.
#[test]
fn a_wrong_bridge_leaves_the_others_alone() {
    let compilation = compiled(&format!(
        "{MOVE}{HOP}service a {{ calls b; move = hop() }}\nservice b {{ move = hop() }}
bridge bad {{ over = a -> nobody; by = proxy; until = one }}
bridge sync {{ over = a -> b; by = proxy; until = two }}
batch one {{ members = [b] }}\nbatch two {{ members = [a] }}\n"
    ));
    let plan = compilation.plan.unwrap();
    let sync = plan
        .bridges
        .values()
        .find(|bridge| bridge.name == "sync")
        .unwrap();
    assert_eq!(plan.steps[sync.until[0]].name, "a/shift");
}

/// What the compiler adds takes no time and nobody's work; the retrospective ends it all.
#[test]
fn added_steps_take_no_time() {
    let plan = plan(&format!(
        "{HOP}platform old {{ }}\nplatform new {{ monitor = prometheus() }}
migration all {{ from = old; to = new; start = 2027-01-11 }}\nservice a {{ move = hop() }}\n"
    ));
    let added: Vec<&whimbrel_plan::Step> = plan.steps.values().filter(|step| step.added).collect();
    let mut added_names: Vec<&str> = added.iter().map(|step| step.name.as_str()).collect();
    added_names.sort_unstable();
    assert_eq!(
        added_names,
        ["migration/monitoring", "migration/retrospective"]
    );
    for step in added {
        assert_eq!(step.act, whimbrel_plan::Act::Instant);
        assert_eq!(step.soak, 0.0);
        assert_eq!(step.failure.chance, 0.0);
        assert!(step.needs.is_empty());
    }
    assert!(precedes(&plan, "migration/monitoring", "a/prepare"));
    for name in names(&plan)
        .into_iter()
        .filter(|name| *name != "migration/retrospective")
    {
        assert!(precedes(&plan, name, "migration/retrospective"), "{name}");
    }
}

/// Steps form no circle and every predecessor list ascends without repeats, as the plan promises.
#[test]
fn predecessors_ascend() {
    let plan = plan(&format!(
        "{MOVE}{HOP}{COPY}datastore db {{ move = copy() }}\nservice a {{ reads db; calls b; move = hop() }}\nservice b {{ writes db; move = hop() }}\n"
    ));
    for step in plan.steps.values() {
        assert!(
            step.predecessors.windows(2).all(|pair| pair[0] < pair[1]),
            "{}",
            step.name
        );
    }
    for record in &plan.movers {
        assert_eq!(mover(&plan, plan.name(record.node)).node, record.node);
    }
    assert!(!plan.critical_path.is_empty());
}

//! What is offered to bridge, pasted: it is a plan, and the cycle is gone.

use whimbrel_compiler::analysis::cuts::{Cut, CutKind, Cuts};
use whimbrel_compiler::bridge_texts;

use crate::support::{HOP, MOVE, compiled};

/// The bridges of the full cuts of `text`, pasted; what is then left.
fn pasted(text: &str) -> (String, Cuts) {
    let found = compiled(text);
    let inventory = found.inventory().unwrap();
    let cuts = found.cuts().unwrap().all;
    let known = found.plan.iter().flat_map(|plan| plan.bridges.values());
    let known: Vec<&str> = known.map(|bridge| bridge.name.as_str()).collect();
    let full = cuts.iter().filter(|cut| cut.kind == CutKind::Full);
    let needed: Vec<_> = full
        .flat_map(|cut| &cut.edges)
        .map(|edge| (edge.over(), edge.by))
        .collect();
    let bridges = bridge_texts(inventory, &needed, known).join("\n");
    let mended = compiled(&format!("{text}\n{bridges}\n"));
    let errors: Vec<&String> = mended
        .diagnostics
        .iter()
        .filter(|found| {
            ["MG00", "MG01", "MG02"]
                .iter()
                .any(|family| found.code.number.starts_with(family))
        })
        .map(|found| &found.message)
        .collect();
    assert!(errors.is_empty(), "{bridges}\n{errors:?}");
    (bridges, mended.cuts().unwrap())
}

#[test]
fn bridges_over_any_name_can_be_pasted() {
    let names = [
        "\"orders.v1\"",
        "\"2nd\"",
        "\"a \\\"b\\\" {c} \\\\\"",
        "\"é; x = 1 # y\"",
        "\"price \\$1\"",
        "service",
        "\"--\"",
    ];
    for name in names {
        let texts = [
            format!(
                "service {name} {{ calls b }}\nservice b {{ calls {name} {{ need = soft }} }}\n"
            ),
            format!(
                "datastore {name} {{ table {name}; table u }}\nservice a {{ writes {name}.{name}; calls b }}\n\
                 service b {{ reads {name}.{name} }}\n"
            ),
            format!(
                "topic {name} {{ }}\nservice a {{ publishes {name}; calls b }}\nservice b {{ consumes {name} }}\n"
            ),
        ];
        for text in texts {
            let (bridges, cuts) = pasted(&text);
            assert_eq!(bridges.lines().count(), 1, "{text}");
            let none: &[Cut] = &[];
            assert_eq!(cuts.all, none, "{text}{bridges}");
        }
    }
}

#[test]
fn what_has_the_name_of_another_is_told_by_its_kind() {
    let (bridges, cuts) = pasted(
        "topic orders { }
         queue orders { }
         datastore topic { table t }
         service a { publishes topic.orders; publishes queue.orders; writes table.topic.t; calls b { rate = 1000rps } }
         service b { consumes topic.orders; consumes queue.orders; reads table.topic.t }
         service c { writes table.topic.t }",
    );
    assert_eq!(
        bridges,
        "bridge topic_t_bridge { over = table.topic.t; by = dual_write }\n\
         bridge orders_bridge { over = topic.orders; by = mirror }\n\
         bridge orders_bridge_2 { over = queue.orders; by = mirror }"
    );
    assert!(cuts.all.is_empty());
}

#[test]
fn a_bridge_takes_no_name_that_the_plan_has() {
    let (bridges, _) = pasted(&format!(
        "{MOVE}{HOP}
service a {{ calls b {{ need = soft }}; move = hop() }}
service b {{ calls a; move = hop() }}
service c {{ calls d; move = hop() }}
service d {{ move = hop() }}
bridge a_b_bridge {{ over = c -> d; by = proxy }}
"
    ));
    assert_eq!(bridges, "bridge a_b_bridge_2 { over = a -> b; by = proxy }");
}

#[test]
fn only_what_binds_is_cut_to_move_apart() {
    let found = compiled(&format!(
        "{MOVE}{HOP}
datastore t {{ }}
service a {{ writes t; calls b {{ need = soft }}; move = hop() }}
service b {{ writes t; calls c {{ need = soft }}; move = hop() }}
service c {{ calls a {{ need = soft }}; move = hop() }}
"
    ));
    let graph = found.graph().unwrap();
    let sizes = |components: &[Vec<_>]| components.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes(&graph.components), [3]);
    assert_eq!(sizes(&graph.binding_components), [2]);
    let edges = |cuts: &[Cut]| cuts.iter().map(|cut| cut.edges.len()).collect::<Vec<_>>();
    let found = found.cuts().unwrap();
    // Of all three the cheapest call halves them: two still write one table.
    assert_eq!(edges(&found.all), [1, 2]);
    assert_eq!(edges(&found.binding), [1]);
}

/// What a bridge takes: its work, and what it costs until the deadline at what an hour costs.
#[test]
fn what_a_plan_declares_about_a_bridge_weighs_others_of_its_kind() {
    let weighed = |teams: &str, bridge: &str| {
        let text = format!(
            "{HOP}{teams}
platform old {{ }}
platform new {{ }}
migration all {{ from = old; to = new; start = 2027-01-01; deadline = 2027-01-31 }}
datastore t {{ }}
datastore u {{ }}
service a {{ writes t; calls b; move = hop() }}
service b {{ reads t; move = hop() }}
service c {{ writes u; calls d; move = hop() }}
service d {{ reads u; move = hop() }}
bridge t_sync {{ over = t; by = cdc; {bridge} }}
"
        );
        let found = compiled(&text);
        let cuts = found.cuts().unwrap().all;
        assert_eq!(cuts.len(), 1);
        (cuts[0].cost, cuts[0].edges[0].via.is_some())
    };
    let near = |(cost, shared): (f64, bool), expected: (f64, bool)| {
        assert!(
            (cost - expected.0).abs() < 1e-9 && shared == expected.1,
            "{cost} {shared}"
        );
    };
    near(weighed("", ""), (3.0, true));
    near(weighed("", "effort = 4wd"), (4.0, true));
    near(weighed("", "effort = pert(1wd, 2wd, 3wd)"), (2.0, true));
    near(weighed("", "effort = 2d"), (2.0, true));
    // Two people for two days each; more than the call's 8 when they are five.
    let team = "team ops { engineers = 9 }\n";
    near(
        weighed(team, "effort = 2wd; needs = [2 of ops]"),
        (4.0, true),
    );
    near(
        weighed(team, "effort = 2wd; needs = [5 of ops]"),
        (8.0, false),
    );
    // $100 an hour where no team says so: $80 a day for 30 days are 3 days' pay.
    near(weighed("", "cost = $80/d"), (3.0, true));
    near(
        weighed(
            "team ops { rate = $50/h }\nteam dev { rate = $150/h }\n",
            "cost = $80/d; effort = 1wd",
        ),
        (4.0, true),
    );
    near(
        weighed("team ops { rate = $200/h }\n", "cost = $80/d"),
        (1.5, true),
    );
}

//! An inventory without a migration.

use whimbrel_plan::{EdgeKind, PlatformId};

use crate::support::{HOP, MOVE, compiled, errors, finding, plan, told};

const INVENTORY: &str = "
platform old { }
datastore db { table rows }
topic events { }
service a { calls b { rate = 120/s }; writes db.rows; publishes events }
service b { reads db.rows; writes db.rows; consumes events }
service c { calls a }
";

/// The graph is there, the plan is not.
#[test]
fn an_inventory_has_a_graph_and_no_plan() {
    let compilation = compiled(INVENTORY);
    assert!(compilation.plan.is_none());
    assert!(!compilation.is_runnable());
    assert!(errors(&compilation).is_empty());
    let graph = compilation.graph().unwrap();
    let calls = graph
        .edges
        .iter()
        .filter(|edge| edge.kind == EdgeKind::Call)
        .count();
    assert_eq!(calls, 2);
    // `a` and `b` need each other, through the call and through the table.
    assert!(
        graph
            .components
            .iter()
            .any(|component| component.len() == 2)
    );
    assert_eq!(compilation.inventory().unwrap().services.len(), 3);
}

/// Only what can be judged without a migration is: MG00 to MG04.
#[test]
fn only_the_first_families_judge_an_inventory() {
    let compilation = compiled(INVENTORY);
    let beyond = told(&compilation, |found| found.code.number >= "MG05");
    assert!(beyond.is_empty(), "{beyond:?}");
    // Two services write one table, and the cycle has a hidden hop.
    finding(&compilation, "several-writers");
    finding(&compilation, "hidden-cycle");
}

/// Whose traffic is unknown matters of what moves and of what needs that, through others, too; of
/// nobody else.
#[test]
fn unknown_traffic_is_told_of_all_who_may_be_hurt() {
    let compilation = compiled(
        "use std.patterns.strangler_fig\nplatform vms { }\nplatform kubernetes { }
migration first { from = vms; to = kubernetes; start = 2027-01-11 }
service website { calls orders }\nservice orders { calls accounts }
service accounts { move = strangler_fig() }\nservice known { calls accounts; traffic = 1rps }
service apart { }\n",
    );
    let plan = compilation.plan.unwrap();
    let of_requests = |it: &&whimbrel_plan::Unknown| it.bounds == whimbrel_plan::Bounded::Requests;
    let unknown: Vec<_> = plan.unknown.iter().filter(of_requests).collect();
    let [traffic] = unknown.as_slice() else {
        panic!("{unknown:?}");
    };
    for (name, told) in [
        ("website", true),
        ("orders", true),
        ("accounts", true),
        ("known", false),
        ("apart", false),
    ] {
        let quoted = format!("`{name}`");
        assert_eq!(traffic.what.contains(&quoted), told, "{}", traffic.what);
    }
}

/// A newcomer's three services with nothing said of people, cost, links or time compile, and what
/// is unknown is named.
#[test]
fn a_newcomers_plan_compiles() {
    let compilation = compiled(
        "use std.patterns.strangler_fig\nplatform vms { }\nplatform kubernetes { }
migration first { from = vms; to = kubernetes; start = 2027-01-11 }
defaults service { move = strangler_fig() }
service website { calls orders }\nservice orders { calls accounts }\nservice accounts { }\n",
    );
    assert!(compilation.is_runnable(), "{:?}", errors(&compilation));
    let plan = compilation.plan.unwrap();
    assert_eq!(plan.movers.len(), 3);
    assert_eq!(plan.checklist.scores.len(), 6);
    let unknown = whimbrel_plan::Unknown::sentences(&plan.unknown)
        .join("\n")
        .to_lowercase();
    for word in ["cost", "team", "link"] {
        assert!(unknown.contains(word), "{word}: {unknown}");
    }
}

/// An empty file says nothing and breaks nothing.
#[test]
fn nothing_is_an_inventory_too() {
    for text in ["", "\n\n", "# only a comment\n", "\u{feff}"] {
        let compilation = compiled(text);
        assert!(compilation.plan.is_none(), "{text:?}");
        assert!(
            errors(&compilation).is_empty(),
            "{text:?}: {:?}",
            errors(&compilation)
        );
    }
}

/// `from` and `to` pair: what is on the second platform left goes to the second entered. What says
/// nothing of where it is, is on the first.
#[test]
fn platforms_pair_in_their_order() {
    let plan = plan(&format!(
        "platform a {{ }}\nplatform b {{ }}\nplatform x {{ }}\nplatform y {{ }}\nplatform else {{ }}
migration all {{ from = [a, b]; to = [x, y]; start = 2027-01-11 }}{HOP}
service first {{ move = hop() }}
service second {{ on = b; move = hop() }}
service across {{ on = a; to = y; move = hop() }}
service afar {{ on = else; to = x; move = hop() }}
service stays {{ on = b }}
service rests {{ on = a; to = stay }}
datastore db {{ on = b }}\n"
    ));
    let name = |id: Option<PlatformId>| id.map(|id| plan.inventory.platforms[id].name.as_str());
    let services = plan.inventory.services.values();
    let routes: Vec<_> = services
        .map(|service| (service.name.as_str(), name(service.on), name(service.to)))
        .collect();
    assert_eq!(
        routes,
        [
            ("across", Some("a"), Some("y")),
            ("afar", Some("else"), Some("x")),
            ("first", Some("a"), Some("x")),
            ("rests", Some("a"), Some("a")),
            ("second", Some("b"), Some("y")),
            ("stays", Some("b"), Some("b")),
        ]
    );
    let db = plan.inventory.resources.values().next().unwrap();
    assert_eq!((name(db.on), name(db.to)), (Some("b"), Some("b")));
}

/// A need that nobody states is hard, and the plan says that this is a guess.
#[test]
fn a_need_left_out_is_hard_and_a_guess() {
    let plan = plan(&format!(
        "{MOVE}datastore db {{ }}
service a {{ calls b; reads db {{ need = soft }} }}
service b {{ calls c {{ need = hard }} }}
service c {{ calls a {{ mode = async }} }}\n"
    ));
    let needs: Vec<_> = plan
        .inventory
        .relations
        .values()
        .map(|fact| (fact.need, fact.need_guessed))
        .collect();
    use whimbrel_plan::Need::{Hard, Soft};
    assert_eq!(
        needs,
        [(Hard, true), (Soft, false), (Hard, false), (Hard, true)]
    );
    assert_eq!(
        plan.remarks(),
        [
            "no `need` is given, and it is taken to be hard, in what `a` call, read or write",
            "`old` cannot be switched off afterwards: `a`, `b`, `c`, `db` stay on it"
        ]
    );
}

/// How a fact is known is told wherever a finding rests on it.
#[test]
fn a_finding_says_how_its_facts_are_known() {
    let text = "datastore db { table rows }
service a { calls b; writes db.rows { evidence = configured } }
service b { reads db.rows { evidence = guessed } }\n";
    let compilation = compiled(text);
    let cycle = finding(&compilation, "hidden-cycle");
    let story = cycle.notes.join("\n");
    assert!(
        story.contains("`b` → `a`: reads `db.rows`, which `a` writes (hidden, guessed)"),
        "{story}"
    );
    let declared = text.replace("evidence = guessed", "");
    let story = finding(&compiled(&declared), "hidden-cycle")
        .notes
        .join("\n");
    assert!(story.contains("(hidden, configured)"), "{story}");
}

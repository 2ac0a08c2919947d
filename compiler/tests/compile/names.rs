//! Names: kinds as namespaces, quoted names, duplicates, doc comments.

use std::collections::HashSet;

use whimbrel_plan::Target;

use crate::support::{
    COPY, HOP, MOVE, compiled, errors, finding, names, plan, project, shown, step,
};

#[test]
fn a_name_is_defined_once_in_its_kind() {
    let compilation = project(&[
        (
            "plan.mig",
            "import \"more.mig\"\nteam ops { engineers = 1 }\n",
        ),
        ("more.mig", "\nteam ops { engineers = 2 }\n"),
    ]);
    let found = finding(&compilation, "duplicate-name");
    assert_eq!(found.labels.len(), 1, "both places are shown");
    assert_eq!(shown(&compilation, found.labels[0].span), "ops");
}

/// One namespace for each kind: a team, a service and a topic may all be `payments`, each reference
/// takes the kind its place asks for, and the steps of the two that move keep apart.
#[test]
fn kinds_are_namespaces() {
    let plan = plan(&format!(
        "{MOVE}{HOP}
pattern turn() for topic {{ step switch {{ kind = cutover; takes = 1h }} }}
team payments {{ engineers = 2 }}
topic payments {{ move = turn() }}
service payments {{ team = payments; publishes payments; move = hop() }}
service shop {{ calls payments }}
driver late {{ factor = 2; on = [team.payments] }}
batch both {{ members = [topic.payments, service.payments] }}
"
    ));
    let all = names(&plan);
    assert_eq!(
        all.iter().collect::<HashSet<_>>().len(),
        all.len(),
        "{all:?}"
    );
    assert!(all.contains(&"payments/shift"));
    assert_eq!(plan.batches.values().next().unwrap().units.len(), 2);
    assert_eq!(plan.inventory.relations.len(), 2);
}

/// `payments` could be either of two things that move: guessing would move the wrong one.
#[test]
fn an_ambiguous_name_must_say_its_kind() {
    let compilation = compiled(&format!(
        "{MOVE}{HOP}
topic payments {{ }}
service payments {{ move = hop() }}
batch one {{ members = [payments] }}
"
    ));
    let found = finding(&compilation, "unknown-name");
    let help = found.help.clone().unwrap_or_default();
    assert!(help.contains("service.payments"), "{found:?}");
    assert!(help.contains("topic.payments"), "{found:?}");
}

/// Steps the compiler names after phases, bridges and announcements share no name with those of a
/// service that is called like their kind.
#[test]
fn a_service_named_like_a_kind_keeps_its_steps_apart() {
    let plan = plan(&format!(
        "{MOVE}{HOP}
service bridge {{ calls other; move = hop() }}
service phase {{ move = hop() }}
service announce {{ move = hop() }}
service migration {{ move = hop() }}
service other {{ move = hop() }}
bridge shift {{ over = bridge -> other; by = proxy }}
phase shift {{ takes = 1d }}
announce shift {{ before = 1d; channel = \"mail\" }}
"
    ));
    let all = names(&plan);
    let unique: HashSet<_> = all.iter().collect();
    assert_eq!(unique.len(), all.len(), "{all:?}");
}

/// A quoted name is one name: its dot reaches nowhere.
#[test]
fn quoted_names_may_hold_dots() {
    let plan = plan(&format!(
        "{MOVE}{HOP}
service \"orders.v1\" {{ calls \"orders.v2\"; move = hop() }}
service \"orders.v2\" {{ move = hop(); after = [\"orders.v1\"] }}
batch one {{ members = [\"orders.v1\", \"orders.v2\"] }}
"
    ));
    assert_eq!(step(&plan, "orders.v1/shift").weight, Some(1.0));
    assert_eq!(plan.inventory.relations.len(), 1);
}

/// A dot reaches inside, and two databases may each have a table of one name.
#[test]
fn tables_are_scoped_to_their_datastore() {
    let plan = plan(&format!(
        "{MOVE}
datastore a {{ table rows }}
datastore b {{ table rows }}
service one {{ reads a.rows }}
service two {{ writes b.rows }}
"
    ));
    assert_eq!(
        plan.graph.components.iter().filter(|c| c.len() > 1).count(),
        0
    );
    let tables = plan
        .inventory
        .resources
        .values()
        .filter(|r| r.parent.is_some())
        .count();
    assert_eq!(tables, 2);
}

#[test]
fn a_misspelt_name_gets_the_nearest_of_its_kind() {
    let compilation =
        compiled("team ordrs { engineers = 1 }\nservice orders { }\nservice a { calls ordes }\n");
    let found = finding(&compilation, "unknown-name");
    assert_eq!(found.help.as_deref(), Some("did you mean `orders`?"));
}

#[test]
fn a_misspelt_attribute_gets_the_nearest_one() {
    let compilation = compiled("team ops { enginers = 1 }\n");
    let found = finding(&compilation, "unknown-attribute");
    assert_eq!(found.help.as_deref(), Some("did you mean `engineers`?"));
    assert_eq!(shown(&compilation, found.primary.span), "enginers");
}

/// Doc comments belong to the next statement and reach the step; the service's own one wins.
#[test]
fn doc_comments_are_kept_on_steps() {
    let plan = plan(&format!(
        "{MOVE}
pattern told() for service {{
  ## Watch the new side.
  step watch {{ kind = validate; takes = 1h }}
  ## Let it in,
  ## then breathe.
  step shift {{ does = traffic.shift(service, to: 100%) }}
  step bare {{ kind = tidy; takes = 1h }}
}}
service a {{
  move = told()
  ## Ask the bank first.
  step watch {{ takes = 2h }}
}}
"
    ));
    assert_eq!(
        step(&plan, "a/watch").doc.as_deref(),
        Some("Ask the bank first.")
    );
    assert_eq!(
        step(&plan, "a/shift").doc.as_deref(),
        Some("Let it in,\nthen breathe.")
    );
    assert_eq!(step(&plan, "a/bare").doc, None);
}

/// An error in one statement hides no error of another.
#[test]
fn every_wrong_statement_is_told() {
    let compilation = compiled(
        "team a { engineers = \"x\" }\nservice b { calls nobody }\nplatform c { region = 3 }\nteam d {{ }\nservice e { tier = grand }\n",
    );
    let lines: HashSet<String> = errors(&compilation)
        .iter()
        .map(|error| error.rsplit(':').next().unwrap().to_owned())
        .collect();
    for line in ["1", "2", "3", "4", "5"] {
        assert!(
            lines.contains(line),
            "line {line}: {:?}",
            errors(&compilation)
        );
    }
}

/// What moves has steps: a pattern without any would drop it from the plan unsaid.
#[test]
fn a_pattern_without_steps_is_an_error() {
    let compilation = compiled(&format!(
        "{MOVE}pattern none() for service {{ }}\nservice a {{ move = none() }}\n"
    ));
    assert_eq!(errors(&compilation), ["missing-attribute plan.mig:6"]);
    let without = compiled(&format!(
        "{MOVE}pattern one() for service {{ step shift {{ takes = 1h }} }}\nservice a {{ move = one(); without shift }}\n"
    ));
    assert_eq!(errors(&without), ["missing-attribute plan.mig:6"]);
}

#[test]
fn a_pattern_is_for_its_kind() {
    let compilation = compiled(&format!("{MOVE}{COPY}service a {{ move = copy() }}\n"));
    assert!(
        finding(&compilation, "type-mismatch")
            .message
            .contains("`copy`")
    );
}

/// The words of an attribute are its own: a `let` that has the name of one, as `keep` and `shift`
/// have, changes neither the steps of a pattern nor a list of such words.
#[test]
fn a_let_does_not_take_the_words_of_an_attribute() {
    let text = |lets: &str| {
        format!(
            "{MOVE}{HOP}{lets}
service shop {{ move = hop() }}
freeze year_end {{ from = 2027-12-15; to = 2028-01-05; blocks = [shift, cutover] }}
"
        )
    };
    let without = plan(&text(""));
    let with = plan(&text("let keep = 3d\nlet shift = 5"));
    assert_eq!(
        without.canonical_json().unwrap(),
        with.canonical_json().unwrap()
    );
}

/// A reference takes its kind from its place: a value that cannot be a name hides none, and one that
/// can stands for it.
#[test]
fn a_let_hides_no_name_that_it_cannot_stand_for() {
    let plan = plan(
        &format!(
            "{MOVE}{HOP}let payments = 3d\nlet owner = ledger
team payments {{ }}\nteam ledger {{ }}
service a {{ team = payments; move = hop(soak: payments) }}
service b {{ team = owner; move = hop(); after = [a] }}\n",
        )
        .replace("hop() for", "hop(soak: duration = 1h) for")
        .replace("soak = 1d", "soak = soak"),
    );
    let services = plan.inventory.services.values();
    let teams: Vec<&str> = services
        .map(|service| plan.inventory.teams[service.team.unwrap()].name.as_str())
        .collect();
    assert_eq!(teams, ["payments", "ledger"]);
    assert_eq!(step(&plan, "a/keep").soak.mean(), 3.0 * 86_400.0);
}

/// Names are made of variables wherever names go, on both sides of an arrow, too.
#[test]
fn a_name_made_of_variables_goes_wherever_a_name_goes() {
    let plan = plan(
        "platform old { }
for zone in [\"a\", \"b\"] {
  platform \"new_${zone}\" { }
  link old -> \"new_${zone}\" { latency = 2ms }
  service \"shop_${zone}\" { calls \"stock_${zone}\"; to = \"new_${zone}\" }
  service \"stock_${zone}\" { }
  seen \"stock_${zone}\" -> \"shop_${zone}\" { rate = 3/s }
}
migration all { from = old; to = new_a; start = 2027-01-11 }\n",
    );
    assert_eq!(plan.inventory.links.len(), 2);
    let of = |target: &Target| match target {
        Target::Service(id) => plan.inventory.services[*id].name.as_str(),
        _ => "",
    };
    let facts: Vec<(&str, &str)> = plan
        .inventory
        .relations
        .values()
        .map(|fact| (of(&Target::Service(fact.from)), of(&fact.to)))
        .collect();
    assert_eq!(
        facts,
        [
            ("shop_a", "stock_a"),
            ("shop_b", "stock_b"),
            ("stock_a", "shop_a"),
            ("stock_b", "shop_b")
        ]
    );
}

/// An arrow is no name, and neither is what programs make of one: either way the help has the form.
#[test]
fn a_link_is_named_by_its_ends_in_quotes() {
    let on = |what: &str| {
        compiled(&format!(
            "{MOVE}link old -> new {{ bandwidth = 1GB/s }}\ndriver slow {{ factor = 2; on = [{what}] }}\n"
        ))
    };
    let form = "a link goes by its ends, in quotes: `\"old -> new\"`";
    for (wrong, code) in [("old -> new", "type-mismatch"), ("old_new", "unknown-name")] {
        let compilation = on(wrong);
        let help = finding(&compilation, code).help.as_deref();
        assert!(help.is_some_and(|help| help.ends_with(form)), "{help:?}");
    }
    assert_eq!(errors(&on("\"old -> new\"")), [""; 0]);
}

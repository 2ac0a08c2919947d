//! What single rules find and offer, beyond what their pages show.

use super::{base, codes_in, compiled, findings, told};

/// What the help offers between "cheapest cut: `" and the last backtick.
fn offered(found: &whimbrel_lang::Diagnostic) -> &str {
    let help = found.help.as_deref().unwrap_or_default();
    let (_, bridges) = help.split_once("cheapest cut: `").unwrap();
    bridges.trim_end_matches('`')
}

#[test]
fn the_cut_that_is_offered_fits_the_edge_and_silences_the_cycle() {
    // (the plan, the cut): a call that is waited for takes an adapter and another a proxy, a read
    // change capture, two writers dual writes, messages a mirror. Of two calls the slower one is
    // cheaper to bridge.
    let cases = [
        (
            "service a { calls b { rate = 40rps; need = hard }; move = strangler_fig() }
             service b { calls a { rate = 2rps; need = hard }; move = strangler_fig() }",
            "bridge b_a_bridge { over = b -> a; by = adapter }",
        ),
        (
            "datastore db { table t }
             service a { writes db.t; calls b { need = hard }; move = strangler_fig() }
             service b { reads db.t; move = strangler_fig() }",
            "bridge db_t_bridge { over = db.t; by = cdc }",
        ),
        (
            "topic events { }
             service a { publishes events; calls b { need = hard }; move = strangler_fig() }
             service b { consumes events; move = strangler_fig() }",
            "bridge events_bridge { over = events; by = mirror }",
        ),
        // Three in a ring, and two of them back and forth: 1 for the soft call, and 8 for one of
        // the others; the ring is cut with either pair's call.
        (
            "service a { calls b { need = hard }; move = strangler_fig() }
             service b { calls c { need = hard }; calls a { need = soft }; move = strangler_fig() }
             service c { calls a { need = soft }; move = strangler_fig() }",
            "bridge b_a_bridge { over = b -> a; by = proxy }; \
             bridge c_a_bridge { over = c -> a; by = proxy }",
        ),
        // A dot in a service's name would lead inside.
        (
            "service \"a.v1\" { calls b { need = soft }; move = strangler_fig() }
             service b { calls \"a.v1\" { need = hard }; move = strangler_fig() }",
            "bridge a_v1_b_bridge { over = \"a.v1\" -> b; by = proxy }",
        ),
    ];
    for (block, cut) in cases {
        let plan = base() + block;
        let compilation = compiled(plan.as_str());
        let cycles = compilation.diagnostics.iter();
        let found: Vec<_> = cycles
            .filter(|found| found.code.name.ends_with("-cycle"))
            .collect();
        assert_eq!(found.len(), 1, "{}", told(&compilation));
        assert_eq!(offered(found[0]), cut, "{block}");
        let mended = compiled(format!("{plan}\n{cut}"));
        let left = findings(&mended);
        assert!(
            !left.iter().any(|(code, _)| code.ends_with("-cycle")),
            "{}",
            told(&mended)
        );
    }
}

#[test]
fn two_writers_are_bridged_by_dual_writes() {
    let plan = base()
        + "\
datastore db { table t }
service a { writes db.t; calls b { need = hard }; move = strangler_fig() }
service b { writes db.t; move = strangler_fig() }
";
    let compilation = compiled(plan.as_str());
    let cycle = compilation.diagnostics.iter();
    let cycle = cycle
        .clone()
        .find(|found| found.code.name == "hidden-cycle")
        .unwrap();
    let cut = offered(cycle);
    assert_eq!(cut, "bridge db_t_bridge { over = db.t; by = dual_write }");
    let mended = compiled(plan + cut);
    let left = findings(&mended);
    assert!(
        !left.iter().any(|(code, _)| *code == "hidden-cycle"),
        "{left:?}"
    );
}

#[test]
fn a_large_component_has_a_cut_to_begin_with() {
    // Two rings of seven, joined by soft calls there and back; in each a read is cheapest.
    let ring = |of: char, more: &str| -> String {
        let service = |at: usize| {
            let next = (at + 1) % 7;
            let call = if at == 0 { more } else { "" };
            let need = if at == 6 {
                format!("reads {of}_rows")
            } else {
                format!("calls {of}{next}")
            };
            let writes = if at == 0 {
                format!("writes {of}_rows; ")
            } else {
                String::new()
            };
            format!("service {of}{at} {{ {writes}{call}{need} }}\n")
        };
        let services: String = (0..7).map(service).collect();
        format!("datastore {of}_rows {{ }}\n{services}")
    };
    let soft = |to: &str| format!("calls {to} {{ need = soft }}; ");
    let text = ring('a', &soft("b0")) + &ring('b', &soft("a0"));
    let compilation = compiled(text.as_str());
    let found = compilation.diagnostics.iter();
    let cycle = found
        .clone()
        .find(|found| found.code.name == "hidden-cycle");
    let first = "bridge a0_b0_bridge { over = a0 -> b0; by = proxy }";
    let help = cycle.unwrap().help.as_deref().unwrap();
    assert_eq!(
        help,
        format!(
            "no order follows from it, because not every hop binds: keep them in one batch, or begin \
             with the cut that leaves at most 7 of 14 services needing one another: `{first}`, or \
             take the full cut: `{first}; bridge a_rows_bridge {{ over = a_rows; by = cdc }}; \
             bridge b_rows_bridge {{ over = b_rows; by = cdc }}`"
        )
    );
    let (_, full) = help.split_once("the full cut: `").unwrap();
    let mended = compiled(text + full.trim_end_matches('`'));
    assert!(!told(&mended).contains("-cycle"), "{}", told(&mended));
}

#[test]
fn a_platform_is_told_all_its_verbs_at_once() {
    let plan = |attic: &str, edge: &str| {
        let platforms = format!(
            "platform attic {{ traffic = bash(script: \"ops/run.sh\"); {attic} }}\nplatform edge {{ {edge} }}\n"
        );
        base()
            + &platforms
            + "service a { on = attic; to = edge; move = strangler_fig() }\n"
            + "service b { on = attic; to = edge; move = strangler_fig() }\n"
    };
    let compilation = compiled(plan("", ""));
    let messages: Vec<&str> = compilation
        .diagnostics
        .iter()
        .map(|found| found.message.as_str())
        .collect();
    // On the side left, each is removed at last. On the side entered, each is compared and
    // installed once, removed to undo that, and looked at after it and at each of five shares.
    assert_eq!(
        messages,
        [
            "platform `attic` names no executor for `deploy.remove` in 2 places, so people must, \
             from `a/decommission` on",
            "platform `edge` names no executor for `compare.responses` in 2 places, \
             `deploy.apply` in 2 places, `deploy.remove` in 2 places, `health` in 12 places, so \
             people must, from `a/deploy` on",
        ]
    );
    let pasted = |index: usize| {
        let found = &compilation.diagnostics[index];
        assert!(found.notes.is_empty());
        let help = found.help.as_deref().unwrap();
        let attributes = help.split('`').nth(1).unwrap();
        attributes.replace('…', "bash(script: \"ops/run.sh\")")
    };
    let mended = compiled(plan(&pasted(0), &pasted(1)));
    assert_eq!(findings(&mended), [], "{}", told(&mended));
}

#[test]
fn without_any_executor_the_help_says_where_each_goes() {
    let plan = |old: &str, new: &str| {
        format!(
            "use std.patterns.{{strangler_fig}}
platform old {{ {old} }}
platform new {{ {new} }}
migration m {{ from = old; to = new; start = 2027-01-11 }}
service a {{ move = strangler_fig() }}
"
        )
    };
    let compilation = compiled(plan("", ""));
    let found: Vec<_> = compilation
        .diagnostics
        .iter()
        .filter(|found| found.code.name == "verb-without-executor")
        .collect();
    assert_eq!(found.len(), 1, "{}", told(&compilation));
    let help = found[0]
        .help
        .as_deref()
        .unwrap()
        .replace('…', "bash(script: \"ops/run.sh\")");
    let mut parts = help.split('`');
    let (mut old, mut new) = ("", "");
    while let (Some(_), Some(platform)) = (parts.next(), parts.next()) {
        parts.next();
        let attributes = parts.next().unwrap();
        match platform {
            "old" => old = attributes,
            "new" => new = attributes,
            other => panic!("no platform `{other}`"),
        }
    }
    let mended = compiled(plan(old, new));
    let left = findings(&mended);
    let silenced = !left
        .iter()
        .any(|(code, _)| *code == "verb-without-executor");
    assert!(silenced, "{}", told(&mended));
}

#[test]
fn the_word_of_the_source_is_told() {
    let plan = |word: &str| {
        base()
            + &format!(
                "\
datastore db {{ move = cdc_replication(); table users }}
service a {{ {word} db.users; move = strangler_fig() }}
batch first {{ members = [a] }}
batch second {{ members = [db] }}
environment staging {{ }}
rehearsal second_back {{ of = second; on = staging; date = 2026-11-10; took = 5min; passed = true }}
"
            )
    };
    for word in ["uses", "reads", "writes"] {
        let compilation = compiled(plan(word));
        let found = &compilation.diagnostics[0];
        assert_eq!(found.code.name, "moved-before-its-need");
        let end = format!("and {word} `db.users`");
        assert!(found.message.ends_with(&end), "{}", found.message);
    }
}

#[test]
fn only_roles_with_something_to_do_are_asked_for() {
    let without_roles: String = base()
        .lines()
        .filter(|line| !line.starts_with("role "))
        .flat_map(|line| [line, "\n"])
        .collect();
    let asked = |block: &str| -> Vec<String> {
        let compilation = compiled(without_roles.clone() + block);
        let found = compilation.diagnostics.iter();
        let missing = found
            .filter(|found| found.code.name == "role-missing")
            .flat_map(|found| found.notes.iter().flat_map(|note| note.lines()))
            .filter_map(|line| Some(line.split('`').nth(1)?.to_owned()));
        let mut missing: Vec<String> = missing.collect();
        missing.sort_unstable();
        missing
    };
    let lead_and_traffic = ["infrastructure_engineer", "migration_lead"];
    let unseen = "service mailer { move = strangler_fig() }";
    assert_eq!(asked(unseen), lead_and_traffic);
    let data = "datastore db { move = cdc_replication(); table t }";
    assert!(asked(data).contains(&"database_engineer".to_owned()));
    // Whoever keeps users informed is asked for by a rule of its own.
    let seen = "service mailer { users = 10; move = strangler_fig() }";
    assert_eq!(asked(seen), lead_and_traffic);
    let told = |block: &str| {
        let compilation = compiled(without_roles.clone() + block);
        let mut found = findings(&compilation).into_iter();
        found.any(|(code, _)| code == "no-communications-owner")
    };
    assert!(told(seen));
    assert!(!told(unseen));
    assert!(!told(data));
    // Where a risk relies on it, role-missing has said so.
    let relied_on = "risk rumours { tier = low; owner = communications_owner }";
    assert!(!told(&format!("{seen}\n{relied_on}")));
}

#[test]
fn a_waiver_may_name_the_kind() {
    let waived = |on: &str| {
        format!(
            "platform attic {{ deploy = bash(script: \"ops/run.sh\"); traffic = bash(script: \"ops/run.sh\") }}
platform edge {{ deploy = bash(script: \"ops/run.sh\") }}
service mailer {{ on = attic; to = edge; move = strangler_fig() }}
waive verb-without-executor on {on} until 2027-03-01 because \"the monitor comes in spring\"
"
        )
    };
    for on in ["edge", "platform.edge"] {
        assert_eq!(codes_in(&waived(on)), [] as [&str; 0], "{on}");
    }
    for on in ["attic", "platform.attic", "other.edge"] {
        let codes = codes_in(&waived(on));
        assert_eq!(codes, ["verb-without-executor", "unused-waiver"], "{on}");
    }
}

#[test]
fn a_waiver_may_name_the_migration_by_kind() {
    for on in ["clean", "migration.clean"] {
        let roles = base();
        let others = roles
            .lines()
            .filter(|line| !line.starts_with("role migration_lead"));
        let plan = others.map(|line| format!("{line}\n")).collect::<String>()
            + &format!(
                "service mailer {{ move = strangler_fig() }}
waive role-missing on {on} until 2027-03-01 because \"named next week\"
"
            );
        let compilation = compiled(plan);
        assert_eq!(findings(&compilation), [], "{on}: {}", told(&compilation));
    }
}

#[test]
fn a_deadline_before_the_start_asks_for_no_engineers() {
    let plan = base().replace("deadline = 2027-12-31", "deadline = 2026-12-31")
        + "service mailer { move = strangler_fig() }";
    let compilation = compiled(plan);
    let text = told(&compilation);
    assert!(!text.contains("inf "), "{text}");
    assert!(!text.contains("team-overbooked"), "{text}");
    let booked = findings(&compilation);
    assert!(!booked.iter().any(|(code, _)| *code == "team-overbooked"));
}

#[test]
fn a_bridge_carries_until_its_last_batch_and_no_longer() {
    let plan = |until: &str| {
        let kept: Vec<String> = base()
            .lines()
            .filter(|line| !line.starts_with("link "))
            .map(str::to_owned)
            .collect();
        kept.join("\n")
            + &format!(
                "
platform office {{ }}
link old -> office {{ private = true }}
service desk {{ on = office }}
service s {{ calls t1 {{ need = hard }}; move = strangler_fig() }}
service t1 {{ move = strangler_fig() }}
service t2 {{ move = strangler_fig() }}
batch x {{ members = [t1] }}
batch y {{ members = [t2] }}
batch z {{ members = [s] }}
bridge br {{ over = s -> t1; by = proxy{until} }}
"
            )
    };
    // s and t1 are apart after x and after y, and together after z.
    let carried = |until: &str| -> Vec<Option<String>> {
        let compilation = compiled(plan(until));
        let plan = compilation.plan.unwrap();
        let crossing = plan.seam.iter().flat_map(|state| &state.crossing);
        crossing
            .map(|one| Some(one.carried_by.as_deref()?.to_owned()))
            .collect()
    };
    let by = Some("br".to_owned());
    assert_eq!(carried("; until = x"), [by.clone(), None]);
    for until in ["", "; until = y", "; until = z"] {
        assert_eq!(carried(until), [by.clone(), by.clone()], "{until}");
    }
    // With its last batch the bridge is taken down, so ending it with y is too early as well.
    for until in ["; until = x", "; until = y"] {
        let compilation = compiled(plan(until));
        let found: Vec<_> = compilation
            .diagnostics
            .iter()
            .filter(|found| found.code.name == "bridge-ends-too-early")
            .collect();
        assert_eq!(found.len(), 1, "{until}: {}", told(&compilation));
        let help = found[0].help.as_deref().unwrap();
        assert!(help.ends_with("`until = z`"), "{help}");
    }
    for until in ["", "; until = z"] {
        let compilation = compiled(plan(until));
        assert_eq!(findings(&compilation), [], "{}", told(&compilation));
    }
}

#[test]
fn a_rehearsal_counts_for_a_year() {
    let plan = |rehearsal: &str| {
        format!(
            "service orders {{ tier = critical; move = strangler_fig() }}
batch core {{ members = [orders] }}
environment staging {{ }}
{rehearsal}"
        )
    };
    let held = |date: &str, passed: bool| {
        plan(&format!(
            "rehearsal back {{ of = core; on = staging; date = {date}; took = 9min; passed = {passed} }}"
        ))
    };
    // Today is 2026-11-21.
    for (block, told) in [
        (plan(""), true),
        (held("2026-11-21", true), false),
        (held("2025-11-21", true), false),
        (held("2025-11-20", true), true),
        (held("2026-11-22", true), true),
        (held("2026-11-10", false), true),
    ] {
        let wanted: &[&str] = if told { &["never-rehearsed"] } else { &[] };
        assert_eq!(codes_in(&block), wanted, "{block}");
    }
}

/// Ninety days before the last day of December is over, the 2nd of October is.
#[test]
fn the_last_day_to_cancel_a_licence_is_one_on_which_it_can_be_cancelled() {
    let plan = base()
        + "\
datastore db { size = 10GB; move = cdc_replication() }
licence oracle { of = [db]; cost = $400_000/y; until = 2026-12-31; notice = 90d }
";
    let compilation = compiled(plan.as_str());
    let mut found = compilation.diagnostics.iter();
    let licence = found.find(|found| found.code.name == "licence-ends-before-cutover");
    let help = licence
        .and_then(|found| found.help.clone())
        .unwrap_or_default();
    assert!(help.contains("by 2026-10-02,"), "{}", told(&compilation));
}

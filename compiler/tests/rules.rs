//! The pages of the rules, run: every `mig bad` block raises exactly its page's code on the line
//! that ends with `# error`, every `mig good` block raises nothing.
//!
//! A block is added to `compiler/rules/base.mig`. Its `migration` replaces the one there;
//! `without KEYWORD` on the fence leaves out the base's statements of that keyword.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read the pages"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use whimbrel_compiler::rules::{Check, RULES, Rule, find};
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};
use whimbrel_lang::{FILE_SIZE_LIMIT, NESTING_LIMIT};

/// Codes whose bad text cannot stand on a page; [`what_no_page_can_show`] makes it.
const NOT_SHOWN: &[&str] = &["too-deep", "too-large", "not-utf8"];

struct Project(Vec<u8>);

impl Provider for Project {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match path {
            "plan.mig" => Ok(self.0.clone()),
            _ => Err(ReadError::NotFound),
        }
    }
}

fn compiled(text: impl Into<Vec<u8>>) -> Compilation {
    let options = Options {
        today: date(2026, 11, 21),
    };
    compile(&Project(text.into()), "plan.mig", &options)
}

/// Every finding as (code, line), in the order of the report.
fn findings(compilation: &Compilation) -> Vec<(&'static str, u32)> {
    compilation
        .diagnostics
        .iter()
        .map(|found| {
            let span = found.primary.span;
            let at = compilation.sources.line_column(span.source, span.start);
            (found.code.name, at.line)
        })
        .collect()
}

fn told(compilation: &Compilation) -> String {
    compilation
        .diagnostics
        .iter()
        .zip(findings(compilation))
        .map(|(found, (_, line))| {
            let (code, message) = (found.code.number, &found.message);
            format!(
                "  line {line}: {code} {message}\n    notes: {:?}\n    help: {:?}\n",
                found.notes, found.help
            )
        })
        .collect()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn base() -> String {
    std::fs::read_to_string(folder("rules/base.mig")).unwrap()
}

/// A fenced block of a page.
struct Example {
    bad: bool,
    without: Vec<String>,
    text: String,
}

impl Example {
    /// The whole plan: what is left of the base, and the block.
    fn plan(&self) -> String {
        let replaced = self.text.lines().any(|line| line.starts_with("migration "));
        let mut plan = String::new();
        let mut kept = true;
        for line in base().lines() {
            if !line.starts_with([' ', '}']) {
                let keyword = line.split(' ').next().unwrap_or_default();
                let left_out = self.without.iter().any(|word| word == keyword);
                kept = !(left_out || replaced && keyword == "migration");
            }
            if kept {
                plan.push_str(line);
                plan.push('\n');
            }
        }
        plan + &self.text
    }

    /// The lines of `plan` that end with the mark.
    fn marked(plan: &str) -> Vec<u32> {
        (1..)
            .zip(plan.lines())
            .filter(|(_, line)| line.ends_with("# error"))
            .map(|(number, _)| number)
            .collect()
    }
}

fn examples(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```mig ") else {
            continue;
        };
        let mut words = fence.split(' ');
        let bad = words.next() == Some("bad");
        let without = words
            .filter(|word| *word != "without")
            .map(str::to_owned)
            .collect();
        let text = lines
            .by_ref()
            .take_while(|line| *line != "```")
            .flat_map(|line| [line, "\n"])
            .collect();
        examples.push(Example { bad, without, text });
    }
    examples
}

/// What is wrong with a rule's examples.
fn faults(rule: &Rule) -> Vec<String> {
    let mut faults = Vec::new();
    for example in examples(rule.page) {
        let plan = example.plan();
        let compilation = compiled(plan.as_str());
        let found = findings(&compilation);
        let wanted: Vec<_> = Example::marked(&plan)
            .into_iter()
            .map(|line| (rule.code.name, line))
            .collect();
        let marked_rightly = wanted.len() == usize::from(example.bad);
        if found != wanted || !marked_rightly {
            faults.push(format!(
                "{} wants {wanted:?}, found {found:?} in\n{}\n{}",
                rule.code.name,
                example.text,
                told(&compilation)
            ));
        }
    }
    faults
}

#[test]
fn the_base_is_clean() {
    let compilation = compiled(base());
    assert_eq!(findings(&compilation), [], "{}", told(&compilation));
}

#[test]
fn every_page_is_true() {
    let wrong: Vec<String> = RULES.iter().flat_map(faults).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_says_what_why_bad_and_good() {
    for rule in RULES {
        let (name, page) = (rule.code.name, rule.page);
        assert!(
            page.starts_with(&format!("# {} {name}\n", rule.code.number)),
            "the page of {name} has another title"
        );
        let shown = !NOT_SHOWN.contains(&name);
        let parts: &[&str] = if shown {
            &["What", "Why", "Bad", "Good", "See also"]
        } else {
            &["What", "Why", "Good", "See also"]
        };
        let headings: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert_eq!(headings, parts, "{name}");
        let examples = examples(page);
        assert_eq!(examples.iter().any(|example| example.bad), shown, "{name}");
        assert!(examples.iter().any(|example| !example.bad), "{name}");
    }
}

#[test]
fn pages_refer_to_rules_that_exist() {
    for rule in RULES {
        let (_, see) = rule.page.split_once("## See also\n").unwrap();
        for name in see.trim().split(", ") {
            assert!(find(name).is_some(), "{} refers to {name}", rule.code.name);
        }
    }
}

#[test]
fn rules_files_and_pages_agree() {
    let stems = |folder_name: &str, extension: &str| -> BTreeSet<String> {
        std::fs::read_dir(folder(folder_name))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .map(|path| {
                path.file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('_', "-")
            })
            .filter(|stem| !["mod", "registry", "context"].contains(&stem.as_str()))
            .collect()
    };
    let named = |rules: &mut dyn Iterator<Item = &Rule>| -> BTreeSet<String> {
        rules.map(|rule| rule.code.name.to_owned()).collect()
    };
    let own = |rule: &&Rule| !matches!(rule.check, Check::Compiler);
    assert_eq!(
        stems("src/rules", "rs"),
        named(&mut RULES.iter().filter(own))
    );
    assert_eq!(stems("rules", "md"), named(&mut RULES.iter()));
}

#[test]
fn codes_ascend() {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code.number).collect();
    assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
}

#[test]
fn what_no_page_can_show() {
    let deep = format!(
        "let x = {}1{}",
        "(".repeat(NESTING_LIMIT + 1),
        ")".repeat(NESTING_LIMIT + 1)
    );
    let cases: [(&str, Vec<u8>); 3] = [
        ("too-deep", deep.into_bytes()),
        ("too-large", vec![b'#'; FILE_SIZE_LIMIT + 1]),
        ("not-utf8", vec![0xff, 0xfe, 0x00]),
    ];
    for (name, text) in cases {
        let codes: Vec<&str> = findings(&compiled(text))
            .into_iter()
            .map(|(code, _)| code)
            .collect();
        assert_eq!(codes, [name]);
    }
}

/// Codes found in a block added to the base, in the order of the report.
fn codes_in(block: &str) -> Vec<&'static str> {
    let plan = base() + block;
    let compilation = compiled(plan);
    findings(&compilation)
        .into_iter()
        .map(|(code, _)| code)
        .collect()
}

#[test]
fn a_parallel_batch_is_undone_whole() {
    // One member is slow to notice (20 min), the other slow to undo (50 min). Each alone stays
    // below the hour of the RTO (21 and 51 min); together they need 20 + 50 = 70 min.
    let members = "\
service reports { move = strangler_fig(weights: [100%]); step shift_100 { detect = 20min; undo_takes = 1min } }
service search { move = strangler_fig(weights: [100%]); step shift_100 { detect = 1min; undo_takes = 50min } }
";
    let batch = |how: &str| format!("{members}batch all {{ members = [reports, search]; {how} }}");
    assert_eq!(codes_in(&batch("mode = sequential")), [] as [&str; 0]);
    assert_eq!(
        codes_in(&batch("mode = parallel; isolate = flags")),
        [] as [&str; 0]
    );
    assert_eq!(
        codes_in(&batch("mode = parallel")),
        ["rollback-exceeds-rto"]
    );
}

#[test]
fn a_freeze_that_ends_before_the_step_is_due_stops_nothing() {
    // Monday 2027-01-11: the deployment takes at least two working hours and the shadow two days,
    // so no shift is due before Wednesday the 13th.
    let frozen = |to: &str| {
        format!(
            "freeze f {{ from = 2027-01-01; to = {to}; blocks = [shift] }}\nservice mailer {{ move = strangler_fig() }}"
        )
    };
    assert_eq!(codes_in(&frozen("2027-01-12")), [] as [&str; 0]);
    assert_eq!(codes_in(&frozen("2027-01-31")), ["freeze-overlap"]);
}

#[test]
fn errors_cannot_be_waived() {
    let plan = "\
service mailer { move = strangler_fig(); step deploy { needs = [9 of builders] } }
waive team-overbooked on builders until 2027-06-30 because \"they will hire\"
";
    let compilation = compiled(base() + plan);
    let messages: Vec<&str> = compilation
        .diagnostics
        .iter()
        .map(|found| found.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "step `mailer/deploy` needs 9 of `builders` at once, which has 6 engineers",
            "`team-overbooked` on `builders` cannot be waived, because it is an error",
        ]
    );
}

#[test]
fn what_is_found_at_one_place_is_told_once() {
    let plan = "\
pattern leave_it() for service {
  step install { kind = deploy; does = deploy.apply(service); undo = deploy.remove(service) }
  step shift { kind = shift; does = traffic.shift(service, to: 100%) }
  step retire { kind = decommission; does = deploy.remove(service, from: migration.from); irreversible = true }
}
defaults service { move = leave_it() }
service mailer { }
service orders { }
service search { }
";
    let compilation = compiled(base() + plan);
    assert_eq!(findings(&compilation).len(), 1, "{}", told(&compilation));
    let found = &compilation.diagnostics[0];
    assert_eq!(found.code.name, "no-undo");
    assert_eq!(
        found.message,
        "step `mailer/shift` moves traffic and has no undo"
    );
    assert_eq!(
        found.notes,
        ["the same holds of `orders/shift` and `search/shift`"]
    );
}

#[test]
fn a_hidden_cycle_is_told_hop_by_hop() {
    let plan = "\
datastore shop_db { move = cdc_replication(); table orders; table invoices }
service orders { writes shop_db.orders; reads shop_db.invoices; move = strangler_fig() }
service billing { writes shop_db.invoices; reads shop_db.orders; move = strangler_fig() }
batch data { members = [shop_db] }
environment staging { }
rehearsal data_back { of = data; on = staging; date = 2026-11-10; took = 5min; passed = true }
batch first { members = [orders] }
batch second { members = [billing] }
";
    let compilation = compiled(base() + plan);
    let found = &compilation.diagnostics[0];
    assert_eq!(found.level, whimbrel_lang::Level::Error);
    assert_eq!(
        found.notes,
        [
            "`billing` → `orders`: reads `shop_db.orders`, which `orders` writes (hidden)\n\
             `orders` → `billing`: reads `shop_db.invoices`, which `billing` writes (hidden)",
            "the batches `first` and `second` split them",
        ]
    );
    let help = found.help.as_deref().unwrap_or_default();
    let (_, bridge) = help.split_once("cheapest cut: `").unwrap();
    // Pasted as it is, the bridge breaks the cycle, and the later batch no longer comes too early.
    let mended = base() + plan + bridge.trim_end_matches('`');
    assert_eq!(findings(&compiled(mended)), []);
}

#[test]
fn pages_state_the_limits_that_hold() {
    let says = |rule: &str, text: &str| find(rule).unwrap().page.contains(text);
    assert!(says("too-deep", &format!("more than {NESTING_LIMIT} deep")));
    assert!(says("too-large", &format!("{} MiB", FILE_SIZE_LIMIT >> 20)));
}

#[test]
fn an_inventory_alone_is_checked_too() {
    let inventory = "\
datastore shop_db { table orders }
service orders { writes shop_db.orders; calls billing }
service billing { reads shop_db.orders }
service support { writes shop_db.orders }
seen orders -> support { rate = 2rps }
";
    let compilation = compiled(inventory);
    assert!(compilation.plan.is_none());
    let mut codes: Vec<&str> = findings(&compilation).iter().map(|found| found.0).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        ["hidden-cycle", "several-writers", "undeclared-observed"]
    );
}

#[test]
fn a_binding_need_inside_a_parallel_batch_is_an_error() {
    let plan = "\
datastore shop_db { move = cdc_replication(); table orders }
service orders { writes shop_db.orders; move = strangler_fig() }
service reports { reads shop_db.orders; move = strangler_fig() }
batch data { members = [shop_db] }
environment staging { }
rehearsal data_back { of = data; on = staging; date = 2026-11-10; took = 5min; passed = true }
batch both { members = [orders, reports]; mode = parallel }
";
    let compilation = compiled(base() + plan);
    let told: Vec<_> = compilation
        .diagnostics
        .iter()
        .map(|found| (found.code.name, found.level, found.message.as_str()))
        .collect();
    let message = "`reports` and `orders` move side by side in batch `both`, and `reports` reads \
                   `shop_db.orders`, which `orders` writes";
    let level = whimbrel_lang::Level::Error;
    assert_eq!(told, [("cross-dependency-in-batch", level, message)]);
}

/// What the help offers between "cheapest cut: `" and the last backtick.
fn offered(found: &whimbrel_lang::Diagnostic) -> &str {
    let help = found.help.as_deref().unwrap_or_default();
    let (_, bridges) = help.split_once("cheapest cut: `").unwrap();
    bridges.trim_end_matches('`')
}

#[test]
fn the_cut_that_is_offered_fits_the_edge_and_silences_the_cycle() {
    // (the plan, the cut): calls take a proxy, a read change capture, two writers dual writes,
    // messages a mirror. Of two calls the slower one is cheaper to bridge.
    let cases = [
        (
            "service a { calls b { rate = 40rps; need = hard }; move = strangler_fig() }
             service b { calls a { rate = 2rps; need = hard }; move = strangler_fig() }",
            "bridge b_a_bridge { over = b -> a; by = proxy }",
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
    let seen = "service mailer { users = 10; move = strangler_fig() }";
    assert_eq!(
        asked(seen),
        [
            "communications_owner",
            "infrastructure_engineer",
            "migration_lead"
        ]
    );
    let data = "datastore db { move = cdc_replication(); table t }";
    assert!(asked(data).contains(&"database_engineer".to_owned()));
    assert!(!asked(data).contains(&"communications_owner".to_owned()));
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
        let plan = base().replace("role migration_lead", "role other_lead")
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
        crossing.map(|one| one.carried_by.clone()).collect()
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

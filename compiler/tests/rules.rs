//! The pages of the rules, run: every `mig bad` block raises exactly its page's code on the line
//! that ends with `# error`, every `mig good` block raises nothing.
//!
//! A block is added to `compiler/rules/base.mig`. Its `migration` and `defaults` replace those there;
//! `without KEYWORD` on the fence leaves out the base's statements of that keyword. A block whose fence
//! names a path, `mig executors/mine/executor.mig`, is a file of the project of all blocks of its page.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read the pages"
)]

#[path = "rules/evidence.rs"]
mod evidence;
#[path = "rules/findings.rs"]
mod findings;
#[path = "rules/fixes.rs"]
mod fixes;
#[path = "rules/freezes.rs"]
mod freezes;
#[path = "rules/limits.rs"]
mod limits;
#[path = "rules/unused.rs"]
mod unused;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::date;
use whimbrel_compiler::rules::{Check, RULES, Rule, find};
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};
use whimbrel_lang::{FILE_SIZE_LIMIT, NESTING_LIMIT};

/// Codes whose bad text cannot stand on a page; [`what_no_page_can_show`] makes it.
const NOT_SHOWN: &[&str] = &[
    "too-deep",
    "too-large",
    "not-utf8",
    "hides-standard-executor",
];

/// The plan and what else there is, by path.
struct Project(Vec<u8>, BTreeMap<String, String>);

impl Provider for Project {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match path {
            "plan.mig" => Ok(self.0.clone()),
            _ => match self.1.get(path) {
                Some(text) => Ok(text.clone().into_bytes()),
                None => Err(ReadError::NotFound),
            },
        }
    }
}

fn compiled(text: impl Into<Vec<u8>>) -> Compilation {
    compiled_with(text, BTreeMap::new())
}

fn compiled_with(text: impl Into<Vec<u8>>, files: BTreeMap<String, String>) -> Compilation {
    let options = Options::new(date(2026, 11, 21));
    compile(&Project(text.into(), files), "plan.mig", &options)
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
        let replaces = |keyword: &str| {
            let replaced = ["migration", "defaults"].contains(&keyword);
            let mut lines = self.text.lines();
            replaced && lines.any(|line| line.split(' ').next() == Some(keyword))
        };
        let mut plan = String::new();
        let mut kept = true;
        for line in base().lines() {
            if !line.starts_with([' ', '}']) {
                let keyword = line.split(' ').next().unwrap_or_default();
                let left_out = self.without.iter().any(|word| word == keyword);
                kept = !(left_out || replaces(keyword));
            }
            if kept {
                plan.push_str(line);
                plan.push('\n');
            }
        }
        plan + &self.text
    }

    /// A block as it stands.
    fn of(text: &str) -> Self {
        Self {
            bad: false,
            without: Vec::new(),
            text: text.to_owned(),
        }
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
        let bad = match words.next() {
            Some("bad") => true,
            Some("good") => false,
            _ => continue,
        };
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

/// The files that a page's blocks find in their project.
fn files(page: &str) -> BTreeMap<String, String> {
    let fences = page.split("\n```").skip(1);
    let texts = fences.filter_map(|fence| fence.split_once('\n'));
    texts
        .filter_map(|(fence, text)| Some((fence.split_once(' ')?.1.to_owned(), text.to_owned())))
        .filter(|(path, _)| path.contains('/'))
        .collect()
}

/// What is wrong with a rule's examples.
fn faults(rule: &Rule) -> Vec<String> {
    let mut faults = Vec::new();
    let files = files(rule.page);
    for example in examples(rule.page) {
        let plan = example.plan();
        let compilation = compiled_with(plan.as_str(), files.clone());
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
            .filter(|stem| {
                !["mod", "registry", "bridging", "context", "findings"].contains(&stem.as_str())
            })
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
  step shift { kind = shift; does = traffic.shift(service, to: 100%); verify = health(service); soak = 4h }
  step keep { kind = keep; soak = 72h }
  gate let_go { approve = migration_lead; not_by = executor; within = 3d }
  step retire { kind = decommission; does = deploy.remove(service, from: migration.from); irreversible = true }
}
defaults service { move = leave_it() }
service mailer { }
service orders { }
service search { }
";
    let compilation = compiled(Example::of(plan).plan());
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
fn what_lacks_the_same_is_told_once() {
    let plan = "\
platform attic { deploy = bash(script: \"ops/run.sh\"); traffic = haproxy() }
platform edge { deploy = bash(script: \"ops/run.sh\"); monitor = prometheus() }
defaults service { on = attic; to = edge; move = strangler_fig() }
service mailer { endpoint = \"10.1.4.20:8080\" }
service orders { endpoint = \"10.1.4.21:8080\" }
service reports { }
service search { endpoint = \"10.1.4.22:8080\" }
";
    let compilation = compiled(Example::of(plan).plan());
    let told: Vec<_> = compilation
        .diagnostics
        .iter()
        .map(|found| (found.code.name, found.message.as_str(), &found.notes[..]))
        .collect();
    let rest = ["the same holds of `orders` and `search`".to_owned()];
    assert_eq!(
        told,
        [
            (
                "lacks-for-executor",
                "`mailer` has no `new_endpoint`, without which `haproxy` does not carry out \
                 `traffic.mirror` and `traffic.shift`",
                &rest[..]
            ),
            (
                "lacks-for-executor",
                "`reports` has no `endpoint` and `new_endpoint`, without which `haproxy` does not \
                 carry out `traffic.mirror` and `traffic.shift`",
                &[][..]
            ),
        ]
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
rehearsal data_again { of = data; on = staging; date = 2026-11-10; took = 5min; passed = true }
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
rehearsal data_again { of = data; on = staging; date = 2026-11-10; took = 5min; passed = true }
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

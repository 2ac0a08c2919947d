//! `graph`: what it draws, with any names, in any notation.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests start programs, write files, and fail by panicking"
)]

mod common;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{files, folder, starter, whimbrel};

/// Names that would be markup, code or worse if they were not data.
const NAMES: [&str; 14] = [
    "a \\\"b\\\"",
    "</svg><script>alert(1)</script>",
    "line\\nbreak",
    "end",
    "subgraph x",
    "1. one",
    "`md` **x** _y_",
    "#35; &amp; &lt;",
    "back\\\\N slash\\\\",
    "]) --> n0",
    "%%{init: {}}%%",
    "données Ω 東京",
    "click n0 href",
    "<b>&</b>",
];

/// A plan of services with those names, each calling the next, some of them in one batch.
fn hostile() -> String {
    let mut text = String::from(
        "platform old { }\nplatform new { }\nmigration \"</title> \\\"all\\\"\" { from = old; to = new; start = 2027-01-01 }\n\
         pattern hop() for service { step \"go\\\"--\" { kind = cutover; takes = 1h } }\n\
         datastore \"db </g>\" { }\n",
    );
    for (at, name) in NAMES.iter().enumerate() {
        let next = NAMES[(at + 1) % NAMES.len()];
        text.push_str(&format!(
            "service \"{name}\" {{ calls \"{next}\"; writes \"db </g>\"; move = hop() }}\n"
        ));
    }
    text.push_str(&format!(
        "batch \"]; end\" {{ members = [\"{}\", \"{}\"] }}\n",
        NAMES[0], NAMES[1]
    ));
    text
}

/// Three services, two of them on a cycle through a table that one only reads.
const SHOP: &str = "\
datastore db { table orders; table notes }
service orders { writes db.orders; writes db.notes; calls billing }
service billing { reads db.orders }
service web { calls orders }
";

fn drawn(text: &str, arguments: &[&str]) -> String {
    let folder = folder(&[("plan.mig", text.as_bytes())]);
    let run = whimbrel(folder.path(), &[&["graph"], arguments].concat());
    assert!(run.code == Some(0) || run.code == Some(1), "{}", run.err);
    run.out
}

fn line<'a>(text: &'a str, of: &str) -> &'a str {
    text.lines()
        .find(|line| line.contains(of))
        .unwrap_or_default()
}

#[test]
fn hidden_edges_are_dashed_and_cycles_red() {
    let text = drawn(SHOP, &[]);
    let read = line(&text, "billing → db.orders");
    assert!(
        read.contains("style=dashed") && read.contains("#d6303a"),
        "{text}"
    );
    let call = line(&text, "orders → billing: calls");
    assert!(
        !call.contains("dashed") && call.contains("#d6303a"),
        "{text}"
    );
    let web = line(&text, "web → orders: calls");
    assert!(
        !web.contains("dashed") && !web.contains("#d6303a"),
        "{text}"
    );
    assert!(
        line(&text, "tooltip=\"billing\"").contains("color=\"#d6303a\""),
        "{text}"
    );
    assert!(
        !line(&text, "tooltip=\"web\"").contains("color=\"#d6303a\""),
        "{text}"
    );
}

#[test]
fn a_cycle_that_a_bridge_answers_is_not_red() {
    let bridged = format!("{SHOP}bridge sync {{ over = db.orders; by = cdc }}\n");
    let text = drawn(&bridged, &[]);
    assert!(!text.contains("#d6303a"), "{text}");
    assert!(
        line(&text, "billing → db.orders").contains("#2a8c63"),
        "{text}"
    );
}

#[test]
fn resources_of_one_service_alone_are_drawn_on_demand() {
    assert!(!drawn(SHOP, &[]).contains("db.notes"));
    assert!(drawn(SHOP, &["--all"]).contains("db.notes"));
}

#[test]
fn a_resource_that_is_asked_for_is_drawn() {
    let text = drawn(SHOP, &["--around", "db.notes"]);
    assert!(
        text.contains("db.notes") && text.contains("orders"),
        "{text}"
    );
}

#[test]
fn a_file_name_says_the_notation() {
    let folder = folder(&[("plan.mig", SHOP.as_bytes())]);
    for (arguments, start) in [
        (&["--out", "a.mmd"][..], "%%"),
        (&["--out", "a.mermaid"], "%%"),
        (&["--out", "A.MMD"], "%%"),
        (&["--out", "a.gv"], "digraph"),
        (&["--out", "a.dot"], "digraph"),
        (&["--out", "a"], "digraph"),
        (&["--out", "a.svg", "--as", "dot"], "digraph"),
        (&["--out", "a.txt", "--as", "mermaid"], "%%"),
    ] {
        let run = whimbrel(folder.path(), &[&["graph"], arguments].concat());
        assert_eq!(run.code, Some(0), "{}", run.err);
        let written = std::fs::read_to_string(folder.path().join(arguments[1])).unwrap();
        assert!(written.starts_with(start), "{written}");
    }
}

/// Nothing is written, not even where the plan could not be read.
#[test]
fn a_file_name_that_says_no_notation_is_refused() {
    let folder = folder(&[("plan.mig", SHOP.as_bytes())]);
    for (name, helps) in [
        ("shop.png", "`whimbrel graph | dot -Tpng -o shop.png`"),
        ("shop.svgz", "`.mmd` or `.mermaid` (Mermaid) or `.svg`"),
    ] {
        let run = whimbrel(folder.path(), &["graph", "nowhere.mig", "--out", name]);
        assert_eq!(run.code, Some(2), "{}", run.err);
        assert!(
            run.err.starts_with("MG1529") && run.err.contains(helps),
            "{}",
            run.err
        );
        assert!(!folder.path().join(name).exists());
    }
}

/// Neither under its own name nor through a link, nor a plan that this one does not import.
#[test]
fn no_file_of_a_plan_is_drawn_over() {
    let folder = folder(&[
        ("plan.mig", format!("import \"more\"\n{SHOP}").as_bytes()),
        ("more", b"team a { }\n"),
        ("other.mig", b"team b { }\n"),
        ("picture.dot", b"digraph { }\n"),
    ]);
    let path = |name: &str| folder.path().join(name);
    symlink("plan.mig", path("plan.dot")).unwrap();
    symlink("picture.dot", path("new.dot")).unwrap();
    symlink("nothing", path("lost.dot")).unwrap();
    let texts = || ["plan.mig", "more", "other.mig"].map(|name| std::fs::read(path(name)).unwrap());
    let before = texts();
    for (out, code) in [
        ("plan.mig", "MG1510"),
        ("more", "MG1510"),
        ("other.mig", "MG1510"),
        ("plan.dot", "MG1510"),
        ("lost.dot", "MG1502"),
    ] {
        let run = whimbrel(folder.path(), &["graph", "--as", "dot", "--out", out]);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{}", run.err);
        for word in [code, out, "help: "] {
            assert!(run.err.contains(word), "{}", run.err);
        }
    }
    assert_eq!(texts(), before);
    assert!(!path("nothing").exists());

    let run = whimbrel(folder.path(), &["graph", "--out", "new.dot"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(
        std::fs::symlink_metadata(path("new.dot"))
            .unwrap()
            .is_symlink()
    );
    assert!(
        std::fs::read_to_string(path("picture.dot"))
            .unwrap()
            .contains("orders")
    );
}

/// Run by root, the program could put a file in the place of a device.
#[test]
fn a_pipe_is_written_into_and_stays_one() {
    let folder = folder(&[("plan.mig", SHOP.as_bytes())]);
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::read_to_string(pipe).unwrap())
    };
    let run = whimbrel(folder.path(), &["graph", "--out", "pipe"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(reader.join().unwrap().starts_with("digraph"));
}

#[test]
fn what_has_errors_is_drawn_all_the_same() {
    let folder = folder(&[(
        "plan.mig",
        format!("{SHOP}service x {{ calls y }}\n").as_bytes(),
    )]);
    let run = whimbrel(folder.path(), &["graph"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("tooltip=\"x\""), "{}", run.out);
    assert!(run.err.contains("1 error stands"), "{}", run.err);
}

#[test]
fn the_critical_path_is_red() {
    let text = drawn(
        "platform old { }
platform new { }
migration all { from = old; to = new; start = 2027-01-01 }
pattern hop() for service {
  step one { kind = deploy; takes = 1h }
  together {
    step long { kind = validate; takes = 8h }
    step short { kind = validate; takes = 1h }
  }
  step go { kind = cutover; takes = 1h }
}
service a { move = hop() }
",
        &["--of", "steps"],
    );
    let arrow = |told: &str| line(&text, told);
    assert!(arrow("a/one then a/long").contains("#d6303a"), "{text}");
    assert!(arrow("a/long then a/go").contains("#d6303a"), "{text}");
    let short = arrow("a/short then a/go");
    assert!(!short.is_empty() && !short.contains("#d6303a"), "{text}");
}

/// Fewer arrows than the plan has predecessors, and a way along them for each of those.
#[test]
fn what_follows_from_a_step_between_is_not_drawn_again() {
    let market = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/market");
    let folder = folder(&[]);
    let plan = whimbrel(folder.path(), &["compile", market]).out;
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let before = |step: &serde_json::Value| -> Vec<usize> {
        serde_json::from_value(step["predecessors"].clone()).unwrap()
    };
    let text = whimbrel(folder.path(), &["graph", market, "--of", "steps"]).out;
    let number = |name: &str| {
        name.trim()
            .strip_prefix('n')
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    let mut drawn = vec![Vec::new(); steps.len()];
    for line in text.lines().filter(|line| line.contains(" -> ")) {
        let (from, rest) = line.split_once(" -> ").unwrap();
        let (to, _) = rest.split_once(' ').unwrap();
        drawn[number(to)].push(number(from));
    }
    let many: usize = steps.iter().map(|step| before(step).len()).sum();
    assert!(drawn.iter().map(Vec::len).sum::<usize>() < many);
    for (at, step) in steps.iter().enumerate() {
        let mut reached = BTreeSet::new();
        let mut waiting = drawn[at].clone();
        while let Some(one) = waiting.pop() {
            if reached.insert(one) {
                waiting.extend(&drawn[one]);
            }
        }
        assert!(
            before(step).iter().all(|one| reached.contains(one)),
            "{}",
            step["name"]
        );
    }
}

#[test]
fn a_picture_narrows_to_what_is_near() {
    let web = drawn(SHOP, &["--around", "web"]);
    assert!(
        web.contains("\"orders\"") && !web.contains("\"billing\""),
        "{web}"
    );
    let both = drawn(SHOP, &["--around", "web", "--depth", "2"]);
    assert!(both.contains("\"billing\""), "{both}");
    // Who shares a table is near.
    let shared = drawn(
        "topic t { }\nservice a { publishes t }\nservice b { consumes t }\nservice c { calls b }",
        &["--around", "a"],
    );
    assert!(
        shared.contains("\"b\"") && !shared.contains("\"c\""),
        "{shared}"
    );
}

#[test]
fn what_nothing_is_called_is_refused_with_the_nearest_name() {
    let folder = folder(&[("plan.mig", SHOP.as_bytes())]);
    let run = whimbrel(folder.path(), &["graph", "--around", "biling"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.starts_with("MG1513") && run.err.contains("`billing`"),
        "{}",
        run.err
    );
    let run = whimbrel(folder.path(), &["graph", "--batch", "x"]);
    assert_eq!(run.code, Some(2));
}

#[test]
fn batches_of_several_are_frames_and_steps_stand_in_them() {
    let text = hostile();
    let members = drawn(&text, &["--as", "mermaid"]);
    assert!(members.contains("[\"#93;#59; end\"]"), "{members}");
    let steps = drawn(
        &text,
        &["--of", "steps", "--batch", "]; end", "--depth", "0"],
    );
    assert_eq!(steps.matches("label=\"go\\\"--\"").count(), 2, "{steps}");
}

#[test]
fn a_file_is_written_whole_and_bytes_do_not_vary() {
    let folder = folder(&[("plan.mig", SHOP.as_bytes())]);
    let run = whimbrel(folder.path(), &["graph", "--out", "shop.dot"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.err);
    let written = files(folder.path());
    assert_eq!(written.len(), 2);
    let again = whimbrel(folder.path(), &["graph"]).out;
    assert_eq!(written[1], ("shop.dot".to_owned(), again.into_bytes()));
}

/// As `build` and a shard do; a folder that cannot be made is told, and nothing is left behind.
#[test]
fn the_folders_above_a_file_are_made() {
    let folder = starter();
    let run = whimbrel(folder.path(), &["graph", "--out", "pictures/of/shop.dot"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let shard = [
        "simulate",
        "--trials=256",
        "--shard=1/1",
        "--out=shards/of/1",
    ];
    let run = whimbrel(folder.path(), &shard);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let written = files(folder.path());
    let paths: Vec<&str> = written.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["pictures/of/shop.dot", "plan.mig", "shards/of/1"]);
    let run = whimbrel(folder.path(), &["graph", "--out", "plan.mig/of/shop.dot"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.err.starts_with("MG1505"), "{}", run.err);
    assert_eq!(files(folder.path()), written);
}

#[test]
fn a_missing_graphviz_is_told_with_what_to_install() {
    let folder = folder(&[("plan.mig", SHOP.as_bytes())]);
    let output = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .args(["graph", "--as", "svg", "--out", "x.svg"])
        .current_dir(folder.path())
        .env("PATH", folder.path())
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err.starts_with("MG1517") && err.contains("apt-get install graphviz"),
        "{err}"
    );
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn no_name_is_markup_in_a_flowchart() {
    let text = drawn(&hostile(), &["--as", "mermaid"]);
    for line in text
        .lines()
        .filter(|line| line.trim_start().starts_with('n') && line.contains('"'))
    {
        let label = line.split('"').nth(1).unwrap();
        assert_eq!(line.matches('"').count(), 2, "{line}");
        let label = label.replace("<br>", "");
        assert!(
            !label.contains(['<', '>', '[', ']', '{', '}', '`', '*', '%', '&']),
            "{line}"
        );
    }
}

/// Runs a program on `input`; its output, where it succeeds.
fn piped(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && err.is_empty(),
        "{program}: {err}\n{input}"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The texts of an SVG picture, by a real XML parser.
const TEXTS: &str = "\
import sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
names = {one.tag.split('}')[1] for one in root.iter() if isinstance(one.tag, str)}
assert not names & {'script', 'foreignObject', 'image'}, names
for one in root.iter('{http://www.w3.org/2000/svg}text'): print(one.text)
";

#[test]
fn real_graphviz_lays_out_any_names_as_well_formed_xml() {
    for of in ["dependencies", "steps"] {
        let text = drawn(&hostile(), &["--of", of, "--as", "svg"]);
        let texts = piped("python3", &["-c", TEXTS], &text);
        let expected = if of == "steps" { "go\"--" } else { "<b>&</b>" };
        for expected in [
            expected,
            "</svg>",
            "#35; &amp; &lt;",
            "back\\N slash\\",
            "donn",
        ] {
            assert!(texts.contains(expected), "{expected} in {texts}");
        }
    }
}

#[test]
fn real_graphviz_reads_the_notation() {
    for arguments in [&["--of", "steps"][..], &["--all"]] {
        let text = drawn(&hostile(), arguments);
        let canonical = piped("dot", &["-Tcanon"], &text);
        assert!(canonical.starts_with("digraph"), "{canonical}");
    }
}

/// Reads a flowchart with Mermaid's own parser, and tells how many arrows, boxes and frames it saw.
const FLOWCHART: &str = "\
import { JSDOM } from 'jsdom';
const page = new JSDOM('<!DOCTYPE html><body></body>');
globalThis.window = page.window;
globalThis.document = page.window.document;
const { default: mermaid } = await import('mermaid');
let text = '';
for await (const part of process.stdin.setEncoding('utf8')) text += part;
await mermaid.parse(text);
const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
console.log(db.getEdges().length, db.getVertices().size, db.getSubGraphs().length);
";

#[test]
fn real_mermaid_reads_the_notation() {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mermaid");
    std::fs::create_dir_all(&tools).unwrap();
    let install = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--prefix", "."])
        .args(["mermaid@11.17.2", "jsdom@24.1.3"])
        .current_dir(&tools)
        .output()
        .unwrap();
    assert!(install.status.success(), "{install:?}");
    let program = tools.join("parse.mjs");
    std::fs::write(&program, FLOWCHART).unwrap();
    for (of, expected) in [("dependencies", "28 15 2\n"), ("steps", "36 15 16\n")] {
        let text = drawn(&hostile(), &["--of", of, "--as", "mermaid"]);
        let seen = piped("node", &[program.to_str().unwrap()], &text);
        assert_eq!(seen, expected, "{text}");
    }
}

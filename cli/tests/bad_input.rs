//! Bad input gives a coded error and the right exit code, and leaves nothing half-written.
#![expect(
    clippy::disallowed_methods,
    reason = "tests start the program and write its files"
)]

mod common;

use common::{STARTER, files, folder, starter, whimbrel};

/// `check` on a plan of these bytes exits 1 and says `code`; nobody panics.
fn check(plan: &[u8], code: &str) {
    let folder = folder(&[("plan.mig", plan)]);
    let run = whimbrel(folder.path(), &["check", "--format", "plain"]);
    assert!(run.out.contains(code), "{code} not in: {}", run.out);
    assert!(!run.err.contains("panicked"), "{}", run.err);
    assert_eq!(run.code, Some(1), "{}", run.out);
}

#[test]
fn an_empty_file_is_no_plan() {
    check(b"", "MG1512");
    check(b"\n# nothing yet\n", "MG1512");
}

#[test]
fn binary_is_not_text() {
    check(&[0xff, 0xfe, 0x00, 0x80, 0x9f], "MG0006");
}

#[test]
fn zeros_are_refused() {
    check(&[0; 4096], "MG00");
}

#[test]
fn ten_megabytes_are_too_large() {
    check(&b"# long\n".repeat(10 * 1024 * 1024 / 7 + 1), "MG0005");
}

#[test]
fn ten_thousand_brackets_are_too_deep() {
    let plan = format!("let a = {}1{}\n", "[".repeat(10_000), "]".repeat(10_000));
    check(plan.as_bytes(), "MG0004");
}

#[test]
fn brackets_that_never_close_are_told() {
    check("let a = ".to_owned().as_bytes(), "MG00");
    check(format!("let a = {}", "(".repeat(10_000)).as_bytes(), "MG00");
}

#[test]
fn an_unknown_unit_is_told() {
    check(b"team a { rate = $95/fortnight }\n", "MG0003");
}

#[test]
fn a_missing_import_is_told() {
    check(b"import \"nowhere.mig\"\n", "MG01");
}

#[test]
fn an_import_above_the_root_is_refused() {
    let folder = folder(&[
        ("outside.mig", b"team a { }\n"),
        ("project/plan.mig", b"import \"../outside.mig\"\n"),
    ]);
    let run = whimbrel(folder.path(), &["check", "project", "--format", "plain"]);
    assert!(run.out.contains("import-outside-root"), "{}", run.out);
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_link_that_leads_out_is_refused() {
    let folder = folder(&[
        ("outside.mig", b"team a { }\n"),
        ("project/plan.mig", b"import \"inside.mig\"\n"),
    ]);
    let link = folder.path().join("project/inside.mig");
    std::os::unix::fs::symlink(folder.path().join("outside.mig"), link).unwrap();
    let run = whimbrel(folder.path(), &["check", "project", "--format", "plain"]);
    assert!(run.out.contains("import-outside-root"), "{}", run.out);
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_cycle_of_imports_is_told() {
    let folder = folder(&[
        ("plan.mig", b"import \"a.mig\"\n"),
        ("a.mig", b"import \"b.mig\"\n"),
        ("b.mig", b"import \"a.mig\"\n"),
    ]);
    let run = whimbrel(folder.path(), &["check", "--format", "plain"]);
    assert!(run.out.contains("import-cycle"), "{}", run.out);
    assert_eq!(run.code, Some(1));
}

#[test]
fn an_import_of_a_folder_is_told() {
    let folder = folder(&[("plan.mig", b"import \"inner\"\n"), ("inner/x.mig", b"")]);
    let run = whimbrel(folder.path(), &["check", "--format", "plain"]);
    assert!(run.out.contains("error MG"), "{}", run.out);
    assert_eq!(run.code, Some(1));
}

/// Every command that takes a PATH exits 2 and says `code` of `path`.
fn refused(folder: &std::path::Path, path: &str, code: &str) {
    let out = folder.join("dist").display().to_string();
    let commands: [&[&str]; 6] = [
        &["check", path],
        &["fmt", path],
        &["plan", path],
        &["simulate", path],
        &["compile", path],
        &["build", path, "--out", &out],
    ];
    for command in commands {
        let run = whimbrel(folder, command);
        assert!(run.err.starts_with(code), "{command:?}: {}", run.err);
        assert_eq!(run.code, Some(2), "{command:?}: {}", run.err);
        assert_eq!(run.out, "", "{command:?}");
    }
    assert!(!folder.join("dist").exists());
}

#[test]
fn a_file_that_is_not_there_exits_2() {
    let folder = folder(&[]);
    refused(folder.path(), "nowhere.mig", "MG1501");
}

#[test]
fn a_folder_without_a_plan_exits_2() {
    let folder = folder(&[("inner/readme", b"")]);
    refused(folder.path(), "inner", "MG1501");
}

#[test]
fn a_device_is_not_a_plan() {
    let folder = folder(&[]);
    refused(folder.path(), "/dev/null", "MG1502");
}

#[test]
fn a_folder_called_like_a_plan_exits_2() {
    let folder = folder(&[("plan.mig/x", b"")]);
    let run = whimbrel(folder.path(), &["check"]);
    assert!(run.err.starts_with("MG1502"), "{}", run.err);
    assert_eq!(run.code, Some(2));
}

#[test]
fn a_bad_argument_exits_2() {
    let folder = starter();
    let cases: [&[&str]; 8] = [
        &["simulate", "--trials", "0"],
        &["simulate", "--trials", "1000000000000"],
        &["simulate", "--seed", "x"],
        &["simulate", "--require", "nonsense"],
        &["check", "--today", "2027-02-30"],
        &["check", "--format", "xml"],
        &["explain", "no_such_topic_at_all"],
        &["init", "x", "--from", "nothing"],
    ];
    for case in cases {
        let run = whimbrel(folder.path(), case);
        assert_eq!(run.code, Some(2), "{case:?}: {}", run.err);
        assert_eq!(run.out, "", "{case:?}");
        assert!(run.err.starts_with("MG1"), "{case:?}: {}", run.err);
    }
}

/// Lines wider than 65,535 columns cannot be drawn.
#[test]
fn an_endless_line_is_told_without_its_text() {
    let wide = format!("service {} {{ tire = 3 }}\n", "x".repeat(70_000));
    let pins = "pins \"db.internal:5432\"; ".repeat(3_500);
    let many = format!("service s {{ {pins} tire = 3 }}\n");
    // `service `, the name, ` { `: the attribute begins in column 8 + 70,000 + 3 + 1. Likewise
    // 12 + 3,500 · 25 + 1 + 1.
    for (plan, place) in [(wide, "plan.mig:1:70012"), (many, "plan.mig:1:87514")] {
        let folder = folder(&[("plan.mig", plan.as_bytes())]);
        let run = whimbrel(folder.path(), &["check"]);
        assert_eq!(run.code, Some(1), "{}", run.err);
        assert!(run.err.contains(place), "{}", run.err);
    }
}

#[test]
fn out_that_is_a_file_is_left_alone() {
    let folder = starter();
    std::fs::write(folder.path().join("dist"), "mine").unwrap();
    let run = whimbrel(
        folder.path(),
        &["build", "--out", "dist", "--trials", "100"],
    );
    assert!(run.err.contains("MG1506"), "{}", run.err);
    assert_eq!(run.code, Some(2));
    let kept = std::fs::read_to_string(folder.path().join("dist")).unwrap();
    assert_eq!(kept, "mine");
}

#[test]
fn out_with_things_of_others_is_left_alone() {
    let folder = starter();
    std::fs::create_dir(folder.path().join("dist")).unwrap();
    std::fs::write(folder.path().join("dist/precious"), "mine").unwrap();
    let run = whimbrel(
        folder.path(),
        &["build", "--out", "dist", "--trials", "100"],
    );
    assert!(run.err.contains("MG1507"), "{}", run.err);
    assert_eq!(run.code, Some(2));
    let left = files(&folder.path().join("dist"));
    assert_eq!(left, [("precious".to_owned(), b"mine".to_vec())]);
}

/// Below a file nothing can be made, whoever runs the test.
#[test]
fn the_handoff_of_another_migration_is_left_alone() {
    let folder = starter();
    let build = ["build", "--out", "dist", "--trials", "100"];
    assert_eq!(whimbrel(folder.path(), &build).code, Some(0));
    let plan = folder.path().join("plan.mig");
    let text = std::fs::read_to_string(&plan).unwrap();
    let name = text.split_once("migration ").unwrap().1;
    let name = name.split_whitespace().next().unwrap();
    std::fs::write(&plan, text.replace(name, "another")).unwrap();
    let kept = std::fs::read(folder.path().join("dist/MANIFEST.json")).unwrap();
    let run = whimbrel(folder.path(), &build);
    assert_eq!(run.code, Some(2));
    let told = format!("the hand-off of the migration `{name}`, not of `another`");
    assert!(
        run.err.contains("MG1507") && run.err.contains(&told),
        "{}",
        run.err
    );
    assert_eq!(
        std::fs::read(folder.path().join("dist/MANIFEST.json")).unwrap(),
        kept
    );
}

#[test]
fn an_unwritable_out_leaves_nothing() {
    let folder = starter();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let before = files(folder.path());
    let out = "file/below/dist";
    let run = whimbrel(folder.path(), &["build", "--out", out, "--trials", "100"]);
    assert!(run.err.contains("MG1505"), "{}", run.err);
    assert_eq!(run.code, Some(2));
    assert_eq!(files(folder.path()), before);
}

#[test]
fn a_plan_with_errors_is_not_built() {
    let plan = STARTER.replace("calls orders_api", "calls orders_apo");
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let run = whimbrel(folder.path(), &["build", "--out", "dist"]);
    assert!(run.err.contains("unknown-name"), "{}", run.err);
    assert!(run.err.contains("MG1508"), "{}", run.err);
    assert_eq!(run.code, Some(1));
    assert!(!folder.path().join("dist").exists());
}

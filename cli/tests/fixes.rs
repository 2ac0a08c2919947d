//! `check --fix`: what it writes, what it leaves, and what it says.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start the program, write its files, and fail by panicking"
)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use common::{Run, files, folder, whimbrel};

/// Two slips, one of which hides the other, in a file that begins as some editors begin one.
const BROKEN: &str = "\u{feff}# the shop\r\nteam payments { engineers = 3 }\r\n\
                      servce orders { team = paymnts } # keep me\r\n";

fn fix(folder: &Path) -> Run {
    whimbrel(folder, &["check", "--fix", "--today", "2026-11-21"])
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

#[test]
fn what_is_certain_is_mended_until_nothing_is_left() {
    let project = folder(&[("plan.mig", BROKEN.as_bytes())]);
    let run = fix(project.path());
    assert_eq!(run.code, Some(0), "{}", run.err);
    let mended = BROKEN
        .replace("servce", "service")
        .replace("paymnts", "payments");
    assert_eq!(read(project.path(), "plan.mig"), mended);
    assert_eq!(
        run.err,
        "fixed plan.mig:3:1: MG0103 unknown-attribute: write `service`\n\
         fixed plan.mig:3:25: MG0101 unknown-name: write `payments`\n"
    );
    assert_eq!(run.out, "no findings\n");
    let again = fix(project.path());
    assert_eq!((again.code, again.err.as_str()), (Some(0), ""));
    assert_eq!(read(project.path(), "plan.mig"), mended);
}

#[test]
fn what_is_not_certain_is_left_and_told() {
    let plan = "service orders { calls cart_u }\nservice cart_eu { teir = critical }\nservice cart_us { }\n";
    let project = folder(&[("plan.mig", plan.as_bytes())]);
    let run = fix(project.path());
    assert_eq!(run.code, Some(1));
    assert_eq!(
        read(project.path(), "plan.mig"),
        plan.replace("teir", "tier")
    );
    assert!(
        run.err
            .contains("there is no service or external called `cart_u`")
    );
    assert_eq!(run.out, "1 error\n");
}

#[test]
fn imported_files_are_mended_and_the_standard_library_is_not() {
    let project = folder(&[
        (
            "plan.mig",
            b"import \"parts/orders.mig\"\nuse std.patterns.canary\n",
        ),
        ("parts/orders.mig", b"service orders { teir = critical }\n"),
    ]);
    let run = fix(project.path());
    assert_eq!(run.code, Some(0), "{}", run.err);
    let shown: Vec<String> = files(project.path())
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(shown, ["parts/orders.mig", "plan.mig"]);
    assert_eq!(
        read(project.path(), "parts/orders.mig"),
        "service orders { tier = critical }\n"
    );
}

#[test]
fn a_file_that_may_not_be_written_is_an_error_and_no_file_is_touched() {
    let project = folder(&[
        (
            "plan.mig",
            b"import \"orders.mig\"\nservice cart { teir = critical }\n",
        ),
        ("orders.mig", b"service orders { teir = critical }\n"),
    ]);
    let locked = project.path().join("plan.mig");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o444)).unwrap();
    let before = files(project.path());
    let run = fix(project.path());
    assert_eq!(run.code, Some(2));
    assert_eq!(
        run.err,
        "MG1505 error: `plan.mig` cannot be written: it is read-only\n  \
         help: make it writable, or leave `--fix` out and mend it by hand\n"
    );
    assert_eq!(files(project.path()), before);
}

#[test]
fn permissions_and_links_stay_as_they_are() {
    let project = folder(&[("real/shop.mig", b"service orders { teir = critical }\n")]);
    let real = project.path().join("real/shop.mig");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real/shop.mig", project.path().join("plan.mig")).unwrap();
    assert_eq!(fix(project.path()).code, Some(0));
    assert_eq!(
        read(project.path(), "real/shop.mig"),
        "service orders { tier = critical }\n"
    );
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(
        fs::symlink_metadata(project.path().join("plan.mig"))
            .unwrap()
            .is_symlink()
    );
}

#[test]
fn two_plans_that_share_a_file_mend_it_once() {
    let shared: &[u8] = b"service orders { teir = critical }\n";
    let project = folder(&[
        ("a.mig", b"import \"shared.mig\"\n"),
        ("b.mig", b"import \"shared.mig\"\n"),
        ("shared.mig", shared),
    ]);
    let run = whimbrel(
        project.path(),
        &["check", "--fix", "--format", "json", "a.mig", "b.mig"],
    );
    assert_eq!(run.code, Some(0));
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert!(run.out.contains("\"diagnostics\": []"), "{}", run.out);
}

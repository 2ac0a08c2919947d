//! Commands and what they print.

use std::path::Path;
use std::process::Command;

/// A command, the exit code it must have, and the lines it must print.
#[derive(Debug, PartialEq, Eq)]
struct Entry<'a> {
    command: &'a str,
    code: i32,
    lines: Vec<&'a str>,
}

fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            entries.push(Entry {
                command,
                code: 0,
                lines: Vec::new(),
            });
        } else if let Some(entry) = entries.last_mut() {
            let code = line.strip_prefix("? ").and_then(|code| code.parse().ok());
            match code.filter(|_| entry.lines.is_empty()) {
                Some(code) => entry.code = code,
                None => entry.lines.push(line),
            }
        }
    }
    entries
}

/// Types the commands of a block in `folder`: the block as it should be, and what differs.
pub fn run(folder: &Path, text: &str) -> (String, Result<(), String>) {
    let mut shown = Vec::new();
    let mut faults = Vec::new();
    for entry in entries(text) {
        let (code, printed) = typed(folder, entry.command);
        let printed: Vec<&str> = trimmed(printed.lines().map(str::trim_end).collect());
        shown.push(format!("$ {}", entry.command));
        if code != 0 {
            shown.push(format!("? {code}"));
        }
        let wanted = trimmed(entry.lines.clone());
        if matches(&wanted, &printed) && code == entry.code {
            shown.extend(entry.lines.iter().map(|line| (*line).to_owned()));
        } else {
            shown.extend(printed.iter().map(|line| (*line).to_owned()));
            shown.push(String::new());
            let (command, wanted, printed) = (entry.command, wanted.join("\n"), printed.join("\n"));
            let wanted_code = entry.code;
            faults.push(format!(
                "`{command}` exits {code} (wanted {wanted_code}) and prints\n{printed}\n-- wanted --\n{wanted}"
            ));
        }
    }
    let shown = trimmed(shown.iter().map(String::as_str).collect()).join("\n") + "\n";
    let fault = match faults.is_empty() {
        true => Ok(()),
        false => Err(faults.join("\n")),
    };
    (shown, fault)
}

fn trimmed(mut lines: Vec<&str>) -> Vec<&str> {
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

fn typed(folder: &Path, command: &str) -> (i32, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_whimbrel"));
    let path = std::env::var("PATH").unwrap_or_default();
    let here = program.parent().unwrap_or(program).display();
    let output = Command::new("bash")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder)
        .env("PATH", format!("{here}:{path}"))
        .env("NO_COLOR", "1")
        .env_remove("WHIMBREL_STATE")
        .env("XDG_STATE_HOME", folder.join(".state"))
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap_or(-1), printed)
}

/// Whether what was printed is what is wanted, `...` being any lines and `[..]` anything in one.
fn matches(wanted: &[&str], printed: &[&str]) -> bool {
    match wanted.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => {
            (0..=printed.len()).any(|skip| matches(rest, printed.get(skip..).unwrap_or_default()))
        }
        Some((line, rest)) => printed
            .split_first()
            .is_some_and(|(found, more)| line_matches(line, found) && matches(rest, more)),
    }
}

fn line_matches(wanted: &str, found: &str) -> bool {
    let Some((head, tail)) = wanted.split_once("[..]") else {
        return wanted == found;
    };
    let Some(rest) = found.strip_prefix(head) else {
        return false;
    };
    let starts = rest.char_indices().map(|(at, _)| at);
    starts
        .chain([rest.len()])
        .any(|at| line_matches(tail, rest.get(at..).unwrap_or_default()))
}

#[test]
fn dots_stand_for_what_is_left_out() {
    assert!(matches(&["a", "...", "z"], &["a", "b", "c", "z"]));
    assert!(matches(&["...", "z"], &["z"]));
    assert!(!matches(&["a", "...", "z"], &["a", "b"]));
    assert!(!matches(&["a"], &["a", "b"]));
    assert!(line_matches("plan [..], seed 1", "plan 12ab, seed 1"));
    assert!(!line_matches("plan [..], seed 1", "plan 12ab, seed 2"));
}

#[test]
fn commands_have_codes_and_lines() {
    let found = entries("$ a\n? 1\nx\n? 2\n$ b\n");
    let wanted = [
        Entry {
            command: "a",
            code: 1,
            lines: vec!["x", "? 2"],
        },
        Entry {
            command: "b",
            code: 0,
            lines: vec![],
        },
    ];
    assert_eq!(found, wanted);
}

#[test]
fn what_differs_is_told_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (shown, fault) = run(folder.path(), "$ echo one\ntwo\n\n$ echo three\nthree\n");
    assert!(fault.is_err());
    assert_eq!(shown, "$ echo one\none\n\n$ echo three\nthree\n");
    assert!(run(folder.path(), "$ exit 3\n? 3\n").1.is_ok());
}

//! Proofs of the repository's shape: who may depend on whom, how long files are, and that every
//! rule has its file, its page and its row, and that links lead somewhere.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{files, links};

/// Which crates of ours a crate may build on. Tests (`dev-dependencies`) are free.
const MAY_USE: &[(&str, &[&str])] = &[
    ("lang", &[]),
    ("plan", &[]),
    ("compiler", &["whimbrel-lang", "whimbrel-plan"]),
    ("simulator", &["whimbrel-plan"]),
    ("handoff", &["whimbrel-plan", "whimbrel-simulator"]),
    ("cli", &ALL),
    ("tests", &ALL),
    (
        "xtask",
        &["whimbrel-compiler", "whimbrel-lang", "whimbrel-simulator"],
    ),
];

const ALL: [&str; 5] = [
    "whimbrel-compiler",
    "whimbrel-handoff",
    "whimbrel-lang",
    "whimbrel-plan",
    "whimbrel-simulator",
];

/// A Rust file has fewer lines than this.
const MAX_LINES: usize = 600;

/// Everything that is out of shape below `root`; empty when all is well.
#[must_use]
pub fn faults(root: &Path) -> Vec<String> {
    let mut faults = dependencies(root);
    faults.extend(results_only(root));
    faults.extend(lengths(root));
    faults.extend(rules(root));
    faults.extend(links::faults(root));
    faults
}

fn dependencies(root: &Path) -> Vec<String> {
    let members = match members(root) {
        Ok(members) => members,
        Err(fault) => return vec![fault],
    };
    let known: BTreeSet<&str> = MAY_USE.iter().map(|(folder, _)| *folder).collect();
    let mut faults: Vec<String> = members
        .iter()
        .filter(|member| !known.contains(member.as_str()))
        .map(|member| format!("{member}: not in the table of who may use whom"))
        .collect();
    for (folder, allowed) in MAY_USE {
        match files::read(&root.join(folder).join("Cargo.toml")) {
            Ok(manifest) => faults.extend(forbidden(folder, &manifest, allowed)),
            Err(fault) => faults.push(fault),
        }
    }
    faults
}

fn members(root: &Path) -> Result<Vec<String>, String> {
    let manifest: toml::Table = files::read(&root.join("Cargo.toml"))?
        .parse()
        .map_err(|error| format!("Cargo.toml: {error}"))?;
    let members = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("members"))
        .and_then(toml::Value::as_array)
        .ok_or("Cargo.toml: no workspace members")?;
    Ok(members
        .iter()
        .filter_map(toml::Value::as_str)
        .map(str::to_owned)
        .collect())
}

/// What `manifest`, of the crate in `folder`, builds on beyond `allowed`.
#[must_use]
pub fn forbidden(folder: &str, manifest: &str, allowed: &[&str]) -> Vec<String> {
    let manifest: toml::Table = match manifest.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![format!("{folder}/Cargo.toml: {error}")],
    };
    ["dependencies", "build-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(toml::Table::keys)
        .filter(|name| name.starts_with("whimbrel") && !allowed.contains(&name.as_str()))
        .map(|name| format!("{folder}/Cargo.toml: `{folder}` may not use `{name}`"))
        .collect()
}

/// The hand-off takes the simulator's results and never runs it.
fn results_only(root: &Path) -> Vec<String> {
    files::with_extension(&root.join("handoff/src"), "rs")
        .iter()
        .filter(|path| {
            files::read(path).is_ok_and(|text| text.contains("whimbrel_simulator::simulate"))
        })
        .map(|path| {
            format!(
                "{}: the hand-off may use the simulator's result types only",
                path.display()
            )
        })
        .collect()
}

fn lengths(root: &Path) -> Vec<String> {
    files::with_extension(root, "rs")
        .iter()
        .filter_map(|path| {
            let lines = files::read(path).ok()?.lines().count();
            let shown = path.strip_prefix(root).unwrap_or(path).display();
            (lines >= MAX_LINES).then(|| {
                format!("{shown}: {lines} lines; a file has fewer than {MAX_LINES}, split it")
            })
        })
        .collect()
}

fn rules(root: &Path) -> Vec<String> {
    let stems = |folder: &str, extension: &str| -> BTreeSet<String> {
        files::with_extension(&root.join(folder), extension)
            .iter()
            .filter_map(|path| path.file_stem()?.to_str())
            .filter(|stem| !NOT_RULES.contains(stem))
            .map(|stem| stem.replace('_', "-"))
            .collect()
    };
    let registered = whimbrel_compiler::rules::RULES
        .iter()
        .map(|rule| rule.code.name.to_owned())
        .collect();
    let files = stems("compiler/src/rules", "rs");
    let pages = stems("compiler/rules", "md");
    let mut faults = missing(&registered, &pages, "has no page in compiler/rules");
    faults.extend(missing(&pages, &registered, "has a page and no rule"));
    faults.extend(missing(
        &files,
        &registered,
        "has a file and is not registered",
    ));
    faults
}

/// Files of the rules' folder that hold no rule.
const NOT_RULES: &[&str] = &[
    "mod", "bridging", "findings", "observed", "registry", "tests", "context",
];

fn missing(of: &BTreeSet<String>, from: &BTreeSet<String>, what: &str) -> Vec<String> {
    of.difference(from)
        .map(|name| format!("rule `{name}` {what}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_may_use_only_what_the_table_says() {
        let manifest = "[dependencies]\nwhimbrel-plan.workspace = true\nserde = \"1\"\n\
                        whimbrel-compiler.workspace = true\n[dev-dependencies]\n\
                        whimbrel-lang.workspace = true\n";
        assert_eq!(
            forbidden("simulator", manifest, &["whimbrel-plan"]),
            ["simulator/Cargo.toml: `simulator` may not use `whimbrel-compiler`"]
        );
        assert!(forbidden("cli", manifest, &ALL).is_empty());
    }

    #[test]
    fn a_long_file_is_told() {
        let folder = std::env::temp_dir().join(format!("whimbrel-tidy-{}", std::process::id()));
        let write = |name: &str, lines: usize| {
            files::write(&folder.join(name), &"//\n".repeat(lines)).unwrap();
        };
        write("short.rs", MAX_LINES - 1);
        write("long.rs", MAX_LINES);
        let found = lengths(&folder);
        let _ = std::fs::remove_dir_all(&folder);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("long.rs: 600 lines"), "{found:?}");
    }
}

//! The manifests say what the expectations cite. They are no part of the repository: `WHIMBREL_REAL`
//! names the folder that holds them.

use std::path::PathBuf;

use crate::expected::Expected;
use crate::system::SYSTEMS;

/// The folder of all systems.
fn root() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    std::env::var_os("WHIMBREL_REAL").map_or_else(beside, PathBuf::from)
}

/// What is wrong with `path:line: what stands there`.
fn wrong(folder: &std::path::Path, cite: &str) -> Option<String> {
    let Some((place, words)) = cite.split_once(": ") else {
        return Some(format!("`{cite}` is not `path:line: words`"));
    };
    let (path, line) = place.rsplit_once(':').unwrap();
    let line: usize = line.parse().unwrap();
    let path = folder.join(path);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; set WHIMBREL_REAL", path.display()));
    match text.lines().nth(line - 1) {
        Some(says) if says.contains(words) => None,
        Some(says) => Some(format!("`{cite}`, but it says `{}`", says.trim())),
        None => Some(format!("`{cite}`, but it ends before")),
    }
}

#[test]
fn real_manifests_say_what_is_cited() {
    let mut cited = 0;
    let mut found = Vec::new();
    for name in SYSTEMS {
        let expected = Expected::read(name);
        let folder = root().join(&expected.folder);
        let cites = expected.lines.iter().flat_map(|line| &line.cite);
        cited += cites.clone().count();
        found.extend(cites.filter_map(|cite| wrong(&folder, cite)));
    }
    assert!(cited > 0);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn real_manifests_do_not_say_anything_else() {
    let folder = root().join("online-boutique");
    let right = "kubernetes-manifests/frontend.yaml:70: productcatalogservice:3550";
    assert_eq!(wrong(&folder, right), None);
    for off in [
        "kubernetes-manifests/frontend.yaml:71: productcatalogservice:3550",
        "kubernetes-manifests/frontend.yaml:70: productcatalogservice:3551",
        "kubernetes-manifests/frontend.yaml:7000: productcatalogservice:3550",
    ] {
        assert!(wrong(&folder, off).is_some(), "{off}");
    }
}

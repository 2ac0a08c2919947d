//! The manifests say what the expectations cite.

use whimbrel_tests::real;

use crate::expected::Expected;
use crate::system::SYSTEMS;

/// What is wrong with `path:line: what stands there`.
fn wrong(folder: &str, cite: &str) -> Option<String> {
    let Some((place, words)) = cite.split_once(": ") else {
        return Some(format!("`{cite}` is not `path:line: words`"));
    };
    let (path, line) = place.rsplit_once(':').unwrap();
    let line: usize = line.parse().unwrap();
    let text = real::read(format!("{folder}/{path}"));
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
        let folder = &expected.folder;
        let cites = expected.lines.iter().flat_map(|line| &line.cite);
        cited += cites.clone().count();
        found.extend(cites.filter_map(|cite| wrong(folder, cite)));
    }
    assert!(cited > 0);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn real_manifests_do_not_say_anything_else() {
    let folder = "online-boutique";
    let right = "kubernetes-manifests/frontend.yaml:70: productcatalogservice:3550";
    assert_eq!(wrong(folder, right), None);
    for off in [
        "kubernetes-manifests/frontend.yaml:71: productcatalogservice:3550",
        "kubernetes-manifests/frontend.yaml:70: productcatalogservice:3551",
        "kubernetes-manifests/frontend.yaml:7000: productcatalogservice:3550",
    ] {
        assert!(wrong(folder, off).is_some(), "{off}");
    }
}

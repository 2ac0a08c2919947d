//! Links of the Markdown pages: every relative one leads to a file of the repository, every anchor
//! to a heading, and every page of the book stands in its summary.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::files;

/// Pages of `docs` that are no chapters.
const NO_CHAPTERS: &[&str] = &["docs/SUMMARY.md"];

/// What is wrong with the links of all pages below `root`.
#[must_use]
pub fn faults(root: &Path) -> Vec<String> {
    let mut pages: BTreeMap<PathBuf, String> = BTreeMap::new();
    for path in files::with_extension(root, "md") {
        let Ok(text) = files::read(&path) else {
            continue;
        };
        let path = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
        if !path.starts_with("book") && !path.components().any(is_dependency) {
            pages.insert(path, text);
        }
    }
    let anchors: BTreeMap<&PathBuf, BTreeSet<String>> = pages
        .iter()
        .map(|(path, text)| (path, anchors(text)))
        .collect();
    let mut faults = Vec::new();
    for (path, text) in &pages {
        for (line, target) in links(text) {
            let fault = leads_nowhere(root, path, &target, |page| anchors.get(page));
            faults.extend(fault.map(|why| format!("{}:{line}: {why}", path.display())));
        }
    }
    faults.extend(missing_chapters(&pages));
    faults
}

fn is_dependency(part: Component<'_>) -> bool {
    part.as_os_str() == "node_modules"
}

fn missing_chapters(pages: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let Some(summary) = pages.get(Path::new("docs/SUMMARY.md")) else {
        return vec!["docs/SUMMARY.md: there is none".to_owned()];
    };
    let listed: BTreeSet<PathBuf> = links(summary)
        .into_iter()
        .map(|(_, target)| Path::new("docs").join(target))
        .collect();
    pages
        .keys()
        .filter(|path| path.starts_with("docs") && !listed.contains(*path))
        .filter(|path| !NO_CHAPTERS.iter().any(|no| *path == Path::new(no)))
        .map(|path| format!("{}: not in docs/SUMMARY.md", path.display()))
        .collect()
}

/// Why `target`, a link of the page at `from`, leads nowhere.
fn leads_nowhere<'a>(
    root: &Path,
    from: &Path,
    target: &str,
    anchors: impl Fn(&PathBuf) -> Option<&'a BTreeSet<String>>,
) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = from.parent().unwrap_or(Path::new(""));
    let path = match file {
        "" => from.to_path_buf(),
        _ => resolved(&folder.join(file)),
    };
    if !files::exists(&root.join(&path)) {
        return Some(format!("`{target}` leads to no file"));
    }
    let there = anchors(&path);
    let found = anchor.is_empty() || there.is_some_and(|there| there.contains(anchor));
    (!found).then(|| format!("`{target}` leads to no heading"))
}

/// `a/b/../c` is `a/c`.
fn resolved(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if out.pop() => {}
            part => out.push(part),
        }
    }
    out
}

/// Lines outside fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The targets of `[text](target)` with their lines. Code spans are left out.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let plain: String = line.split("](").skip(1).fold(String::new(), |all, rest| {
            let target = rest.split(')').next().unwrap_or_default();
            all + target + "\n"
        });
        let targets = plain.lines().map(str::to_owned);
        found.extend(
            targets
                .filter(|target| !target.contains('`'))
                .map(|target| (number, target)),
        );
    }
    found
}

/// The anchors that headings make: lower case, blanks as `-`, a number behind repeated ones.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let headings = prose(text).filter_map(|(_, line)| {
        let title = line.trim_start_matches('#');
        let level = line.len() - title.len();
        ((1..=6).contains(&level) && title.starts_with(' ')).then(|| anchor(title.trim()))
    });
    headings
        .map(|name| {
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            match *count {
                1 => name,
                count => format!("{name}-{}", count - 1),
            }
        })
        .collect()
}

fn anchor(title: &str) -> String {
    title
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            '-' | '_' => Some(letter),
            _ => letter
                .is_alphanumeric()
                .then(|| letter.to_ascii_lowercase()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_make_anchors() {
        let page = "# The `a.b` block\n## Why\n```\n## not this\n```\n## Why\n#no\n";
        let wanted = ["the-ab-block", "why", "why-1"].map(str::to_owned);
        assert_eq!(anchors(page), BTreeSet::from(wanted));
    }

    #[test]
    fn links_stand_in_prose() {
        let page = "[a](b.md) and [c](d/e.md#f)\n```\n[no](no.md)\n```\n`[no](` is code";
        let wanted = [(1, "b.md".to_owned()), (1, "d/e.md#f".to_owned())];
        assert_eq!(links(page), wanted);
    }

    #[test]
    fn a_dead_link_is_told() {
        let folder = std::env::temp_dir().join(format!("whimbrel-links-{}", std::process::id()));
        let write = |name: &str, text: &str| files::write(&folder.join(name), text).unwrap();
        write("docs/SUMMARY.md", "- [a](a.md)\n");
        write(
            "docs/a.md",
            "# A\n[b](../b.md#b) [x](x.md)\n[y](#y) [z](https://z)\n",
        );
        write("docs/lost.md", "");
        write("b.md", "# B\n");
        let found = faults(&folder);
        let _ = files::remove(&folder);
        assert_eq!(
            found,
            [
                "docs/a.md:2: `x.md` leads to no file",
                "docs/a.md:3: `#y` leads to no heading",
                "docs/lost.md: not in docs/SUMMARY.md",
            ]
        );
    }
}

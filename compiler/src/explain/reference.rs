//! The whole language on one page, grouped as one reads about it, with an index.

use std::fmt::Write as _;
use std::ptr;

use super::{blocks, expressions, forms, values, verbs};
use crate::analysis::checklist;
use crate::schema::{self, Block, FORMS, VALUES};

/// A part of the page: its heading, what it is, and its pages.
struct Part {
    title: &'static str,
    intro: &'static str,
    pages: Vec<String>,
}

/// The reference page, in Markdown.
#[must_use]
pub fn reference() -> String {
    let parts = parts();
    let mut out = String::from("# The language, block by block\n");
    for part in &parts {
        let links: Vec<String> = part.pages.iter().map(|page| link(title(page))).collect();
        let _ = write!(out, "\n**{}**: {}\n", link(part.title), links.join(" · "));
    }
    for part in &parts {
        let _ = write!(out, "\n## {}\n\n{}\n", part.title, part.intro);
        for page in &part.pages {
            let _ = write!(out, "\n{}\n", deepen(page.trim_end(), 2));
        }
    }
    out
}

fn parts() -> Vec<Part> {
    let (existing, happening) = schema::groups();
    let mut library: Vec<&'static Block> = schema::PATTERN_BODY.to_vec();
    library.extend([schema::OWN_GATE, schema::WITHOUT, schema::EXECUTOR]);
    let mut seen: Vec<&'static Block> = library.clone();
    seen.extend(schema::TOP);
    vec![
        Part {
            title: "What exists",
            intro: "What a plan says of the systems as they are: where they run, who owns them, \
                    how they hang together.",
            pages: family(existing, &mut seen),
        },
        Part {
            title: "What is to happen",
            intro: "The migration, its batches, and everything it depends on.",
            pages: family(happening, &mut seen),
        },
        Part {
            title: "Patterns and executors",
            intro: "How things of one kind move, and what carries the steps out.",
            pages: family(&library, &mut seen),
        },
        Part {
            title: "Other statements",
            intro: "What brings files together, repeats, guards and explains.",
            pages: FORMS.iter().map(forms::describe).collect(),
        },
        Part {
            title: "Types of values",
            intro: "What stands behind `=`. A unit touches its number.",
            pages: VALUES.iter().map(values::describe).collect(),
        },
        Part {
            title: "Expressions and measures",
            intro: "What is called in an expression, and what a condition measures.",
            pages: expressions::tables(),
        },
        Part {
            title: "Verbs and the checklist",
            intro: "What a step can do, and how a strategy is judged.",
            pages: vec![verbs::all(), checklist::explain()],
        },
    ]
}

/// The pages of blocks, each followed by those that stand inside it and were not shown yet.
fn family(blocks: &[&'static Block], seen: &mut Vec<&'static Block>) -> Vec<String> {
    let mut pages = Vec::new();
    for block in blocks {
        pages.push(blocks::describe(&heading(block.keyword, block), block));
        inner(block.keyword, block, seen, &mut pages);
    }
    pages
}

fn inner(
    path: &str,
    block: &'static Block,
    seen: &mut Vec<&'static Block>,
    pages: &mut Vec<String>,
) {
    for child in block.blocks {
        if seen.iter().any(|known| ptr::eq(*known, *child)) {
            continue;
        }
        seen.push(child);
        let path = format!("{path}.{}", child.keyword);
        pages.push(blocks::describe(&heading(&path, child), child));
        inner(&path, child, seen, pages);
    }
}

/// The path of a block that stands in one place; one that stands in several has its keyword alone,
/// unless a pattern has another block of that name.
fn heading(path: &str, block: &Block) -> String {
    let places = blocks::places(block);
    let another = |own: &&Block| own.keyword == block.keyword && !ptr::eq(*own, block);
    match places.as_slice() {
        [] | [_] => path.to_owned(),
        [.., last] if schema::PATTERN_BODY.iter().any(another) => {
            let place = places.iter().find(|place| *place == "service");
            format!("{}.{}", place.unwrap_or(last), block.keyword)
        }
        _ => block.keyword.to_owned(),
    }
}

fn title(page: &str) -> &str {
    let first = page.lines().next().unwrap_or_default();
    first.trim_start_matches('#').trim()
}

/// A link to a heading of the same page.
fn link(title: &str) -> String {
    let anchor: String = title
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect();
    format!("[{title}](#{anchor})")
}

/// A page's headings, some levels down. Fenced code is kept.
pub(crate) fn deepen(page: &str, levels: usize) -> String {
    let mut fenced = false;
    let lines = page.lines().map(|line| {
        fenced ^= line.starts_with("```");
        if !fenced && line.starts_with('#') {
            format!("{}{line}", "#".repeat(levels))
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn headings_go_down_and_code_stays() {
        assert_eq!(
            deepen("# a\n```mig\n# comment\n```\n## b", 2),
            "### a\n```mig\n# comment\n```\n#### b"
        );
    }

    /// Two headings of one text would share an anchor, and a link would go to the first.
    #[test]
    fn every_linked_heading_is_there_once() {
        let page = reference();
        let mut fenced = false;
        let mut titles = BTreeSet::new();
        for line in page.lines() {
            fenced ^= line.starts_with("```");
            if !fenced && (line.starts_with("## ") || line.starts_with("### ")) {
                assert!(titles.insert(link(title(line))), "{line} stands twice");
            }
        }
        for (path, block) in schema::all() {
            let own = [link(&path), link(block.keyword)];
            assert!(
                own.iter().any(|one| titles.contains(one)),
                "{path} is not shown"
            );
        }
    }
}

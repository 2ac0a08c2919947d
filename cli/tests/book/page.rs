//! A page of the book, taken apart.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// What a page asks for, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Item {
    /// `<!-- start: … -->`
    Start(String),
    /// `mig`
    Plan {
        line: usize,
        file: String,
        text: String,
        range: Range<usize>,
    },
    /// `mig bad CODE`
    Bad {
        line: usize,
        code: String,
        text: String,
        range: Range<usize>,
    },
    /// `console`
    Console {
        line: usize,
        text: String,
        range: Range<usize>,
    },
    /// `bash file=NAME`
    Script {
        line: usize,
        file: String,
        text: String,
    },
    /// `sh`
    Unrun { line: usize, text: String },
    /// A fence that says something nobody understands.
    Unknown { line: usize, fence: String },
}

impl Item {
    /// The line of its fence.
    pub fn line(&self) -> usize {
        match self {
            Self::Start(_) => 0,
            Self::Plan { line, .. }
            | Self::Bad { line, .. }
            | Self::Console { line, .. }
            | Self::Script { line, .. }
            | Self::Unrun { line, .. }
            | Self::Unknown { line, .. } => *line,
        }
    }
}

/// A page.
pub struct Page {
    pub path: PathBuf,
    pub text: String,
    pub items: Vec<Item>,
}

impl Page {
    /// Reads a page. A fence of an unknown sort is a fault of the page, found where it is used.
    pub fn read(path: &Path, text: String) -> Self {
        let items = items(&text);
        Self {
            path: path.to_path_buf(),
            text,
            items,
        }
    }
}

fn items(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut open: Option<(usize, String, usize)> = None;
    let mut offset = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let start = offset;
        offset += line.len();
        let line = line.trim_end();
        match (&open, line.strip_prefix("```")) {
            (Some((at, fence, from)), Some("")) => {
                let range = *from..start;
                items.extend(item(
                    fence,
                    *at,
                    text.get(range.clone()).unwrap_or_default(),
                    range,
                ));
                open = None;
            }
            (None, Some(fence)) => open = Some((number, fence.to_owned(), offset)),
            (None, None) => {
                let start = line.strip_prefix("<!-- start: ");
                let start = start.and_then(|rest| rest.strip_suffix(" -->"));
                items.extend(start.map(|start| Item::Start(start.to_owned())));
            }
            _ => {}
        }
    }
    items
}

fn item(fence: &str, line: usize, text: &str, range: Range<usize>) -> Option<Item> {
    let text = text.to_owned();
    let words: Vec<&str> = fence.split(' ').collect();
    match words.as_slice() {
        ["mig"] => Some(Item::Plan {
            line,
            file: "plan.mig".to_owned(),
            text,
            range,
        }),
        ["mig", "bad", code] => Some(Item::Bad {
            line,
            code: (*code).to_owned(),
            text,
            range,
        }),
        ["mig", file] if file.starts_with("file=") => Some(Item::Plan {
            line,
            file: file.replacen("file=", "", 1),
            text,
            range,
        }),
        ["bash", file] if file.starts_with("file=") => Some(Item::Script {
            line,
            file: file.replacen("file=", "", 1),
            text,
        }),
        ["console"] => Some(Item::Console { line, text, range }),
        ["sh"] => Some(Item::Unrun { line, text }),
        ["bash" | "json" | "promql" | "python" | "text" | "yaml"] => None,
        _ => Some(Item::Unknown {
            line,
            fence: fence.to_owned(),
        }),
    }
}

#[test]
fn a_page_is_taken_apart_in_order() {
    let text = "# a\n<!-- start: examples/x -->\n```mig\nteam a { }\n```\n```console\n$ ls\n```\n\
                ```mig file=b.mig\n# <!-- start: no -->\n```\n```yaml\nx\n```\n```migg\n```\n";
    let place = |part: &str| {
        let start = text.find(part).unwrap();
        start..start + part.len()
    };
    assert_eq!(
        items(text),
        [
            Item::Start("examples/x".to_owned()),
            Item::Plan {
                line: 3,
                file: "plan.mig".to_owned(),
                text: "team a { }\n".to_owned(),
                range: place("team a { }\n"),
            },
            Item::Console {
                line: 6,
                text: "$ ls\n".to_owned(),
                range: place("$ ls\n"),
            },
            Item::Plan {
                line: 9,
                file: "b.mig".to_owned(),
                text: "# <!-- start: no -->\n".to_owned(),
                range: place("# <!-- start: no -->\n"),
            },
            Item::Unknown {
                line: 15,
                fence: "migg".to_owned(),
            },
        ]
    );
}

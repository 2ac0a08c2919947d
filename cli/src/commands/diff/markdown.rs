//! The difference as the comment of a pull request. What the plan says is data: in code spans, or
//! with every mark of Markdown and HTML set off, so that no name becomes a link, a mention or a tag.

use std::fmt::Write as _;

use super::said::{Line, Mood, Piece, Section, Sign};
use super::{Report, details, headline};

/// All of it.
pub fn render(report: &Report<'_>, most: usize) -> String {
    let (before, after) = (code(&report.before.shown), code(&report.after.shown));
    let mut text = format!("### What {before} → {after} changes in the plan\n\n");
    if report.is_empty() {
        text.push_str("No change in meaning.\n");
        return text;
    }
    if report.difference.is_none() {
        text.push_str(
            "One of them says nothing that could be compared; here are its findings.\n\n",
        );
    }
    for line in headline::lines(report) {
        let _ = writeln!(text, "- {}", said(&line));
    }
    for found in details::sections(report) {
        text.push_str(&section(&found, most));
    }
    text
}

/// Findings stand open, the rest is folded.
fn section(section: &Section, most: usize) -> String {
    let lines: Vec<String> = section
        .lines
        .iter()
        .take(most.max(1))
        .map(|line| match line.sign {
            Sign::More => format!("  - {}\n", said(line)),
            _ => format!("- {}\n", said(line)),
        })
        .collect();
    let more = section.lines.len().saturating_sub(lines.len());
    let more = if more > 0 {
        format!("- … and {more} more lines; `--all` shows them\n")
    } else {
        String::new()
    };
    let (heading, count) = (section.heading, section.lines.iter());
    let count = count.filter(|line| line.sign != Sign::More).count();
    let open = if heading == "Findings" { " open" } else { "" };
    format!(
        "\n<details{open}>\n<summary>{heading} ({count})</summary>\n\n{}{more}\n</details>\n",
        lines.concat()
    )
}

fn said(line: &Line) -> String {
    let sign = match (line.sign, line.mood) {
        (Sign::Plus, _) => "**+** ",
        (Sign::Minus, _) => "**−** ",
        (Sign::Tilde, _) => "**~** ",
        (Sign::More, _) => "",
    };
    let words: String = line
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => escaped(text),
            Piece::Given(text) | Piece::Quoted(text) => code(text),
        })
        .collect();
    match line.mood {
        Mood::Bad => format!("❌ {sign}{words}"),
        Mood::Warning => format!("⚠️ {sign}{words}"),
        _ => format!("{sign}{words}"),
    }
}

/// A code span: more backticks around it than in it, in one line.
fn code(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        return String::new();
    }
    let mut longest = 0;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text in which no mark means anything.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in one_line(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A mention notifies whoever bears the name, a `#` links another page.
            '@' => out.push_str("@\u{200b}"),
            '#' => out.push_str("#\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_plan_says_is_data() {
        assert_eq!(code("orders"), "`orders`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code("a\n\n# b"), "`a  # b`");
        assert_eq!(
            escaped("<img src=x> @team | *b* [l](u)"),
            "&lt;img src=x&gt; @\u{200b}team \\| \\*b\\* \\[l\\](u)"
        );
    }
}

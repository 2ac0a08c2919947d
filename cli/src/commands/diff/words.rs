//! The words that several parts of a difference share.

use whimbrel_plan::EdgeKind;
use whimbrel_plan::difference::{Attribute, Carrier, Hop, Return};

use super::said::{Line, Mood, Sign};
use crate::render::number;

/// Names that a line shows before it counts the rest.
pub const NAMES_SHOWN: usize = 5;

/// `traffic 400rps → 1200rps, tier important → critical`.
pub fn attributes(mut line: Line, attributes: &[Attribute]) -> Line {
    for (at, attribute) in attributes.iter().enumerate() {
        if at > 0 {
            line = line.text("; ");
        }
        line = change(
            line.text(format!("{} ", attribute.name)),
            attribute.before.as_deref(),
            attribute.after.as_deref(),
        );
    }
    line
}

/// `a → b`, and `none` where there is nothing.
pub fn change(line: Line, before: Option<&str>, after: Option<&str>) -> Line {
    let say = |line: Line, side: Option<&str>| match side {
        Some(text) => line.given(shortened(text)),
        None => line.text("none"),
    };
    say(say(line, before).text(" → "), after)
}

/// A value in one line of a bearable length.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 120;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Why an edge is one.
pub fn edge_kind(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Call => "call",
        EdgeKind::Read => "read",
        EdgeKind::Write => "write",
        EdgeKind::Message => "message",
        EdgeKind::Pin => "pinned address",
        EdgeKind::Seen => "seen",
        EdgeKind::External => "external",
        EdgeKind::Order => "order",
    }
}

/// A hop of a cycle.
pub fn hop(hop: &Hop) -> Line {
    let line = Line::new(Sign::More)
        .given(&hop.from)
        .text(" → ")
        .given(&hop.to)
        .text(format!(" {}", edge_kind(hop.kind)));
    let line = match &hop.via {
        Some(via) => line.text(" through ").given(via),
        None => line,
    };
    if hop.hidden {
        line.text(" ← hidden").mood(Mood::Warning)
    } else {
        line
    }
}

/// What carries an edge over the seam.
pub fn carrier(line: Line, carrier: &Carrier) -> Line {
    match carrier {
        Carrier::Apart => line.text("not across"),
        Carrier::By(name) => line.text("by ").given(name),
        Carrier::Nothing => line.text("nothing carries it"),
    }
}

/// How long a rollback takes in nine of ten cases.
pub fn p90(of: &Return) -> String {
    of.p90
        .map_or_else(|| "no way back".to_owned(), number::duration)
}

/// `P90 6 min → 9 min`, or the one where both read alike.
pub fn from_to(was: &str, is: &str) -> String {
    if was == is {
        format!("{is} as before")
    } else {
        format!("{was} → {is}")
    }
}

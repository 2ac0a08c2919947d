//! A picture as a Mermaid flowchart.

use std::fmt::Write as _;

use super::picture::{INK, Kind, Nest, Picture, Shape, Vertex, shown};

/// What Mermaid draws at most where nobody tells it otherwise.
pub const MOST_ARROWS: usize = 500;

/// The picture as a flowchart.
pub fn text(picture: &Picture) -> String {
    let mut text = String::new();
    for line in picture.legend() {
        let _ = writeln!(text, "%% {} {}", line.sample, line.text);
    }
    if let Some(left_out) = &picture.left_out {
        let _ = writeln!(text, "%% {left_out}");
    }
    text.push_str("flowchart LR\n");
    let nest = Nest::new(picture);
    frames(&mut text, picture, &nest, (None, 1));
    for arrow in &picture.arrows {
        let line = match (arrow.hidden, arrow.both) {
            (false, false) => "-->",
            (false, true) => "<-->",
            (true, false) => "-.->",
            (true, true) => "<-.->",
        };
        let _ = writeln!(text, "  n{} {line} n{}", arrow.from, arrow.to);
    }
    for kind in [
        Kind::Plain,
        Kind::Binding,
        Kind::Bridged,
        Kind::Cycle,
        Kind::Critical,
    ] {
        let arrows = picture.arrows.iter().enumerate();
        let of = arrows.filter(|(_, arrow)| arrow.kind == kind);
        let places: Vec<String> = of.map(|(at, _)| at.to_string()).collect();
        if !places.is_empty() {
            let _ = writeln!(
                text,
                "  linkStyle {} stroke:{},stroke-width:{}px",
                places.join(","),
                kind.color(),
                kind.width()
            );
        }
    }
    for (at, one) in picture.boxes.iter().enumerate() {
        let _ = writeln!(
            text,
            "  style n{at} fill:{},stroke:{},stroke-width:{}px,color:{INK}",
            one.fill(),
            one.border(),
            one.border_width()
        );
    }
    text
}

fn frames(
    text: &mut String,
    picture: &Picture,
    nest: &Nest,
    (within, depth): (Option<usize>, usize),
) {
    let indent = "  ".repeat(depth);
    for &at in nest.frames(within) {
        let Some(frame) = picture.frames.get(at) else {
            continue;
        };
        let _ = writeln!(text, "{indent}subgraph b{at}[\"{}\"]", escaped(&frame.name));
        frames(text, picture, nest, (Some(at), depth + 1));
        let _ = writeln!(text, "{indent}end");
    }
    for &at in nest.boxes(within) {
        let Some(one) = picture.boxes.get(at) else {
            continue;
        };
        let _ = writeln!(text, "{indent}n{at}{}", drawn(one));
    }
}

fn drawn(one: &Vertex) -> String {
    let mut label = escaped(&one.label);
    if let Some(detail) = &one.detail {
        label.push_str("<br>");
        label.push_str(&escaped(detail));
    }
    match one.shape {
        Shape::Service | Shape::Step => format!("(\"{label}\")"),
        Shape::Store => format!("[(\"{label}\")]"),
        Shape::Messages => format!("[/\"{label}\"/]"),
        Shape::External => format!("{{{{\"{label}\"}}}}"),
        Shape::Gate => format!("{{\"{label}\"}}"),
    }
}

/// A name as it stands between quotes: whatever could be markup by its number.
fn escaped(name: &str) -> String {
    let letters: Vec<char> = shown(name).chars().collect();
    let mut escaped = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        let beside = |at: Option<usize>| at.and_then(|at| letters.get(at)).copied();
        let (before, after) = (beside(at.checked_sub(1)), beside(Some(at + 1)));
        let is_inside = |beside: Option<char>| beside.is_some_and(char::is_alphanumeric);
        let plain = match letter {
            // At the edge of a word these are emphasis, a list or a number of one.
            '_' | '-' | '.' => is_inside(before) && is_inside(after),
            ' ' | '/' | ',' | '…' => true,
            other => other.is_alphanumeric(),
        };
        if plain {
            escaped.push(letter);
        } else {
            let _ = write!(escaped, "#{};", u32::from(letter));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn markup_becomes_numbers() {
        assert_eq!(escaped("orders_db.t-1"), "orders_db.t-1");
        assert_eq!(escaped("a\"]<b>"), "a#34;#93;#60;b#62;");
        assert_eq!(escaped("1. x #59;"), "1#46; x #35;59#59;");
        assert_eq!(escaped("_x_"), "#95;x#95;");
    }
}

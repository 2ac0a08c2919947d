//! A picture in the language of Graphviz.

use std::fmt::Write as _;

use super::picture::{Arrow, INK, Nest, Picture, Shape, Vertex, shown};

const FONT: &str = "Helvetica,Arial,sans-serif";

/// The picture as a graph for `dot`.
pub fn text(picture: &Picture) -> String {
    let mut text = String::new();
    let title = quoted(&picture.title);
    let _ = writeln!(text, "digraph {title} {{");
    let _ = writeln!(
        text,
        "  graph [rankdir=LR, bgcolor=white, fontname=\"{FONT}\", fontcolor=\"{INK}\", pad=0.3, \
         nodesep=0.18, ranksep={ranksep}, newrank=true, nslimit=2, nslimit1=2, outputorder=edgesfirst, labelloc=b, labeljust=l, \
         tooltip={title}, label={legend}];",
        ranksep = picture.gap,
        legend = legend(picture)
    );
    let _ = writeln!(
        text,
        "  node [fontname=\"{FONT}\", fontsize=12, fontcolor=\"{INK}\", style=filled, \
         margin=\"0.12,0.06\", height=0.35];"
    );
    let _ = writeln!(text, "  edge [arrowsize=0.7];");
    let nest = Nest::new(picture);
    frames(&mut text, picture, &nest, (None, 1));
    if picture.in_turn {
        turns(&mut text, picture, &nest);
    }
    for arrow in &picture.arrows {
        draw_arrow(&mut text, picture, arrow);
    }
    text.push_str("}\n");
    text
}

/// Puts all boxes of a frame before all of the next: an unseen point stands between.
fn turns(text: &mut String, picture: &Picture, nest: &Nest) {
    for at in 1..picture.frames.len() {
        let _ = writeln!(
            text,
            "  t{at} [shape=point, style=invis, width=0, height=0];"
        );
        for before in nest.boxes(Some(at - 1)) {
            let _ = writeln!(text, "  n{before} -> t{at} [style=invis, weight=0];");
        }
        for after in nest.boxes(Some(at)) {
            let _ = writeln!(text, "  t{at} -> n{after} [style=invis, weight=0];");
        }
    }
}

/// The frames within one, then its own boxes.
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
        let fill = if depth == 1 { "#f6f8fa" } else { "white" };
        let _ = writeln!(text, "{indent}subgraph cluster_{at} {{");
        let _ = writeln!(
            text,
            "{indent}  label={name}; tooltip={name}; labelloc=t; fontsize=14; style=\"rounded,filled\"; \
             color=\"#b9bfc8\"; fillcolor=\"{fill}\";",
            name = quoted(&frame.name)
        );
        frames(text, picture, nest, (Some(at), depth + 1));
        let _ = writeln!(text, "{indent}}}");
    }
    for &at in nest.boxes(within) {
        let Some(one) = picture.boxes.get(at) else {
            continue;
        };
        let _ = writeln!(text, "{indent}n{at} [{}];", look(one));
    }
}

fn look(one: &Vertex) -> String {
    let shape = match one.shape {
        Shape::Service | Shape::Step => "box, style=\"rounded,filled\"",
        Shape::Store => "cylinder",
        Shape::Messages => "cds",
        Shape::External => "hexagon",
        Shape::Gate => "diamond, margin=\"0.02,0.02\"",
    };
    let label = match &one.detail {
        Some(detail) => format!("{}\\n{}", escaped(&one.label), escaped(detail)),
        None => escaped(&one.label),
    };
    format!(
        "label=\"{label}\", tooltip={}, shape={shape}, fillcolor=\"{}\", color=\"{}\", penwidth={}",
        quoted(&one.name),
        one.fill(),
        one.border(),
        one.border_width()
    )
}

fn draw_arrow(text: &mut String, picture: &Picture, arrow: &Arrow) {
    let Arrow { from, to, kind, .. } = arrow;
    let style = if arrow.hidden { ", style=dashed" } else { "" };
    // Graphviz puts the first of two before the second.
    let (first, second, back) = if picture.in_turn {
        (to, from, ", dir=back")
    } else {
        (from, to, "")
    };
    let way = if arrow.both { ", dir=both" } else { back };
    let frame = |at: &usize| picture.boxes.get(*at).and_then(|one| one.frame);
    let against = picture.in_turn && frame(first).is_some() && frame(first) > frame(second);
    let free = if against { ", constraint=false" } else { "" };
    let _ = writeln!(
        text,
        "  n{first} -> n{second} [color=\"{}\", penwidth={}{style}{way}{free}, tooltip={told}, edgetooltip={told}];",
        kind.color(),
        kind.width(),
        told = quoted(&arrow.told)
    );
}

/// A table of samples below the picture, as Graphviz's markup.
fn legend(picture: &Picture) -> String {
    let mut rows = format!(
        "<tr><td align=\"left\" colspan=\"2\"><b>{}</b></td></tr>",
        marked_up(&picture.title)
    );
    for line in picture.legend() {
        let _ = write!(
            rows,
            "<tr><td><font color=\"{}\">{}</font></td><td align=\"left\">{}</td></tr>",
            line.color, line.sample, line.text
        );
    }
    if let Some(left_out) = &picture.left_out {
        let _ = write!(
            rows,
            "<tr><td></td><td align=\"left\">{}</td></tr>",
            marked_up(left_out)
        );
    }
    format!("<<table border=\"0\" cellspacing=\"0\" cellpadding=\"2\">{rows}</table>>")
}

/// A name as text in the markup of a label.
fn marked_up(text: &str) -> String {
    let letters = shown(text);
    let mut marked = String::with_capacity(letters.len());
    for letter in letters.chars() {
        match letter {
            '&' => marked.push_str("&amp;"),
            '<' => marked.push_str("&lt;"),
            '>' => marked.push_str("&gt;"),
            '"' => marked.push_str("&quot;"),
            other => marked.push(other),
        }
    }
    marked
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A name as it stands between quotes: Graphviz reads `\N` and the like in labels, and entities in
/// all text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in shown(text).chars() {
        match letter {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '&' => escaped.push_str("&amp;"),
            other => escaped.push(other),
        }
    }
    escaped
}

//! Strings: escapes, interpolation, and the indentation of `"""`.

use super::Reader;
use super::advice::visible;
use crate::ast::StringPart;
use crate::grammar::{Node, Rule};
use crate::{Diagnostic, Spanned, codes};

/// A part of a string before indentation is stripped.
enum Piece {
    /// As written.
    Raw(String),
    /// From an escape: never indentation.
    Escaped(char),
    Interpolation(StringPart),
}

impl Reader<'_> {
    /// A string, with its interpolations.
    pub(super) fn template(&mut self, node: Node<'_>) -> Spanned<Vec<StringPart>> {
        let span = self.span(node.as_span());
        let first = node.clone().into_inner().next();
        let pieces = match first {
            Some(inner) if inner.as_rule() == Rule::multi_line => {
                let mut pieces = self.pieces(inner);
                strip_indentation(&mut pieces);
                pieces
            }
            _ => self.pieces(node),
        };
        Spanned::new(join(pieces), span)
    }

    /// A string that must not interpolate.
    pub(super) fn constant_text(&mut self, node: Node<'_>) -> Option<Spanned<String>> {
        let template = self.template(node);
        let mut text = String::new();
        for part in template.value {
            match part {
                StringPart::Text(part) => text.push_str(&part),
                StringPart::Interpolation(expr) => {
                    self.error(expr.span, "this string cannot interpolate");
                    return None;
                }
            }
        }
        Some(Spanned::new(text, template.span))
    }

    fn pieces(&mut self, node: Node<'_>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for node in node.into_inner() {
            match node.as_rule() {
                Rule::text | Rule::multi_text => {
                    pieces.push(Piece::Raw(node.as_str().replace("\r\n", "\n")));
                }
                Rule::escape => pieces.extend(self.escape(&node)),
                Rule::interpolation => {
                    if let Some(expression) = node.into_inner().next() {
                        let expr = self.expression(expression);
                        pieces.push(Piece::Interpolation(StringPart::Interpolation(expr)));
                    }
                }
                _ => {}
            }
        }
        pieces
    }

    fn escape(&mut self, node: &Node<'_>) -> Option<Piece> {
        let letter = match node.as_str().get(1..)? {
            "n" => '\n',
            "t" => '\t',
            "r" => '\r',
            "\\" => '\\',
            "\"" => '"',
            "$" => '$',
            _ => {
                let span = self.span(node.as_span());
                self.report(
                    Diagnostic::error(
                        codes::BAD_LITERAL,
                        span,
                        format!("`{}` is not an escape", visible(node.as_str())),
                    )
                    .help(r#"escapes are `\n`, `\t`, `\r`, `\\`, `\"` and `\$`"#),
                );
                return None;
            }
        };
        Some(Piece::Escaped(letter))
    }
}

fn join(pieces: Vec<Piece>) -> Vec<StringPart> {
    let mut parts = Vec::new();
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Raw(raw) => text.push_str(&raw),
            Piece::Escaped(letter) => text.push(letter),
            Piece::Interpolation(part) => {
                if !text.is_empty() {
                    parts.push(StringPart::Text(std::mem::take(&mut text)));
                }
                parts.push(part);
            }
        }
    }
    if !text.is_empty() {
        parts.push(StringPart::Text(text));
    }
    parts
}

/// Drops the line of the opening `"""` if it is blank, the line of the closing one likewise, and
/// from the others the indentation they share.
fn strip_indentation(pieces: &mut [Piece]) {
    let opens_line = drop_first_line(pieces);
    drop_last_line(pieces);
    let common = common_indentation(pieces, opens_line);
    let mut line_start = opens_line;
    for piece in pieces {
        let Piece::Raw(raw) = piece else {
            line_start = false;
            continue;
        };
        let mut kept = String::with_capacity(raw.len());
        for line in raw.split_inclusive('\n') {
            let cut = if line_start {
                common.min(indentation(line))
            } else {
                0
            };
            kept.push_str(line.get(cut..).unwrap_or_default());
            line_start = line.ends_with('\n');
        }
        *raw = kept;
    }
}

fn drop_first_line(pieces: &mut [Piece]) -> bool {
    let Some(Piece::Raw(raw)) = pieces.first_mut() else {
        return false;
    };
    let Some((first, rest)) = raw.split_once('\n') else {
        return false;
    };
    let blank = first.trim().is_empty();
    if blank {
        *raw = rest.to_owned();
    }
    blank
}

fn drop_last_line(pieces: &mut [Piece]) {
    if let Some(Piece::Raw(raw)) = pieces.last_mut()
        && let Some((rest, last)) = raw.rsplit_once('\n')
        && last.trim().is_empty()
    {
        *raw = rest.to_owned();
    }
}

fn common_indentation(pieces: &[Piece], opens_line: bool) -> usize {
    let mut common: Option<usize> = None;
    let mut line_start = opens_line;
    let mut pending: Option<usize> = opens_line.then_some(0);
    let mut count = |indent: usize| common = Some(common.map_or(indent, |least| least.min(indent)));
    for piece in pieces {
        let Piece::Raw(raw) = piece else {
            if let Some(indent) = pending.take() {
                count(indent);
            }
            line_start = false;
            continue;
        };
        for line in raw.split_inclusive('\n') {
            if line_start {
                let indent = indentation(line);
                pending = None;
                if indent == line.len() {
                    pending = Some(indent);
                } else if !line.trim().is_empty() {
                    count(indent);
                }
            }
            line_start = line.ends_with('\n');
            if line_start {
                pending = Some(0);
            }
        }
    }
    common.unwrap_or(0)
}

fn indentation(line: &str) -> usize {
    line.bytes()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}

//! How much a few lines may make: loops in loops, texts and lists made of others, patterns with loops.
//! Far above what any plan needs, and told before the memory is at risk.

use whimbrel_lang::{Diagnostic, Span, Spanned};

use super::law::Law;
use super::value::Value;
use crate::codes;

/// Turns of a loop, times those of the loops around it.
const TURNS: usize = 100_000;
/// Bytes of a text with its interpolations.
const TEXT: usize = 64 * 1024;
/// Elements of a list, those of lists in it counted.
const ELEMENTS: usize = 100_000;
/// Distributions made of distributions.
const LAYERS: usize = 64;
/// Steps of a pattern.
const STEPS: usize = 1_000;

/// `100,000`
fn grouped(limit: usize) -> String {
    let mut digits = limit.to_string();
    if digits.len() > 3 {
        digits.insert(digits.len() - 3, ',');
    }
    digits
}

fn too_many(span: Span, what: String, help: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(codes::TOO_MANY, span, what).help(help))
}

/// The turns a loop makes altogether, when it has `items` elements and the loops around it make
/// `around` turns.
pub(crate) fn turns(items: usize, around: usize, span: Span) -> Result<usize, Box<Diagnostic>> {
    let turns = items.saturating_mul(around);
    if turns <= TURNS {
        return Ok(turns);
    }
    let within = if around > 1 {
        ", with the loops around it,"
    } else {
        ""
    };
    Err(too_many(
        span,
        format!("this loop{within} makes more than {} turns", grouped(TURNS)),
        "let it run over fewer elements",
    ))
}

/// Whether a text can be this long.
pub(crate) fn text(length: usize, span: Span) -> Result<(), Box<Diagnostic>> {
    if length <= TEXT {
        return Ok(());
    }
    Err(too_many(
        span,
        format!(
            "with what stands in its `${{…}}`, this text has more than {} bytes",
            grouped(TEXT)
        ),
        "put shorter texts into it",
    ))
}

/// Whether a list can be this long.
pub(crate) fn list(items: &[Spanned<Value>], span: Span) -> Result<(), Box<Diagnostic>> {
    if elements(items).is_some() {
        return Ok(());
    }
    Err(too_many(
        span,
        format!(
            "with the lists in it, this list has more than {} elements",
            grouped(ELEMENTS)
        ),
        "name the elements themselves, not lists of lists",
    ))
}

/// All elements; `None` beyond the limit. As no list in it is beyond it, counting ends soon.
fn elements(items: &[Spanned<Value>]) -> Option<usize> {
    let mut count = items.len();
    for item in items {
        if let Value::List(inner) = &item.value {
            count += elements(inner)?;
        }
        if count > ELEMENTS {
            return None;
        }
    }
    (count <= ELEMENTS).then_some(count)
}

/// Whether a distribution can be made of so many others.
pub(crate) fn law(law: Law, span: Span) -> Result<Law, Box<Diagnostic>> {
    if law.layers() <= LAYERS {
        return Ok(law);
    }
    Err(too_many(
        span,
        format!("this distribution is shifted, scaled or cut more than {LAYERS} times over"),
        "shift and scale it once",
    ))
}

/// Whether a pattern can have this many steps.
pub(crate) fn steps(count: usize, span: Span) -> Result<(), Box<Diagnostic>> {
    if count <= STEPS {
        return Ok(());
    }
    Err(too_many(
        span,
        format!("the pattern has more than {} steps", grouped(STEPS)),
        "let its loops run over fewer elements",
    ))
}

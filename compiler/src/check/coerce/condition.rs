//! Conditions on measures: `error_rate < 1%`.

use whimbrel_lang::ast::Operator;
use whimbrel_lang::{Diagnostic, Spanned, nearest};
use whimbrel_plan::{Comparison, Condition, Measure};

use super::{Coerced, number};
use crate::check::advice::unfit;
use crate::check::value::Value;
use crate::codes;
use crate::schema::Type;

const MEASURES: [(&str, Measure, Type); 8] = [
    ("error_rate", Measure::ErrorRate, Type::Ratio),
    ("p50", Measure::P50, Type::Duration),
    ("p95", Measure::P95, Type::Duration),
    ("p99", Measure::P99, Type::Duration),
    ("mismatch", Measure::Mismatch, Type::Ratio),
    ("lag", Measure::Lag, Type::Duration),
    ("backlog", Measure::Backlog, Type::Number),
    ("throughput", Measure::Throughput, Type::Rate),
];

/// Their names.
pub(crate) fn measures() -> impl Iterator<Item = &'static str> {
    MEASURES.iter().map(|(name, ..)| *name)
}

pub(super) fn condition(value: &Spanned<Value>) -> Coerced<Condition> {
    let Value::Comparison(comparison) = &value.value else {
        return Err(unfit(Type::Condition, &value.value, value.span));
    };
    let name = comparison
        .measure
        .as_ref()
        .map(|name| name.value.clone())
        .unwrap_or_default();
    let Some((_, measure, ty)) = MEASURES.iter().find(|(known, ..)| *known == name) else {
        let known = MEASURES.iter().map(|(known, ..)| *known);
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_NAME,
            comparison.left.span,
            format!("there is no measure called `{name}`"),
        );
        return Err(Box::new(match nearest(&name, known.clone()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!(
                "the measures are {}",
                known.collect::<Vec<_>>().join(", ")
            )),
        }));
    };
    let compare = match comparison.operator.value {
        Operator::Less => Comparison::Less,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
        Operator::Equal => Comparison::Equal,
        _ => {
            return Err(Box::new(
                Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    comparison.operator.span,
                    "a measure is compared with `<`, `<=`, `>`, `>=` or `==`",
                )
                .help("write for example `error_rate > 1%`"),
            ));
        }
    };
    let limit = number(*ty, &comparison.right)?;
    Ok(Condition {
        measure: *measure,
        comparison: compare,
        limit,
    })
}

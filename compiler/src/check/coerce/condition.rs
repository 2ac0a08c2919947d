//! Conditions on measures: `error_rate < 1%`.

use whimbrel_lang::ast::Operator;
use whimbrel_lang::{Diagnostic, Spanned, nearest};
use whimbrel_plan::{Comparison, Condition};

use super::{Coerced, number};
use crate::check::advice::unfit;
use crate::check::value::Value;
use crate::codes;
use crate::schema::{MEASURES, Type};

pub(super) fn condition(value: &Spanned<Value>) -> Coerced<Condition> {
    let Value::Comparison(comparison) = &value.value else {
        return Err(unfit(Type::Condition, &value.value, value.span));
    };
    let name = comparison
        .measure
        .as_ref()
        .map(|name| name.value.clone())
        .unwrap_or_default();
    let Some(row) = MEASURES.iter().find(|row| row.name == name) else {
        let known = MEASURES.iter().map(|row| row.name);
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
    let limit = number(row.ty, &comparison.right)?;
    Ok(Condition {
        measure: row.measure,
        comparison: compare,
        limit,
    })
}

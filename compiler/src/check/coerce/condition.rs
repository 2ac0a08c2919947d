//! Conditions on measures: `error_rate < 1%`.

use whimbrel_lang::ast::Operator;
use whimbrel_lang::{Diagnostic, Spanned, shown};
use whimbrel_plan::{Comparison, Condition};

use super::{Coerced, number};
use crate::check::advice::unfit;
use crate::check::names::Names;
use crate::check::value::{self as check, Value};
use crate::codes;
use crate::schema::{MEASURES, Type};

pub(super) fn condition(value: &Spanned<Value>, names: &Names) -> Coerced<Condition> {
    let Value::Comparison(comparison) = &value.value else {
        return Err(unfit(Type::Condition, &value.value, value.span));
    };
    let name = comparison
        .measure
        .as_ref()
        .map(|name| name.value.as_str())
        .unwrap_or_default();
    let row = MEASURES.iter().find(|row| row.name == name);
    let known = row.map(|row| (row.measure, row.ty));
    let Some((measure, ty)) = known.or_else(|| names.measures.get(name)) else {
        return Err(unknown(comparison, name, names));
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
    let limit = number(ty, &comparison.right)?;
    Ok(Condition {
        measure,
        comparison: compare,
        limit,
    })
}

fn unknown(comparison: &check::Comparison, name: &str, names: &Names) -> Box<Diagnostic> {
    let own = names.measures.names();
    let known: Vec<&str> = MEASURES.iter().map(|row| row.name).chain(own).collect();
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        comparison.left.span,
        format!("there is no measure called `{}`", shown(name)),
    );
    Box::new(diagnostic.meant(name, known.iter().copied()).or_help(|| {
        let known = known.join(", ");
        format!("the measures are {known}; one of your own is a `measure NAME {{ query = \"…\" }}`")
    }))
}

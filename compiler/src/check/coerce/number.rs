//! Numbers, their dimensions and bounds.

use std::rc::Rc;

use whimbrel_lang::{Diagnostic, Dimension, Quantity, Span, Spanned};
use whimbrel_plan::Distribution;

use super::Coerced;
use crate::check::advice::unfit;
use crate::check::law::Law;
use crate::check::typed::Typed;
use crate::check::value::Value;
use crate::codes;
use crate::schema::{Attribute, Type};

const TIME: Dimension = Dimension {
    time: 1,
    working: 0,
    bytes: 0,
    money: 0,
};
const WORKING: Dimension = Dimension {
    time: 0,
    working: 1,
    bytes: 0,
    money: 0,
};
const PER_TIME: Dimension = Dimension {
    time: -1,
    working: 0,
    bytes: 0,
    money: 0,
};
const SIZE: Dimension = Dimension {
    time: 0,
    working: 0,
    bytes: 1,
    money: 0,
};
const BANDWIDTH: Dimension = Dimension {
    time: -1,
    working: 0,
    bytes: 1,
    money: 0,
};
const MONEY: Dimension = Dimension {
    time: 0,
    working: 0,
    bytes: 0,
    money: 1,
};
const MONEY_PER_TIME: Dimension = Dimension {
    time: -1,
    working: 0,
    bytes: 0,
    money: 1,
};
const MONEY_PER_SIZE: Dimension = Dimension {
    time: 0,
    working: 0,
    bytes: -1,
    money: 1,
};

pub(super) fn within(
    row: &Attribute,
    typed: &Typed,
    low: f64,
    high: f64,
    value: &Spanned<Value>,
) -> Coerced<()> {
    let (least, greatest) = match typed {
        Typed::Number(number) => (*number, *number),
        Typed::Law(law) => match law.resolve(8.0) {
            Ok(law) => law.support(),
            Err(_) => return Ok(()),
        },
        _ => return Ok(()),
    };
    let unbounded = greatest.is_infinite() && !is_share(row);
    if least >= low && (greatest <= high || unbounded) {
        return Ok(());
    }
    if greatest.is_infinite() {
        let message = format!(
            "`{}` is at most {}, and this distribution goes above",
            row.name,
            bound(row.ty, high)
        );
        let help = format!(
            "cut it: `truncated(…, {}, {})`",
            bound(row.ty, low),
            bound(row.ty, high)
        );
        let code = codes::IMPOSSIBLE_DISTRIBUTION;
        return Err(Box::new(
            Diagnostic::error(code, value.span, message).help(help),
        ));
    }
    let message = if least < low {
        format!("`{}` must be at least {}", row.name, bound(row.ty, low))
    } else {
        format!("`{}` must be at most {}", row.name, bound(row.ty, high))
    };
    let help = match &value.value {
        Value::Quantity(found)
            if row.ty.of_certain() == Type::Ratio && !found.ratio && found.amount <= 100.0 =>
        {
            format!("a ratio has its sign: write `{}%`", found.amount)
        }
        Value::Quantity(found) if found.amount < 0.0 => {
            format!("`{}`: {}; write it without the sign", row.name, row.doc)
        }
        _ => format!("`{}`: {}", row.name, row.doc),
    };
    Err(Box::new(
        Diagnostic::error(codes::OUT_OF_RANGE, value.span, message).help(help),
    ))
}

/// Whether no value above the bound makes sense: there is no chance of 120 %.
fn is_share(row: &Attribute) -> bool {
    row.bounds == Some((0.0, 1.0))
}

fn bound(ty: Type, value: f64) -> String {
    match ty.of_certain() {
        Type::Duration | Type::Effort => {
            if value == 0.0 {
                "0s".to_owned()
            } else {
                Quantity::of(value, TIME).to_string()
            }
        }
        Type::Ratio => format!("{}%", value * 100.0),
        _ => format!("{value}"),
    }
}

fn dimension(ty: Type) -> Dimension {
    match ty.of_certain() {
        Type::Duration => TIME,
        Type::Size => SIZE,
        Type::Rate | Type::Growth => PER_TIME,
        Type::Bandwidth => BANDWIDTH,
        Type::Money => MONEY,
        Type::MoneyPerTime => MONEY_PER_TIME,
        Type::MoneyPerSize => MONEY_PER_SIZE,
        _ => Dimension::default(),
    }
}

pub(super) fn number(ty: Type, value: &Spanned<Value>) -> Coerced<f64> {
    let quantity = match &value.value {
        Value::Quantity(quantity) => quantity,
        Value::Law(_) => {
            return Err(Box::new(
                Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    value.span,
                    format!("expected {ty}, found {}", value.value.describe()),
                )
                .here("this is uncertain")
                .help("here a value must be certain"),
            ));
        }
        other => return Err(unfit(ty, other, value.span)),
    };
    if quantity.dimension != dimension(ty) {
        return Err(wrong_dimension(ty, quantity, value.span));
    }
    if ty == Type::Integer && quantity.amount.fract() != 0.0 {
        let message = format!("expected a whole number, found {quantity}");
        let diagnostic = Diagnostic::error(codes::OUT_OF_RANGE, value.span, message);
        return Err(Box::new(diagnostic.help("write it without a fraction")));
    }
    Ok(quantity.amount)
}

fn wrong_dimension(ty: Type, quantity: &Quantity, span: Span) -> Box<Diagnostic> {
    let found = Value::Quantity(*quantity).describe();
    let diagnostic = Diagnostic::error(
        codes::DIMENSION_MISMATCH,
        span,
        format!("expected {ty}, found {found}"),
    )
    .here(format!("this is {found}"));
    let working = quantity.dimension == WORKING;
    Box::new(match ty.of_certain() {
        Type::Duration if working => diagnostic.help(
            "working time runs only while a team works; here elapsed time is meant, such as `8h`",
        ),
        Type::MoneyPerTime if quantity.dimension == MONEY => {
            diagnostic.help("say per what time, such as `$1_200/mo`")
        }
        _ if quantity.dimension == Dimension::default() => {
            diagnostic.help(format!("say in what unit: write {ty}"))
        }
        _ => diagnostic.help(format!("write {ty}")),
    })
}

pub(super) fn law(ty: Type, value: &Spanned<Value>) -> Coerced<Rc<Law>> {
    let law = match &value.value {
        Value::Quantity(quantity) => Rc::new(Law::Certain(*quantity)),
        Value::Law(law) => Rc::clone(law),
        other => return Err(unfit(ty, other, value.span)),
    };
    let found = law.dimension();
    let fits = match ty {
        Type::Effort => found == TIME || found == WORKING,
        ty => found == dimension(ty),
    };
    if !fits {
        let sample = match &value.value {
            Value::Quantity(quantity) => *quantity,
            _ => Quantity::of(0.0, found),
        };
        return Err(wrong_dimension(ty, &sample, value.span));
    }
    if let Ok(resolved) = law.resolve(8.0) {
        not_negative(ty, &law, &resolved, value.span)?;
    }
    Ok(law)
}

fn not_negative(ty: Type, law: &Law, resolved: &Distribution, span: Span) -> Coerced<()> {
    resolved.require_non_negative().map_err(|_| {
        let (message, help) = match law {
            Law::Certain(quantity) => (
                format!("expected {ty}, found {quantity}, which is below zero"),
                "write it without the sign",
            ),
            _ => (
                "this distribution must not go below zero".to_owned(),
                "shift or truncate the distribution so that it cannot go below zero",
            ),
        };
        Box::new(Diagnostic::error(codes::OUT_OF_RANGE, span, message).help(help))
    })
}

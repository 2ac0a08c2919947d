//! Calls that make distributions: `pert(1d, 2d, 4d)`, `lognormal(p50: 4d, p90: 9d)`.

use whimbrel_lang::{Diagnostic, Dimension, Quantity, QuantityError, Span, Spanned};
use whimbrel_plan::DistributionError;

use super::eval::mismatch;
use super::law::{Law, Shape};
use super::limits;
use super::value::{Argument, Value};
use crate::codes;
use crate::schema::distribution;

/// Whether a name is that of a distribution.
pub(crate) fn is_law(name: &str) -> bool {
    distribution(name).is_some()
}

type Made = Result<Law, Box<Diagnostic>>;

/// The law a call makes.
pub(crate) fn law(name: &str, span: Span, arguments: &[Argument]) -> Made {
    let law = match (Shape::of(name), name) {
        (Some(shape), _) => shaped(name, shape, span, arguments)?,
        (None, "constant") => {
            let [value] = take(name, span, arguments, ["value"])?;
            Law::Certain(quantity(value)?)
        }
        (None, "discrete") => discrete(span, arguments)?,
        (None, "empirical") => empirical(span, arguments)?,
        (None, "shifted") => {
            let [of, by] = take(name, span, arguments, ["of", "by"])?;
            let by = quantity(by)?;
            inner(of)?.shift(by).map_err(|error| {
                Box::new(Diagnostic::error(
                    codes::DIMENSION_MISMATCH,
                    span,
                    error.to_string(),
                ))
            })?
        }
        (None, "scaled") => {
            let [of, by] = take(name, span, arguments, ["of", "by"])?;
            Law::Scaled(Box::new(inner(of)?), Quantity::number(plain(by)?))
        }
        _ => {
            let [of, low, high] = take(name, span, arguments, ["of", "low", "high"])?;
            Law::Truncated(Box::new(inner(of)?), quantity(low)?, quantity(high)?)
        }
    };
    let law = limits::law(law, span)?;
    // Whether the parameters make a distribution does not depend on the length of a working day,
    // unless they mix hours and days; then the step that uses it says so with its own calendar.
    law.resolve(8.0).map_err(|error| {
        Box::new(
            Diagnostic::error(
                codes::IMPOSSIBLE_DISTRIBUTION,
                span,
                format!("`{name}` cannot have these parameters: {}", plainly(&error)),
            )
            .help(format!("write `{}`", usage(name))),
        )
    })?;
    Ok(law)
}

/// The error without its numbers, which are in base units that nobody wrote.
fn plainly(error: &DistributionError) -> String {
    match error {
        DistributionError::Order(..) => "they must ascend".to_owned(),
        DistributionError::NotPositive(name, _) => format!("`{name}` must be above zero"),
        DistributionError::NothingKept(..) => "no probability lies between the bounds".to_owned(),
        DistributionError::Negative(_) => "it must not be negative".to_owned(),
        other => other.to_string(),
    }
}

fn usage(name: &str) -> &'static str {
    distribution(name).map_or("", |form| form.example)
}

/// The arguments in the order of `names`, whether given by place or by name.
fn take<'a, const N: usize>(
    name: &str,
    span: Span,
    arguments: &'a [Argument],
    names: [&str; N],
) -> Result<[&'a Spanned<Value>; N], Box<Diagnostic>> {
    let mut slots: [Option<&Spanned<Value>>; N] = [None; N];
    for (index, argument) in arguments.iter().enumerate() {
        let place = match &argument.name {
            Some(given) => names.iter().position(|known| *known == given.value),
            None => Some(index),
        };
        match place.and_then(|place| slots.get_mut(place)) {
            Some(slot @ None) => *slot = Some(&argument.value),
            None if argument.name.is_some() => {
                return Err(unknown_argument(name, argument, &names));
            }
            _ => return Err(wrong_arguments(name, argument.value.span, &names)),
        }
    }
    let mut out = Vec::with_capacity(N);
    for slot in slots {
        out.push(slot.ok_or_else(|| wrong_arguments(name, span, &names))?);
    }
    out.try_into()
        .map_err(|_| wrong_arguments(name, span, &names))
}

fn unknown_argument(name: &str, argument: &Argument, names: &[&str]) -> Box<Diagnostic> {
    let given = argument.name.as_ref();
    let (shown, span) = given.map_or(("", argument.value.span), |given| {
        (given.value.as_str(), given.span)
    });
    let diagnostic = wrong_arguments(name, span, names);
    let message = format!("`{name}` has no `{shown}`");
    Box::new(Diagnostic {
        message,
        ..*diagnostic
    })
}

fn wrong_arguments(name: &str, span: Span, names: &[&str]) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(
            codes::TYPE_MISMATCH,
            span,
            format!(
                "`{name}` takes {}",
                names
                    .iter()
                    .map(|n| format!("`{n}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        )
        .help(format!("write `{}`", usage(name))),
    )
}

fn shaped(name: &str, shape: Shape, span: Span, arguments: &[Argument]) -> Made {
    if shape == Shape::Beta && is_share(arguments) {
        let [alpha, beta] = take(name, span, arguments, ["alpha", "beta"])?;
        let values = [0.0, 1.0, plain(alpha)?, plain(beta)?];
        return Ok(Law::Named(shape, values.map(Quantity::number).to_vec()));
    }
    let parameters = shape.parameters();
    let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
    let values: Vec<&Spanned<Value>> = match names.as_slice() {
        [a] => take(name, span, arguments, [a])?.to_vec(),
        [a, b] => take(name, span, arguments, [a, b])?.to_vec(),
        [a, b, c] => take(name, span, arguments, [a, b, c])?.to_vec(),
        [a, b, c, d] => take(name, span, arguments, [a, b, c, d])?.to_vec(),
        _ => Vec::new(),
    };
    let mut quantities: Vec<Quantity> = Vec::with_capacity(values.len());
    for (value, (_, dimensioned)) in values.into_iter().zip(parameters) {
        let quantity = if *dimensioned {
            quantity(value)?
        } else {
            Quantity::number(plain(value)?)
        };
        if let Some(first) = quantities.first()
            && *dimensioned
        {
            same(first, &quantity, value.span)?;
        }
        quantities.push(quantity);
    }
    Ok(Law::Named(shape, quantities))
}

/// Whether a beta distribution is given by its two shapes alone: it is then one of a share.
fn is_share(arguments: &[Argument]) -> bool {
    let bounded = |argument: &Argument| {
        let name = argument.name.as_ref();
        name.is_some_and(|name| name.value == "low" || name.value == "high")
    };
    arguments.len() <= 2 && !arguments.iter().any(bounded)
}

fn discrete(span: Span, arguments: &[Argument]) -> Made {
    let [values] = take("discrete", span, arguments, ["values"])?;
    let Value::Weighted(pairs) = &values.value else {
        return Err(Box::new(
            Diagnostic::error(
                codes::TYPE_MISMATCH,
                values.span,
                "`discrete` takes values with their chances",
            )
            .help(format!("write `{}`", usage("discrete"))),
        ));
    };
    let mut out: Vec<(Quantity, f64)> = Vec::with_capacity(pairs.len());
    for (value, chance) in pairs.iter() {
        let amount = quantity(value)?;
        if let Some((first, _)) = out.first() {
            same(first, &amount, value.span)?;
        }
        out.push((amount, plain(chance)?));
    }
    Ok(Law::Discrete(out))
}

fn empirical(span: Span, arguments: &[Argument]) -> Made {
    let [values] = take("empirical", span, arguments, ["values"])?;
    let Value::List(items) = &values.value else {
        return Err(mismatch(
            values.span,
            "a list of measurements",
            &values.value,
        ));
    };
    let mut out: Vec<Quantity> = Vec::with_capacity(items.len());
    for item in items.iter() {
        let amount = quantity(item)?;
        if let Some(first) = out.first() {
            same(first, &amount, item.span)?;
        }
        out.push(amount);
    }
    Ok(Law::Empirical(out))
}

fn inner(value: &Spanned<Value>) -> Made {
    match &value.value {
        Value::Law(law) => Ok(law.as_ref().clone()),
        Value::Quantity(quantity) => Ok(Law::Certain(*quantity)),
        other => Err(mismatch(value.span, "a distribution", other)),
    }
}

fn quantity(value: &Spanned<Value>) -> Result<Quantity, Box<Diagnostic>> {
    match &value.value {
        Value::Quantity(quantity) => Ok(*quantity),
        other => Err(mismatch(value.span, "a quantity", other)),
    }
}

fn plain(value: &Spanned<Value>) -> Result<f64, Box<Diagnostic>> {
    match &value.value {
        Value::Quantity(quantity) if quantity.dimension == Dimension::default() => {
            Ok(quantity.amount)
        }
        other => Err(mismatch(value.span, "a plain number", other)),
    }
}

fn same(first: &Quantity, other: &Quantity, span: Span) -> Result<(), Box<Diagnostic>> {
    // Subtraction checks dimension and currency at once.
    first.sub(other).map(|_| ()).map_err(|error| {
        let code = match error {
            QuantityError::Currencies(..) => codes::MIXED_CURRENCY,
            _ => codes::DIMENSION_MISMATCH,
        };
        Box::new(
            Diagnostic::error(code, span, error.to_string())
                .here(format!("this is {}", other.dimension.name()))
                .help("give all parameters the same unit"),
        )
    })
}

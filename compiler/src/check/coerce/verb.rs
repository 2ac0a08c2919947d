//! Verbs with their arguments.

use whimbrel_lang::{Diagnostic, Span, Spanned};

use super::{Coerced, callable, coerce};
use crate::check::eval::mismatch;
use crate::check::names::Names;
use crate::check::typed::VerbCall;
use crate::check::value::{Value, dotted};
use crate::codes;
use crate::schema::{Type, VERBS, verb};

pub(super) fn action(value: &Spanned<Value>, names: &Names) -> Coerced<VerbCall> {
    let Some(call) = callable(&value.value) else {
        return Err(mismatch(value.span, &Type::Verb.to_string(), &value.value));
    };
    let name = dotted(&call.callee);
    let Some(verb) = verb(&name) else {
        return Err(unknown(&name, call.callee.span));
    };
    let mut out = VerbCall {
        verb,
        on_subject: false,
        arguments: Vec::new(),
    };
    let mut place = 0;
    for (index, argument) in call.arguments.iter().enumerate() {
        if index == 0 && verb.subject && argument.name.is_none() {
            if !matches!(argument.value.value, Value::Record(_)) {
                return Err(mismatch(
                    argument.value.span,
                    "the thing the pattern moves",
                    &argument.value.value,
                ));
            }
            out.on_subject = true;
            continue;
        }
        let parameter = match &argument.name {
            Some(given) => verb
                .parameters
                .iter()
                .find(|known| known.name == given.value),
            None => {
                place += 1;
                verb.parameters.get(place - 1)
            }
        };
        let Some(parameter) = parameter else {
            return Err(wrong_argument(verb, argument.value.span));
        };
        let typed = coerce(parameter.ty, &argument.value, names)?;
        out.arguments
            .push((parameter.name, Spanned::new(typed, argument.value.span)));
    }
    let given = |name: &str| out.arguments.iter().any(|(known, _)| *known == name);
    if let Some(missing) = verb
        .parameters
        .iter()
        .find(|row| row.required && !given(row.name))
    {
        return Err(Box::new(
            Diagnostic::error(
                codes::MISSING_ATTRIBUTE,
                value.span,
                format!("`{name}` needs `{}`", missing.name),
            )
            .help(format!("add `{}: …`, {}", missing.name, missing.ty)),
        ));
    }
    Ok(out)
}

fn unknown(name: &str, span: Span) -> Box<Diagnostic> {
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        span,
        format!("there is no verb called `{name}`"),
    );
    Box::new(
        diagnostic
            .meant(name, VERBS.iter().map(|verb| verb.name))
            .or_help(
                || "`whimbrel explain verbs` lists them; `manual(\"…\")` leaves it to a person",
            ),
    )
}

fn wrong_argument(verb: &crate::schema::Verb, span: Span) -> Box<Diagnostic> {
    let names: Vec<String> = verb
        .parameters
        .iter()
        .map(|parameter| format!("`{}`", parameter.name))
        .collect();
    let help = if names.is_empty() {
        format!("`{}` takes no further arguments", verb.name)
    } else {
        format!("`{}` takes {}", verb.name, names.join(", "))
    };
    Box::new(
        Diagnostic::error(
            codes::UNKNOWN_ATTRIBUTE,
            span,
            format!("`{}` has no such argument", verb.name),
        )
        .help(help),
    )
}

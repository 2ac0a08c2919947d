//! The first line of a pattern: what it is for, and the types of its parameters. Told once, at the
//! pattern, whether something moves by it or not.

use whimbrel_lang::Diagnostic;
use whimbrel_lang::ast::{Parameter, Pattern, TypeName};

use crate::codes;
use crate::schema::{PARAMETER_TYPES, SUBJECTS};

/// Finds what is wrong with the head of a pattern.
pub(crate) fn check(pattern: &Pattern, found: &mut Vec<Diagnostic>) {
    let subject = pattern.subject.value.as_str();
    if !SUBJECTS.iter().any(|kind| kind.keyword() == subject) {
        let diagnostic = Diagnostic::error(
            codes::TYPE_MISMATCH,
            pattern.subject.span,
            format!("a pattern cannot be for a `{subject}`"),
        );
        let known = SUBJECTS.iter().map(|kind| kind.keyword());
        found.push(
            diagnostic
                .meant(subject, known.clone())
                .or_help(|| format!("a pattern is for a {}", listed(known))),
        );
    }
    for (place, parameter) in pattern.parameters.iter().enumerate() {
        known_type(&parameter.ty, found);
        let before = pattern.parameters.iter().take(place);
        if let Some(first) = { before }.find(|other| other.name.value == parameter.name.value) {
            found.push(given_twice(parameter, first));
        }
    }
}

fn given_twice(parameter: &Parameter, first: &Parameter) -> Diagnostic {
    Diagnostic::error(
        codes::DUPLICATE_NAME,
        parameter.name.span,
        format!("two parameters are called `{}`", parameter.name.value),
    )
    .label(first.name.span, "the first one")
    .help("rename one of them")
}

fn known_type(ty: &TypeName, found: &mut Vec<Diagnostic>) {
    if ty.name.value == "list" {
        if let Some(inner) = &ty.argument {
            known_type(inner, found);
        }
        return;
    }
    if PARAMETER_TYPES
        .iter()
        .any(|(name, _)| *name == ty.name.value)
    {
        return;
    }
    let known = || PARAMETER_TYPES.iter().map(|(name, _)| *name);
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        ty.name.span,
        format!("there is no type `{}`", ty.name.value),
    );
    found.push(
        diagnostic
            .meant(&ty.name.value, known().chain(["list"]))
            .or_help(|| format!("the types are {} and `list<…>`", listed(known()))),
    );
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

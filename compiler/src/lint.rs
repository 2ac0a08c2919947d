//! `lint`: a plan makes warnings and notes of a rule errors, or silences them.

use whimbrel_lang::{Diagnostic, Level, Span};
use whimbrel_plan::{Lint, LintLevel};

use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::codes;
use crate::rules::{self, RULES, Rule};

/// The rules a plan makes louder or quieter, by code. Names of no rule, and errors that are
/// allowed, are told.
pub(crate) fn lints(objects: &[Object], found: &mut Vec<Diagnostic>) -> Vec<Lint> {
    let mut out: Vec<Lint> = Vec::new();
    let own = |object: &&Object| object.block.keyword == "lint";
    for object in objects.iter().filter(own) {
        for (attribute, level) in [("deny", LintLevel::Deny), ("allow", LintLevel::Allow)] {
            for name in names(object, attribute) {
                let span = object.place(attribute);
                match lint(name, level, &out, span) {
                    Ok(lint) => out.push(lint),
                    Err(diagnostic) => found.push(*diagnostic),
                }
            }
        }
    }
    out.sort_by(|one, other| one.code.cmp(&other.code));
    out.dedup();
    out
}

fn names<'a>(object: &'a Object, attribute: &str) -> &'a [String] {
    match object.get(attribute) {
        Some(Typed::Texts(names)) => names,
        _ => &[],
    }
}

fn lint(name: &str, level: LintLevel, known: &[Lint], span: Span) -> Result<Lint, Box<Diagnostic>> {
    let rule = rules::find(name).ok_or_else(|| Box::new(unknown(name, span)))?;
    if level == LintLevel::Allow && rule.level == Level::Error {
        return Err(Box::new(
            Diagnostic::error(
                codes::TYPE_MISMATCH,
                span,
                format!("`{name}` finds errors, and no plan can allow an error"),
            )
            .help("mend what it finds, and take it out of `allow`"),
        ));
    }
    let code = rule.code.number;
    if known
        .iter()
        .any(|lint| lint.code == code && lint.level != level)
    {
        return Err(Box::new(
            Diagnostic::error(
                codes::DUPLICATE_NAME,
                span,
                format!("`{name}` is both denied and allowed"),
            )
            .help("take it out of one of the two lists"),
        ));
    }
    Ok(Lint {
        code: code.to_owned(),
        level,
    })
}

/// There is no rule of that name.
pub(crate) fn unknown(name: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        span,
        format!("there is no rule `{name}`"),
    );
    let names = |rule: &Rule| [rule.code.name, rule.code.number];
    diagnostic
        .meant(name, RULES.iter().flat_map(names))
        .or_help(|| "`whimbrel rules` lists their codes and names")
}

/// Findings as loud as the plan wants them, without those it allows. Errors stay what they are.
pub(crate) fn heard(lints: &[Lint], found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if lints.is_empty() {
        return found;
    }
    let found = found.into_iter();
    found.filter_map(|found| level(lints, found)).collect()
}

fn level(lints: &[Lint], mut found: Diagnostic) -> Option<Diagnostic> {
    if found.level == Level::Error {
        return Some(found);
    }
    let own = lints.iter().find(|lint| lint.code == found.code.number);
    match own.map(|lint| lint.level) {
        Some(LintLevel::Allow) => None,
        Some(LintLevel::Deny) => {
            found.level = Level::Error;
            Some(found.note("the plan's `lint` makes this an error"))
        }
        None => Some(found),
    }
}

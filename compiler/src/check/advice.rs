//! What to write instead: habits of other languages, where a keyword belongs, and how a value of
//! a type is written.

use whimbrel_lang::{Diagnostic, Sources, Span, shown};

use super::value::{Value, dotted};
use crate::codes;
use crate::schema::{self, Block, Kind, Type, Words};

/// Keywords of other tools, and what is written here for them.
const HABITS: &[(&[&str], &str)] = &[
    (
        &["depends_on", "dependsOn", "requires"],
        "say what it depends on: `calls inventory`, `reads orders_db`; an order without a dependency is `after = [inventory]`",
    ),
    (
        &["count", "for_each", "replicas"],
        "write each of them out; only at the top of a file and in patterns does `for x in [a, b] { … }` repeat",
    ),
    (
        &["variable", "locals", "local", "var"],
        "name a value with `let keep = 3d`, and use it as `keep`",
    ),
    (
        &["module", "include"],
        "`import \"inventory.mig\"` brings in a file; steps that many things share are a `pattern`",
    ),
    (
        &["resource", "data"],
        "what there is is named by its kind: `service orders { }`, `datastore orders_db { }`",
    ),
    (&["provider"], "where things run is a `platform`"),
    (
        &["output"],
        "what comes out is printed: `whimbrel plan --format json`",
    ),
    (
        &["terraform", "required_providers", "backend"],
        "a plan has no settings block; leave it out",
    ),
    (
        &["lifecycle"],
        "what is not to move has no `move`; leave it out",
    ),
    (&["database", "db"], "a database is a `datastore`"),
    (&["description", "comment"], "write it above as `## …`"),
    (
        &["name"],
        "the name stands behind the keyword: `service orders { }`",
    ),
    (&["owner"], "who owns it is its `team`"),
    (&["timezone", "tz"], "the time zone is `zone`"),
];

/// How the link between two platforms is named.
pub(crate) fn link(from: &str, to: &str) -> String {
    format!("a link goes by its ends, in quotes: `\"{from} -> {to}\"`")
}

/// Advice on a keyword that a block, or a plan, does not take.
pub(crate) fn keyword(name: &str) -> Option<String> {
    let habit = HABITS.iter().find(|(names, _)| names.contains(&name));
    let habit = habit.map(|(_, advice)| (*advice).to_owned());
    habit.or_else(|| belongs(name))
}

/// Where a keyword of the language stands.
fn belongs(name: &str) -> Option<String> {
    const SHOWN: usize = 3;
    if schema::top(name).is_some() {
        return Some(format!("`{name}` stands at the top of a plan"));
    }
    let mut places: Vec<&str> = Vec::new();
    for (_, block) in schema::all() {
        let takes = block.block(name).is_some() || block.attribute(name).is_some();
        if takes && !places.contains(&block.keyword) {
            places.push(block.keyword);
        }
    }
    if matches!(name, "step" | "gate" | "together") {
        places.insert(0, "pattern");
    }
    let told: Vec<String> = places
        .iter()
        .take(SHOWN)
        .map(|place| format!("`{place}`"))
        .collect();
    let more = if places.len() > SHOWN {
        " and others"
    } else {
        ""
    };
    let end = |list: &[String]| list.join(if more.is_empty() { " or " } else { ", " });
    (!told.is_empty()).then(|| format!("`{name}` stands inside {}{more}", end(&told)))
}

/// `calls NAME`, `link A -> B { … }`: how the words of a block are written.
pub(crate) fn usage(block: &Block) -> String {
    let keyword = block.keyword;
    match block.words {
        Words::None => format!("write `{keyword} {{ … }}`: {}", block.doc),
        Words::Arrow(_) => format!("write `{keyword} a -> b`: {}", block.doc),
        Words::Address => format!("write `{keyword} \"10.1.4.20:8080\"`: {}", block.doc),
        Words::Reference(kinds) => {
            format!("write `{keyword}` and the name of a {}", kinds_of(kinds))
        }
        Words::Name | Words::StepName => format!(
            "write `{keyword} NAME`; a name with blanks or dots stands in quotes, as in `{keyword} \"order intake\"`"
        ),
    }
}

/// `datastore, table or topic`
pub(crate) fn kinds_of(kinds: &[Kind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.keyword()).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [several @ .., last] => format!("{} or {last}", several.join(", ")),
    }
}

/// Advice on a name that nothing has.
pub(crate) fn name(name: &str) -> Option<String> {
    let bare = |prefix: &str| name.strip_prefix(prefix);
    if let Some(bare) = bare("var.").or_else(|| bare("local.")) {
        return Some(format!(
            "a value that `let {bare} = …` names is used as `{bare}`"
        ));
    }
    matches!(name, "null" | "none" | "nil")
        .then(|| "leave the line out: there is no empty value".to_owned())
}

/// That nothing has a name which is that of a variable: where a name goes, variables are filled in.
pub(crate) fn variable(diagnostic: Diagnostic, name: &str) -> Diagnostic {
    let help =
        format!("`{name}` is a variable here: write `\"${{{name}}}\"` for what it stands for");
    Diagnostic {
        labels: Vec::new(),
        ..diagnostic.help(help)
    }
    .reword(name, &format!("\"${{{name}}}\""))
}

/// «expected …, found …», with what to write.
pub(crate) fn unfit(ty: Type, value: &Value, span: Span) -> Box<Diagnostic> {
    if let (true, Value::Call(call)) = (is_quantity(ty), value) {
        return Box::new(no_distribution(&dotted(&call.callee), span));
    }
    let diagnostic = super::eval::mismatch(span, &ty.to_string(), value);
    Box::new(match value {
        Value::Text(text) if reads(ty, text) => diagnostic
            .help(format!("take the quotes off: write `{text}`"))
            .reword(&format!("\"{text}\""), text),
        Value::Text(_) => diagnostic.help(format!("write {ty}, without quotes")),
        Value::Name(path) => unfit_name(*diagnostic, ty, &dotted(path)),
        _ => diagnostic.help(format!("write {ty}")),
    })
}

/// What to write for a name nothing in scope stands for, where no name goes.
fn unfit_name(diagnostic: Diagnostic, ty: Type, written: &str) -> Diagnostic {
    let truth = match written {
        "yes" | "on" | "True" | "TRUE" => Some("true"),
        "no" | "off" | "False" | "FALSE" => Some("false"),
        _ => None,
    };
    if let (Type::Boolean, Some(truth)) = (ty, truth) {
        return diagnostic
            .help(format!("write `{truth}`"))
            .reword(written, truth);
    }
    if let Some(advice) = name(written) {
        return diagnostic.help(advice);
    }
    match ty {
        Type::Text | Type::Texts => {
            let quoted = format!("\"{written}\"");
            diagnostic
                .help(format!("put it in quotes: `\"{}\"`", shown(written)))
                .reword(written, &quoted)
        }
        _ if diagnostic.help.is_some() => diagnostic,
        _ if is_quantity(ty) => diagnostic.help(format!(
            "write {ty}, or name one with `let {} = …`",
            shown(written)
        )),
        _ => diagnostic.help(format!("write {ty}")),
    }
}

fn is_quantity(ty: Type) -> bool {
    matches!(
        ty,
        Type::Number
            | Type::Integer
            | Type::Ratio
            | Type::Duration
            | Type::UncertainDuration
            | Type::Effort
            | Type::UncertainNumber
            | Type::Size
            | Type::Rate
            | Type::Bandwidth
            | Type::Money
            | Type::MoneyPerTime
            | Type::MoneyPerSize
            | Type::Growth
    )
}

fn no_distribution(name: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        span,
        format!(
            "there is no distribution or function called `{}`",
            shown(name)
        ),
    );
    let known = || {
        let terms = schema::DISTRIBUTIONS.iter().chain(schema::FUNCTIONS);
        terms.map(|term| term.name)
    };
    diagnostic.meant(name, known()).or_help(|| {
        let known = schema::DISTRIBUTIONS.iter().map(|term| term.name);
        let known = known.collect::<Vec<_>>().join(", ");
        format!("the distributions are {known}")
    })
}

/// Whether a text in quotes is what its attribute takes when they are left out.
fn reads(ty: Type, text: &str) -> bool {
    let literal = text.starts_with(|first: char| first.is_ascii_digit() || "$€£¥".contains(first));
    let word = matches!(text, "true" | "false") || matches!(ty, Type::Executor | Type::Pattern);
    let mut sources = Sources::default();
    let id = sources.add("", format!("a = {text}"));
    (literal || word) && whimbrel_lang::parse(&sources, id).diagnostics.is_empty()
}

//! The TextMate grammar of the language, from the schema's keywords.
//!
//! Lines are read one after the other, so a statement is known by where it begins: at the start of
//! its line, or behind `{` or `;`. Inside `( )` and `[ ]` no statement begins.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use whimbrel_compiler::schema::{
    self, DISTRIBUTIONS, FORMS, Kind, PARAMETER_TYPES, RESERVED, Type, VERBS, Words,
};
use whimbrel_lang::{Dimension, SCALES, UNITS};

const NAME: &str = "[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*";
const START: &str = r"(?:^|(?<=[{;]))\s*";
const NUMBER: &str = r"\d[\d_]*(?:\.\d[\d_]*)*";
/// What may stand before a whole word: no part of a name, though a range (`mon..fri`) may.
const BEFORE: &str = r"(?<![\w-])(?<![^.]\.)";
/// What may stand behind a whole word.
const END: &str = r"(?![\w-])";

/// The grammar as JSON.
#[must_use]
pub fn grammar() -> Value {
    json!({
        "name": "Whimbrel plan",
        "scopeName": "source.mig",
        "fileTypes": ["mig"],
        "patterns": includes(&["comments", "statements", "braces", "expression"]),
        "repository": repository(),
    })
}

fn repository() -> Map<String, Value> {
    let mut all = Map::new();
    let parts = [
        ("comments", comments()),
        ("statements", statements()),
        ("braces", braces()),
        ("expression", expression()),
        ("strings", strings()),
        ("literals", literals()),
        ("calls", calls()),
        ("words", words()),
        ("operators", operators()),
        ("brackets", brackets()),
    ];
    for (name, patterns) in parts {
        all.insert(name.to_owned(), json!({ "patterns": patterns }));
    }
    all.insert("interpolation".to_owned(), interpolation());
    all.insert("escape".to_owned(), escape());
    all
}

fn includes(names: &[&str]) -> Vec<Value> {
    let names = names.iter();
    names
        .map(|name| json!({ "include": format!("#{name}") }))
        .collect()
}

fn scoped(pattern: &str, name: &str) -> Value {
    json!({ "match": pattern, "name": format!("{name}.mig") })
}

/// Scopes of groups, from the first on.
fn captures(names: &[&str]) -> Value {
    let groups = names
        .iter()
        .enumerate()
        .filter(|(_, name)| !name.is_empty());
    groups
        .map(|(index, name)| {
            (
                (index + 1).to_string(),
                json!({ "name": format!("{name}.mig") }),
            )
        })
        .collect::<Map<String, Value>>()
        .into()
}

fn captured(pattern: &str, names: &[&str]) -> Value {
    json!({ "match": pattern, "captures": captures(names) })
}

/// Words as alternatives, the longest first.
fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let unique: BTreeSet<&str> = words.into_iter().collect();
    let mut words: Vec<String> = unique
        .into_iter()
        .map(|word| word.replace('.', r"\."))
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.join("|")
}

/// Keywords of blocks that define or hold something.
#[must_use]
pub fn block_keywords() -> BTreeSet<&'static str> {
    let all = schema::all().into_iter();
    let own = all
        .filter(|(_, block)| !relation(block))
        .map(|(_, block)| block.keyword);
    own.chain(["without"]).collect()
}

/// Keywords of facts between things.
#[must_use]
pub fn relation_keywords() -> BTreeSet<&'static str> {
    let all = schema::all().into_iter();
    all.filter(|(_, block)| relation(block))
        .map(|(_, block)| block.keyword)
        .collect()
}

fn relation(block: &schema::Block) -> bool {
    let between = matches!(
        block.words,
        Words::Reference(_) | Words::Address | Words::Arrow(_)
    );
    between && block.kind.is_none()
}

/// Names of attributes.
#[must_use]
pub fn attribute_names() -> BTreeSet<&'static str> {
    let all = schema::all().into_iter();
    all.flat_map(|(_, block)| block.attributes.iter().map(|row| row.name))
        .collect()
}

/// Words that an attribute may be given.
#[must_use]
pub fn choices() -> BTreeSet<&'static str> {
    let rows = schema::all()
        .into_iter()
        .flat_map(|(_, block)| block.attributes.iter());
    let words = rows.filter_map(|row| match row.ty {
        Type::Choice(words) | Type::Choices(words) => Some(words),
        _ => None,
    });
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    words
        .flatten()
        .copied()
        .chain(days)
        .chain(["stay", "remaining"])
        .collect()
}

fn comments() -> Vec<Value> {
    vec![
        scoped("##.*$", "comment.line.documentation"),
        scoped("#.*$", "comment.line.number-sign"),
    ]
}

fn statements() -> Vec<Value> {
    let mut all = vec![uses(), pattern()];
    all.extend(forms());
    all.extend(attributes());
    all.extend(blocks());
    all
}

fn uses() -> Value {
    json!({
        "begin": format!(r"{START}(use){END}(?=\s)"),
        "beginCaptures": captures(&["keyword.control"]),
        "end": r"(?=[;#]|$)",
        "patterns": [
            { "begin": r"\{", "end": r"\}", "patterns": [
                scoped(NAME, "entity.name.function"),
                scoped(",", "punctuation.separator"),
                { "include": "#comments" },
            ] },
            scoped(r"\.", "punctuation.accessor"),
            scoped(NAME, "entity.name.namespace"),
        ],
    })
}

fn pattern() -> Value {
    let begin = [
        "keyword.control",
        "entity.name.function",
        "punctuation.section.parameters.begin",
    ];
    json!({
        "begin": format!(r"{START}(pattern)\s+({NAME})\s*(\()"),
        "beginCaptures": captures(&begin),
        "end": r"\)",
        "endCaptures": { "0": { "name": "punctuation.section.parameters.end.mig" } },
        "patterns": parameters(),
    })
}

fn forms() -> Vec<Value> {
    let blocks = one_of(block_keywords());
    let forms = FORMS.iter().map(|form| form.keyword);
    let forms = one_of(forms.filter(|word| !RESERVED.contains(word)));
    vec![
        captured(
            &format!(r"{START}(pattern)\s+({NAME})"),
            &["keyword.control", "entity.name.function"],
        ),
        captured(
            &format!(r"\b(for)\s+({})(?=\s*\{{)", one_of(movable())),
            &["keyword.control", "storage.type.block"],
        ),
        captured(
            &format!(r"{START}(for)\s+({NAME})\s+(in){END}"),
            &[
                "keyword.control",
                "variable.other.constant",
                "keyword.control",
            ],
        ),
        captured(
            &format!(r"{START}(let)\s+({NAME})\s*(=)(?!=)"),
            &[
                "keyword.control",
                "variable.other.constant",
                "keyword.operator.assignment",
            ],
        ),
        captured(
            &format!(r"{START}(waive)\s+({NAME})"),
            &["keyword.control", "constant.other.rule"],
        ),
        captured(
            &format!(r"{START}(defaults)\s+({blocks})(?=\s*\{{)"),
            &["keyword.control", "storage.type.block"],
        ),
        captured(
            &format!(r"{START}({forms}){END}(?!\s*[=:(,.])"),
            &["keyword.control"],
        ),
    ]
}

fn attributes() -> Vec<Value> {
    let known = one_of(attribute_names());
    vec![
        captured(
            &format!(r"{START}({known})\s*(=)(?!=)"),
            &["variable.other.property", "keyword.operator.assignment"],
        ),
        captured(
            &format!(r"{START}({NAME})\s*(=)(?!=)"),
            &["variable.other.unknown", "keyword.operator.assignment"],
        ),
    ]
}

fn blocks() -> Vec<Value> {
    let blocks = one_of(block_keywords());
    let relations = one_of(relation_keywords());
    let path = format!(r"{NAME}(?:\.{NAME})*");
    let follows = r#"(?=\s*(?:[{;}#"]|->|$))"#;
    let relation = ["keyword.other.relation", "variable.other.reference"];
    let arrow = [
        relation[0],
        relation[1],
        "keyword.operator.arrow",
        relation[1],
    ];
    let block = ["storage.type.block", "entity.name.type"];
    vec![
        captured(
            &format!(r"{START}({relations}|link)\s+({path})\s*(->)\s*({path})"),
            &arrow,
        ),
        captured(
            &format!(r"{START}({relations})\s+({path}){follows}"),
            &relation,
        ),
        captured(&format!(r"{START}({relations}){END}{follows}"), &relation),
        captured(&format!(r"{START}({blocks})\s+({path}){follows}"), &block),
        captured(&format!(r"{START}({blocks}){END}{follows}"), &block),
    ]
}

/// What a pattern may move: the words that name it inside.
fn movable() -> Vec<&'static str> {
    let kinds = Kind::MOVABLE.iter().map(|kind| kind.keyword());
    kinds.chain([Kind::Phase.keyword()]).collect()
}

fn parameters() -> Vec<Value> {
    let types = one_of(
        PARAMETER_TYPES
            .iter()
            .map(|(name, _)| *name)
            .chain(["list"]),
    );
    let mut patterns = includes(&["comments"]);
    patterns.push(captured(
        &format!(r"({NAME})\s*(:)\s*((?:list<)*(?:{types})>*)"),
        &[
            "variable.parameter",
            "punctuation.separator",
            "support.type",
        ],
    ));
    patterns.extend(includes(&["expression"]));
    patterns
}

fn braces() -> Vec<Value> {
    vec![
        scoped(r"\{", "punctuation.section.block.begin"),
        scoped(r"\}", "punctuation.section.block.end"),
        scoped(";", "punctuation.terminator"),
    ]
}

fn expression() -> Vec<Value> {
    includes(&[
        "strings",
        "literals",
        "calls",
        "words",
        "operators",
        "brackets",
    ])
}

fn strings() -> Vec<Value> {
    let string = |quote: &str, end: &str, name: &str| {
        json!({
            "begin": quote,
            "beginCaptures": { "0": { "name": "punctuation.definition.string.begin.mig" } },
            "end": end,
            "endCaptures": { "0": { "name": "punctuation.definition.string.end.mig" } },
            "name": format!("string.quoted.{name}.mig"),
            "patterns": includes(&["interpolation", "escape"]),
        })
    };
    vec![
        string(r#"""""#, r#"""""#, "triple"),
        // A string that is not closed ends with its line.
        string(r#"""#, r#""|$"#, "double"),
    ]
}

fn interpolation() -> Value {
    json!({
        "begin": r"\$\{",
        "beginCaptures": { "0": { "name": "punctuation.section.interpolation.begin.mig" } },
        "end": r"\}",
        "endCaptures": { "0": { "name": "punctuation.section.interpolation.end.mig" } },
        "name": "meta.interpolation.mig",
        "contentName": "source.mig",
        "patterns": includes(&["expression"]),
    })
}

fn escape() -> Value {
    scoped(r"\\.", "constant.character.escape")
}

fn literals() -> Vec<Value> {
    let units = one_of(UNITS.iter().map(|unit| unit.name));
    let scales = one_of(SCALES.iter().map(|(name, _)| *name));
    let divisors = one_of(
        UNITS
            .iter()
            .filter(|unit| [Dimension::DURATION, Dimension::SIZE].contains(&unit.dimension))
            .map(|unit| unit.name),
    );
    let per = format!(r"(?:(/)({divisors}))?(?![\w%/])");
    vec![
        scoped(
            r"\b\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2})?(?!\w)",
            "constant.other.date",
        ),
        scoped(r"\b\d{1,2}:\d{2}(?![\w%])", "constant.other.time"),
        captured(
            &format!(r"([$€£¥]|\b[A-Z]{{3}}(?= +\d))( *{NUMBER})({scales})?{per}"),
            &[
                "keyword.other.currency",
                "constant.numeric.money",
                "keyword.other.unit",
                "keyword.operator.per",
                "keyword.other.unit",
            ],
        ),
        captured(
            &format!(r"\b({NUMBER})({units}|{scales}|%)?{per}"),
            &[
                "constant.numeric",
                "keyword.other.unit",
                "keyword.operator.per",
                "keyword.other.unit",
            ],
        ),
        // A number with a unit that there is not, such as `3m`.
        captured(
            &format!(r"\b({NUMBER})([\w%]*(?:/\w+)?)"),
            &["constant.numeric", "invalid.illegal.unit"],
        ),
    ]
}

fn calls() -> Vec<Value> {
    let verbs = one_of(VERBS.iter().map(|verb| verb.name));
    let laws = one_of(DISTRIBUTIONS.iter().map(|law| law.name));
    vec![
        scoped(
            &format!(r"{BEFORE}(?:{verbs})(?=\s*\()"),
            "support.function.verb",
        ),
        scoped(
            &format!(r"{BEFORE}(?:{laws})(?=\s*\()"),
            "support.function.distribution",
        ),
        scoped(&format!(r"{BEFORE}{NAME}(?=\s*\()"), "entity.name.function"),
    ]
}

/// Bare words in a value, the more special first.
fn words() -> Vec<Value> {
    let measures = one_of(schema::measures());
    let joining = one_of(RESERVED.iter().copied().filter(|word| *word != "remaining"));
    let subjects = one_of(movable().into_iter().chain(["migration"]));
    let kinds = schema::all();
    let kinds = one_of(
        kinds
            .iter()
            .filter_map(|(_, block)| Some(block.kind?.keyword())),
    );
    let start = BEFORE;
    vec![
        scoped(
            &format!("{start}(?:true|false){END}"),
            "constant.language.boolean",
        ),
        scoped(
            &format!(r"{start}(?:{measures})(?=\s*(?:[<>]|==|!=))"),
            "support.variable.measure",
        ),
        scoped(&format!(r#"{start}because{END}"#), "keyword.other.because"),
        scoped(
            &format!(r"{start}(?:{joining}){END}(?!\s*:)(?=\s)"),
            "keyword.other",
        ),
        captured(
            &format!(r"{start}({NAME})\s*(:)(?!\d)"),
            &["variable.parameter", "punctuation.separator"],
        ),
        scoped(
            &format!(r"(?<=\.)(?:first|last|length){END}"),
            "support.variable.property",
        ),
        scoped(&format!("{start}(?:{subjects}){END}"), "variable.language"),
        scoped(&format!(r"{start}(?:{kinds})(?=\.)"), "support.type.kind"),
        scoped(
            &format!(r"{start}(?:{}){END}(?!\.\w)", one_of(choices())),
            "constant.language",
        ),
        scoped(NAME, "variable.other"),
    ]
}

fn operators() -> Vec<Value> {
    vec![
        scoped("->", "keyword.operator.arrow"),
        scoped(r"\.\.", "keyword.operator.range"),
        scoped("==|!=|<=|>=|<|>", "keyword.operator.comparison"),
        scoped("=", "keyword.operator.assignment"),
        scoped(r"[-+*/]", "keyword.operator.arithmetic"),
        scoped("[,:]", "punctuation.separator"),
        scoped(r"\.", "punctuation.accessor"),
    ]
}

fn brackets() -> Vec<Value> {
    let pair = |open: &str, close: &str, name: &str| {
        json!({
            "begin": open,
            "beginCaptures": { "0": { "name": format!("punctuation.section.{name}.begin.mig") } },
            "end": close,
            "endCaptures": { "0": { "name": format!("punctuation.section.{name}.end.mig") } },
            "patterns": includes(&["comments", "expression"]),
        })
    };
    vec![pair(r"\(", r"\)", "parens"), pair(r"\[", r"\]", "brackets")]
}

#[cfg(test)]
mod tests;

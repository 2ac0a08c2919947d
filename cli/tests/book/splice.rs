//! A block of plan text put into a plan: what is there already is replaced, the rest is added.

use whimbrel_lang::ast::{Statement, StatementKind, Word};
use whimbrel_lang::{Sources, parse};

/// `plan` with the statements of `block`: one of the same kind and name replaces the one before.
pub fn splice(plan: &str, block: &str) -> Result<String, String> {
    let mut plan = plan.to_owned();
    for (key, text) in statements(block)? {
        let there = statements(&plan)?
            .into_iter()
            .find(|(known, _)| key.is_some() && *known == key);
        match there {
            Some((_, old)) => plan = plan.replacen(&old, &text, 1),
            None => {
                plan.push_str(if plan.is_empty() { "" } else { "\n" });
                plan.push_str(&text);
                plan.push('\n');
            }
        }
    }
    Ok(plan)
}

/// The top-level statements: what each is known by, and its text with the comments above it.
fn statements(text: &str) -> Result<Vec<(Option<String>, String)>, String> {
    let mut sources = Sources::default();
    let id = sources.add("plan.mig", text);
    let parsed = parse(&sources, id);
    if parsed.file.statements.is_empty() && !text.trim().is_empty() {
        return Err("no statement can be read".to_owned());
    }
    let mut found = Vec::new();
    for statement in &parsed.file.statements {
        let comments = statement
            .comments()
            .iter()
            .map(|comment| comment.span.start);
        let docs = statement.doc().iter().map(|doc| doc.span.start);
        let start = comments.chain(docs).min();
        let start = start.map_or(statement.span.start, |start| {
            start.min(statement.span.start)
        });
        let trailing = statement.trailing().map(|comment| comment.span.end);
        let end = trailing.map_or(statement.span.end, |end| end.max(statement.span.end));
        let range = start as usize..end as usize;
        let text = text.get(range).ok_or("a statement without text")?;
        found.push((key(statement), text.to_owned()));
    }
    Ok(found)
}

fn key(statement: &Statement) -> Option<String> {
    match &statement.kind {
        StatementKind::Plain(plain) => {
            let mut key = plain.keyword.value.to_string();
            for word in &plain.words {
                key.push(' ');
                match word {
                    Word::Path(path) => {
                        let names = path.segments.iter().map(|part| part.name.as_str());
                        key.push_str(&names.collect::<Vec<_>>().join("."));
                    }
                    Word::Arrow(_) => key.push_str("->"),
                    Word::Template(_) => return None,
                }
            }
            Some(key)
        }
        StatementKind::Use { path, .. } => {
            let path = path.iter().map(|part| part.value.as_str());
            Some(format!("use {}", path.collect::<Vec<_>>().join(".")))
        }
        StatementKind::Let { name, .. } => Some(format!("let {}", name.value)),
        StatementKind::Pattern(pattern) => Some(format!("pattern {}", pattern.name.value)),
        StatementKind::Import { path } => Some(format!("import {}", path.value)),
        StatementKind::Waive { code, on, .. } => {
            let on = on.iter().flat_map(|path| &path.segments);
            let on: Vec<&str> = on.map(|part| part.name.as_str()).collect();
            Some(format!("waive {} {}", code.value, on.join(".")))
        }
        _ => None,
    }
}

#[test]
fn the_same_name_replaces_and_a_new_one_is_added() {
    let plan = "## Old.\nservice a { calls b }\n\nservice b { } # last\n";
    let block = "service a { }\nteam a { }\n";
    assert_eq!(
        splice(plan, block).unwrap(),
        "service a { }\n\nservice b { } # last\n\nteam a { }\n"
    );
    assert_eq!(splice("", "let x = 3d").unwrap(), "let x = 3d\n");
}

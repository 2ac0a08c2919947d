//! The layout, and its laws.

use proptest::prelude::*;

use super::generate::{commented_program, program};
use crate::ast::{Body, File, Statement, StatementKind};
use crate::parse::{parse_by_grammar, parse_with_comments};
use crate::{Sources, format, parse, strip_spans};

fn laid_out(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("plan.mig", text);
    match format(&sources, id) {
        Ok(text) => text,
        Err(errors) => panic!("{errors:?} in\n{text}"),
    }
}

fn tree(text: &str) -> File {
    let mut sources = Sources::default();
    let id = sources.add("plan.mig", text);
    let mut file = parse(&sources, id).file;
    strip_spans(&mut file, id);
    file
}

/// Says how a text is laid out, and that this layout stays.
fn check(text: &str, expected: &str) {
    assert_eq!(laid_out(text), expected);
    assert_eq!(laid_out(expected), expected);
    assert_eq!(tree(text), tree(expected));
}

#[test]
fn attributes_align_within_a_run() {
    check(
        "service a {\nteam=x;tier =  critical\n\n  kind = stateless\n  calls b\n  on = c\n  # why\n  traffic = 3rps\n}",
        "service a {\n  team = x\n  tier = critical\n\n  kind = stateless\n  calls b\n  on = c\n  # why\n  traffic = 3rps\n}\n",
    );
    check(
        "a {\n  b = 1\n  long_one = 2\n}",
        "a {\n  b        = 1\n  long_one = 2\n}\n",
    );
}

#[test]
fn short_blocks_stay_on_their_line() {
    check(
        "cost   {old=$1_200/mo;new = $800/mo}",
        "cost { old = $1_200/mo; new = $800/mo }\n",
    );
    check("environment staging {\n}", "environment staging { }\n");
    check("a{b{c=1}}", "a { b { c = 1 } }\n");
    check("a {\n  b = 1 }", "a {\n  b = 1\n}\n");
    let fits = format!("a {{ b = \"{}\" }}", "x".repeat(88));
    assert_eq!(fits.len(), 100);
    check(&fits, &format!("{fits}\n"));
    let long = format!("a {{ b = \"{0}\" }}", "x".repeat(89));
    check(&long, &format!("a {{\n  b = \"{}\"\n}}\n", "x".repeat(89)));
}

#[test]
fn long_lists_break_one_element_a_line() {
    let name = "n".repeat(30);
    check(
        &format!("a = [{name}, {name}, f({name})]"),
        &format!("a = [\n  {name},\n  {name},\n  f({name}),\n]\n"),
    );
    check(
        &format!("  a = f({name}, {name}, x: [{name}])"),
        &format!("a = f(\n  {name},\n  {name},\n  x: [{name}],\n)\n"),
    );
}

#[test]
fn comments_and_blank_lines_are_kept() {
    check(
        "\n\n# head\n\n\n## Doc.\nservice a { #open\n\n\n  x = 1 # behind\n\n\n\n  # last\n}\n\n\n#end",
        "# head\n\n## Doc.\nservice a {  # open\n  x = 1  # behind\n\n  # last\n}\n\n# end\n",
    );
    check("# license\n\nteam a", "# license\n\nteam a\n");
    check(
        "a = [ # all\n  1, # one\n  # two\n  2\n  # end\n]",
        "a = [\n  # all\n  1,  # one\n  # two\n  2,\n  # end\n]\n",
    );
    check(
        "pattern p(\n## Doc.\na: x, # why\n) for service { }",
        "pattern p(\n  ## Doc.\n  a: x,  # why\n) for service { }\n",
    );
}

#[test]
fn comments_and_docs_keep_their_order_and_the_lines_between_them() {
    check(
        "# header\n\n\n## doc\nplatform a { }",
        "# header\n\n## doc\nplatform a { }\n",
    );
    check(
        "# note\n## doc\nplatform a { }",
        "# note\n## doc\nplatform a { }\n",
    );
    check(
        "team a\n\n## doc\n# note\n\nteam b",
        "team a\n\n## doc\n# note\n\nteam b\n",
    );
    // A doc comment stands on what it documents.
    check(
        "# one\n\n# two\n\n## doc\n\n## more\n\nteam a",
        "# one\n\n# two\n\n## doc\n## more\nteam a\n",
    );
    check(
        "a {\n  # section\n\n  ## doc\n  b = 1\n}",
        "a {\n  # section\n\n  ## doc\n  b = 1\n}\n",
    );
    // What documents nothing is a comment, where it stood.
    check(
        "team a\n# one\n\n## two\n# three\n",
        "team a\n# one\n\n# two\n# three\n",
    );
}

#[test]
fn a_reason_follows_the_value_it_is_for() {
    check("let v=3d   because  \"x\"", "let v = 3d because \"x\"\n");
    let name = "n".repeat(40);
    check(
        &format!("let v = [{name}, {name}] because \"x\""),
        &format!("let v = [\n  {name},\n  {name},\n] because \"x\"\n"),
    );
}

#[test]
fn a_comment_without_a_line_of_its_own_moves_up() {
    let before = "a = (1 + # why\n 2)";
    assert_eq!(laid_out(before), "# why\na = (1 + 2)\n");
    // There it ends the run of attributes, the first time as every time.
    let run = "s {\n  long = 3\n  a = f(k: # why\n 3)\n}";
    let expected = "s {\n  long = 3\n  # why\n  a = f(k: 3)\n}\n";
    assert_eq!(laid_out(run), expected);
    assert_eq!(laid_out(expected), expected);
}

#[test]
fn a_comment_behind_a_block_stays_behind_it() {
    check(
        "a {\n  b = 1\n} # end\nc { # head\n  d = 1\n}",
        "a {\n  b = 1\n}  # end\nc {  # head\n  d = 1\n}\n",
    );
    check("a { b = 1 } # short", "a { b = 1 }  # short\n");
    let long = "x".repeat(89);
    check(
        &format!("a {{ b = \"{long}\" }} # broken up"),
        &format!("a {{\n  b = \"{long}\"\n}}  # broken up\n"),
    );
    // The place behind a block is taken where its head has a comment.
    assert_eq!(
        laid_out("a { # head\n  b = 1\n} # end"),
        "a {  # head\n  b = 1\n}\n# end\n"
    );
}

#[test]
fn spelling_is_kept_and_spaces_are_not() {
    check("a = 2.8M+USD 95*f( x:1 )", "a = 2.8M + USD 95 * f(x: 1)\n");
    check("a = [1 :2 ,3: 4]", "a = [1: 2, 3: 4]\n");
    check("use std.patterns.{a,b}", "use std.patterns.{a, b}\n");
    check(
        "a = \"\"\"\n      x\n    y\n  \"\"\"",
        "a = \"\"\"\n      x\n    y\n  \"\"\"\n",
    );
    check("link a->b { }", "link a -> b { }\n");
}

#[test]
fn broken_texts_are_not_touched() {
    let mut sources = Sources::default();
    let id = sources.add("plan.mig", "a = = 1");
    assert_eq!(format(&sources, id).map_err(|errors| errors.len()), Err(1));
}

/// The comments of a text that stand outside expressions, docs among them, in the order of the
/// text, then those inside: the formatter moves one of these above its statement where it must.
fn comments(text: &str) -> (Vec<String>, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add("plan.mig", text);
    let (parsed, inner) = parse_with_comments(&sources, id);
    let mut outer: Vec<(u32, String)> = Vec::new();
    collect(&parsed.file.statements, &mut outer);
    let last = parsed.file.trailing_comments.iter();
    outer.extend(last.map(|comment| (comment.span.start, comment.text.clone())));
    outer.sort();
    let mut inner: Vec<String> = inner.into_iter().map(|inner| inner.comment.text).collect();
    inner.sort();
    (outer.into_iter().map(|(_, text)| text).collect(), inner)
}

fn collect(statements: &[Statement], into: &mut Vec<(u32, String)>) {
    for statement in statements {
        let docs = statement.doc().iter();
        into.extend(docs.map(|doc| (doc.span.start, doc.value.clone())));
        let comments = statement.comments().iter();
        into.extend(comments.map(|comment| (comment.span.start, comment.text.clone())));
        let trailing = statement.trailing().into_iter();
        into.extend(trailing.map(|comment| (comment.span.start, comment.text.clone())));
        let block = match &statement.kind {
            StatementKind::Plain(plain) => match &plain.body {
                Body::Block(block) => Some(block),
                _ => None,
            },
            StatementKind::Pattern(pattern) => Some(&pattern.body),
            StatementKind::For { body, .. } => Some(body),
            _ => None,
        };
        if let Some(block) = block {
            collect(&block.statements, into);
            let last = block.trailing_comments.iter();
            into.extend(last.map(|comment| (comment.span.start, comment.text.clone())));
        }
    }
}

/// All comments of a text, in no order.
fn all_comments(text: &str) -> Vec<String> {
    let (mut all, inner) = comments(text);
    all.extend(inner);
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn layout_keeps_the_tree_and_itself(text in program()) {
        let once = laid_out(&text);
        prop_assert_eq!(laid_out(&once), once.clone());
        prop_assert_eq!(tree(&once), tree(&text));
        prop_assert_eq!(comments(&once), comments(&text));
    }

    #[test]
    fn simple_heads_read_as_the_grammar_says(text in commented_program()) {
        let mut sources = Sources::default();
        let id = sources.add("plan.mig", text);
        prop_assert_eq!(parse(&sources, id).file, parse_by_grammar(&sources, id).file);
    }

    #[test]
    fn comments_anywhere_survive(text in commented_program()) {
        let once = laid_out(&text);
        prop_assert_eq!(laid_out(&once), once.clone());
        prop_assert_eq!(all_comments(&once), all_comments(&text));
    }
}

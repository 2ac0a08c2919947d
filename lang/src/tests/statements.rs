//! Every form of statement and expression.

use super::{check, kind, only, read_clean};
use crate::ast::{Body, ExprKind, Operator, Plain, StatementKind, StringPart, Word};
use crate::{Quantity, TOP_LEVEL_KEYWORDS};

fn plain(text: &str) -> Plain {
    match only(text).kind {
        StatementKind::Plain(plain) => plain,
        other => panic!("{other:?}"),
    }
}

/// An expression with every operation in brackets.
fn shape(expr: &ExprKind) -> String {
    let path = |path: &crate::ast::Path| {
        let names: Vec<&str> = path
            .segments
            .iter()
            .map(|part| part.name.as_str())
            .collect();
        names.join(".")
    };
    match expr {
        ExprKind::Path(name) => path(name),
        ExprKind::Quantity(Quantity { amount, .. }) => amount.to_string(),
        ExprKind::Boolean(value) => value.to_string(),
        ExprKind::Negate(inner) => format!("-{}", shape(&inner.kind)),
        ExprKind::Group(inner) => shape(&inner.kind),
        ExprKind::Range(a, b) => format!("({} .. {})", shape(&a.kind), shape(&b.kind)),
        ExprKind::Arrow(ends) => format!("({} -> {})", path(&ends.0), path(&ends.1)),
        ExprKind::Of { count, team } => format!("({} of {})", shape(&count.kind), path(team)),
        ExprKind::List(values) => {
            let values: Vec<String> = values.iter().map(|value| shape(&value.kind)).collect();
            format!("[{}]", values.join(" "))
        }
        ExprKind::Weighted(pairs) => {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(a, b)| format!("{}:{}", shape(&a.kind), shape(&b.kind)));
            format!("[{}]", pairs.collect::<Vec<_>>().join(" "))
        }
        ExprKind::Call { callee, arguments } => {
            let arguments = arguments.iter().map(|argument| match &argument.name {
                Some(name) => format!("{}={}", name.value, shape(&argument.value.kind)),
                None => shape(&argument.value.kind),
            });
            format!(
                "{}({})",
                path(callee),
                arguments.collect::<Vec<_>>().join(" ")
            )
        }
        ExprKind::Binary {
            operator,
            left,
            right,
        } => {
            let sign = match operator.value {
                Operator::Add => "+",
                Operator::Subtract => "-",
                Operator::Multiply => "*",
                Operator::Divide => "/",
                Operator::Less => "<",
                Operator::LessOrEqual => "<=",
                Operator::Greater => ">",
                Operator::GreaterOrEqual => ">=",
                Operator::Equal => "==",
                Operator::NotEqual => "!=",
            };
            format!("({} {sign} {})", shape(&left.kind), shape(&right.kind))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn expressions_have_the_usual_precedence() {
    let cases = [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("8 / 4 / 2", "((8 / 4) / 2)"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("-a * -2", "(-a * -2)"),
        ("- -a", "--a"),
        ("a-b - c", "(a-b - c)"),
        ("1 + 1..2 * 3", "((1 + 1) .. (2 * 3))"),
        ("mon..fri", "(mon .. fri)"),
        ("5..9", "(5 .. 9)"),
        ("a + 1 < b * 2", "((a + 1) < (b * 2))"),
        ("weights.last == 1", "(weights.last == 1)"),
        ("a != b", "(a != b)"),
        ("a <= b", "(a <= b)"),
        ("a >= b", "(a >= b)"),
        ("a > b", "(a > b)"),
        ("a -> b.c", "(a -> b.c)"),
        ("2 of payments", "(2 of payments)"),
        ("[2 of payments, 1 of dba,]", "[(2 of payments) (1 of dba)]"),
        ("[1: 3, 2: 4,]", "[1:3 2:4]"),
        ("[]", "[]"),
        ("f()", "f()"),
        ("pert(1, 2, 4)", "pert(1 2 4)"),
        ("a.b(x, y: [1], z: g(2),)", "a.b(x y=[1] z=g(2))"),
        ("[\n  1, # one\n  2\n]", "[1 2]"),
        ("(1 +\n 2)", "(1 + 2)"),
        ("true", "true"),
        ("\"a.b\".c", "a.b.c"),
        ("because_of", "because_of"),
        ("official", "official"),
    ];
    for (text, expected) in cases {
        assert_eq!(shape(&kind(text)), expected, "{text}");
    }
}

#[test]
fn times_stand_in_ranges() {
    let ExprKind::Range(from, to) = kind("22:00..06:00") else {
        panic!("not a range");
    };
    assert!(matches!(from.kind, ExprKind::Time(time) if time.0 == 1320));
    assert!(matches!(to.kind, ExprKind::Time(time) if time.0 == 360));
}

#[test]
fn plain_statements_have_words_and_a_body() {
    let statement = plain("link ec2 -> \"old.one\" { a = 1; b }");
    assert_eq!(statement.keyword.value, "link");
    assert_eq!(statement.words.len(), 3);
    assert!(matches!(statement.words[1], Word::Arrow(_)));
    let Word::Path(quoted) = &statement.words[2] else {
        panic!("not a name");
    };
    assert_eq!(quoted.segments[0].name, "old.one");
    assert!(quoted.segments[0].quoted);
    let Body::Block(block) = statement.body else {
        panic!("no block");
    };
    assert_eq!(block.statements.len(), 2);

    let statement = plain("step \"shift_${w}\" { }");
    assert!(matches!(statement.words[0], Word::Template(_)));
    let statement = plain("reads orders_db.customers");
    let Word::Path(path) = &statement.words[0] else {
        panic!("not a name");
    };
    assert_eq!(path.segments.len(), 2);
    assert_eq!(statement.body, Body::None);

    let statement = plain("automation = 4 because \"it is\"");
    assert!(matches!(
        statement.body,
        Body::Value {
            because: Some(_),
            ..
        }
    ));
    // Words of other forms are attributes before `=`.
    for word in ["for", "use", "let", "waive", "require", "pattern", "import"] {
        assert_eq!(plain(&format!("{word} = 5min")).keyword.value, word);
    }
}

#[test]
fn fixed_forms_are_told_apart() {
    let StatementKind::Use { path, names } = only("use std.patterns.{a, b,}").kind else {
        panic!("not a use");
    };
    assert_eq!((path.len(), names.len()), (2, 2));
    let StatementKind::Use { path, names } = only("use std.patterns.canary").kind else {
        panic!("not a use");
    };
    assert_eq!((path.len(), names[0].value.as_str()), (2, "canary"));
    assert!(
        matches!(only("import \"a.mig\"").kind, StatementKind::Import { path } if path.value == "a.mig")
    );
    assert!(
        matches!(only("let keep = 3d").kind, StatementKind::Let { name, because: None, .. } if name.value == "keep")
    );
    let StatementKind::Let { because, .. } = only("let keep = 3d because \"x\"").kind else {
        panic!("not a let");
    };
    let reason = because.map(|reason| reason.value);
    assert_eq!(reason, Some(vec![StringPart::Text("x".to_owned())]));
    assert!(matches!(
        only("for w in [1, 2] { }").kind,
        StatementKind::For { .. }
    ));
    assert!(matches!(
        only("require a > 1, \"no\"").kind,
        StatementKind::Require { .. }
    ));
    let waived = only("waive a-b on x.y until 2027-03-01 because \"ADR\"").kind;
    assert!(matches!(
        waived,
        StatementKind::Waive {
            on: Some(_),
            until: Some(_),
            because: Some(_),
            ..
        }
    ));
    let waived = only("waive MG0301").kind;
    assert!(matches!(
        waived,
        StatementKind::Waive {
            on: None,
            until: None,
            because: None,
            ..
        }
    ));
}

#[test]
fn patterns_have_documented_parameters() {
    let text = "pattern p(\n  ## How much.\n  a: list<ratio> = [1%],\n  b: duration,\n) for service {\n  require a.length > 0, \"none\"\n}";
    let StatementKind::Pattern(pattern) = only(text).kind else {
        panic!("not a pattern");
    };
    assert_eq!(pattern.name.value, "p");
    assert_eq!(pattern.subject.value, "service");
    assert_eq!(pattern.parameters.len(), 2);
    assert_eq!(pattern.parameters[0].doc[0].value, "How much.");
    let argument = pattern.parameters[0].ty.argument.as_ref();
    assert_eq!(argument.map(|ty| ty.name.value.as_str()), Some("ratio"));
    assert!(pattern.parameters[1].doc.is_empty());
    assert!(pattern.parameters[1].default.is_none());
    assert_eq!(pattern.body.statements.len(), 1);
}

#[test]
fn comments_hang_on_their_statements() {
    let text = "# head\n\n## Doc one.\n##\n## Doc three.\nservice a { # open\n  x = 1 # behind\n\n  # last\n}\n\n# end\n";
    let file = read_clean(text);
    let service = &file.statements[0];
    assert_eq!(service.comments()[0].text, "head");
    let docs: Vec<&str> = service.doc().iter().map(|doc| doc.value.as_str()).collect();
    assert_eq!(docs, ["Doc one.", "", "Doc three."]);
    assert_eq!(service.trailing().map(|c| c.text.as_str()), Some("open"));
    let StatementKind::Plain(plain) = &service.kind else {
        panic!("not plain");
    };
    let Body::Block(block) = &plain.body else {
        panic!("no block");
    };
    let behind = block.statements[0].trailing();
    assert_eq!(behind.map(|c| c.text.as_str()), Some("behind"));
    assert_eq!(block.trailing_comments[0].text, "last");
    assert!(block.trailing_comments[0].blank_before);
    assert_eq!(file.trailing_comments[0].text, "end");
}

#[test]
fn statements_end_at_newlines_and_semicolons() {
    assert_eq!(
        read_clean("a; b;; c = 1\r\nd { e; f }\n\n")
            .statements
            .len(),
        4
    );
    assert_eq!(read_clean("").statements.len(), 0);
    assert_eq!(read_clean(" \n\t\n# only this").statements.len(), 0);
}

#[test]
fn remaining_names_nothing_else() {
    let message = "`remaining` is reserved and names nothing else";
    check("service remaining { }", &[&format!("1:9 MG0001 {message}")]);
    check("let remaining = 1", &[&format!("1:5 MG0001 {message}")]);
    check("batch rest { members = remaining }", &[]);
    check("service \"remaining\" { }", &[]);
}

#[test]
fn every_keyword_may_be_a_name_elsewhere() {
    for word in TOP_LEVEL_KEYWORDS {
        check(&format!("team {word} {{ {word} = {word} }}"), &[]);
    }
}

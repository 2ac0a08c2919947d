//! Expressions: precedence, names, lists, calls.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::Reader;
use super::advice::amount;
use crate::ast::{CallArgument, Expr, ExprKind, Operator, Path, Segment, StringPart};
use crate::grammar::{Node, Rule};
use crate::{Diagnostic, Span, Spanned, codes, literal};

/// How many operators may stand around one operand: every reader of the tree recurses on them.
const OPERATOR_LIMIT: usize = 256;

/// What stands between two operands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Infix {
    Range,
    Operator(Operator),
}

impl Infix {
    /// Binding strength: comparisons, ranges, sums, products.
    fn strength(self) -> u8 {
        match self {
            Self::Range => 2,
            Self::Operator(Operator::Add | Operator::Subtract) => 3,
            Self::Operator(Operator::Multiply | Operator::Divide) => 4,
            Self::Operator(_) => 1,
        }
    }
}

type Rest = Peekable<IntoIter<(Spanned<Infix>, Expr)>>;

impl Reader<'_> {
    pub(super) fn expression(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node.as_span());
        let nodes = node.into_inner();
        let operators = nodes.len();
        if operators > 1 {
            let chained = nodes
                .clone()
                .filter(|node| node.as_rule() == Rule::operator)
                .count();
            if self.chained + chained > OPERATOR_LIMIT {
                self.report(
                    Diagnostic::error(
                        codes::TOO_DEEP,
                        span,
                        format!("more than {OPERATOR_LIMIT} operators in one expression"),
                    )
                    .help("name parts of it with `let`"),
                );
                return error_at(span);
            }
            self.chained += chained;
            let expr = self.operands(nodes, span);
            self.chained -= chained;
            return expr;
        }
        self.operands(nodes, span)
    }

    fn operands(&mut self, nodes: pest::iterators::Pairs<'_, Rule>, span: Span) -> Expr {
        let mut first: Option<Expr> = None;
        let mut rest: Vec<(Spanned<Infix>, Expr)> = Vec::new();
        let mut operator: Option<Spanned<Infix>> = None;
        let mut negations: Vec<Span> = Vec::new();
        let mut operand: Option<Expr> = None;
        for node in nodes {
            match node.as_rule() {
                Rule::negate => negations.push(self.span(node.as_span())),
                Rule::of => {
                    if let Some(count) = operand.take() {
                        operand = Some(self.of(count, node));
                    }
                }
                Rule::operator => {
                    settle(
                        &mut first,
                        &mut rest,
                        operator.take(),
                        operand.take(),
                        &mut negations,
                    );
                    let before = self.diagnostics.len();
                    operator = Some(self.infix(&node));
                    if self.diagnostics.len() > before {
                        return error_at(span);
                    }
                }
                _ => operand = Some(self.operand(node)),
            }
        }
        settle(&mut first, &mut rest, operator, operand, &mut negations);
        let first = first.unwrap_or_else(|| error_at(span));
        if rest.is_empty() {
            return first;
        }
        self.climb(first, &mut rest.into_iter().peekable(), 1)
    }

    fn infix(&mut self, node: &Node<'_>) -> Spanned<Infix> {
        let span = self.span(node.as_span());
        let infix = match node.as_str() {
            ".." => Infix::Range,
            "*" => Infix::Operator(Operator::Multiply),
            "/" => Infix::Operator(Operator::Divide),
            "+" => Infix::Operator(Operator::Add),
            "-" => Infix::Operator(Operator::Subtract),
            "<" => Infix::Operator(Operator::Less),
            "<=" => Infix::Operator(Operator::LessOrEqual),
            ">" => Infix::Operator(Operator::Greater),
            ">=" => Infix::Operator(Operator::GreaterOrEqual),
            "==" => Infix::Operator(Operator::Equal),
            _ => Infix::Operator(Operator::NotEqual),
        };
        if infix == Infix::Operator(Operator::Subtract) {
            let bytes = self.text.as_bytes();
            let blank = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
            let before = (span.start as usize).checked_sub(1);
            if !before.is_some_and(blank) || !blank(span.end as usize) {
                let help = self.money_with_sign(span).unwrap_or_else(|| {
                    "names may contain `-`, so subtraction needs spaces around it".to_owned()
                });
                self.report(
                    Diagnostic::error(
                        codes::UNEXPECTED_TOKEN,
                        span,
                        "expected a space before and behind `-`",
                    )
                    .help(help),
                );
            }
        }
        Spanned::new(infix, span)
    }

    /// How `USD -5` is written, of which `sign` is the minus.
    fn money_with_sign(&self, sign: Span) -> Option<String> {
        let before = self.text.get(..sign.start as usize)?.trim_end();
        let code = before.get(before.len().checked_sub(3)?..)?;
        let alone = !before
            .get(..before.len() - 3)?
            .ends_with(|last: char| last.is_alphanumeric() || matches!(last, '_' | '-' | '.'));
        let code = (alone && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(code)?;
        amount(code, self.text.get(sign.start as usize..)?)
    }

    /// Precedence climbing. Recursion is no deeper than there are strengths.
    fn climb(&mut self, mut left: Expr, rest: &mut Rest, least: u8) -> Expr {
        while let Some((infix, right)) = rest.next_if(|(infix, _)| infix.value.strength() >= least)
        {
            let strength = infix.value.strength();
            let right = self.climb(right, rest, strength + 1);
            if strength <= 2
                && let Some((next, _)) = rest.peek()
                && next.value.strength() == strength
            {
                let message = if infix.value == Infix::Range {
                    "a range has two ends"
                } else {
                    "comparisons do not chain"
                };
                let span = next.span;
                self.error(span, message);
            }
            left = combine(left, &infix, right);
        }
        left
    }

    fn of(&mut self, count: Expr, node: Node<'_>) -> Expr {
        let span = count.span.to(self.span(node.as_span()));
        let team = node.into_inner().nth(1).and_then(|node| self.path(node));
        let kind = team.map_or(ExprKind::Error, |team| ExprKind::Of {
            count: Box::new(count),
            team: Box::new(team),
        });
        Expr { kind, span }
    }

    fn operand(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node.as_span());
        let kind = match node.as_rule() {
            Rule::literal => self.literal(node.as_str(), span),
            Rule::list => self.list(node),
            Rule::group => match node.into_inner().next() {
                Some(inner) => ExprKind::Group(Box::new(self.expression(inner))),
                None => ExprKind::Error,
            },
            _ => return self.named(node).unwrap_or_else(|| error_at(span)),
        };
        Expr { kind, span }
    }

    fn literal(&mut self, text: &str, span: Span) -> ExprKind {
        match literal::read(text) {
            Ok(kind) => kind,
            Err(bad) => {
                let mut diagnostic = Diagnostic::error(codes::BAD_LITERAL, span, bad.message);
                diagnostic.help = bad.help;
                self.report(match bad.meant {
                    Some(meant) => diagnostic.reword(text, &meant),
                    None => diagnostic,
                });
                ExprKind::Error
            }
        }
    }

    fn list(&mut self, node: Node<'_>) -> ExprKind {
        let mut values = Vec::new();
        let mut chances: Vec<Expr> = Vec::new();
        let mut odd: Option<Span> = None;
        for entry in node.into_inner() {
            if entry.as_rule() != Rule::entry {
                continue;
            }
            let span = self.span(entry.as_span());
            let mut nodes = entry.into_inner();
            let Some(value) = nodes.next() else {
                continue;
            };
            values.push(self.expression(value));
            if let Some(chance) = nodes.nth(1) {
                chances.push(self.expression(chance));
            }
            if !chances.is_empty() && chances.len() != values.len() {
                odd = odd.or(Some(span));
            }
        }
        if let Some(span) = odd {
            self.report(
                Diagnostic::error(
                    codes::UNEXPECTED_TOKEN,
                    span,
                    "either every element of a list has a weight behind `:`, or none",
                )
                .help("write `[2h: 70%, 8h: 30%]`"),
            );
            return ExprKind::Error;
        }
        if chances.is_empty() {
            ExprKind::List(values)
        } else {
            ExprKind::Weighted(values.into_iter().zip(chances).collect())
        }
    }

    /// A name, a string, a call or an arrow. Its node may reach over blanks behind it, so places
    /// come from its parts.
    fn named(&mut self, node: Node<'_>) -> Option<Expr> {
        let mut nodes = node.into_inner();
        let first = nodes.next()?;
        let start = self.span(first.as_span());
        let Some(second) = nodes.next() else {
            let kind = self.name_or_text(first)?;
            return Some(Expr { kind, span: start });
        };
        let callee = self.path(first)?;
        if second.as_rule() == Rule::arguments {
            let span = start.to(self.span(second.as_span()));
            let arguments = second
                .into_inner()
                .filter(|node| node.as_rule() == Rule::argument)
                .filter_map(|node| self.argument(node))
                .collect();
            let callee = Box::new(callee);
            let kind = ExprKind::Call { callee, arguments };
            return Some(Expr { kind, span });
        }
        let target = self.path(nodes.next()?)?;
        Some(Expr {
            span: start.to(target.span),
            kind: ExprKind::Arrow(Box::new((callee, target))),
        })
    }

    fn argument(&mut self, node: Node<'_>) -> Option<CallArgument> {
        let mut name = None;
        let mut value = None;
        for node in node.into_inner() {
            match node.as_rule() {
                Rule::argument_name => name = Some(self.spanned(&node)),
                Rule::expression => value = Some(self.expression(node)),
                _ => {}
            }
        }
        Some(CallArgument {
            name,
            value: value?,
        })
    }

    fn name_or_text(&mut self, node: Node<'_>) -> Option<ExprKind> {
        let mut segments = node.clone().into_inner();
        let first = segments.next()?;
        if segments.next().is_some() {
            return self.path(node).map(ExprKind::Path);
        }
        match (first.as_rule(), first.as_str()) {
            (Rule::string, _) => Some(ExprKind::Text(self.template(first).value)),
            (_, "true") => Some(ExprKind::Boolean(true)),
            (_, "false") => Some(ExprKind::Boolean(false)),
            _ => self.path(node).map(ExprKind::Path),
        }
    }

    pub(super) fn path(&mut self, node: Node<'_>) -> Option<Path> {
        let span = self.span(node.as_span());
        let mut segments = Vec::new();
        for node in node.into_inner() {
            match node.as_rule() {
                Rule::identifier => segments.push(Segment {
                    name: node.as_str().into(),
                    quoted: false,
                    span: self.span(node.as_span()),
                }),
                Rule::string => {
                    let name = self.constant_text(node)?;
                    segments.push(Segment {
                        name: name.value.into(),
                        quoted: true,
                        span: name.span,
                    });
                }
                _ => {}
            }
        }
        Some(Path { segments, span })
    }

    /// The string that is all of a name, if it interpolates.
    pub(super) fn lone_template(&mut self, path: &Node<'_>) -> Option<Spanned<Vec<StringPart>>> {
        let mut segments = path.clone().into_inner();
        let first = segments.next()?;
        if first.as_rule() != Rule::string || segments.next().is_some() {
            return None;
        }
        let interpolates = first.as_str().contains("${");
        interpolates.then(|| self.template(first))
    }
}

/// Finishes the operand that ends here.
fn settle(
    first: &mut Option<Expr>,
    rest: &mut Vec<(Spanned<Infix>, Expr)>,
    operator: Option<Spanned<Infix>>,
    operand: Option<Expr>,
    negations: &mut Vec<Span>,
) {
    let Some(mut operand) = operand else {
        return;
    };
    for minus in negations.drain(..).rev() {
        operand = Expr {
            span: minus.to(operand.span),
            kind: ExprKind::Negate(Box::new(operand)),
        };
    }
    match operator {
        Some(operator) => rest.push((operator, operand)),
        None => *first = Some(operand),
    }
}

fn combine(left: Expr, infix: &Spanned<Infix>, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    let (left, right) = (Box::new(left), Box::new(right));
    let kind = match infix.value {
        Infix::Range => ExprKind::Range(left, right),
        Infix::Operator(operator) => ExprKind::Binary {
            operator: Spanned::new(operator, infix.span),
            left,
            right,
        },
    };
    Expr { kind, span }
}

fn error_at(span: Span) -> Expr {
    Expr {
        kind: ExprKind::Error,
        span,
    }
}

//! Heads and expressions: on one line while they fit, else one element a line.

use super::{Formatter, WIDTH, comment_text};
use crate::ast::{
    Body, CallArgument, Expr, ExprKind, Name, Operator, Parameter, Pattern, Statement,
    StatementKind, StringPart, TypeName,
};
use crate::{Span, Spanned};

/// Where something is printed.
#[derive(Clone, Copy)]
struct Place {
    /// The indentation of the line the statement starts on.
    indent: usize,
    /// How far the line reaches already.
    column: usize,
    /// How much must follow on the same line.
    tail: usize,
}

/// An element of something in brackets.
enum Item<'a> {
    Value(&'a Expr),
    Pair(&'a Expr, &'a Expr),
    Argument(&'a CallArgument),
    Parameter(&'a Parameter),
    Name(&'a Spanned<Name>),
}

impl Item<'_> {
    fn span(&self) -> Span {
        match self {
            Self::Value(value) => value.span,
            Self::Pair(value, chance) => value.span.to(chance.span),
            Self::Argument(argument) => match &argument.name {
                Some(name) => name.span.to(argument.value.span),
                None => argument.value.span,
            },
            Self::Parameter(parameter) => {
                let last = match (&parameter.default, &parameter.ty.argument) {
                    (Some(default), _) => default.span,
                    (None, Some(argument)) => argument.name.span,
                    (None, None) => parameter.ty.name.span,
                };
                parameter.name.span.to(last)
            }
            Self::Name(name) => name.span,
        }
    }
}

impl Formatter<'_> {
    /// A statement without its block, with `=` at `width`.
    pub(super) fn head(&mut self, statement: &Statement, indent: usize, width: usize) -> String {
        let place = |before: &str, tail: usize| Place {
            indent,
            column: indent + before.chars().count(),
            tail,
        };
        match &statement.kind {
            StatementKind::Plain(plain) => {
                let mut text = self.key(plain);
                if let Body::Value { value, because } = &plain.body {
                    let padding = width.saturating_sub(text.chars().count());
                    text.extend(std::iter::repeat_n(' ', padding));
                    text.push_str(" = ");
                    let reason = self.reason(because.as_deref());
                    let value = self.expr(value, place(&text, first_line(&reason)));
                    text.push_str(&value);
                    text.push_str(&reason);
                }
                text
            }
            StatementKind::Use { path, names } if names.len() > 1 => {
                let path: Vec<&str> = path.iter().map(|part| part.value.as_str()).collect();
                let text = format!("use {}.", path.join("."));
                let items: Vec<Item<'_>> = names.iter().map(Item::Name).collect();
                let names = self.items("{", "}", &items, statement.span, place(&text, 0));
                text + &names
            }
            StatementKind::Let {
                name,
                value,
                because,
            } => {
                let text = format!("let {} = ", name.value);
                let reason = self.reason(because.as_deref());
                let value = self.expr(value, place(&text, first_line(&reason)));
                text + &value + &reason
            }
            StatementKind::Pattern(pattern) => self.pattern(pattern, statement.span, indent),
            StatementKind::For { variable, list, .. } => {
                let text = format!("for {} in ", variable.value);
                let list = self.expr(list, place(&text, 2));
                text + &list
            }
            StatementKind::Require { condition, message } => {
                let message = format!(", {}", self.source(message.span));
                let tail = message.chars().count();
                let condition = self.expr(condition, place("require ", tail));
                format!("require {condition}{message}")
            }
            _ => self.flat_head(statement),
        }
    }

    fn pattern(&mut self, pattern: &Pattern, span: Span, indent: usize) -> String {
        let text = format!("pattern {}", pattern.name.value);
        let end = format!(" for {}", pattern.subject.value);
        let items: Vec<Item<'_>> = pattern.parameters.iter().map(Item::Parameter).collect();
        let place = Place {
            indent,
            column: indent + text.chars().count(),
            tail: end.chars().count() + 2,
        };
        let whole = Span {
            start: pattern.name.span.end,
            end: pattern.subject.span.start,
            ..span
        };
        let parameters = self.items("(", ")", &items, whole, place);
        text + &parameters + &end
    }

    /// A statement without its block, on one line.
    pub(super) fn flat_head(&self, statement: &Statement) -> String {
        match &statement.kind {
            StatementKind::Plain(plain) => {
                let mut text = self.key(plain);
                if let Body::Value { value, because } = &plain.body {
                    let reason = self.reason(because.as_deref());
                    text = format!("{text} = {}{reason}", self.flat(value));
                }
                text
            }
            StatementKind::Use { path, names } => {
                let parts: Vec<&str> = path.iter().map(|part| part.value.as_str()).collect();
                let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                match names.as_slice() {
                    [one] => format!("use {}.{one}", parts.join(".")),
                    several => format!("use {}.{{{}}}", parts.join("."), several.join(", ")),
                }
            }
            StatementKind::Import { path } => format!("import {}", self.source(path.span)),
            StatementKind::Let {
                name,
                value,
                because,
            } => {
                let reason = self.reason(because.as_deref());
                format!("let {} = {}{reason}", name.value, self.flat(value))
            }
            StatementKind::Pattern(pattern) => {
                let parameters = pattern.parameters.iter().map(Item::Parameter);
                let parameters: Vec<String> = parameters
                    .map(|parameter| self.flat_item(&parameter))
                    .collect();
                let (name, subject) = (&pattern.name.value, &pattern.subject.value);
                format!("pattern {name}({}) for {subject}", parameters.join(", "))
            }
            StatementKind::For { variable, list, .. } => {
                format!("for {} in {}", variable.value, self.flat(list))
            }
            StatementKind::Require { condition, message } => {
                let message = self.source(message.span);
                format!("require {}, {message}", self.flat(condition))
            }
            StatementKind::Waive {
                code,
                on,
                until,
                because,
            } => {
                let mut text = format!("waive {}", code.value);
                if let Some(on) = on {
                    text = format!("{text} on {}", self.source(on.span));
                }
                if let Some(until) = until {
                    text = format!("{text} until {}", self.flat(until));
                }
                text + &self.reason(because.as_deref())
            }
        }
    }

    /// ` because "…"`, or nothing.
    fn reason(&self, because: Option<&Spanned<Vec<StringPart>>>) -> String {
        because.map_or_else(String::new, |reason| {
            format!(" because {}", self.source(reason.span))
        })
    }

    fn expr(&mut self, expr: &Expr, place: Place) -> String {
        let commented = !self
            .inner_comments_in(expr.span.start, expr.span.end)
            .is_empty();
        if !commented {
            let flat = self.flat(expr);
            let first = first_line(&flat);
            if place.column + first + place.tail <= WIDTH {
                return flat;
            }
        }
        match &expr.kind {
            ExprKind::List(values) => {
                let items: Vec<Item<'_>> = values.iter().map(Item::Value).collect();
                self.items("[", "]", &items, expr.span, place)
            }
            ExprKind::Weighted(pairs) => {
                let items: Vec<Item<'_>> = pairs
                    .iter()
                    .map(|(value, chance)| Item::Pair(value, chance))
                    .collect();
                self.items("[", "]", &items, expr.span, place)
            }
            ExprKind::Call { callee, arguments } => {
                let callee = self.source(callee.span);
                let items: Vec<Item<'_>> = arguments.iter().map(Item::Argument).collect();
                let arguments = self.items("(", ")", &items, expr.span, after(place, &callee));
                callee + &arguments
            }
            ExprKind::Group(inner) => {
                let inner = self.expr(inner, after(place, "("));
                format!("({inner})")
            }
            ExprKind::Negate(inner) => {
                let inner = self.expr(inner, after(place, "-"));
                format!("-{inner}")
            }
            ExprKind::Binary {
                operator,
                left,
                right,
            } => {
                let sign = format!(" {} ", sign(operator.value));
                self.both(left, &sign, right, place)
            }
            ExprKind::Range(left, right) => self.both(left, "..", right, place),
            ExprKind::Of { count, team } => {
                let team = format!(" of {}", self.source(team.span));
                self.expr(count, place) + &team
            }
            _ => self.flat(expr),
        }
    }

    fn both(&mut self, left: &Expr, sign: &str, right: &Expr, place: Place) -> String {
        let left = self.expr(left, place) + sign;
        let right = self.expr(right, after(place, &left));
        left + &right
    }

    /// Elements in brackets: on one line if they fit and no comment stands among them.
    fn items(
        &mut self,
        open: &str,
        close: &str,
        items: &[Item<'_>],
        span: Span,
        place: Place,
    ) -> String {
        let before = self.claimed.len();
        let broken = self.broken(open, close, items, span, place);
        if self.claimed.len() > before {
            return broken;
        }
        let flat: Vec<String> = items.iter().map(|item| self.flat_item(item)).collect();
        let flat = format!("{open}{}{close}", flat.join(", "));
        let first = first_line(&flat);
        if items.is_empty() || place.column + first + place.tail <= WIDTH {
            return flat;
        }
        broken
    }

    fn broken(
        &mut self,
        open: &str,
        close: &str,
        items: &[Item<'_>],
        span: Span,
        place: Place,
    ) -> String {
        let inside = Place {
            indent: place.indent + 2,
            column: place.indent + 2,
            tail: 1,
        };
        let margin = " ".repeat(inside.indent);
        let mut text = open.to_owned();
        let mut from = span.start;
        let mut first = true;
        for item in items {
            let place = item.span();
            self.comments_between(from, place.start, !first, &margin, &mut text);
            text.push('\n');
            text.push_str(&margin);
            text.push_str(&self.item(item, inside));
            text.push(',');
            from = place.end;
            first = false;
        }
        self.comments_between(from, span.end, !first, &margin, &mut text);
        text.push('\n');
        text.push_str(&" ".repeat(place.indent));
        text.push_str(close);
        text
    }

    /// Prints the comments between two elements: one behind the element before it if it stands
    /// there, the others on lines of their own.
    fn comments_between(
        &mut self,
        start: u32,
        end: u32,
        mut may_trail: bool,
        margin: &str,
        text: &mut String,
    ) {
        let comments = self.inner_comments_in(start, end).to_vec();
        for inner in comments {
            self.claimed.push(inner.comment.span.start);
            let comment = comment_text(&inner.comment.text, inner.doc && inner.own_line);
            if may_trail && !inner.own_line {
                text.push_str("  ");
            } else {
                text.push('\n');
                text.push_str(margin);
            }
            text.push_str(&comment);
            may_trail = false;
        }
    }

    fn item(&mut self, item: &Item<'_>, place: Place) -> String {
        match item {
            Item::Value(value) => self.expr(value, place),
            Item::Pair(value, chance) => self.both(value, ": ", chance, place),
            Item::Argument(argument) => {
                let name = argument.name.as_ref();
                let text = name.map_or_else(String::new, |name| format!("{}: ", name.value));
                let value = self.expr(&argument.value, after(place, &text));
                text + &value
            }
            Item::Parameter(parameter) => {
                let mut text = declared(parameter);
                if let Some(default) = &parameter.default {
                    text.push_str(" = ");
                    let default = self.expr(default, after(place, &text));
                    text.push_str(&default);
                }
                text
            }
            Item::Name(name) => name.value.to_string(),
        }
    }

    fn flat_item(&self, item: &Item<'_>) -> String {
        match item {
            Item::Value(value) => self.flat(value),
            Item::Pair(value, chance) => format!("{}: {}", self.flat(value), self.flat(chance)),
            Item::Argument(argument) => match &argument.name {
                Some(name) => format!("{}: {}", name.value, self.flat(&argument.value)),
                None => self.flat(&argument.value),
            },
            Item::Parameter(parameter) => match &parameter.default {
                Some(default) => format!("{} = {}", declared(parameter), self.flat(default)),
                None => declared(parameter),
            },
            Item::Name(name) => name.value.to_string(),
        }
    }

    /// An expression on one line, but for line breaks inside strings.
    fn flat(&self, expr: &Expr) -> String {
        let all = |items: &mut dyn Iterator<Item = Item<'_>>| {
            let items: Vec<String> = items.map(|item| self.flat_item(&item)).collect();
            items.join(", ")
        };
        match &expr.kind {
            ExprKind::List(values) => format!("[{}]", all(&mut values.iter().map(Item::Value))),
            ExprKind::Weighted(pairs) => {
                let mut items = pairs
                    .iter()
                    .map(|(value, chance)| Item::Pair(value, chance));
                format!("[{}]", all(&mut items))
            }
            ExprKind::Call { callee, arguments } => {
                let arguments = all(&mut arguments.iter().map(Item::Argument));
                format!("{}({arguments})", self.source(callee.span))
            }
            ExprKind::Negate(inner) => format!("-{}", self.flat(inner)),
            ExprKind::Binary {
                operator,
                left,
                right,
            } => {
                let sign = sign(operator.value);
                format!("{} {sign} {}", self.flat(left), self.flat(right))
            }
            ExprKind::Range(left, right) => format!("{}..{}", self.flat(left), self.flat(right)),
            ExprKind::Arrow(ends) => {
                let (from, to) = &**ends;
                format!("{} -> {}", self.source(from.span), self.source(to.span))
            }
            ExprKind::Of { count, team } => {
                format!("{} of {}", self.flat(count), self.source(team.span))
            }
            ExprKind::Group(inner) => format!("({})", self.flat(inner)),
            _ => self.source(expr.span),
        }
    }
}

fn first_line(text: &str) -> usize {
    text.lines().next().map_or(0, |line| line.chars().count())
}

fn declared(parameter: &Parameter) -> String {
    format!("{}: {}", parameter.name.value, type_text(&parameter.ty))
}

fn type_text(ty: &TypeName) -> String {
    match &ty.argument {
        Some(argument) => format!("{}<{}>", ty.name.value, type_text(argument)),
        None => ty.name.value.to_string(),
    }
}

/// The place behind `text`.
fn after(place: Place, text: &str) -> Place {
    let length = |line: &str| line.chars().count();
    let column = match text.rsplit_once('\n') {
        Some((_, last)) => length(last),
        None => place.column + length(text),
    };
    Place { column, ..place }
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
    }
}

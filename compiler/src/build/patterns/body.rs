//! The body of a pattern: `for` and `together` run, what it requires asked.

use std::rc::Rc;

use whimbrel_lang::ast::{self, ExprKind, Name, Operator, Plain, Statement, StatementKind};
use whimbrel_lang::{Diagnostic, Edit, Quantity, Span, Spanned};

use super::super::templates::Draft;
use super::Expander;
use crate::check::eval::{Scope, eval, text};
use crate::check::limits;
use crate::check::names::Names;
use crate::check::object::Checker;
use crate::check::truth::truth;
use crate::check::value::Value;
use crate::codes;
use crate::origins::Definition;
use crate::schema;
use crate::walk;

/// Runs the statements of a pattern's body.
pub(super) struct Body<'a, 'b> {
    pub expander: &'a mut Expander<'b>,
    /// Whether something that the pattern requires does not hold: its steps would mislead.
    pub refused: bool,
    pub group: usize,
    pub drafts: Vec<Draft>,
    pub origin: Span,
    /// Parameters given by the thing itself.
    pub arguments: Vec<&'b str>,
}

impl Body<'_, '_> {
    pub fn statements(&mut self, statements: &[Statement], scope: &Scope, together: Option<usize>) {
        let names = &self.expander.top.names;
        let flat = Checker {
            names,
            found: self.expander.found,
        }
        .flatten(statements, scope);
        for (statement, scope) in flat {
            match &statement.kind {
                StatementKind::Plain(plain) => self.plain(statement, plain, &scope, together),
                StatementKind::Require { condition, message } => {
                    self.requirement(condition, message, &scope);
                }
                _ => {
                    let names: &Names = &self.expander.top.names;
                    Checker {
                        names,
                        found: self.expander.found,
                    }
                    .misplaced(statement, "in a pattern");
                }
            }
        }
    }

    fn requirement(
        &mut self,
        condition: &ast::Expr,
        message: &Spanned<Vec<ast::StringPart>>,
        scope: &Scope,
    ) {
        let found = &mut *self.expander.found;
        let value = eval(condition, scope, found);
        if matches!(value, Value::Error) {
            self.refused = true;
            return;
        }
        match truth(&value, condition.span) {
            Ok(true) => return,
            Ok(false) => {
                let message = text(&message.value, scope, found);
                let mut told = Diagnostic::error(codes::PRECONDITION_FAILED, self.origin, message)
                    .label(condition.span, "required here")
                    .help("change the arguments of the pattern, or what it moves");
                if let Some(edit) = last_share(condition, scope, self.origin) {
                    told = told.fix("end with 100 %", vec![edit]);
                }
                found.push(told);
            }
            Err(diagnostic) => found.push(*diagnostic),
        }
        self.refused = true;
    }

    fn plain(
        &mut self,
        statement: &Statement,
        plain: &Plain,
        scope: &Scope,
        together: Option<usize>,
    ) {
        if self.refused {
            return;
        }
        let keyword = plain.keyword.value.as_str();
        if keyword == "together" {
            self.side_by_side(&plain.body, scope, together);
            return;
        }
        let Some(block) = schema::PATTERN_BODY
            .iter()
            .copied()
            .find(|b| b.keyword == keyword)
        else {
            self.unknown(&plain.keyword);
            return;
        };
        let names = &self.expander.top.names;
        let mut checker = Checker {
            names,
            found: self.expander.found,
        };
        let Some(object) = checker.object(block, statement, plain, scope) else {
            return;
        };
        checker.require(&object);
        if let Err(diagnostic) = limits::steps(self.drafts.len() + 1, object.span) {
            self.expander.found.push(*diagnostic);
            self.refused = true;
            return;
        }
        if let Some(first) = self
            .drafts
            .iter()
            .find(|d| d.object.name() == object.name())
        {
            self.expander.found.push(
                Diagnostic::error(
                    codes::DUPLICATE_NAME,
                    object.span,
                    format!("the pattern has two steps `{}`", object.name()),
                )
                .label(first.definition.span, "first defined here")
                .help("give each step a name of its own"),
            );
            return;
        }
        let definition = Rc::new(Definition::of(&object, object.span));
        let argued = self.argued(block, &plain.body);
        let group = together.unwrap_or(self.group);
        self.drafts.push(Draft {
            object,
            group,
            definition,
            overridden: None,
            argued,
        });
        if together.is_none() {
            self.group += 1;
        }
    }

    /// The attributes whose values mention a parameter that the thing itself gives.
    fn argued(&self, block: &'static schema::Block, body: &ast::Body) -> Vec<&'static str> {
        let ast::Body::Block(body) = body else {
            return Vec::new();
        };
        let mentions = |plain: &Plain| {
            let mut found = false;
            if let ast::Body::Value { value, .. } = &plain.body {
                walk::paths(value, &mut |path| {
                    let first = path.segments.first();
                    found |= first.is_some_and(|s| self.arguments.contains(&s.name.as_str()));
                });
            }
            found
        };
        let plain = body
            .statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Plain(plain) if !self.arguments.is_empty() => Some(plain),
                _ => None,
            });
        plain
            .filter(|plain| mentions(plain))
            .filter_map(|plain| Some(block.attribute(&plain.keyword.value)?.name))
            .collect()
    }

    fn side_by_side(&mut self, body: &ast::Body, scope: &Scope, together: Option<usize>) {
        if let ast::Body::Block(block) = body {
            let group = together.unwrap_or(self.group);
            self.statements(&block.statements, scope, Some(group));
            if together.is_none() {
                self.group += 1;
            }
        }
    }

    fn unknown(&mut self, keyword: &Spanned<Name>) {
        let known = schema::PATTERN_BODY.iter().map(|block| block.keyword);
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_ATTRIBUTE,
            keyword.span,
            format!("a pattern has no `{}`", keyword.value),
        );
        self.expander.found.push(
            diagnostic
                .meant(&keyword.value, known)
                .or_help(|| "a pattern has `step`, `gate`, `together`, `for` and `require`"),
        );
    }
}

/// What ends a list of shares with the 100 % that `LIST.last == 100%` asks for, where the list is
/// written at the `move`.
fn last_share(condition: &ast::Expr, scope: &Scope, given: Span) -> Option<Edit> {
    let ExprKind::Binary {
        operator,
        left,
        right,
    } = &condition.kind
    else {
        return None;
    };
    let (ExprKind::Path(path), ExprKind::Quantity(limit)) = (&left.kind, &right.kind) else {
        return None;
    };
    let [list, last] = path.segments.as_slice() else {
        return None;
    };
    let (Some(Value::List(items)), "last", Operator::Equal) =
        (scope.get(&list.name), last.name.as_str(), operator.value)
    else {
        return None;
    };
    let part = |item: &Spanned<Value>| match &item.value {
        Value::Quantity(share) => share.dimension == limit.dimension && share.amount < 1.0,
        _ => false,
    };
    let end = items.last()?.span;
    let here = end.source == given.source && given.start <= end.start && end.end <= given.end;
    let whole = *limit == Quantity::ratio(1.0);
    (here && whole && items.iter().all(part)).then(|| Edit {
        span: Span {
            start: end.end,
            ..end
        },
        text: ", 100%".to_owned(),
    })
}

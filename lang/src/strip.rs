//! Trees without places, to compare what texts say and not where they say it.

use crate::Span;
use crate::ast::{
    Block, Body, CallArgument, Comment, Expr, ExprKind, File, Parameter, Path, Plain, Statement,
    StatementKind, StringPart, TypeName, Word,
};
use crate::{SourceId, Spanned};

/// Sets every span of a tree to the same empty one, so that trees of texts that say the same are
/// equal. Comments keep their text and go by the same rule.
pub fn strip_spans(file: &mut File, source: SourceId) {
    let strip = Strip(Span::new(source, 0, 0));
    strip.statements(&mut file.statements);
    strip.comments(&mut file.trailing_comments);
}

struct Strip(Span);

impl Strip {
    fn statements(&self, statements: &mut [Statement]) {
        for statement in statements {
            statement.span = self.0;
            if let Some(remarks) = &mut statement.remarks {
                self.all(&mut remarks.doc);
                self.comments(&mut remarks.comments);
                self.comments(remarks.trailing.as_mut_slice());
            }
            self.kind(&mut statement.kind);
        }
    }

    fn comments(&self, comments: &mut [Comment]) {
        for comment in comments {
            comment.span = self.0;
        }
    }

    fn all<T>(&self, values: &mut [Spanned<T>]) {
        for value in values {
            value.span = self.0;
        }
    }

    fn one<T>(&self, value: &mut Spanned<T>) {
        value.span = self.0;
    }

    fn block(&self, block: &mut Block) {
        block.span = self.0;
        self.statements(&mut block.statements);
        self.comments(&mut block.trailing_comments);
    }

    fn kind(&self, kind: &mut StatementKind) {
        match kind {
            StatementKind::Plain(plain) => self.plain(plain),
            StatementKind::Use { path, names } => {
                self.all(path);
                self.all(names);
            }
            StatementKind::Import { path } => self.one(path),
            StatementKind::Let {
                name,
                value,
                because,
            } => {
                self.one(name);
                self.expr(value);
                because.iter_mut().for_each(|text| self.template(text));
            }
            StatementKind::Pattern(pattern) => {
                self.one(&mut pattern.name);
                self.one(&mut pattern.subject);
                for parameter in &mut pattern.parameters {
                    self.parameter(parameter);
                }
                self.block(&mut pattern.body);
            }
            StatementKind::For {
                variable,
                list,
                body,
            } => {
                self.one(variable);
                self.expr(list);
                self.block(body);
            }
            StatementKind::Require { condition, message } => {
                self.expr(condition);
                self.template(message);
            }
            StatementKind::Waive {
                code,
                on,
                until,
                because,
            } => {
                self.one(code);
                on.iter_mut().for_each(|path| self.path(path));
                until.iter_mut().for_each(|until| self.expr(until));
                because.iter_mut().for_each(|text| self.template(text));
            }
        }
    }

    fn plain(&self, plain: &mut Plain) {
        self.one(&mut plain.keyword);
        for word in &mut plain.words {
            match word {
                Word::Path(path) => self.path(path),
                Word::Template(template) => self.template(template),
                Word::Arrow(span) => *span = self.0,
            }
        }
        match &mut plain.body {
            Body::None => {}
            Body::Value { value, because } => {
                self.expr(value);
                because.iter_mut().for_each(|text| self.template(text));
            }
            Body::Block(block) => self.block(block),
        }
    }

    fn parameter(&self, parameter: &mut Parameter) {
        self.all(&mut parameter.doc);
        self.one(&mut parameter.name);
        self.type_name(&mut parameter.ty);
        parameter
            .default
            .iter_mut()
            .for_each(|value| self.expr(value));
    }

    fn type_name(&self, ty: &mut TypeName) {
        self.one(&mut ty.name);
        ty.argument
            .iter_mut()
            .for_each(|inner| self.type_name(inner));
    }

    fn path(&self, path: &mut Path) {
        path.span = self.0;
        for segment in &mut path.segments {
            segment.span = self.0;
        }
    }

    fn template(&self, template: &mut Spanned<Vec<StringPart>>) {
        self.one(template);
        self.parts(&mut template.value);
    }

    fn parts(&self, parts: &mut [StringPart]) {
        for part in parts {
            if let StringPart::Interpolation(expr) = part {
                self.expr(expr);
            }
        }
    }

    fn expr(&self, expr: &mut Expr) {
        expr.span = self.0;
        match &mut expr.kind {
            ExprKind::Text(parts) => self.parts(parts),
            ExprKind::Path(path) => self.path(path),
            ExprKind::List(values) => values.iter_mut().for_each(|value| self.expr(value)),
            ExprKind::Weighted(pairs) => {
                for (value, chance) in pairs {
                    self.expr(value);
                    self.expr(chance);
                }
            }
            ExprKind::Call { callee, arguments } => {
                self.path(callee);
                for CallArgument { name, value } in arguments {
                    name.iter_mut().for_each(|name| self.one(name));
                    self.expr(value);
                }
            }
            ExprKind::Negate(inner) | ExprKind::Group(inner) => self.expr(inner),
            ExprKind::Binary {
                operator,
                left,
                right,
            } => {
                self.one(operator);
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Range(left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Arrow(ends) => {
                let (from, to) = &mut **ends;
                self.path(from);
                self.path(to);
            }
            ExprKind::Of { count, team } => {
                self.expr(count);
                self.path(team);
            }
            ExprKind::Quantity(_)
            | ExprKind::Boolean(_)
            | ExprKind::Date(_)
            | ExprKind::DateTime(..)
            | ExprKind::Time(_)
            | ExprKind::Error => {}
        }
    }
}

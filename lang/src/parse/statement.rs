//! One statement, from its head and its block.

use super::Reader;
use crate::ast::{
    Block, Body, Expr, ExprKind, Name, Parameter, Path, Pattern, Plain, Segment, Statement,
    StatementKind, StringPart, TypeName, Word,
};
use crate::grammar::{self, Node, Rule};
use crate::scanner::{ERROR_LIMIT, RawStatement};
use crate::{Diagnostic, Span, Spanned, codes};

/// Whether a form of statement has a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WantsBlock {
    Always,
    Never,
    Perhaps,
}

impl Reader<'_> {
    pub(super) fn statement(&mut self, raw: RawStatement) -> Option<Statement> {
        if self.diagnostics.len() > ERROR_LIMIT {
            return None;
        }
        let head = self.text.get(raw.start..raw.end).unwrap_or_default();
        let start = raw.start;
        let end = raw.block.as_ref().map_or(raw.end, |block| block.end);
        let damaged = raw.damaged;
        let before = self.diagnostics.len();
        let open = raw.block.as_ref().map(|block| block.open);
        let block = raw.block.map(|block| self.block(*block));
        let inner = self
            .diagnostics
            .split_off(before.min(self.diagnostics.len()));
        self.base = start;
        let kind = if damaged {
            self.rescue(head, block)
        } else {
            self.kind(head, open, block)
        };
        self.diagnostics.extend(inner);
        Some(Statement {
            remarks: raw.remarks,
            blank_before: raw.blank_before,
            kind: kind?,
            span: Span::new(self.source, start, end),
        })
    }

    fn kind(
        &mut self,
        head: &str,
        open: Option<usize>,
        block: Option<Block>,
    ) -> Option<StatementKind> {
        if let (Some(open), Some(at)) = (open, assignment(head))
            && head
                .get(at + 1..)
                .is_some_and(|rest| rest.trim().is_empty())
        {
            let before = head.get(..at).unwrap_or_default().trim_end();
            self.assigned_block(before, open);
            return self.kind(before, Some(open), block);
        }
        let (rule, wants) = form(head);
        if !self.has_its_block(head, wants, open) {
            return None;
        }
        if self.shortcut
            && rule == Rule::plain
            && let Some(plain) = self.simple(head, open.is_some())
        {
            return Some(StatementKind::Plain(match block {
                Some(block) => Plain {
                    body: Body::Block(block),
                    ..plain
                },
                None => plain,
            }));
        }
        match grammar::parse(rule, head) {
            Ok(node) => self.read(node, open, block),
            Err(expected) => {
                self.unexpected(head, &expected, open);
                self.rescue(head, block)
            }
        }
    }

    fn read(
        &mut self,
        node: Node<'_>,
        open: Option<usize>,
        block: Option<Block>,
    ) -> Option<StatementKind> {
        match node.as_rule() {
            Rule::plain => self.plain(node, open, block),
            Rule::r#use => self.use_statement(node),
            Rule::import => {
                let path = self.constant_text(node.into_inner().next()?)?;
                self.names_file(&path)
                    .then_some(StatementKind::Import { path })
            }
            Rule::r#let => {
                let mut nodes = node.into_inner();
                let name = self.name(&nodes.next()?);
                let value = self.expression(nodes.nth(1)?);
                let because = nodes.find(|node| node.as_rule() == Rule::because);
                Some(StatementKind::Let {
                    name,
                    value,
                    because: because.and_then(|node| self.because(node)).map(Box::new),
                })
            }
            Rule::pattern => self.pattern(node, block?),
            Rule::r#for => {
                let mut nodes = node.into_inner();
                let variable = self.name(&nodes.next()?);
                let list = Box::new(self.expression(nodes.nth(1)?));
                let body = block?;
                Some(StatementKind::For {
                    variable,
                    list,
                    body,
                })
            }
            Rule::require => {
                let mut nodes = node.into_inner();
                let condition = self.expression(nodes.next()?);
                let message = self.template(nodes.nth(1)?);
                Some(StatementKind::Require { condition, message })
            }
            _ => self.waive(node),
        }
    }

    fn plain(
        &mut self,
        node: Node<'_>,
        open: Option<usize>,
        block: Option<Block>,
    ) -> Option<StatementKind> {
        let mut nodes = node.into_inner();
        let keyword = self.spanned(&nodes.next()?);
        let mut words = Vec::new();
        let mut value: Option<Expr> = None;
        let mut because = None;
        for node in nodes {
            match node.as_rule() {
                Rule::word => words.extend(self.word(node)),
                Rule::expression => value = Some(self.expression(node)),
                Rule::because => because = self.because(node).map(Box::new),
                _ => {}
            }
        }
        let body = match (value, block) {
            (Some(value), Some(block)) => {
                let name = name_of(&value);
                self.block_after_value(open, &keyword, name.as_ref());
                match name {
                    Some(name) => {
                        words.push(Word::Path(name));
                        Body::Block(block)
                    }
                    None => Body::Value { value, because },
                }
            }
            (Some(value), None) => Body::Value { value, because },
            (None, Some(block)) => Body::Block(block),
            (None, None) => Body::None,
        };
        Some(StatementKind::Plain(Plain {
            keyword,
            words,
            body,
        }))
    }

    /// Whether the path of an `import` could be that of a file; says so if not.
    fn names_file(&mut self, path: &Spanned<String>) -> bool {
        let written = path.value.as_str();
        let folder = written
            .split('/')
            .all(|part| part.is_empty() || part == ".");
        let none = folder && !written.starts_with('/');
        if none {
            self.report(
                Diagnostic::error(
                    codes::UNEXPECTED_TOKEN,
                    path.span,
                    format!("expected the path of a file, found `\"{written}\"`"),
                )
                .help("name a file, as in `import \"inventory.mig\"`"),
            );
        }
        !none
    }

    fn word(&mut self, node: Node<'_>) -> Option<Word> {
        let node = node.into_inner().next()?;
        if node.as_rule() == Rule::arrow {
            return Some(Word::Arrow(self.span(node.as_span())));
        }
        if let Some(template) = self.lone_template(&node) {
            return Some(Word::Template(template));
        }
        let path = self.path(node)?;
        if let Some(empty) = path.segments.iter().find(|one| one.name.is_empty()) {
            let message = "expected a name, found `\"\"`";
            let diagnostic = Diagnostic::error(codes::UNEXPECTED_TOKEN, empty.span, message);
            self.report(diagnostic.help("a name has at least one letter"));
        }
        let reserved = path.segments.len() == 1
            && path
                .segments
                .first()
                .is_some_and(|segment| !segment.quoted && segment.name == "remaining");
        if reserved {
            self.reserved(path.span);
        }
        Some(Word::Path(path))
    }

    fn reserved(&mut self, span: Span) {
        self.report(
            Diagnostic::error(
                codes::UNEXPECTED_TOKEN,
                span,
                "`remaining` is reserved and names nothing else",
            )
            .help("choose another name, or quote it"),
        );
    }

    fn use_statement(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut path = Vec::new();
        let mut names = Vec::new();
        let span = self.span(node.as_span());
        for node in node.into_inner() {
            match node.as_rule() {
                Rule::identifier => path.push(self.spanned(&node)),
                Rule::names => {
                    let inner = node.into_inner();
                    names = inner
                        .filter(|node| node.as_rule() == Rule::identifier)
                        .map(|node| self.spanned(&node))
                        .collect();
                }
                _ => {}
            }
        }
        if names.is_empty() {
            names.extend(path.pop());
        }
        if path.is_empty() {
            self.report(
                Diagnostic::error(
                    codes::UNEXPECTED_TOKEN,
                    span,
                    "expected a module and a name in it",
                )
                .help("write `use std.patterns.{strangler_fig, canary}`"),
            );
            return None;
        }
        Some(StatementKind::Use { path, names })
    }

    fn pattern(&mut self, node: Node<'_>, body: Block) -> Option<StatementKind> {
        let mut nodes = node.into_inner();
        let name = self.name(&nodes.next()?);
        let mut parameters = Vec::new();
        let mut subject = None;
        for node in nodes {
            match node.as_rule() {
                Rule::parameters => parameters = self.parameters(node),
                Rule::identifier => subject = Some(self.spanned(&node)),
                _ => {}
            }
        }
        Some(StatementKind::Pattern(Box::new(Pattern {
            name,
            parameters,
            subject: subject?,
            body,
        })))
    }

    fn parameters(&mut self, node: Node<'_>) -> Vec<Parameter> {
        let mut from = self.span(node.as_span()).start;
        let mut parameters = Vec::new();
        for node in node.into_inner() {
            if node.as_rule() != Rule::parameter {
                continue;
            }
            let span = self.span(node.as_span());
            let mut parameter = self.parameter(node);
            if let Some(parameter) = &mut parameter {
                parameter.doc = self.docs_between(from, span.start);
            }
            from = span.end;
            parameters.extend(parameter);
        }
        parameters
    }

    fn docs_between(&self, from: u32, to: u32) -> Vec<Spanned<String>> {
        let first = self
            .inner_comments
            .partition_point(|inner| inner.comment.span.start < from);
        let rest = self.inner_comments.get(first..).unwrap_or_default();
        rest.iter()
            .take_while(|inner| inner.comment.span.start < to)
            .filter(|inner| inner.doc && inner.own_line)
            .map(|inner| Spanned::new(inner.comment.text.clone(), inner.comment.span))
            .collect()
    }

    fn parameter(&mut self, node: Node<'_>) -> Option<Parameter> {
        let mut name = None;
        let mut ty = None;
        let mut default = None;
        for node in node.into_inner() {
            match node.as_rule() {
                Rule::identifier => name = Some(self.name(&node)),
                Rule::type_name => ty = self.type_name(node),
                Rule::expression => default = Some(self.expression(node)),
                _ => {}
            }
        }
        Some(Parameter {
            doc: Vec::new(),
            name: name?,
            ty: ty?,
            default,
        })
    }

    fn type_name(&mut self, node: Node<'_>) -> Option<TypeName> {
        let mut nodes = node.into_inner();
        let name = self.spanned(&nodes.next()?);
        let argument = nodes.next().map(|node| {
            Box::new(TypeName {
                name: self.spanned(&node),
                argument: None,
            })
        });
        Some(TypeName { name, argument })
    }

    fn waive(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut nodes = node.into_inner();
        let code = self.spanned(&nodes.next()?);
        let (mut on, mut until, mut because) = (None, None, None);
        for node in nodes {
            match node.as_rule() {
                Rule::on => on = self.path(node.into_inner().nth(1)?),
                Rule::until => until = Some(Box::new(self.expression(node.into_inner().nth(1)?))),
                Rule::because => because = self.because(node).map(Box::new),
                _ => {}
            }
        }
        Some(StatementKind::Waive {
            code,
            on,
            until,
            because,
        })
    }

    fn because(&mut self, node: Node<'_>) -> Option<Spanned<Vec<StringPart>>> {
        let node = node.into_inner().nth(1)?;
        Some(self.template(node))
    }

    /// A name that is given here.
    fn name(&mut self, node: &Node<'_>) -> Spanned<Name> {
        let name = self.spanned(node);
        if name.value == "remaining" {
            self.reserved(name.span);
        }
        name
    }

    pub(super) fn spanned(&self, node: &Node<'_>) -> Spanned<Name> {
        Spanned::new(node.as_str().into(), self.span(node.as_span()))
    }

    /// What can be kept of a statement whose head cannot be read: its name and block, or its name
    /// and an unreadable value. What is wrong has been reported.
    fn rescue(&mut self, head: &str, block: Option<Block>) -> Option<StatementKind> {
        let (before, after) = match assignment(head) {
            Some(at) => head.split_at_checked(at)?,
            None => (head, ""),
        };
        if form(head).0 != Rule::plain || (after.is_empty() && block.is_none()) {
            return None;
        }
        let node = grammar::parse(Rule::prefix, before).ok()?;
        let StatementKind::Plain(mut plain) = self.plain(node, None, block)? else {
            return None;
        };
        if !after.is_empty() {
            let start = self.base + before.len();
            let end = self.base + head.len();
            plain.body = Body::Value {
                value: Expr {
                    kind: ExprKind::Error,
                    span: Span::new(self.source, start, end),
                },
                because: None,
            };
        }
        Some(StatementKind::Plain(plain))
    }
}

/// Which form a head has, and whether that form has a block.
fn form(head: &str) -> (Rule, WantsBlock) {
    let word = first_word(head);
    let rest = head.get(word.len()..).unwrap_or_default().trim_start();
    let assigns = rest.starts_with('=') && !rest.starts_with("==");
    match word {
        _ if assigns => (Rule::plain, WantsBlock::Perhaps),
        "use" => (Rule::r#use, WantsBlock::Never),
        "import" => (Rule::import, WantsBlock::Never),
        "let" => (Rule::r#let, WantsBlock::Never),
        "pattern" => (Rule::pattern, WantsBlock::Always),
        "for" => (Rule::r#for, WantsBlock::Always),
        "require" => (Rule::require, WantsBlock::Never),
        "waive" => (Rule::waive, WantsBlock::Never),
        _ => (Rule::plain, WantsBlock::Perhaps),
    }
}

/// The name that a value is, written as one or as a string.
fn name_of(value: &Expr) -> Option<Path> {
    match &value.kind {
        ExprKind::Path(path) => Some(path.clone()),
        ExprKind::Text(parts) => match parts.as_slice() {
            [StringPart::Text(name)] => Some(Path {
                segments: vec![Segment {
                    name: name.as_str().into(),
                    quoted: true,
                    span: value.span,
                }],
                span: value.span,
            }),
            _ => None,
        },
        _ => None,
    }
}

/// The word at the start, as far as it can be a name: hyphens stand between letters or digits.
pub(super) fn first_word(head: &str) -> &str {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = head.as_bytes();
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let joins = || *byte == b'-' && bytes.get(length + 1).is_some_and(letter);
        if !letter(byte) && !joins() {
            break;
        }
        length += 1;
    }
    head.get(..length).unwrap_or_default()
}

/// Where the first `=` stands that is not part of another operator or a string.
fn assignment(head: &str) -> Option<usize> {
    let bytes = head.as_bytes();
    let mut in_text = false;
    let mut previous = b' ';
    for (index, byte) in bytes.iter().copied().enumerate() {
        match byte {
            b'"' if previous != b'\\' => in_text = !in_text,
            b'=' if !in_text => {
                let compared = matches!(previous, b'<' | b'>' | b'=' | b'!');
                let doubled = bytes.get(index + 1) == Some(&b'=');
                return (!compared && !doubled).then_some(index);
            }
            _ => {}
        }
        previous = byte;
    }
    None
}

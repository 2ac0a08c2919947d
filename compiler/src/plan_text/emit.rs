//! Statements as data.

use serde_json::{Map, Value, json};
use whimbrel_lang::ast::{
    Body, Expr, File, Name, Pattern, Plain, Statement, StatementKind, StringPart, TypeName, Word,
};
use whimbrel_lang::{Sources, Span, Spanned};

use super::expression::{self, Variables, names};
use crate::check::object::doc;
use crate::check::value::dotted;
use crate::schema::{self, Block, Words};

/// Where a statement stands: what its keyword means depends on it.
#[derive(Clone, Copy)]
enum Place {
    Top,
    Pattern,
    Inside(&'static Block),
    /// Inside something the schema does not know.
    Nowhere,
}

impl Place {
    fn block(self, keyword: &str) -> Option<&'static Block> {
        match self {
            Self::Top => schema::top(keyword)
                .or((keyword == schema::EXECUTOR.keyword).then_some(schema::EXECUTOR)),
            Self::Pattern => {
                let mut blocks = schema::PATTERN_BODY.iter().copied();
                blocks.find(|block| block.keyword == keyword)
            }
            Self::Inside(block) => block.block(keyword),
            Self::Nowhere => None,
        }
    }
}

pub(super) struct Emitter<'a> {
    pub sources: &'a Sources,
}

impl Emitter<'_> {
    /// The statements of a file.
    pub fn file(&self, file: &File, variables: &Variables) -> Value {
        let (_, statements) = self.body(&file.statements, Place::Top, variables);
        statements.into()
    }

    /// Attributes by name, and the other statements in order.
    fn body(
        &self,
        statements: &[Statement],
        place: Place,
        variables: &Variables,
    ) -> (Map<String, Value>, Vec<Value>) {
        let mut attributes = Map::new();
        let mut others = Vec::new();
        for statement in statements {
            if let Some((name, value)) = self.attribute(statement, place, variables)
                && !attributes.contains_key(name)
            {
                attributes.insert(name.to_owned(), value);
                continue;
            }
            others.push(self.statement(statement, place, variables));
        }
        (attributes, others)
    }

    /// `name = value`, which stands at the top of no file.
    fn attribute<'s>(
        &self,
        statement: &'s Statement,
        place: Place,
        variables: &Variables,
    ) -> Option<(&'s str, Value)> {
        let StatementKind::Plain(plain) = &statement.kind else {
            return None;
        };
        let Body::Value { value, because } = &plain.body else {
            return None;
        };
        if !plain.words.is_empty() || matches!(place, Place::Top | Place::Pattern) {
            return None;
        }
        let mut out = self.given(value, because.as_deref(), variables);
        self.finish(&mut out, statement);
        Some((plain.keyword.value.as_str(), out.into()))
    }

    fn given(
        &self,
        value: &Expr,
        because: Option<&Spanned<Vec<StringPart>>>,
        variables: &Variables,
    ) -> Map<String, Value> {
        let mut out = Map::new();
        out.insert("value".to_owned(), self.value(value, variables));
        if let Some(because) = because {
            out.insert("because".to_owned(), self.text(because, variables));
        }
        out
    }

    fn statement(&self, statement: &Statement, place: Place, variables: &Variables) -> Value {
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| {
            out.insert(name.to_owned(), value);
        };
        match &statement.kind {
            StatementKind::Plain(plain) => self.plain(plain, place, variables, &mut put),
            StatementKind::Use { path, names } => uses(path, names, &mut put),
            StatementKind::Import { path } => {
                put("keyword", "import".into());
                put("file", path.value.as_str().into());
            }
            StatementKind::Let {
                name,
                value,
                because,
            } => {
                put("keyword", "let".into());
                put("name", name.value.as_str().into());
                for (name, value) in self.given(value, because.as_deref(), variables) {
                    put(&name, value);
                }
            }
            StatementKind::Pattern(pattern) => self.pattern(pattern, variables, &mut put),
            StatementKind::For {
                variable,
                list,
                body,
            } => {
                put("keyword", "for".into());
                put("variable", variable.value.as_str().into());
                put("list", self.value(list, variables));
                let variables = variables.with([variable.value.as_str()]);
                self.inside(&body.statements, place, &variables, &mut put);
            }
            StatementKind::Require { condition, message } => {
                put("keyword", "require".into());
                put("condition", self.value(condition, variables));
                put("message", self.text(message, variables));
            }
            StatementKind::Waive { .. } => self.waive(&statement.kind, variables, &mut put),
        }
        self.finish(&mut out, statement);
        out.into()
    }

    fn waive(
        &self,
        kind: &StatementKind,
        variables: &Variables,
        put: &mut impl FnMut(&str, Value),
    ) {
        let StatementKind::Waive {
            code,
            on,
            until,
            because,
        } = kind
        else {
            return;
        };
        put("keyword", "waive".into());
        put("rule", code.value.as_str().into());
        if let Some(on) = on {
            put("target", names(on).into());
        }
        if let Some(until) = until {
            put("until", self.value(until, variables));
        }
        if let Some(because) = because {
            put("because", self.text(because, variables));
        }
    }

    fn inside(
        &self,
        statements: &[Statement],
        place: Place,
        variables: &Variables,
        put: &mut impl FnMut(&str, Value),
    ) {
        let (attributes, statements) = self.body(statements, place, variables);
        if !matches!(place, Place::Top | Place::Pattern) {
            put("attributes", attributes.into());
        }
        put("statements", statements.into());
    }

    fn plain(
        &self,
        plain: &Plain,
        place: Place,
        variables: &Variables,
        put: &mut impl FnMut(&str, Value),
    ) {
        let keyword = plain.keyword.value.as_str();
        put("keyword", keyword.into());
        if let Body::Value { value, because } = &plain.body {
            put("words", self.words(&plain.words, variables));
            for (name, value) in self.given(value, because.as_deref(), variables) {
                put(&name, value);
            }
            return;
        }
        let statements = match &plain.body {
            Body::Block(body) => body.statements.as_slice(),
            _ => &[],
        };
        if let (Place::Top, "defaults", [Word::Path(path)]) = (place, keyword, &*plain.words) {
            let block = dotted(path);
            let place = schema::top(&block).map_or(Place::Nowhere, Place::Inside);
            put("block", block.into());
            self.inside(statements, place, variables, put);
            return;
        }
        if let (Place::Top, "scenario", [Word::Path(path)]) = (place, keyword, &*plain.words) {
            put("name", dotted(path).into());
            self.inside(statements, Place::Top, variables, put);
            return;
        }
        let block = place.block(keyword);
        match block.and_then(|block| self.named(block, &plain.words, variables)) {
            Some(fields) => fields
                .into_iter()
                .for_each(|(name, value)| put(name, value)),
            None => put("words", self.words(&plain.words, variables)),
        }
        // A step of a thing's own may name the thing it moves.
        let subject = match place {
            Place::Inside(mover) if matches!(keyword, "step" | "gate") => {
                mover.attribute("move").map(|_| mover.keyword)
            }
            _ => block.and_then(Block::variable),
        };
        let variables = variables.with(subject);
        let place = block.map_or(Place::Nowhere, Place::Inside);
        self.inside(statements, place, &variables, put);
    }

    /// The words of a block, by what they are; nothing where they are not what it takes.
    fn named(
        &self,
        block: &Block,
        words: &[Word],
        variables: &Variables,
    ) -> Option<Vec<(&'static str, Value)>> {
        let template = |parts: &Spanned<Vec<StringPart>>| self.text(parts, variables);
        Some(match (block.words, words) {
            (Words::None, []) => Vec::new(),
            (Words::Name | Words::StepName, [Word::Path(path)])
                if path.segments.len() == 1 || block.keyword == "verb" =>
            {
                vec![("name", dotted(path).into())]
            }
            (Words::Name | Words::StepName, [Word::Template(parts)]) => {
                vec![("name", template(parts))]
            }
            (Words::Address, [Word::Path(path)]) => vec![("address", dotted(path).into())],
            (Words::Address, [Word::Template(parts)]) => vec![("address", template(parts))],
            (Words::Reference(_), [Word::Path(path)]) => vec![("target", names(path).into())],
            (Words::Reference(_), [Word::Template(parts)]) => vec![("target", template(parts))],
            (Words::Arrow(_), [from, Word::Arrow(_), to]) => {
                let end = |word: &Word| match word {
                    Word::Path(path) => names(path).into(),
                    Word::Template(parts) => template(parts),
                    Word::Arrow(_) => "->".into(),
                };
                vec![("from", end(from)), ("to", end(to))]
            }
            _ => return None,
        })
    }

    fn words(&self, words: &[Word], variables: &Variables) -> Value {
        let words = words.iter().map(|word| match word {
            Word::Path(path) => names(path).into(),
            Word::Template(parts) => self.text(parts, variables),
            Word::Arrow(_) => "->".into(),
        });
        words.collect::<Vec<Value>>().into()
    }

    fn pattern(&self, pattern: &Pattern, variables: &Variables, put: &mut impl FnMut(&str, Value)) {
        put("keyword", "pattern".into());
        put("name", pattern.name.value.as_str().into());
        let parameters: Vec<Value> = pattern
            .parameters
            .iter()
            .map(|parameter| {
                let mut out = Map::new();
                out.insert("name".to_owned(), parameter.name.value.as_str().into());
                out.insert("type".to_owned(), type_name(&parameter.ty).into());
                if let Some(default) = &parameter.default {
                    out.insert("default".to_owned(), self.value(default, variables));
                }
                if !parameter.doc.is_empty() {
                    let lines: Vec<&str> = parameter.doc.iter().map(|l| l.value.as_str()).collect();
                    out.insert("doc".to_owned(), lines.join("\n").into());
                }
                out.into()
            })
            .collect();
        put("parameters", parameters.into());
        put("for", pattern.subject.value.as_str().into());
        let parameters = pattern.parameters.iter();
        let known = parameters.map(|parameter| parameter.name.value.as_str());
        let variables = variables
            .with(known)
            .with([pattern.subject.value.as_str(), "migration"]);
        self.inside(&pattern.body.statements, Place::Pattern, &variables, put);
    }

    fn value(&self, expr: &Expr, variables: &Variables) -> Value {
        expression::value(expr, self.sources, variables)
    }

    fn text(&self, parts: &Spanned<Vec<StringPart>>, variables: &Variables) -> Value {
        expression::text(&parts.value, self.sources, variables)
    }

    /// Its doc comment and its place.
    fn finish(&self, out: &mut Map<String, Value>, statement: &Statement) {
        if let Some(doc) = doc(statement) {
            out.insert("doc".to_owned(), doc.into());
        }
        out.insert("at".to_owned(), self.place(statement.span));
    }

    fn place(&self, span: Span) -> Value {
        let from = self.sources.line_column(span.source, span.start);
        let to = self.sources.line_column(span.source, span.end);
        json!({
            "line": from.line,
            "column": from.column,
            "end_line": to.line,
            "end_column": to.column,
        })
    }
}

fn uses(path: &[Spanned<Name>], names: &[Spanned<Name>], put: &mut impl FnMut(&str, Value)) {
    let words = |list: &[Spanned<Name>]| -> Vec<String> {
        list.iter().map(|word| word.value.to_string()).collect()
    };
    put("keyword", "use".into());
    put("module", words(path).into());
    put("names", words(names).into());
}

fn type_name(ty: &TypeName) -> String {
    match &ty.argument {
        Some(argument) => format!("{}<{}>", ty.name.value, type_name(argument)),
        None => ty.name.value.to_string(),
    }
}

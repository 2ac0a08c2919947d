//! The syntax tree: what the text says, with the place of everything.
//!
//! Untyped: what a keyword means comes from the compiler's schema. Comments hang on the statement
//! they stand before or behind, so that the formatter can keep them. A large plan has hundreds of
//! thousands of statements, so what few of them have is boxed.

use ecow::EcoString;

use crate::{Span, Spanned};

/// A keyword or a name. Most are short, and held in place without an allocation.
pub type Name = EcoString;

/// One source file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Statements in order.
    pub statements: Vec<Statement>,
    /// Comments after the last statement.
    pub trailing_comments: Vec<Comment>,
}

/// A `#` comment, without the `#` and one space after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Its text.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// Whether an empty line stands before it.
    pub blank_before: bool,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The comments about it, if there are any.
    pub remarks: Option<Box<Remarks>>,
    /// Whether an empty line stands before it (and its comments).
    pub blank_before: bool,
    /// What it says.
    pub kind: StatementKind,
    /// From its first word to its end, comments excluded.
    pub span: Span,
}

impl Statement {
    /// `##` lines before it.
    #[must_use]
    pub fn doc(&self) -> &[Spanned<String>] {
        self.remarks.as_ref().map_or(&[], |remarks| &remarks.doc)
    }

    /// `#` lines before it.
    #[must_use]
    pub fn comments(&self) -> &[Comment] {
        let remarks = self.remarks.as_ref();
        remarks.map_or(&[], |remarks| &remarks.comments)
    }

    /// A comment behind it.
    #[must_use]
    pub fn trailing(&self) -> Option<&Comment> {
        self.remarks.as_ref()?.trailing.as_ref()
    }
}

/// The comments about a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remarks {
    /// `##` lines before it, each without `##` and one space.
    pub doc: Vec<Spanned<String>>,
    /// `#` lines before it.
    pub comments: Vec<Comment>,
    /// A `#` comment behind it, on the same line (for a block: behind its `{` or its `}`).
    pub trailing: Option<Comment>,
}

/// The forms of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `keyword words*`, `keyword words* = value`, `keyword words* { … }`.
    Plain(Plain),
    /// `use std.patterns.{a, b}` or `use std.patterns.a`.
    Use {
        /// `std.patterns`.
        path: Vec<Spanned<Name>>,
        /// The names taken.
        names: Vec<Spanned<Name>>,
    },
    /// `import "file.mig"`.
    Import {
        /// The path as written.
        path: Spanned<String>,
    },
    /// `let name = expr`, perhaps with `because "…"`.
    Let {
        /// The name.
        name: Spanned<Name>,
        /// Its value.
        value: Expr,
        /// Why.
        because: Option<Box<Spanned<Vec<StringPart>>>>,
    },
    /// `pattern name(params) for kind { … }`.
    Pattern(Box<Pattern>),
    /// `for x in list { … }`.
    For {
        /// The loop variable.
        variable: Spanned<Name>,
        /// What it runs over.
        list: Box<Expr>,
        /// The body.
        body: Block,
    },
    /// `require expr, "message"`.
    Require {
        /// What must hold.
        condition: Expr,
        /// What to say when it does not.
        message: Spanned<Vec<StringPart>>,
    },
    /// `waive code on target until date because "…"`; what was left out is `None`, and the
    /// compiler says so.
    Waive {
        /// Name or code of the rule.
        code: Spanned<Name>,
        /// What it is waived on.
        on: Option<Path>,
        /// Its last day.
        until: Option<Box<Expr>>,
        /// Why.
        because: Option<Box<Spanned<Vec<StringPart>>>>,
    },
}

/// A statement of the common shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    /// Its keyword.
    pub keyword: Spanned<Name>,
    /// The words after it.
    pub words: Vec<Word>,
    /// What follows.
    pub body: Body,
}

/// A word after a keyword.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// `orders`, `orders_db.customers`, or a quoted name.
    Path(Path),
    /// A quoted name that interpolates: `"shift_${w}"`.
    Template(Spanned<Vec<StringPart>>),
    /// `->`.
    Arrow(Span),
}

impl Word {
    /// Its place.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Path(path) => path.span,
            Self::Template(template) => template.span,
            Self::Arrow(span) => *span,
        }
    }
}

/// A dotted name. A quoted segment keeps its dots.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// At least one.
    pub segments: Vec<Segment>,
    /// The whole.
    pub span: Span,
}

/// One part of a dotted name.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The name.
    pub name: Name,
    /// Whether it was quoted.
    pub quoted: bool,
    /// Its place.
    pub span: Span,
}

/// What follows the words.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Nothing.
    None,
    /// `= value`, perhaps with `because "…"`.
    Value {
        /// The value.
        value: Expr,
        /// Why.
        because: Option<Box<Spanned<Vec<StringPart>>>>,
    },
    /// `{ … }`.
    Block(Block),
}

/// Statements in braces.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Statements in order.
    pub statements: Vec<Statement>,
    /// Comments before the closing brace.
    pub trailing_comments: Vec<Comment>,
    /// From `{` to `}`.
    pub span: Span,
}

/// `pattern name(params) for kind { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Its name.
    pub name: Spanned<Name>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// `service`, `datastore`, …
    pub subject: Spanned<Name>,
    /// Its statements.
    pub body: Block,
}

/// `name: type = default`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// `##` lines before it.
    pub doc: Vec<Spanned<String>>,
    /// Its name.
    pub name: Spanned<Name>,
    /// Its type.
    pub ty: TypeName,
    /// Its default.
    pub default: Option<Expr>,
}

/// `duration`, `list<ratio>`.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName {
    /// `list`.
    pub name: Spanned<Name>,
    /// `ratio`.
    pub argument: Option<Box<TypeName>>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number, with or without a unit.
    Quantity(crate::Quantity),
    /// `true`, `false`.
    Boolean(bool),
    /// A string.
    Text(Vec<StringPart>),
    /// `2027-01-11`.
    Date(CivilDate),
    /// `2027-01-11T22:00`.
    DateTime(CivilDate, CivilMinute),
    /// `22:00`.
    Time(CivilMinute),
    /// A name or something reached from it.
    Path(Path),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `[v: p, …]`.
    Weighted(Vec<(Expr, Expr)>),
    /// `name(a, key: b)`.
    Call {
        /// What is called.
        callee: Box<Path>,
        /// Arguments in order.
        arguments: Vec<CallArgument>,
    },
    /// `-x`.
    Negate(Box<Expr>),
    /// `a + b`, `a < b`.
    Binary {
        /// The operator and its place.
        operator: Spanned<Operator>,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `a..b`.
    Range(Box<Expr>, Box<Expr>),
    /// `a -> b`.
    Arrow(Box<(Path, Path)>),
    /// `2 of payments`.
    Of {
        /// How many.
        count: Box<Expr>,
        /// Of whom.
        team: Box<Path>,
    },
    /// `( … )`, kept for the formatter.
    Group(Box<Expr>),
    /// What could not be read; a diagnostic has been given.
    Error,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallArgument {
    /// Its name, when given.
    pub name: Option<Spanned<Name>>,
    /// Its value.
    pub value: Expr,
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq)]
pub enum StringPart {
    /// Text, escapes resolved.
    Text(String),
    /// `${expr}`.
    Interpolation(Expr),
}

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

/// A calendar date that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CivilDate {
    /// 1 to 9999.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
    /// 1 to 31.
    pub day: i8,
}

/// Minutes after midnight, 0 to 1440 (`24:00`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CivilMinute(pub u16);

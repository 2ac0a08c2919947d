//! The plan text as data: what each file says, as JSON, and the JSON schema of it.
//!
//! The shape follows the schema table: a block has its keyword, what it is called or refers to,
//! its attributes by name and the statements inside it; a value has its type. What names stand for
//! is not worked out, patterns are not expanded, and comments (but doc comments) are left out. A
//! name that a `let`, a `for` or a pattern gives is a *variable*, any other a *name*.

mod emit;
mod expression;
mod forms;
mod schema;
mod shapes;

use serde_json::{Value, json};
use whimbrel_lang::Sources;
use whimbrel_lang::ast::StatementKind;

use emit::Emitter;
use expression::Variables;

pub use schema::schema;

/// The version of the shape. Fields are added, never renamed.
pub const VERSION: u32 = 1;

/// All files of a plan as data.
///
/// What cannot be read is left out, and its file is not `complete`.
#[must_use]
pub fn document(sources: &Sources) -> Value {
    let parsed: Vec<_> = sources
        .iter()
        .map(|(id, source)| (source.path(), whimbrel_lang::parse(sources, id)))
        .collect();
    let statements = parsed
        .iter()
        .flat_map(|(_, parsed)| &parsed.file.statements);
    let lets = statements.filter_map(|statement| match &statement.kind {
        StatementKind::Let { name, .. } => Some(name.value.as_str()),
        _ => None,
    });
    let variables = Variables::default().with(lets);
    let emitter = Emitter { sources };
    let files: Vec<Value> = parsed
        .iter()
        .map(|(path, parsed)| {
            json!({
                "path": path,
                "complete": parsed.diagnostics.is_empty(),
                "statements": emitter.file(&parsed.file, &variables),
            })
        })
        .collect();
    json!({ "version": VERSION, "files": files })
}

//! `defaults`: what the blocks of a file say when they say nothing.

use std::collections::HashMap;

use whimbrel_lang::ast::{Body, Word};
use whimbrel_lang::{Diagnostic, SourceId};

use crate::check::attributes::Attributes;
use crate::check::object::{Checker, Given, Named, Object};
use crate::check::overlay::Laid;
use crate::check::value::dotted;
use crate::codes;
use crate::schema;

/// Defaults by the file they hold for and the block; those a scenario adds hold for every file.
#[derive(Debug, Default)]
pub(super) struct Defaults(HashMap<(Option<SourceId>, &'static str), Object>);

impl Defaults {
    /// What a block of that keyword falls back on in a file.
    pub(super) fn of(&self, file: SourceId, keyword: &'static str) -> Option<&Object> {
        let own = self.0.get(&(Some(file), keyword));
        own.or_else(|| self.0.get(&(None, keyword)))
    }
}

/// Whether a statement is `defaults`.
pub(super) fn is_defaults(laid: &Laid<'_>) -> bool {
    laid.as_plain()
        .is_some_and(|plain| plain.keyword.value == "defaults")
}

impl Checker<'_> {
    /// All defaults.
    pub(super) fn defaults(&mut self, placed: &[Laid<'_>]) -> Defaults {
        let mut out = Defaults::default();
        for laid in placed.iter().filter(|laid| is_defaults(laid)) {
            let Some(object) = self.default_object(laid) else {
                continue;
            };
            let file = (!laid.added).then_some(laid.statement.span.source);
            let key = (file, object.block.keyword);
            if let Some(first) = out.0.get(&key) {
                self.found.push(
                    Diagnostic::error(
                        codes::DUPLICATE_NAME,
                        object.span,
                        format!("the defaults of `{}` are given twice", object.block.keyword),
                    )
                    .label(first.span, "first given here")
                    .help("merge the two blocks"),
                );
                continue;
            }
            out.0.insert(key, object);
        }
        out
    }

    fn default_object(&mut self, laid: &Laid<'_>) -> Option<Object> {
        let plain = laid.as_plain()?;
        let keyword = match plain.words.as_slice() {
            [Word::Path(path)] => dotted(path),
            _ => String::new(),
        };
        let (Some(block), Body::Block(body)) = (schema::top(&keyword), &plain.body) else {
            self.found.push(
                Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    laid.statement.span,
                    "`defaults` takes the keyword of a block, and a block",
                )
                .help("write for example `defaults service { tier = supporting }`"),
            );
            return None;
        };
        let mut object = Object {
            block,
            named: Named::None,
            span: plain.keyword.span,
            doc: None,
            attributes: Attributes::default(),
            children: Vec::new(),
            broken: Vec::new(),
        };
        self.fill(
            &mut object,
            &body.statements,
            laid.over.as_deref(),
            &laid.scope,
        );
        Some(object)
    }
}

/// Fills in what an object leaves out, attribute by attribute, in its blocks too.
pub(super) fn apply_defaults(object: &mut Object, defaults: &Object) {
    for (name, given) in defaults.attributes.iter() {
        if !object.attributes.contains_key(name) {
            let given = Given {
                by_default: true,
                ..given.clone()
            };
            object.attributes.insert(name, given);
        }
    }
    for child in &defaults.children {
        let own = object
            .children
            .iter_mut()
            .find(|own| says_of_the_same(own, child));
        match own {
            Some(own) if own.block.keyword == child.block.keyword => apply_defaults(own, child),
            // A step of its own beats a `without` in the defaults, and the other way round.
            Some(_) => {}
            None => {
                let mut filled = Object {
                    attributes: Attributes::default(),
                    children: Vec::new(),
                    ..child.clone()
                };
                apply_defaults(&mut filled, child);
                object.children.push(filled);
            }
        }
    }
}

fn says_of_the_same(own: &Object, default: &Object) -> bool {
    let of_steps = |object: &Object| schema::is_of_pattern(object.block);
    let same_block = own.block.keyword == default.block.keyword;
    let named_alike = !default.block.repeats || own.name() == default.name();
    (same_block || of_steps(own) && of_steps(default)) && named_alike
}

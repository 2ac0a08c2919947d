//! Blocks about the plan itself: names for sets, and how loud its findings are.

use super::{Attribute, Block, Kind, Type, Words};

/// `group`
pub static GROUP: Block = Block {
    keyword: "group",
    kind: Some(Kind::Group),
    words: Words::Name,
    repeats: true,
    attributes: &[Attribute::new(
        "members",
        Type::References(Kind::GROUPED),
        "what is in it, other groups among it",
    )
    .required()],
    blocks: &[],
    doc: "a name for a set, wherever a list of members goes",
};

/// `lint`
pub static LINT: Block = Block {
    keyword: "lint",
    kind: None,
    words: Words::None,
    repeats: false,
    attributes: &[
        Attribute::new(
            "deny",
            Type::WordList,
            "rules whose warnings and notes are errors here, by code or name",
        )
        .example("[no-undo, MG0608]"),
        Attribute::new(
            "allow",
            Type::WordList,
            "rules whose warnings and notes are not told, by code or name; errors cannot be allowed",
        )
        .example("[no-trigger]"),
    ],
    blocks: &[],
    doc: "how loud the findings of rules are, for the whole plan",
};

//! Blocks about the plan itself: names for sets.

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

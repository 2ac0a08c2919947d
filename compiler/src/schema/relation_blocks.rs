//! Relations: who calls, reads, writes, publishes, consumes, pins or was seen calling what.

use super::{Attribute, Block, Kind, Type, Words};

const LARGE: f64 = 1e18;
const EVIDENCE: Attribute = Attribute::new(
    "evidence",
    Type::Choice(&["declared", "configured", "observed", "guessed"]),
    "how the fact is known",
)
.default("declared");
const RATE: Attribute =
    Attribute::new("rate", Type::UncertainRate, "how often, per second").bounds(0.0, LARGE);
const NEED: Attribute = Attribute::new(
    "need",
    Type::Choice(&["hard", "soft"]),
    "whether it fails without (`hard`) or copes (`soft`)",
)
.otherwise("hard, marked guessed");

pub(super) static CALLS: Block = Block {
    keyword: "calls",
    kind: None,
    words: Words::Reference(&[Kind::Service, Kind::External]),
    repeats: true,
    attributes: &[
        RATE,
        Attribute::new("bytes", Type::UncertainSize, "bytes per call, both ways")
            .example("4kB")
            .bounds(0.0, LARGE),
        NEED,
        Attribute::new(
            "mode",
            Type::Choice(&["sync", "async"]),
            "whether the caller waits",
        )
        .default("sync"),
        Attribute::new(
            "fallback",
            Type::Text,
            "what answers instead when it is down",
        )
        .example("\"cached price\""),
        Attribute::new(
            "covers",
            Type::UncertainRatio,
            "the share of calls the fallback answers",
        )
        .example("80%")
        .default("100%")
        .bounds(0.0, 1.0),
        EVIDENCE,
    ],
    blocks: &[],
    doc: "calls a service or a third party",
};

pub(super) static READS: Block = Block {
    keyword: "reads",
    kind: None,
    words: Words::Reference(Kind::SHARED),
    repeats: true,
    attributes: &[RATE, NEED, EVIDENCE],
    blocks: &[],
    doc: "reads something shared",
};

pub(super) static WRITES: Block = Block {
    keyword: "writes",
    kind: None,
    words: Words::Reference(Kind::SHARED),
    repeats: true,
    attributes: &[RATE, NEED, EVIDENCE],
    blocks: &[],
    doc: "writes something shared",
};

pub(super) static USES: Block = Block {
    keyword: "uses",
    kind: None,
    words: Words::Reference(Kind::SHARED),
    repeats: true,
    attributes: &[RATE, NEED, EVIDENCE],
    blocks: &[],
    doc: "reads and writes something shared",
};

pub(super) static PUBLISHES: Block = Block {
    keyword: "publishes",
    kind: None,
    words: Words::Reference(&[Kind::Topic, Kind::Queue]),
    repeats: true,
    attributes: &[RATE, EVIDENCE],
    blocks: &[],
    doc: "sends messages to a topic or queue",
};

pub(super) static CONSUMES: Block = Block {
    keyword: "consumes",
    kind: None,
    words: Words::Reference(&[Kind::Topic, Kind::Queue]),
    repeats: true,
    attributes: &[
        RATE,
        NEED,
        Attribute::new(
            "ordering",
            Type::Choice(&["none", "required"]),
            "whether it breaks when messages arrive out of order",
        )
        .default("none"),
        EVIDENCE,
    ],
    blocks: &[],
    doc: "receives messages from a topic or queue",
};

pub(super) static PINS: Block = Block {
    keyword: "pins",
    kind: None,
    words: Words::Address,
    repeats: true,
    attributes: &[EVIDENCE],
    blocks: &[],
    doc: "uses an address that is written down somewhere",
};

/// `seen`
pub static SEEN: Block = Block {
    keyword: "seen",
    kind: None,
    words: Words::Arrow(Kind::Service),
    repeats: true,
    attributes: &[
        RATE,
        Attribute::new("at", Type::Date, "the day it was seen").example("2027-01-03"),
        Attribute::new("source", Type::Text, "what saw it").example("\"traces\""),
    ],
    blocks: &[],
    doc: "a call that was observed",
};

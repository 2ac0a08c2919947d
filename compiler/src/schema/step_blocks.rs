//! Blocks of patterns and executors.

use super::blocks::CENTURY;
use super::{Attribute, Block, Kind, Type, Words};

/// The vocabulary of freezes.
pub const STEP_KINDS: &[&str] = &[
    "prepare",
    "deploy",
    "bootstrap",
    "replicate",
    "validate",
    "shift",
    "cutover",
    "keep",
    "decommission",
    "tidy",
    "notify",
    "gate",
];

/// What a step says; `cutover` comes last.
const STEP_ROWS: &[Attribute] = &[
    Attribute::new("kind", Type::Choice(STEP_KINDS), "what sort of act it is")
        .otherwise("by its verb")
        .example("shift"),
    Attribute::new("does", Type::Verb, "what is done"),
    Attribute::new("takes", Type::Effort, "how long the act takes").bounds(0.0, CENTURY),
    Attribute::new("needs", Type::People, "who is needed, all at once")
        .otherwise("one of the owning team when `takes` is working time, else nobody"),
    Attribute::new(
        "relay",
        Type::Boolean,
        "whether the teams of `needs` relieve one another by shifts, instead of working at the same time; only for work, as in `takes = 20wh`",
    )
    .default("false"),
    Attribute::new(
        "soak",
        Type::UncertainDuration,
        "how long it is watched afterwards",
    )
    .default("0s")
    .bounds(0.0, CENTURY),
    Attribute::new(
        "verify",
        Type::Verb,
        "what is checked afterwards and during the soak",
    ),
    Attribute::new("every", Type::Duration, "how often it is checked")
        .certain("a schedule")
        .example("15min")
        .bounds(1.0, CENTURY),
    Attribute::new(
        "fails",
        Type::UncertainRatio,
        "chance that an attempt fails",
    )
    .example("0.5%")
    .otherwise("0.5% for a shift, else 0%")
    .bounds(0.0, 1.0),
    Attribute::new(
        "hazard",
        Type::UncertainRate,
        "failures per time of soak, instead of `fails`",
    )
    .example("2/y")
    .bounds(0.0, 1e6),
    Attribute::new(
        "severity",
        Type::UncertainRatio,
        "share of its requests that a failure hurts",
    )
    .example("25%")
    .default("100%")
    .bounds(0.0, 1.0),
    Attribute::new(
        "detect",
        Type::UncertainDuration,
        "how long until a failure is noticed",
    )
    .example("3min")
    .default("0s")
    .bounds(0.0, CENTURY),
    Attribute::new("undo", Type::Verb, "how it is taken back"),
    Attribute::new(
        "undo_takes",
        Type::UncertainDuration,
        "how long taking it back takes",
    )
    .example("30s")
    .default("0s")
    .bounds(0.0, CENTURY),
    Attribute::new("fix", Type::Effort, "the work to fix it")
        .default("0s")
        .bounds(0.0, CENTURY),
    Attribute::new("retry_from", Type::StepName, "the step it goes on from")
        .otherwise("the failed step"),
    Attribute::new(
        "learning",
        Type::UncertainNumber,
        "factor on the chance of the next failure",
    )
    .example("0.5")
    .default("1")
    .bounds(0.0, 1.0),
    Attribute::new("attempts", Type::Integer, "attempts before it is escalated")
        .default("3")
        .bounds(1.0, 20.0),
    Attribute::new(
        "escalate",
        Type::UncertainDuration,
        "how long until its owner decides",
    )
    .default("pert(1d, 3d, 10d)")
    .bounds(0.0, CENTURY),
    Attribute::new(
        "downtime",
        Type::UncertainDuration,
        "planned unavailability while it runs",
    )
    .example("10min")
    .default("0s")
    .bounds(0.0, CENTURY),
    Attribute::new(
        "within",
        Type::Reference(&[Kind::Window]),
        "the window it must fit in",
    ),
    Attribute::new(
        "load",
        Type::Ratio,
        "what a load test puts on the new side, as a share of the traffic of today",
    )
    .certain("a setting")
    .example("150%")
    .bounds(0.0, 1_000.0),
    Attribute::new(
        "dns_ttl",
        Type::Duration,
        "how long callers keep the address of a name once the step is done",
    )
    .certain("a setting")
    .example("60s")
    .bounds(0.0, CENTURY),
    Attribute::new(
        "irreversible",
        Type::Boolean,
        "whether there is no way back after it",
    )
    .default("false"),
    Attribute::new(
        "owner",
        Type::Reference(&[Kind::Role]),
        "the role responsible",
    ),
    Attribute::new(
        "cutover",
        Type::Boolean,
        "whether the thing is settled when it is done",
    )
    .otherwise("true for the last shift, switch of reads or queue resumed"),
];

/// `step`
pub static STEP: Block = Block {
    keyword: "step",
    kind: None,
    words: Words::StepName,
    repeats: true,
    attributes: STEP_ROWS,
    blocks: &[],
    doc: "one step of a pattern",
};

/// `step` of a phase: nothing cuts over in one.
pub static PHASE_STEP: Block = Block {
    attributes: match STEP_ROWS.split_last() {
        Some((_, rows)) => rows,
        None => &[],
    },
    keyword: "step",
    kind: None,
    words: Words::StepName,
    repeats: true,
    blocks: &[],
    doc: "one step of the phase's pattern",
};

/// `without` a step of the pattern.
pub static WITHOUT: Block = Block {
    keyword: "without",
    kind: None,
    words: Words::StepName,
    repeats: true,
    attributes: &[],
    blocks: &[],
    doc: "drops a step of the pattern",
};

const APPROVE: Attribute = Attribute::new(
    "approve",
    Type::Reference(&[Kind::Role]),
    "the role that decides",
);
const NOT_BY: Attribute =
    Attribute::new("not_by", Type::Word, "who must not be the one deciding").example("executor");
const WHEN: Attribute = Attribute::new("when", Type::Conditions, "what must hold");
const ANSWER: Attribute = Attribute::new(
    "takes",
    Type::UncertainDuration,
    "how long the answer takes",
)
.otherwise("`triangular(0s, within / 4, within)`")
.bounds(0.0, CENTURY);
const WITHIN: Attribute = Attribute::new(
    "within",
    Type::Duration,
    "how long to wait for it, counted while the approver's team works",
)
.certain("a limit")
.bounds(0.0, CENTURY);
const ELSE: Attribute = Attribute::new(
    "else",
    Type::Choice(&["stop", "undo"]),
    "what happens when none comes: `stop` asks again once its owner has decided, `undo` takes the traffic \
     back and goes again from the first shift",
);
const MAX_HOLD: Attribute = Attribute::new(
    "max_hold",
    Type::Duration,
    "how long traffic is held without one",
)
.certain("a limit")
.bounds(0.0, CENTURY);

/// `gate`
pub static GATE: Block = Block {
    keyword: "gate",
    kind: None,
    words: Words::StepName,
    repeats: true,
    attributes: &[
        APPROVE.required(),
        NOT_BY,
        WHEN,
        ANSWER,
        WITHIN.required(),
        ELSE.default("stop"),
        MAX_HOLD,
    ],
    blocks: &[],
    doc: "a decision that must be made before going on",
};

/// `gate` of something that moves: what is otherwise in a gate of its pattern.
pub static OWN_GATE: Block = Block {
    keyword: "gate",
    kind: None,
    words: Words::StepName,
    repeats: true,
    attributes: &[
        APPROVE.otherwise(AS_THE_PATTERN),
        NOT_BY.otherwise(AS_THE_PATTERN),
        WHEN.otherwise(AS_THE_PATTERN),
        ANSWER.otherwise(AS_THE_PATTERN),
        WITHIN.otherwise(AS_THE_PATTERN),
        ELSE.otherwise(AS_THE_PATTERN),
        MAX_HOLD.otherwise(AS_THE_PATTERN),
    ],
    blocks: &[],
    doc: "one gate of a pattern",
};

const AS_THE_PATTERN: &str = "as in the pattern";

/// `together`
pub static TOGETHER: Block = Block {
    keyword: "together",
    kind: None,
    words: Words::None,
    repeats: true,
    attributes: &[],
    blocks: &[&STEP, &GATE],
    doc: "steps that run side by side",
};

static SETTING: Block = Block {
    keyword: "setting",
    kind: None,
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new(
            "type",
            Type::Choice(&[
                "text", "number", "ratio", "duration", "size", "rate", "boolean", "list",
            ]),
            "what it takes",
        )
        .required(),
        Attribute::new("default", Type::Any, "what holds when it is left out"),
    ],
    blocks: &[],
    doc: "a setting of an executor; without a default it must be given",
};

static VERB: Block = Block {
    keyword: "verb",
    kind: None,
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("act", Type::Text, "the template that does it")
            .example("\"shift.sh.tera\"")
            .required(),
        Attribute::new(
            "check",
            Type::Text,
            "the template that exits 0 when it is done",
        )
        .example("\"shift_check.sh.tera\""),
        Attribute::new("undo", Type::Text, "the template that takes it back")
            .example("\"mirror_undo.sh.tera\""),
        Attribute::new(
            "dry_run",
            Type::Text,
            "the template that shows what it would meet, for `--dry-run`; it only reads",
        )
        .example("\"show.sh.tera\""),
        Attribute::new(
            "requires",
            Type::Choices(&["endpoint", "new_endpoint", "engine", "tables"]),
            "what it cannot do without, of the thing acted on",
        ),
    ],
    blocks: &[],
    doc: "a verb an executor carries out",
};

static FILE: Block = Block {
    keyword: "file",
    kind: None,
    words: Words::Name,
    repeats: true,
    attributes: &[Attribute::new("template", Type::Text, "the template")
        .example("\"haproxy.cfg.tera\"")
        .required()],
    blocks: &[],
    doc: "a file written once for the whole plan",
};

/// What an executor may say that it measures: the measures of conditions.
pub(crate) const MEASURES: &[&str] = &[
    "error_rate",
    "p50",
    "p95",
    "p99",
    "mismatch",
    "lag",
    "backlog",
    "throughput",
];

/// Settings that are read beside the templates: name, type, and by whom.
pub const MEANT_SETTINGS: &[(&str, &str, &str)] = &[
    (
        "timeout",
        "duration",
        "how long the walker lets one act run",
    ),
    (
        "commands",
        "list",
        "commands that must be there before a batch begins",
    ),
    (
        "environment",
        "list",
        "environment variables that must be set before a batch begins",
    ),
    (
        "script",
        "text",
        "a script of the project that must be there before a batch begins",
    ),
];

/// The end of the name of a setting that holds the name of an environment variable, which must be
/// set before a batch begins.
pub const VARIABLE_SUFFIX: &str = "_env";

/// `executor`
pub static EXECUTOR: Block = Block {
    keyword: "executor",
    kind: Some(Kind::Executor),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new(
            "verified",
            Type::Choice(&["run", "validated", "schema-checked"]),
            "how the files it writes are verified",
        )
        .required(),
        Attribute::new(
            "engines",
            Type::WordList,
            "the engines it serves; any when left out",
        ),
        Attribute::new(
            "measures",
            Type::Choices(MEASURES),
            "what its `health` measures; it is asked for anything when left out",
        ),
        Attribute::new(
            "queries",
            Type::Boolean,
            "whether its `health` runs the `query` of a `measure`",
        )
        .default("false"),
    ],
    blocks: &[&SETTING, &VERB, &FILE],
    doc: "a folder of templates that carries out verbs",
};

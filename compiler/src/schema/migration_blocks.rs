//! Blocks that say what is to happen.

use super::blocks::CENTURY;
use super::step_blocks::{OWN_GATE, PHASE_STEP, WITHOUT};
use super::{Attribute, Block, Kind, Type, Words};

const LARGE: f64 = 1e18;

/// The roles every migration has; the standard patterns name them.
pub(crate) const ROLES: [&str; 4] = [
    "migration_lead",
    "database_engineer",
    "infrastructure_engineer",
    "communications_owner",
];

static OBJECTIVE: Block = Block {
    keyword: "objective",
    kind: None,
    words: Words::None,
    repeats: false,
    attributes: &[
        Attribute::new("sla", Type::Ratio, "availability promised")
            .certain("a promise")
            .bounds(0.0, 1.0)
            .example("99.95%"),
        Attribute::new("sla_period", Type::Duration, "over which it is counted")
            .certain("a promise")
            .example("1y")
            .default("30d")
            .bounds(3_600.0, CENTURY),
        Attribute::new("rpo", Type::Duration, "how much data, in time, may be lost")
            .certain("a promise")
            .bounds(0.0, CENTURY)
            .example("5s"),
        Attribute::new("rto", Type::Duration, "how long a whole rollback may take")
            .certain("a promise")
            .bounds(0.0, CENTURY)
            .example("15min"),
    ],
    blocks: &[],
    doc: "what the migration promises while it runs",
};

static AUDIT: Block = Block {
    keyword: "audit",
    kind: None,
    words: Words::None,
    repeats: false,
    attributes: &[
        Attribute::new(
            "place",
            Type::Text,
            "where the journals are kept, so that nobody can change them",
        )
        .example("\"s3://audit/ledger, object lock\"")
        .required(),
        Attribute::new("keep", Type::Duration, "how long they are kept there")
            .certain("a duty")
            .example("7y")
            .bounds(0.0, CENTURY),
    ],
    blocks: &[],
    doc: "the record of what was done, by whom and when, for those who audit it",
};

/// `migration`
pub static MIGRATION: Block = Block {
    keyword: "migration",
    kind: Some(Kind::Migration),
    words: Words::Name,
    repeats: false,
    attributes: &[
        Attribute::new(
            "from",
            Type::References(&[Kind::Platform]),
            "platforms left",
        )
        .required(),
        Attribute::new(
            "to",
            Type::References(&[Kind::Platform]),
            "platforms entered, pairing",
        )
        .required(),
        Attribute::new("zone", Type::Zone, "the time zone of its dates").default("\"UTC\""),
        Attribute::new("start", Type::Moment, "when it starts").required(),
        Attribute::new("deadline", Type::Date, "the last day it may end").example("2027-06-30"),
        Attribute::new("budget", Type::Money, "what it may cost")
            .certain("a limit")
            .bounds(0.0, LARGE),
        Attribute::new(
            "strategy",
            Type::Choice(&["sequential", "parallel", "hybrid"]),
            "how the batches are made",
        )
        .otherwise("the checklist's verdict"),
        Attribute::new(
            "teams",
            Type::References(&[Kind::Team]),
            "teams that do the work",
        )
        .otherwise("every team"),
        Attribute::new(
            "keep_old",
            Type::UncertainDuration,
            "how long the old side is kept warm",
        )
        .example("48h")
        .default("72h")
        .bounds(0.0, CENTURY),
        Attribute::new(
            "batch_size",
            Type::Integer,
            "the most units of a parallel batch that the compiler makes",
        )
        .default("10")
        .bounds(1.0, 100_000.0),
    ],
    blocks: &[&OBJECTIVE, &AUDIT],
    doc: "the migration itself",
};

const TAKES: Attribute =
    Attribute::new("takes", Type::Effort, "how long it takes").bounds(0.0, CENTURY);
const NEEDS: Attribute = Attribute::new("needs", Type::People, "who is needed, all at once");

/// `phase`
pub static PHASE: Block = Block {
    keyword: "phase",
    kind: Some(Kind::Phase),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new(
            "move",
            Type::Pattern,
            "the pattern that carries it out, such as `assess()`",
        )
        .otherwise("one step, which takes `takes`"),
        TAKES,
        NEEDS,
    ],
    blocks: &[&PHASE_STEP, &OWN_GATE, &WITHOUT],
    doc: "work at the head of the plan, such as discovery; phases follow one another",
};

/// `automation`
pub static AUTOMATION: Block = Block {
    keyword: "automation",
    kind: None,
    words: Words::None,
    repeats: false,
    attributes: &[
        Attribute::new(
            "cost",
            Type::UncertainMoney,
            "what building it costs beside people's time",
        )
        .bounds(0.0, LARGE),
        TAKES,
        NEEDS,
    ],
    blocks: &[],
    doc: "building the automation, before the first batch in which an executor acts",
};

/// `batch`
pub static BATCH: Block = Block {
    keyword: "batch",
    kind: Some(Kind::Batch),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("members", Type::Members, "what moves, or `remaining`").required(),
        Attribute::new(
            "mode",
            Type::Choice(&["sequential", "parallel"]),
            "how its units go",
        )
        .default("sequential"),
        Attribute::new("at_once", Type::Integer, "how many units at once")
            .otherwise("all")
            .bounds(1.0, 100_000.0),
        Attribute::new(
            "isolate",
            Type::Choice(&["flags", "none"]),
            "whether one member can be switched off without rolling back the batch",
        )
        .default("none"),
        Attribute::new(
            "cutover",
            Type::Choice(&["together", "each"]),
            "when members cut over",
        )
        .otherwise("`together` in parallel, `each` in sequence"),
        Attribute::new(
            "after",
            Type::References(&[Kind::Batch]),
            "batches settled before",
        )
        .otherwise("the batch written before it"),
    ],
    blocks: &[],
    doc: "a set of units that move as one decision",
};

/// `bridge`
pub static BRIDGE: Block = Block {
    keyword: "bridge",
    kind: Some(Kind::Bridge),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("over", Type::Over, "the edge or the resource it carries").required(),
        Attribute::new(
            "by",
            Type::Choice(&[
                "cdc",
                "dual_write",
                "back_sync",
                "mirror",
                "adapter",
                "proxy",
            ]),
            "how it carries it",
        )
        .required(),
        Attribute::new(
            "lag",
            Type::UncertainDuration,
            "how far the far side is behind",
        )
        .example("2s")
        .bounds(0.0, CENTURY),
        Attribute::new(
            "source",
            Type::Choice(&["old", "new"]),
            "the side that is right where the two differ",
        )
        .default("old"),
        Attribute::new(
            "deduplicates",
            Type::Boolean,
            "whether what arrives twice is taken once",
        )
        .default("false"),
        Attribute::new(
            "breaks",
            Type::Text,
            "what happens when it breaks, and what is done then",
        )
        .example("\"reports are a day old; the team on call starts it again\""),
        Attribute::new(
            "cost",
            Type::UncertainMoneyPerTime,
            "what it costs while it stands",
        )
        .bounds(0.0, LARGE),
        Attribute::new("effort", Type::Effort, "the work to build it").bounds(0.0, CENTURY),
        NEEDS,
        Attribute::new(
            "until",
            Type::Reference(&[Kind::Batch]),
            "the batch that ends it",
        )
        .otherwise("the last batch"),
    ],
    blocks: &[],
    doc: "what carries an edge while its ends are on different platforms",
};

const fn score(name: &'static str, doc: &'static str) -> Attribute {
    Attribute::new(name, Type::Integer, doc)
        .otherwise("derived from the plan")
        .bounds(1.0, 5.0)
}

/// `checklist`
pub static CHECKLIST: Block = Block {
    keyword: "checklist",
    kind: None,
    words: Words::None,
    repeats: false,
    attributes: &[
        score("coupling", "service coupling, 1 tight to 5 loose"),
        score("team_size", "team size, 1 few to 5 many"),
        score(
            "automation",
            "automation maturity, 1 little to 5 canary and rollback automated",
        ),
        score(
            "risk_tolerance",
            "risk tolerance, 1 finance and health to 5 internal tools",
        ),
        score("timeline", "timeline pressure, 1 none to 5 tight"),
        score("dual_running", "dual-running cost, 1 cheap to 5 dear"),
    ],
    blocks: &[],
    doc: "declared answers of the decision checklist, each with `because`",
};

/// `trigger`
pub static TRIGGER: Block = Block {
    keyword: "trigger",
    kind: Some(Kind::Trigger),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("when", Type::Condition, "what must hold").required(),
        Attribute::new("for", Type::Duration, "for how long")
            .certain("a limit")
            .example("5min")
            .default("0s")
            .bounds(0.0, CENTURY),
    ],
    blocks: &[],
    doc: "a condition that rolls back when it holds",
};

/// `risk`
pub static RISK: Block = Block {
    keyword: "risk",
    kind: Some(Kind::Risk),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new(
            "tier",
            Type::Choice(&["low", "medium", "high"]),
            "how bad it is",
        )
        .required(),
        Attribute::new(
            "mitigation",
            Type::Text,
            "what is done about it before the start",
        )
        .example("\"dual write and checksums before every cutover\""),
        Attribute::new(
            "alert",
            Type::Reference(&[Kind::Trigger]),
            "the trigger that fires when it comes true",
        ),
        Attribute::new(
            "owner",
            Type::Reference(&[Kind::Role]),
            "the role that watches it",
        ),
    ],
    blocks: &[],
    doc: "what may go wrong",
};

/// `driver`
pub static DRIVER: Block = Block {
    keyword: "driver",
    kind: Some(Kind::Driver),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("chance", Type::UncertainRatio, "chance that it acts at all")
            .example("30%")
            .default("100%")
            .bounds(0.0, 1.0),
        Attribute::new(
            "factor",
            Type::UncertainNumber,
            "what it multiplies by when it acts",
        )
        .required()
        .bounds(0.0, 1_000.0),
        Attribute::new(
            "on",
            Type::References(Kind::DRIVEN),
            "what it acts on; a link goes by its ends, in quotes: `\"vms -> cluster\"`",
        )
        .required(),
        Attribute::new(
            "affects",
            Type::Choice(&["duration", "failure"]),
            "whether it multiplies durations or chances of failure",
        )
        .default("duration"),
    ],
    blocks: &[],
    doc: "a factor that many steps share: a vendor is late, a team is new to the platform",
};

/// `environment`
pub static ENVIRONMENT: Block = Block {
    keyword: "environment",
    kind: Some(Kind::Environment),
    words: Words::Name,
    repeats: true,
    attributes: &[],
    blocks: &[],
    doc: "a place to rehearse",
};

/// `rehearsal`
pub static REHEARSAL: Block = Block {
    keyword: "rehearsal",
    kind: Some(Kind::Rehearsal),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("of", Type::Reference(&[Kind::Batch]), "the batch rehearsed").required(),
        Attribute::new("on", Type::Reference(&[Kind::Environment]), "where").required(),
        Attribute::new("date", Type::Date, "the day")
            .example("2027-01-20")
            .required(),
        Attribute::new("took", Type::Duration, "how long the rollback took")
            .certain("a measurement")
            .example("9min")
            .required()
            .bounds(0.0, CENTURY),
        Attribute::new("passed", Type::Boolean, "whether it worked").required(),
    ],
    blocks: &[],
    doc: "evidence that a rollback was tried, and how long it took",
};

/// `role`
pub static ROLE: Block = Block {
    keyword: "role",
    kind: Some(Kind::Role),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("who", Type::Text, "who plays it").example("\"payments-lead\""),
        Attribute::new("backup", Type::Text, "who stands in").example("\"platform-lead\""),
        Attribute::new(
            "team",
            Type::Reference(&[Kind::Team]),
            "the team they belong to",
        ),
    ],
    blocks: &[],
    doc: "a part someone plays in the migration",
};

/// `announce`
pub static ANNOUNCE: Block = Block {
    keyword: "announce",
    kind: Some(Kind::Announcement),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new(
            "before",
            Type::Duration,
            "how long before the first cutover",
        )
        .certain("a promise")
        .example("14d")
        .required()
        .bounds(0.0, CENTURY),
        Attribute::new("channel", Type::Text, "where it is said")
            .example("\"status page\"")
            .required(),
        Attribute::new("what", Type::Text, "what changes")
            .example("\"the shop moves to a new platform\""),
        Attribute::new("why", Type::Text, "why it changes")
            .example("\"the hall is closed in December\""),
        Attribute::new("risk", Type::Text, "what may go wrong for them")
            .example("\"an hour without search\""),
        Attribute::new("noticed", Type::Text, "what they will notice").example("\"one sign-in\""),
        Attribute::new("contact", Type::Text, "whom they call").example("\"help@shop.example\""),
    ],
    blocks: &[],
    doc: "who is told, and how long ahead",
};

/// `training`
pub static TRAINING: Block = Block {
    keyword: "training",
    kind: Some(Kind::Training),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new(
            "before",
            Type::Reference(&[Kind::Batch]),
            "the batch that starts after it",
        )
        .otherwise("the first batch"),
        TAKES,
        NEEDS,
    ],
    blocks: &[],
    doc: "teaching the people who will run the new system, before a batch starts",
};

/// `retrospective`
pub static RETROSPECTIVE: Block = Block {
    keyword: "retrospective",
    kind: None,
    words: Words::None,
    repeats: false,
    attributes: &[
        Attribute::new(
            "within",
            Type::Duration,
            "how long after the last step at the latest",
        )
        .certain("a promise")
        .example("5d")
        .default("7d")
        .bounds(0.0, CENTURY),
        Attribute::new(
            "owner",
            Type::Reference(&[Kind::Role]),
            "the role that calls it",
        ),
        TAKES,
        NEEDS,
    ],
    blocks: &[],
    doc: "looking back without blame when all is done: what was learnt, and for whom",
};

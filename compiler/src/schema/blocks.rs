//! Blocks that say what exists.

use super::relation_blocks::{CALLS, CONSUMES, PINS, PUBLISHES, READS, USES, WRITES};
use super::step_blocks::{OWN_GATE, STEP, WITHOUT};
use super::{Attribute, Block, Kind, Type, Words};

const LARGE: f64 = 1e18;
/// A century: no duration in a plan is longer.
pub(super) const CENTURY: f64 = 100.0 * 365.25 * 86_400.0;

const ON: Attribute = Attribute::new(
    "on",
    Type::Reference(&[Kind::Platform]),
    "the platform it is on today",
)
.otherwise("the migration's `from`");
const TO: Attribute = Attribute::new(
    "to",
    Type::Destination,
    "the platform it goes to, or `stay`",
)
.otherwise("the pair of `on`; it stays without a `move`");
const TEAM_ROW: Attribute = Attribute::new(
    "team",
    Type::Reference(&[Kind::Team]),
    "the team that owns it",
);
const TIER: Attribute = Attribute::new(
    "tier",
    Type::Choice(&["supporting", "important", "critical"]),
    "how much its failure matters",
)
.default("supporting");
const MOVE: Attribute = Attribute::new("move", Type::Pattern, "the pattern that moves it");
const AFTER: Attribute = Attribute::new(
    "after",
    Type::References(Kind::MOVABLE),
    "what must be settled before it starts, without being a dependency",
);
const ENGINE: Attribute = Attribute::new(
    "engine",
    Type::Word,
    "its engine, such as `postgresql`, `kafka` or `redis`",
)
.example("postgresql");
const BECOMES: Attribute = Attribute::new(
    "becomes",
    Type::Text,
    "what the engine becomes, such as \"postgresql 16\"",
)
.example("\"postgresql 16\"");
const VERSION: Attribute =
    Attribute::new("version", Type::Text, "the version that runs today").example("\"12.4\"");
const SIZE: Attribute =
    Attribute::new("size", Type::UncertainSize, "how much it holds").bounds(0.0, LARGE);
const CHANGE_RATE: Attribute = Attribute::new(
    "change_rate",
    Type::UncertainBandwidth,
    "how much changes per time",
)
.example("3MB/s")
.bounds(0.0, LARGE);
const THROUGHPUT: Attribute = Attribute::new(
    "throughput",
    Type::UncertainBandwidth,
    "how fast the engine copies",
)
.bounds(1.0, LARGE);

const DEPLOY: Attribute = Attribute::new("deploy", Type::Executor, "carries out `deploy.*`");
const TRAFFIC: Attribute = Attribute::new("traffic", Type::Executor, "carries out `traffic.*`");
const FLAGS: Attribute = Attribute::new("flags", Type::Executor, "carries out `flag.*`");
const DATA: Attribute = Attribute::new(
    "data",
    Type::Executor,
    "carries out `schema.*`, `data.*` and `validate.*`",
);
const MONITOR: Attribute = Attribute::new(
    "monitor",
    Type::Executor,
    "carries out `monitor.*`, `compare.*` and `health`",
);
const QUEUES: Attribute = Attribute::new("queue", Type::Executor, "carries out `queue.*`");
const CACHES: Attribute = Attribute::new("cache", Type::Executor, "carries out `cache.*`");
const SESSIONS: Attribute = Attribute::new("session", Type::Executor, "carries out `session.*`");
const NOTIFY: Attribute = Attribute::new("notify", Type::Executor, "carries out `notify.*`");

static COST: Block = Block {
    keyword: "cost",
    kind: None,
    words: Words::None,
    repeats: false,
    attributes: &[
        Attribute::new(
            "old",
            Type::UncertainMoneyPerTime,
            "what the old side costs to run",
        )
        .otherwise("unknown: dual running is counted *at least*")
        .bounds(0.0, LARGE)
        .example("$1_200/mo"),
        Attribute::new(
            "new",
            Type::UncertainMoneyPerTime,
            "what the new side costs to run",
        )
        .otherwise("unknown: dual running is counted *at least*")
        .bounds(0.0, LARGE)
        .example("$800/mo"),
    ],
    blocks: &[],
    doc: "what it costs to run on either side",
};

const fn measured(name: &'static str, ty: Type, doc: &'static str) -> Attribute {
    Attribute::new(name, ty, doc)
        .certain("a measurement")
        .otherwise("unknown")
}

static BASELINE: Block = Block {
    keyword: "baseline",
    kind: None,
    words: Words::None,
    repeats: false,
    attributes: &[
        measured("error_rate", Type::Ratio, "share of its requests that fail")
            .bounds(0.0, 1.0)
            .example("0.1%"),
        measured("p50", Type::Duration, "the median of its latency")
            .bounds(0.0, 86_400.0)
            .example("20ms"),
        measured("p95", Type::Duration, "the 95th percentile of its latency")
            .bounds(0.0, 86_400.0)
            .example("90ms"),
        measured("p99", Type::Duration, "the 99th percentile of its latency")
            .bounds(0.0, 86_400.0)
            .example("180ms"),
        Attribute::new("at", Type::Date, "the day it was measured").example("2026-11-10"),
    ],
    blocks: &[],
    doc: "what a service does today, measured on the old side: what its new side is held against",
};

/// `platform`
pub static PLATFORM: Block = Block {
    keyword: "platform",
    kind: Some(Kind::Platform),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("region", Type::Text, "the region, as its provider calls it")
            .example("\"us-east-1\""),
        Attribute::new(
            "jurisdiction",
            Type::Word,
            "the jurisdiction its data is under",
        )
        .example("us"),
        Attribute::new(
            "cost",
            Type::UncertainMoneyPerTime,
            "fixed cost from its first deployment, beside what runs on it",
        )
        .bounds(0.0, LARGE),
        DEPLOY,
        TRAFFIC,
        FLAGS,
        DATA,
        MONITOR,
        QUEUES,
        CACHES,
        SESSIONS,
        NOTIFY,
    ],
    blocks: &[],
    doc: "where services and resources run, and the executors that act on it",
};

/// `link`
pub static LINK: Block = Block {
    keyword: "link",
    kind: Some(Kind::Link),
    words: Words::Arrow(Kind::Platform),
    repeats: true,
    attributes: &[
        Attribute::new(
            "bandwidth",
            Type::UncertainBandwidth,
            "how much it carries per time",
        )
        .example("10Gbps")
        .bounds(1.0, LARGE),
        Attribute::new("latency", Type::UncertainDuration, "one-way latency")
            .bounds(0.0, 86_400.0)
            .example("2ms"),
        Attribute::new(
            "private",
            Type::Boolean,
            "whether it stays off the public internet",
        )
        .default("false"),
        Attribute::new(
            "egress",
            Type::UncertainMoneyPerSize,
            "price of what crosses it: calls while their ends are apart, and what is copied",
        )
        .bounds(0.0, LARGE),
        Attribute::new("at_once", Type::Integer, "how many data moves share it")
            .default("1")
            .bounds(1.0, 1_000.0),
    ],
    blocks: &[],
    doc: "a network path between two platforms, in both directions",
};

/// `team`
pub static TEAM: Block = Block {
    keyword: "team",
    kind: Some(Kind::Team),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new(
            "engineers",
            Type::Integer,
            "how many people work on the migration",
        )
        .otherwise("unlimited")
        .bounds(1.0, 100_000.0),
        Attribute::new(
            "rate",
            Type::UncertainMoneyPerTime,
            "cost of a person's working time",
        )
        .otherwise("unknown: engineering is counted *at least*")
        .bounds(0.0, LARGE),
        Attribute::new(
            "calendar",
            Type::Reference(&[Kind::Calendar]),
            "when they work",
        )
        .otherwise("always"),
        Attribute::new("oncall", Type::Text, "where they are paged")
            .example("\"#payments-oncall\""),
    ],
    blocks: &[],
    doc: "people who do the work",
};

/// `calendar`
pub static CALENDAR: Block = Block {
    keyword: "calendar",
    kind: Some(Kind::Calendar),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("zone", Type::Zone, "its time zone").otherwise("the migration's"),
        Attribute::new("days", Type::Days, "working days").default("mon..fri"),
        Attribute::new("hours", Type::Hours, "working hours").default("09:00..17:00"),
        Attribute::new("holidays", Type::Dates, "days off"),
    ],
    blocks: &[],
    doc: "when people work",
};

/// `freeze`
pub static FREEZE: Block = Block {
    keyword: "freeze",
    kind: Some(Kind::Freeze),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("from", Type::Date, "its first day")
            .example("2027-12-15")
            .required(),
        Attribute::new("to", Type::Date, "its last day, included")
            .example("2028-01-05")
            .required(),
        Attribute::new(
            "blocks",
            Type::Choices(super::step_blocks::STEP_KINDS),
            "the kinds of steps that may not start",
        )
        .example("[shift, cutover]")
        .otherwise("all kinds"),
    ],
    blocks: &[],
    doc: "days on which steps may not start",
};

/// `window`
pub static WINDOW: Block = Block {
    keyword: "window",
    kind: Some(Kind::Window),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("days", Type::Days, "the days it opens, every week"),
        Attribute::new("hours", Type::Hours, "the hours it is open on such a day"),
        Attribute::new("from", Type::Moment, "when it opens, if it opens once"),
        Attribute::new("to", Type::Moment, "when it closes, if it opens once"),
    ],
    blocks: &[],
    doc: "when a step may run: every week (`days`, `hours`) or once (`from`, `to`)",
};

/// `instance`
pub static INSTANCE: Block = Block {
    keyword: "instance",
    kind: Some(Kind::Instance),
    words: Words::Name,
    repeats: true,
    attributes: &[
        ENGINE, VERSION, ON, TO, TEAM_ROW, THROUGHPUT, DATA, MONITOR, QUEUES, CACHES, SESSIONS,
    ],
    blocks: &[&DATASTORE, &TOPIC, &QUEUE, &CACHE, &VOLUME, &COST],
    doc: "a server process that holds databases, topics or caches",
};

/// `datastore`
pub static DATASTORE: Block = Block {
    keyword: "datastore",
    kind: Some(Kind::Datastore),
    words: Words::Name,
    repeats: true,
    attributes: &[
        ENGINE,
        VERSION,
        BECOMES,
        ON,
        TO,
        TEAM_ROW,
        TIER,
        SIZE,
        CHANGE_RATE,
        THROUGHPUT,
        Attribute::new(
            "backup_every",
            Type::Duration,
            "how often a good backup is taken",
        )
        .certain("a schedule")
        .example("1h")
        .bounds(0.0, CENTURY),
        Attribute::new(
            "regimes",
            Type::WordList,
            "rules its data is under, such as `gdpr`",
        )
        .example("[gdpr, sox]"),
        Attribute::new(
            "residency",
            Type::WordList,
            "jurisdictions its data may be in",
        )
        .example("[us, eu]"),
        Attribute::new(
            "retention",
            Type::Duration,
            "how long its data must be kept",
        )
        .certain("a duty")
        .example("7y")
        .bounds(0.0, CENTURY),
        MOVE,
        AFTER,
        DATA,
        MONITOR,
    ],
    blocks: &[&TABLE, &COST, &STEP, &OWN_GATE, &WITHOUT],
    doc: "a database",
};

static TABLE: Block = Block {
    keyword: "table",
    kind: Some(Kind::Table),
    words: Words::Name,
    repeats: true,
    attributes: &[],
    blocks: &[],
    doc: "a table: the grain at which readers and writers are coupled",
};

const ORDERING: Attribute = Attribute::new(
    "ordering",
    Type::Choice(&["none", "per_key"]),
    "whether it keeps the order of messages",
)
.default("none");

/// `topic`
pub static TOPIC: Block = Block {
    keyword: "topic",
    kind: Some(Kind::Topic),
    words: Words::Name,
    repeats: true,
    attributes: &[
        ENGINE, VERSION, BECOMES, ON, TO, TEAM_ROW, TIER, ORDERING, MOVE, AFTER, QUEUES,
    ],
    blocks: &[&COST, &STEP, &OWN_GATE, &WITHOUT],
    doc: "a topic that any number of services consume",
};

/// `queue`
pub static QUEUE: Block = Block {
    keyword: "queue",
    kind: Some(Kind::Queue),
    words: Words::Name,
    repeats: true,
    attributes: &[
        ENGINE, VERSION, BECOMES, ON, TO, TEAM_ROW, TIER, ORDERING, MOVE, AFTER, QUEUES,
    ],
    blocks: &[&COST, &STEP, &OWN_GATE, &WITHOUT],
    doc: "a queue whose messages are consumed once",
};

/// `cache`
pub static CACHE: Block = Block {
    keyword: "cache",
    kind: Some(Kind::Cache),
    words: Words::Name,
    repeats: true,
    attributes: &[
        ENGINE,
        VERSION,
        BECOMES,
        ON,
        TO,
        TEAM_ROW,
        TIER,
        Attribute::new(
            "holds",
            Type::Choice(&["cache", "sessions"]),
            "what it holds",
        )
        .default("cache"),
        SIZE,
        MOVE,
        AFTER,
        CACHES,
        SESSIONS,
    ],
    blocks: &[&COST, &STEP, &OWN_GATE, &WITHOUT],
    doc: "a cache or a session store",
};

/// `volume`
pub static VOLUME: Block = Block {
    keyword: "volume",
    kind: Some(Kind::Volume),
    words: Words::Name,
    repeats: true,
    attributes: &[
        ON,
        TO,
        TEAM_ROW,
        TIER,
        SIZE,
        CHANGE_RATE,
        THROUGHPUT,
        MOVE,
        AFTER,
        DATA,
    ],
    blocks: &[&COST, &STEP, &OWN_GATE, &WITHOUT],
    doc: "files that services share",
};

/// `external`
pub static EXTERNAL: Block = Block {
    keyword: "external",
    kind: Some(Kind::External),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new(
            "change_lead_time",
            Type::UncertainDuration,
            "how long they take to change anything on their side",
        )
        .example("30d")
        .bounds(0.0, CENTURY),
        Attribute::new("contact", Type::Text, "whom to call").example("\"card-ops\""),
    ],
    blocks: &[],
    doc: "a third party with a schedule of its own",
};

/// `licence`
pub static LICENCE: Block = Block {
    keyword: "licence",
    kind: Some(Kind::Licence),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new("of", Type::References(Kind::LICENSED), "what it covers").required(),
        Attribute::new("cost", Type::UncertainMoneyPerTime, "what it costs")
            .bounds(0.0, LARGE)
            .required(),
        Attribute::new("grows", Type::UncertainGrowth, "how much dearer each year")
            .bounds(0.0, LARGE)
            .default("0%/y"),
        Attribute::new("until", Type::Date, "its last day")
            .example("2027-12-31")
            .required(),
        Attribute::new(
            "notice",
            Type::Duration,
            "how long before it must be cancelled",
        )
        .certain("a term of a contract")
        .example("90d")
        .bounds(0.0, CENTURY),
    ],
    blocks: &[],
    doc: "a licence that renews for a year unless what it covers is gone",
};

/// `service`
pub static SERVICE: Block = Block {
    keyword: "service",
    kind: Some(Kind::Service),
    words: Words::Name,
    repeats: true,
    attributes: &[
        TEAM_ROW,
        TIER,
        Attribute::new(
            "kind",
            Type::Choice(&[
                "stateless",
                "stateful",
                "batch",
                "workflow",
                "frontend",
                "telemetry",
            ]),
            "what sort of workload it is; `telemetry` forms no dependencies",
        )
        .default("stateless"),
        Attribute::new(
            "traffic",
            Type::UncertainRate,
            "requests per second, all callers together",
        )
        .otherwise("unknown: requests lost are counted *at least*")
        .bounds(0.0, LARGE)
        .example("1_200rps"),
        Attribute::new("users", Type::UncertainNumber, "how many people use it")
            .bounds(0.0, LARGE)
            .example("2M"),
        Attribute::new(
            "revenue",
            Type::UncertainMoneyPerTime,
            "what it earns while it serves",
        )
        .bounds(0.0, LARGE),
        VERSION,
        ON,
        TO,
        Attribute::new("endpoint", Type::Address, "its address today"),
        Attribute::new(
            "new_endpoint",
            Type::Address,
            "its address on the new platform",
        ),
        Attribute::new(
            "dns_ttl",
            Type::Duration,
            "how long callers keep the address that its name stands for, where a name is shifted",
        )
        .certain("a setting")
        .example("1h")
        .bounds(0.0, CENTURY),
        Attribute::new(
            "longest_transaction",
            Type::Duration,
            "how long the longest thing it must not break off takes: a payment in steps, an import, a close",
        )
        .certain("a limit")
        .example("2h")
        .bounds(0.0, CENTURY),
        MOVE,
        AFTER,
    ],
    blocks: &[
        &CALLS, &READS, &WRITES, &USES, &PUBLISHES, &CONSUMES, &PINS, &COST, &BASELINE, &STEP,
        &OWN_GATE, &WITHOUT,
    ],
    doc: "something that runs",
};

//! The types a value can have, as people speak of them, with the literals that make them.

use whimbrel_lang::Dimension;

use super::Type;

/// A type of value.
#[derive(Debug)]
pub struct Literal {
    /// `duration`, `money per time`.
    pub name: &'static str,
    /// What one writes.
    pub examples: &'static [&'static str],
    /// The units it is written with: those of this dimension.
    pub dimension: Option<Dimension>,
    /// One sentence, without its full stop.
    pub doc: &'static str,
    /// What there is to know beside, in sentences.
    pub more: &'static str,
}

const fn value(
    name: &'static str,
    examples: &'static [&'static str],
    dimension: Option<Dimension>,
    doc: &'static str,
    more: &'static str,
) -> Literal {
    Literal {
        name,
        examples,
        dimension,
        doc,
        more,
    }
}

/// The types of values.
pub static VALUES: &[Literal] = &[
    value(
        "number",
        &["3", "0.25", "12_500", "2.8M"],
        None,
        "a plain number",
        "`_` may stand between digits. `k`, `M` and `B` are thousands, millions and billions.",
    ),
    value(
        "ratio",
        &["99.95%", "5%", "0.5"],
        None,
        "a share of a whole",
        "A plain number serves too: `5%` is `0.05`. In a string, `${w}` prints a ratio without \
         its `%`.",
    ),
    value("boolean", &["true", "false"], None, "yes or no", ""),
    value(
        "duration",
        &["2ms", "90s", "15min", "4h", "3d", "2w", "6mo", "1y"],
        Some(Dimension::DURATION),
        "elapsed time, nights and holidays included",
        "A day has 24 hours, a month 365.25 / 12 days. `3m` is an error: it may mean minutes or \
         months.",
    ),
    value(
        "working duration",
        &["6wh", "3wd"],
        Some(Dimension::WORKING),
        "time that runs only while a team works",
        "A working day is as long as the hours of the team's calendar say. It has no rate: \
         `$95/wd` is an error.",
    ),
    value(
        "effort",
        &["4h", "3wd", "pert(2wh, 4wh, 2wd)"],
        None,
        "elapsed or working time, perhaps uncertain",
        "A distribution may mix working hours and working days, but not working and elapsed time.",
    ),
    value(
        "size",
        &["50TB", "4GiB", "800MB"],
        Some(Dimension::SIZE),
        "an amount of data",
        "`kB`, `MB` and so on are powers of 1,000, `KiB`, `MiB` and so on powers of 1,024.",
    ),
    value(
        "rate",
        &["400rps", "12_500/s", "3/h"],
        Some(Dimension::RATE),
        "how often something happens per time",
        "Behind `/` stands a unit of time.",
    ),
    value(
        "bandwidth",
        &["10Gbps", "200MB/s"],
        Some(Dimension::BYTE_RATE),
        "data per time",
        "`Gbps` counts bits and `GB/s` bytes: `8Gbps` is `1GB/s`.",
    ),
    value(
        "money",
        &["$1_200", "€80_000", "USD 95", "$2.8M"],
        None,
        "an amount in the plan's currency",
        "A plan has one currency: `$`, `€`, `£`, `¥` or a code of three capitals and a blank.",
    ),
    value(
        "money per time",
        &["$95/h", "$2.8M/y", "€400/mo"],
        None,
        "what something costs or earns while it lasts",
        "",
    ),
    value(
        "money per size",
        &["$0.09/GB", "€20/TB"],
        None,
        "what an amount of data costs",
        "",
    ),
    value("growth", &["12%/y", "1%/mo"], None, "a ratio per time", ""),
    value(
        "date",
        &["2027-01-11", "2027-01-11T22:00"],
        None,
        "a day, perhaps with a time of day, in the migration's `zone`",
        "",
    ),
    value(
        "time",
        &["22:00", "00:00", "24:00"],
        None,
        "a time of day, in the zone of the calendar or of the migration",
        "",
    ),
    value(
        "range",
        &["mon..fri", "22:00..06:00", "1..9"],
        None,
        "everything from one end to the other, both included",
        "Hours may run over midnight.",
    ),
    value(
        "list",
        &["[1%, 5%, 25%]", "[orders, ledger]"],
        None,
        "values in order",
        "A trailing comma is allowed. `.first`, `.last` and `.length` reach into it. As the type \
         of a parameter it names what it holds: `list<ratio>`.",
    ),
    value(
        "text",
        &[
            "\"card data\"",
            "\"shift_${w}\"",
            "\"\"\"several lines\"\"\"",
        ],
        None,
        "words for people and tools",
        "A string ends on its line; `\"\"\"` goes over several, with the indentation stripped. \
         `${…}` puts a value in. `\\` escapes.",
    ),
    value(
        "name",
        &[
            "orders",
            "orders_db.customers",
            "team.payments",
            "\"orders.v1\"",
        ],
        None,
        "what a block is called",
        "Letters, digits, `_`, and `-` inside; any other name is quoted. Each kind of block has \
         its own names; `team.payments` says which kind is meant where several fit. A dot reaches \
         inside.",
    ),
];

/// The type of that name.
#[must_use]
pub fn literal(name: &str) -> Option<&'static Literal> {
    VALUES.iter().find(|value| value.name == name)
}

/// The types a parameter of a pattern may have, beside `list<…>`.
pub static PARAMETER_TYPES: &[(&str, Type)] = &[
    ("duration", Type::UncertainDuration),
    ("effort", Type::Effort),
    ("number", Type::UncertainNumber),
    ("ratio", Type::UncertainRatio),
    ("size", Type::UncertainSize),
    ("rate", Type::UncertainRate),
    ("money", Type::UncertainMoney),
    ("text", Type::Text),
    ("boolean", Type::Boolean),
    ("verb", Type::Verb),
];

/// What conditions compare.
#[must_use]
pub fn measures() -> Vec<&'static str> {
    super::MEASURES.iter().map(|row| row.name).collect()
}

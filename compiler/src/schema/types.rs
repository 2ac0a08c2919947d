//! The types an attribute can have.

use std::fmt;

/// What a name can stand for. Each kind is a namespace of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A platform.
    Platform,
    /// A link.
    Link,
    /// A team.
    Team,
    /// A calendar.
    Calendar,
    /// A freeze.
    Freeze,
    /// A window.
    Window,
    /// A service.
    Service,
    /// An instance.
    Instance,
    /// A datastore.
    Datastore,
    /// A table.
    Table,
    /// A topic.
    Topic,
    /// A queue.
    Queue,
    /// A cache.
    Cache,
    /// A volume.
    Volume,
    /// An external system.
    External,
    /// A licence.
    Licence,
    /// A migration.
    Migration,
    /// A phase.
    Phase,
    /// A batch.
    Batch,
    /// A bridge.
    Bridge,
    /// A measure.
    Measure,
    /// A trigger.
    Trigger,
    /// A risk.
    Risk,
    /// A driver.
    Driver,
    /// An environment.
    Environment,
    /// A rehearsal.
    Rehearsal,
    /// A role.
    Role,
    /// An announcement.
    Announcement,
    /// A training.
    Training,
    /// A group.
    Group,
    /// A pattern.
    Pattern,
    /// An executor.
    Executor,
}

impl Kind {
    /// Its keyword, as in `team.payments`.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Link => "link",
            Self::Team => "team",
            Self::Calendar => "calendar",
            Self::Freeze => "freeze",
            Self::Window => "window",
            Self::Service => "service",
            Self::Instance => "instance",
            Self::Datastore => "datastore",
            Self::Table => "table",
            Self::Topic => "topic",
            Self::Queue => "queue",
            Self::Cache => "cache",
            Self::Volume => "volume",
            Self::External => "external",
            Self::Licence => "licence",
            Self::Migration => "migration",
            Self::Phase => "phase",
            Self::Batch => "batch",
            Self::Bridge => "bridge",
            Self::Measure => "measure",
            Self::Trigger => "trigger",
            Self::Risk => "risk",
            Self::Driver => "driver",
            Self::Environment => "environment",
            Self::Rehearsal => "rehearsal",
            Self::Role => "role",
            Self::Announcement => "announce",
            Self::Training => "training",
            Self::Group => "group",
            Self::Pattern => "pattern",
            Self::Executor => "executor",
        }
    }

    /// What holds data or messages and can be read, written or used.
    pub const SHARED: &'static [Self] = &[
        Self::Datastore,
        Self::Table,
        Self::Topic,
        Self::Queue,
        Self::Cache,
        Self::Volume,
    ];
    /// What can move.
    pub const MOVABLE: &'static [Self] = &[
        Self::Service,
        Self::Datastore,
        Self::Topic,
        Self::Queue,
        Self::Cache,
        Self::Volume,
    ];
    /// What a licence can cover.
    pub const LICENSED: &'static [Self] = &[Self::Service, Self::Datastore, Self::Instance];
    /// What can be in a group.
    pub const GROUPED: &'static [Self] = &[
        Self::Service,
        Self::Datastore,
        Self::Topic,
        Self::Queue,
        Self::Cache,
        Self::Volume,
        Self::Instance,
        Self::External,
    ];
    /// What a driver can act on.
    pub const DRIVEN: &'static [Self] = &[
        Self::Service,
        Self::Datastore,
        Self::Topic,
        Self::Queue,
        Self::Cache,
        Self::Volume,
        Self::External,
        Self::Team,
        Self::Batch,
        Self::Phase,
        Self::Link,
    ];
}

/// What an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A string.
    Text,
    /// `"HOST:PORT"`.
    Address,
    /// Strings.
    Texts,
    /// A bare word, taken as it is.
    Word,
    /// Bare words.
    WordList,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Several of these words.
    Choices(&'static [&'static str]),
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// A ratio, `99.95%` or `0.9995`.
    Ratio,
    /// Certain elapsed time.
    Duration,
    /// Elapsed time, perhaps uncertain.
    UncertainDuration,
    /// A ratio, perhaps uncertain.
    UncertainRatio,
    /// A size in bytes, perhaps uncertain.
    UncertainSize,
    /// Times per second, perhaps uncertain.
    UncertainRate,
    /// Bytes per second, perhaps uncertain.
    UncertainBandwidth,
    /// Money, perhaps uncertain.
    UncertainMoney,
    /// Money per time, perhaps uncertain.
    UncertainMoneyPerTime,
    /// Money per size, perhaps uncertain.
    UncertainMoneyPerSize,
    /// A ratio per time, perhaps uncertain.
    UncertainGrowth,
    /// Elapsed or working time, perhaps uncertain.
    Effort,
    /// A factor, perhaps uncertain.
    UncertainNumber,
    /// A size in bytes.
    Size,
    /// Times per second.
    Rate,
    /// Bytes per second.
    Bandwidth,
    /// Money.
    Money,
    /// Money per time.
    MoneyPerTime,
    /// Money per size.
    MoneyPerSize,
    /// A ratio per time.
    Growth,
    /// A date.
    Date,
    /// Dates.
    Dates,
    /// A date, or a date with a time.
    Moment,
    /// An IANA time zone.
    Zone,
    /// `mon..fri` or a list of days.
    Days,
    /// `09:00..17:00`.
    Hours,
    /// A name of one of these kinds.
    Reference(&'static [Kind]),
    /// Names of these kinds.
    References(&'static [Kind]),
    /// A platform, or `stay`.
    Destination,
    /// Members of a batch: names, or `remaining`.
    Members,
    /// An edge `a -> b`, or a resource.
    Over,
    /// A pattern with its arguments.
    Pattern,
    /// An executor with its settings.
    Executor,
    /// A verb with its arguments.
    Verb,
    /// `2 of payments`, or a list of such.
    People,
    /// `error_rate > 1%`.
    Condition,
    /// Conditions that must all hold.
    Conditions,
    /// The name of a step of the same pattern.
    StepName,
    /// Any value, checked by a setting's own type.
    Any,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Text => "a string",
            Self::Address => "an address such as `\"10.1.4.20:8080\"`",
            Self::Texts => "a list of strings",
            Self::Word => "a word",
            Self::WordList => "a list of words",
            Self::Choice(words) => return write!(f, "one of {}", quoted(words)),
            Self::Choices(words) => return write!(f, "a list of {}", quoted(words)),
            Self::Boolean => "`true` or `false`",
            Self::Number => "a number",
            Self::Integer => "a whole number",
            Self::Ratio => "a ratio such as `5%`",
            Self::Duration => "a duration such as `4h`",
            Self::UncertainDuration => "a duration such as `4h` or `pert(1h, 2h, 4h)`",
            Self::UncertainRatio => "a ratio such as `5%` or `beta(2, 38)`",
            Self::UncertainSize => "a size such as `2TB` or `pert(1TB, 2TB, 4TB)`",
            Self::UncertainRate => "a rate such as `400rps` or `pert(200rps, 400rps, 900rps)`",
            Self::UncertainBandwidth => {
                "bytes per time such as `10Gbps` or `uniform(2MB/s, 5MB/s)`"
            }
            Self::UncertainMoney => "money such as `$80_000` or `uniform($60_000, $90_000)`",
            Self::UncertainMoneyPerTime => {
                "money per time such as `$95/h` or `pert($80/h, $95/h, $140/h)`"
            }
            Self::UncertainMoneyPerSize => {
                "money per size such as `$0.02/GB` or `uniform($0.02/GB, $0.09/GB)`"
            }
            Self::UncertainGrowth => "a growth such as `12%/y` or `uniform(8%/y, 15%/y)`",
            Self::Effort => "a duration such as `4h`, `3wd` or `pert(2wh, 4wh, 2wd)`",
            Self::UncertainNumber => "a number or a distribution such as `pert(1.0, 1.2, 1.8)`",
            Self::Size => "a size such as `2TB`",
            Self::Rate => "a rate such as `400rps`",
            Self::Bandwidth => "bytes per time such as `10Gbps` or `3MB/s`",
            Self::Money => "money such as `$80_000`",
            Self::MoneyPerTime => "money per time such as `$95/h`",
            Self::MoneyPerSize => "money per size such as `$0.02/GB`",
            Self::Growth => "a growth such as `12%/y`",
            Self::Date => "a date such as `2027-01-11`",
            Self::Dates => "a list of dates",
            Self::Moment => "a date such as `2027-01-11`, perhaps with a time",
            Self::Zone => "a time zone such as `\"America/New_York\"`",
            Self::Days => "days such as `mon..fri` or `[sat, sun]`",
            Self::Hours => "hours such as `09:00..17:00`",
            Self::Reference(kinds) => return write!(f, "the name of {}", one_of(kinds)),
            Self::References(kinds) => {
                return write!(f, "a list of names, each of {}", one_of(kinds));
            }
            Self::Destination => "a platform or `stay`",
            Self::Members => "a list of services and resources, or `remaining`",
            Self::Over => "an edge `a -> b` or a resource",
            Self::Pattern => "a pattern such as `strangler_fig()`",
            Self::Executor => "an executor such as `haproxy` or `bash(script: \"ops/deploy.sh\")`",
            Self::Verb => "a verb such as `traffic.shift(service, to: 25%)`",
            Self::People => "people such as `[2 of payments]`",
            Self::Condition => "a condition such as `error_rate > 1%`",
            Self::Conditions => "conditions such as `[error_rate < 1%, p99 < 300ms]`",
            Self::StepName => "the name of a step of the pattern",
            Self::Any => "a value",
        };
        f.write_str(text)
    }
}

fn quoted(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn one_of(kinds: &[Kind]) -> String {
    kinds
        .iter()
        .map(|kind| {
            let keyword = kind.keyword();
            let article = if keyword.starts_with(['a', 'e', 'i', 'o', 'u']) {
                "an"
            } else {
                "a"
            };
            format!("{article} {keyword}")
        })
        .collect::<Vec<_>>()
        .join(" or ")
}

impl Type {
    /// The type of a value that is certain.
    #[must_use]
    pub const fn of_certain(self) -> Self {
        match self {
            Self::UncertainDuration => Self::Duration,
            Self::UncertainRatio => Self::Ratio,
            Self::UncertainSize => Self::Size,
            Self::UncertainRate => Self::Rate,
            Self::UncertainBandwidth => Self::Bandwidth,
            Self::UncertainMoney => Self::Money,
            Self::UncertainMoneyPerTime => Self::MoneyPerTime,
            Self::UncertainMoneyPerSize => Self::MoneyPerSize,
            Self::UncertainGrowth => Self::Growth,
            Self::UncertainNumber => Self::Number,
            other => other,
        }
    }

    /// Whether a distribution may go where this is asked for.
    #[must_use]
    pub fn takes_distribution(self) -> bool {
        self == Self::Effort || self.of_certain() != self
    }

    /// Whether this is a quantity that a distribution may not stand for.
    #[must_use]
    pub const fn is_certain_quantity(self) -> bool {
        matches!(
            self,
            Self::Number
                | Self::Ratio
                | Self::Duration
                | Self::Size
                | Self::Rate
                | Self::Bandwidth
                | Self::Money
                | Self::MoneyPerTime
                | Self::MoneyPerSize
                | Self::Growth
        )
    }
}

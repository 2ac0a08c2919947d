//! Examples: a value for every type, a name for every kind, a line for every attribute and block.
//!
//! The names make one small world (`orders` of the team `payments` on `ec2` …), so that examples
//! fit each other wherever they are shown.

use super::{Attribute, Block, Kind, Type, Words};

/// How many attributes the example of a block shows.
const SHOWN: usize = 2;

impl Kind {
    /// A name that something of this kind may have.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::Platform => "ec2",
            Self::Link => "\"ec2 -> kubernetes\"",
            Self::Team => "payments",
            Self::Calendar => "office",
            Self::Freeze => "year_end",
            Self::Window => "low_tide",
            Self::Service => "orders",
            Self::Instance => "pg1",
            Self::Datastore => "orders_db",
            Self::Table => "customers",
            Self::Topic => "order_events",
            Self::Queue => "invoices",
            Self::Cache => "sessions",
            Self::Volume => "uploads",
            Self::External => "card_network",
            Self::Licence => "oracle",
            Self::Migration => "payments_platform",
            Self::Phase => "discovery",
            Self::Batch => "core",
            Self::Bridge => "orders_sync",
            Self::Measure => "lost_carts",
            Self::Trigger => "errors",
            Self::Risk => "data_loss",
            Self::Driver => "vendor_delay",
            Self::Environment => "staging",
            Self::Rehearsal => "core_back",
            Self::Role => "migration_lead",
            Self::Announcement => "customers",
            Self::Training => "operators",
            Self::Group => "payments_domain",
            Self::Pattern => "strangler_fig",
            Self::Executor => "haproxy",
        }
    }
}

impl Type {
    /// A value of this type, as one would write it.
    #[must_use]
    pub fn example(self) -> String {
        let text = match self {
            Self::Text => "\"as the plan's readers say it\"",
            Self::Address => "\"10.1.4.20:8080\"",
            Self::Texts => "[\"one\", \"two\"]",
            Self::Word => "postgresql",
            Self::WordList => "[gdpr, sox]",
            Self::Choice(words) => words.first().copied().unwrap_or_default(),
            Self::Choices(words) => return format!("[{}]", words.first().unwrap_or(&"")),
            Self::Boolean => "true",
            Self::Number => "0.5",
            Self::Integer => "4",
            Self::Ratio | Self::UncertainRatio => "5%",
            Self::Duration => "4h",
            Self::UncertainDuration => "pert(1h, 2h, 4h)",
            Self::Effort => "pert(2wh, 4wh, 2wd)",
            Self::UncertainNumber => "pert(1.0, 1.2, 1.8)",
            Self::Size | Self::UncertainSize => "2TB",
            Self::Rate | Self::UncertainRate => "400rps",
            Self::Bandwidth | Self::UncertainBandwidth => "200MB/s",
            Self::Money | Self::UncertainMoney => "$80_000",
            Self::MoneyPerTime | Self::UncertainMoneyPerTime => "$95/h",
            Self::MoneyPerSize | Self::UncertainMoneyPerSize => "$0.02/GB",
            Self::Growth | Self::UncertainGrowth => "12%/y",
            Self::Date => "2027-01-11",
            Self::Dates => "[2027-05-31]",
            Self::Moment => "2027-01-11T22:00",
            Self::Zone => "\"America/New_York\"",
            Self::Days => "mon..thu",
            Self::Hours => "08:00..16:00",
            Self::Reference(kinds) => kinds.first().map_or("", |kind| kind.example()),
            Self::References(kinds) => {
                return format!("[{}]", kinds.first().map_or("", |kind| kind.example()));
            }
            Self::Destination => "kubernetes",
            Self::Members => "[orders_db, orders]",
            Self::Over => "orders_db.customers",
            Self::Pattern => "strangler_fig(soak: 4h)",
            Self::Executor => "haproxy",
            Self::Verb => "traffic.shift(service, to: 25%)",
            Self::People => "[2 of payments]",
            Self::Condition => "error_rate > 1%",
            Self::Conditions => "[error_rate < 1%, p99 < 300ms]",
            Self::StepName => "shadow",
            Self::Any => "3",
        };
        text.to_owned()
    }
}

impl Attribute {
    /// A value it takes, another than its default.
    #[must_use]
    pub fn example_value(&self) -> String {
        if let Some(sample) = self.sample {
            return sample.to_owned();
        }
        let other = |words: &[&str]| {
            let other = words.iter().find(|word| self.default != Some(**word));
            other.copied().unwrap_or_default().to_owned()
        };
        match (self.ty, self.bounds) {
            (Type::Choice(words), _) => other(words),
            (Type::Boolean, _) => other(&["true", "false"]),
            // A score, or a factor of at most one.
            (Type::UncertainNumber | Type::Number, Some((_, high))) if high < 0.5 => {
                high.to_string()
            }
            (ty, _) => ty.example(),
        }
    }

    /// `traffic = 1_200rps`
    #[must_use]
    pub fn example_line(&self) -> String {
        format!("{} = {}", self.name, self.example_value())
    }
}

impl Block {
    /// Its keyword and its words, with names of the example's world.
    #[must_use]
    pub fn example_head(&self) -> String {
        let keyword = self.keyword;
        match self.words {
            Words::None => keyword.to_owned(),
            Words::Name => match (self.kind, keyword) {
                (Some(kind), _) => format!("{keyword} {}", kind.example()),
                (None, "verb") => "verb traffic.shift".to_owned(),
                (None, "file") => "file \"haproxy.cfg\"".to_owned(),
                (None, _) => format!("{keyword} admin_socket"),
            },
            Words::StepName => format!("{keyword} shadow"),
            Words::Address => format!("{keyword} {}", Type::Address.example()),
            Words::Reference(kinds) => {
                let name = kinds.first().map_or("", |kind| kind.example());
                format!("{keyword} {name}")
            }
            Words::Arrow(Kind::Platform) => format!("{keyword} ec2 -> kubernetes"),
            Words::Arrow(_) => format!("{keyword} orders -> ledger"),
        }
    }

    /// A whole example: what must be given, and a few attributes beside it.
    #[must_use]
    pub fn example(&self) -> String {
        let head = self.example_head();
        let required = self.attributes.iter().filter(|row| row.required);
        let others = self.attributes.iter().filter(|row| !row.required);
        let asked = required.clone().count();
        let lines: Vec<String> = required
            .chain(others.take(SHOWN.saturating_sub(asked)))
            .map(|row| self.with_reason(row))
            .collect();
        if lines.is_empty() {
            return match self.words {
                Words::StepName | Words::Address => head,
                _ => format!("{head} {{ }}"),
            };
        }
        let line = format!("{head} {{ {} }}", lines.join("; "));
        if line.len() <= 90 {
            return line;
        }
        let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        format!("{head} {{\n{lines}}}")
    }

    /// The example of an attribute, with the `because` that answers of the checklist need.
    fn with_reason(&self, row: &Attribute) -> String {
        let line = row.example_line();
        if self.keyword == "checklist" {
            format!("{line} because \"five engineers know both platforms\"")
        } else {
            line
        }
    }
}

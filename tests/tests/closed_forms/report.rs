//! What the program said, and how far it may be from an exact figure.

use jiff::Timestamp;
use serde_json::Value;
use whimbrel_tests::checked::{certain, near};

/// A microsecond in days: times are rounded to it.
const MICROSECOND: f64 = 1e-6 / 86_400.0;
const LEVELS: [(&str, f64); 9] = [
    ("p5", 0.05),
    ("p10", 0.10),
    ("p25", 0.25),
    ("p50", 0.50),
    ("p75", 0.75),
    ("p80", 0.80),
    ("p90", 0.90),
    ("p95", 0.95),
    ("p99", 0.99),
];

/// The document of `whimbrel simulate --format json`.
pub struct Report {
    document: Value,
    trials: f64,
}

impl Report {
    /// Reads it.
    pub fn new(bytes: &[u8], trials: u64) -> Self {
        let document: Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(document.get("trials").and_then(Value::as_u64), Some(trials));
        Self {
            document,
            trials: trials as f64,
        }
    }

    fn at(&self, path: &str) -> &Value {
        let pointer = format!("/{}", path.replace('.', "/"));
        let found = self.document.pointer(&pointer);
        found.unwrap_or_else(|| panic!("no `{path}` in {:#}", self.document))
    }

    /// The number at a dotted path.
    pub fn number(&self, path: &str) -> f64 {
        let found = self.at(path);
        found.as_f64().unwrap_or_else(|| panic!("{path}: {found}"))
    }

    /// The summary at a dotted path.
    pub fn summary(&self, path: &str) -> Summary<'_> {
        Summary {
            name: path.to_owned(),
            fields: self.at(path),
            trials: self.trials,
        }
    }

    /// How long the migration takes, in days.
    pub fn duration(&self) -> Summary<'_> {
        self.summary("duration_days")
    }

    /// The entry of a list whose `key` is `name`.
    fn entry(&self, list: &str, key: &str, name: &str) -> &Value {
        let entries = self.at(list).as_array().unwrap();
        let found = entries.iter().find(|entry| entry[key] == name);
        found.unwrap_or_else(|| panic!("no `{name}` among the {list}"))
    }

    /// A number of a step.
    pub fn step(&self, id: &str, field: &str) -> f64 {
        let found = &self.entry("steps", "id", id)[field];
        found
            .as_f64()
            .unwrap_or_else(|| panic!("{id} {field}: {found}"))
    }

    /// A number of a driver or an uncertain input.
    pub fn driver(&self, name: &str, field: &str) -> f64 {
        let found = &self.entry("drivers", "name", name)[field];
        found
            .as_f64()
            .unwrap_or_else(|| panic!("{name} {field}: {found}"))
    }

    fn finish_of(&self, batch: &str) -> &Value {
        &self.entry("batches", "name", batch)["finish"]
    }

    /// When a batch ends, in days from midnight on 2027-01-11, UTC.
    pub fn batch(&self, name: &str) -> Summary<'_> {
        Summary {
            name: name.to_owned(),
            fields: self.finish_of(name),
            trials: self.trials,
        }
    }

    /// The one instant at which a batch ends in every trial.
    pub fn end_of(&self, batch: &str) -> Timestamp {
        let finish = self.finish_of(batch);
        assert_eq!(finish["p5"], finish["p99"], "{batch} is not certain");
        finish["p50"].as_str().unwrap().parse().unwrap()
    }

    /// A chance, estimated by a share of the trials, is `exact`.
    pub fn has_chance(&self, path: &str, exact: f64) {
        let error = (exact * (1.0 - exact) / self.trials).sqrt();
        near(path, self.number(path), exact, error);
    }
}

/// Mean, spread and quantiles of a quantity.
pub struct Summary<'a> {
    name: String,
    fields: &'a Value,
    trials: f64,
}

impl Summary<'_> {
    /// One of its figures; instants in days from midnight on 2027-01-11, UTC.
    pub fn number(&self, field: &str) -> f64 {
        self.read(field, &self.fields[field])
    }

    /// The 95 % interval of one of its figures.
    pub fn interval(&self, field: &str) -> [f64; 2] {
        let end = |end: u8| {
            let found = self.fields.pointer(&format!("/error/{field}/{end}"));
            self.read(field, found.unwrap_or(&Value::Null))
        };
        [end(0), end(1)]
    }

    fn read(&self, field: &str, found: &Value) -> f64 {
        match found.as_str() {
            Some(instant) => {
                let instant: Timestamp = instant.parse().unwrap();
                let start: Timestamp = "2027-01-11T00:00Z".parse().unwrap();
                (instant.as_microsecond() - start.as_microsecond()) as f64 * MICROSECOND
            }
            None => found
                .as_f64()
                .unwrap_or_else(|| panic!("{} {field}: {found}", self.name)),
        }
    }

    /// The mean is `exact`, for a quantity whose exact standard deviation is `sd`: the standard
    /// error of a mean is sd ÷ √n.
    pub fn has_mean(&self, exact: f64, sd: f64) -> &Self {
        let error = sd / self.trials.sqrt() + MICROSECOND;
        let name = format!("{} mean", self.name);
        near(&name, self.number("mean"), exact, error);
        self
    }

    /// The standard deviation is `exact`, for a quantity of this kurtosis κ (3 for a normal one):
    /// the standard error of a standard deviation is near sd · √((κ − 1) ÷ 4n).
    pub fn has_sd(&self, exact: f64, kurtosis: f64) -> &Self {
        let error = exact * ((kurtosis - 1.0) / (4.0 * self.trials)).sqrt();
        let name = format!("{} sd", self.name);
        near(&name, self.number("sd"), exact, error);
        self
    }

    /// The quantiles are those of the continuous distribution function `of`: the share of trials
    /// below the true p-quantile is binomial, its standard error √(p (1 − p) ÷ n), and an order
    /// statistic steps by one trial.
    pub fn has_quantiles(&self, of: impl Fn(f64) -> f64) -> &Self {
        for (field, p) in LEVELS {
            let error = (p * (1.0 - p) / self.trials).sqrt() + 1.0 / self.trials;
            let name = format!("{} F({field})", self.name);
            near(&name, of(self.number(field)), p, error);
        }
        self
    }

    /// It is `exact` in every trial: days to the microsecond, amounts to nine digits.
    pub fn is(&self, exact: f64) {
        let margin = MICROSECOND.max(exact.abs() * 1e-9);
        for field in ["mean", "p5", "p50", "p99"] {
            let name = format!("{} {field}", self.name);
            certain(&name, self.number(field), exact, margin);
        }
    }
}

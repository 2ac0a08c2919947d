//! What an expression can call and take apart: distributions, functions, the parts of a list; and
//! what a pattern can be for. `explain` and messages read these tables.

use super::Kind;

/// Something that is called by name, or a part of a value.
#[derive(Debug)]
pub struct Term {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub example: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

const fn term(name: &'static str, example: &'static str, doc: &'static str) -> Term {
    Term { name, example, doc }
}

/// The distributions.
pub static DISTRIBUTIONS: &[Term] = &[
    term(
        "uniform",
        "uniform(1d, 4d)",
        "any value between the two, all alike: where only the bounds are known",
    ),
    term(
        "triangular",
        "triangular(1d, 2d, 4d)",
        "least, most likely, greatest: the ends are taken as seriously as they are written",
    ),
    term(
        "pert",
        "pert(1d, 2d, 4d)",
        "least, most likely, greatest, with most of the weight near the middle one; its mean is (least + 4 × likely + greatest) / 6",
    ),
    term(
        "normal",
        "normal(mean: 4d, sd: 1d)",
        "around a mean, cut off at zero",
    ),
    term(
        "lognormal",
        "lognormal(p50: 4d, p90: 9d)",
        "never negative, with a long tail: half stay below `p50`, nine in ten below `p90`",
    ),
    term(
        "exponential",
        "exponential(mean: 4d)",
        "the time until something that may happen at any moment",
    ),
    term(
        "gamma",
        "gamma(scale: 4d, shape: 2)",
        "the sum of `shape` waits of `scale` each; its mean is scale × shape",
    ),
    term(
        "weibull",
        "weibull(scale: 4d, shape: 2)",
        "a wait that gets likelier to end (`shape` above 1) or less likely (below 1) as it lasts",
    ),
    term(
        "beta",
        "beta(low: 1d, high: 4d, alpha: 2, beta: 3)",
        "between two bounds, with its mean at low + (high - low) × alpha / (alpha + beta)",
    ),
    term("constant", "constant(4d)", "this value, for certain"),
    term(
        "discrete",
        "discrete([1d: 70%, 4d: 30%])",
        "one of these values, each with its chance",
    ),
    term(
        "empirical",
        "empirical([1d, 2d, 2d, 4d])",
        "one of these past measurements, each as likely as the others",
    ),
    term(
        "shifted",
        "shifted(exponential(mean: 1d), 2d)",
        "a distribution, moved by an amount",
    ),
    term(
        "scaled",
        "scaled(exponential(mean: 1d), 1.5)",
        "a distribution, times a number",
    ),
    term(
        "truncated",
        "truncated(normal(mean: 4d, sd: 2d), 1d, 8d)",
        "a distribution, given that it lies between two bounds",
    ),
];

/// The functions.
pub static FUNCTIONS: &[Term] = &[term(
    "known",
    "known(phase.takes, 10wd)",
    "the first of these that the plan gives; the last one is what holds when it gives none",
)];

/// The parts of a list.
pub static LIST_PARTS: &[Term] = &[
    term("first", "weights.first", "its first element"),
    term("last", "weights.last", "its last element"),
    term("length", "weights.length", "how many elements it has"),
    term(
        "increasing",
        "weights.increasing",
        "whether each element is greater than the one before it",
    ),
    term("least", "weights.least", "its least element"),
    term("greatest", "weights.greatest", "its greatest element"),
];

/// What a pattern can be for.
pub static SUBJECTS: &[Kind] = &[
    Kind::Service,
    Kind::Datastore,
    Kind::Topic,
    Kind::Queue,
    Kind::Cache,
    Kind::Volume,
    Kind::Phase,
];

/// The distribution of that name.
#[must_use]
pub fn distribution(name: &str) -> Option<&'static Term> {
    DISTRIBUTIONS.iter().find(|term| term.name == name)
}

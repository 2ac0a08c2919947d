//! All rules in the order of their codes: one line each.

use whimbrel_lang::{Code, Level, codes as syntax};

use super::{Check, Rule};
use crate::codes;

/// What the compiler itself reports: an error with a page of that name.
macro_rules! compiler {
    ($code:expr, $name:literal, $summary:literal) => {
        compiler!($code, $name, $summary, Level::Error)
    };
    ($code:expr, $name:literal, $summary:literal, $level:expr) => {
        Rule {
            code: Code {
                number: $code.number,
                name: $name,
            },
            level: $level,
            summary: $summary,
            page: include_str!(concat!("../../rules/", $name, ".md")),
            check: Check::Compiler,
        }
    };
}

/// Every rule, in the order of codes.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    compiler!(syntax::UNEXPECTED_TOKEN, "unexpected-token", "something stands where it cannot"),
    compiler!(syntax::UNCLOSED_BLOCK, "unclosed-block", "a bracket is never closed"),
    compiler!(syntax::BAD_LITERAL, "bad-literal", "a number, date or string cannot be read"),
    compiler!(syntax::TOO_DEEP, "too-deep", "blocks or brackets are nested too deeply"),
    compiler!(syntax::TOO_LARGE, "too-large", "a file is too large"),
    compiler!(syntax::NOT_UTF8, "not-utf8", "a file is not UTF-8 text"),
    compiler!(codes::UNKNOWN_NAME, "unknown-name", "a name stands for nothing"),
    compiler!(codes::DUPLICATE_NAME, "duplicate-name", "a name is given twice"),
    compiler!(codes::UNKNOWN_ATTRIBUTE, "unknown-attribute", "a block takes no such attribute"),
    compiler!(codes::MISSING_ATTRIBUTE, "missing-attribute", "a required attribute is left out"),
    compiler!(codes::IMPORT_CYCLE, "import-cycle", "files import one another"),
    compiler!(codes::IMPORT_OUTSIDE_ROOT, "import-outside-root", "an import leads out of the project"),
    super::unused_definition::RULE,
    compiler!(codes::MISSING_FILE, "missing-file", "an imported file is not there"),
    compiler!(codes::HIDES_STANDARD, "hides-standard-executor", "an executor of the project has the name of a standard one", Level::Note),
    compiler!(codes::TYPE_MISMATCH, "type-mismatch", "a value is not of the kind its place takes"),
    compiler!(codes::DIMENSION_MISMATCH, "dimension-mismatch", "quantities of different dimensions are mixed"),
    compiler!(codes::MIXED_CURRENCY, "mixed-currency", "a plan mixes two currencies"),
    compiler!(codes::OUT_OF_RANGE, "out-of-range", "a value is outside its bounds"),
    compiler!(codes::IMPOSSIBLE_DISTRIBUTION, "impossible-distribution", "parameters do not make a distribution"),
    compiler!(codes::PRECONDITION_FAILED, "precondition-failed", "a pattern's requirement does not hold"),
    compiler!(codes::IMPOSSIBLE_ORDER, "impossible-order", "things are to go after one another in a circle"),
    compiler!(codes::DIVERGING_TRANSFER, "diverging-transfer", "data changes faster than it can be copied"),
    compiler!(codes::TOO_MANY, "too-many", "a few lines make more than a plan can hold"),
    super::hidden_cycle::RULE,
    super::declared_cycle::RULE,
    super::undeclared_observed::RULE,
    super::pinned_endpoint::RULE,
    super::stale_observation::RULE,
    super::guessed_edge_on_critical::RULE,
    super::needs_outside_plan::RULE,
    super::false_hub::RULE,
    super::declared_never_observed::RULE,
    super::rates_disagree::RULE,
    super::several_writers::RULE,
    super::ordered_consumer_split::RULE,
    super::stateful_in_parallel_without_dual_write::RULE,
    super::cross_dependency_in_batch::RULE,
    super::moved_before_its_need::RULE,
    super::hard_edge_over_seam::RULE,
    super::batch_too_large::RULE,
    super::empty_batch::RULE,
    super::service_in_two_batches::RULE,
    super::service_in_none::RULE,
    super::bridge_ends_too_early::RULE,
    super::no_undo::RULE,
    super::rollback_exceeds_rto::RULE,
    super::no_trigger::RULE,
    super::never_rehearsed::RULE,
    super::no_objectives::RULE,
    super::lag_exceeds_rpo::RULE,
    super::team_overbooked::RULE,
    super::freeze_overlap::RULE,
    super::no_validation_before_cutover::RULE,
    super::no_baseline::RULE,
    super::medium_risk_without_alert::RULE,
    super::shift_without_health::RULE,
    super::no_load_test::RULE,
    super::weights_not_increasing::RULE,
    super::weights_not_to_100::RULE,
    super::soak_too_short::RULE,
    super::limit_against_baseline::RULE,
    super::role_missing::RULE,
    super::no_backup::RULE,
    super::approver_is_executor::RULE,
    super::high_risk_without_mitigation::RULE,
    super::announcement_late::RULE,
    super::no_communications_owner::RULE,
    super::no_retrospective::RULE,
    super::no_training::RULE,
    super::announcement_incomplete::RULE,
    super::verb_without_executor::RULE,
    super::lacks_for_executor::RULE,
    super::engine_not_served::RULE,
    super::nothing_measures::RULE,
    super::no_cost::RULE,
    super::dual_running_without_end::RULE,
    super::no_decommission::RULE,
    super::no_cleanup::RULE,
    super::single_point_estimate::RULE,
    super::range_too_narrow::RULE,
    super::unused_waiver::RULE,
    super::expired_waiver::RULE,
    super::strategy_against_checklist::RULE,
];

//! The rules: one file and one page each.
//!
//! A rule looks at a finished plan (or, without a migration, at the inventory and its graph) and
//! reports findings. Its page `compiler/rules/NAME.md` is its documentation and its test.
//! [`run`] runs all of them, drops what the plan waives and tells the same thing once.

mod bridging;
mod context;
mod findings;
mod registry;

mod announcement_incomplete;
mod announcement_late;
mod approver_is_executor;
mod assessment_too_short;
mod audit_trail_missing;
mod auto_rollback_past_schema_contract;
mod back_sync_missing;
mod backfill_without_throttle;
mod backup_older_than_rpo;
mod batch_exceeds_team;
mod batch_too_large;
mod bidirectional_flow;
mod bridge_ends_too_early;
mod bridge_over_nothing;
mod budget_below_mean;
mod cache_format_change_unhandled;
mod cdc_without_lag_gate;
mod contract_before_last_reader;
mod critical_first;
mod cross_dependency_in_batch;
mod deadline_impossible;
mod declared_cycle;
mod declared_never_observed;
mod dns_ttl_not_lowered;
mod downtime_exceeds_sla;
mod dual_running_without_end;
mod dual_write_without_reconciliation;
mod empty_batch;
mod engine_not_served;
mod expired_waiver;
mod external_lead_time;
mod false_hub;
mod freeze_overlap;
mod guessed_edge_on_critical;
mod hard_edge_over_seam;
mod hidden_cycle;
mod high_risk_without_mitigation;
mod irreversible_without_gate;
mod lacks_for_executor;
mod lag_exceeds_rpo;
mod licence_ends_before_cutover;
mod limit_against_baseline;
mod long_transactions_unhandled;
mod medium_risk_without_alert;
mod moved_before_its_need;
mod needs_outside_plan;
mod never_rehearsed;
mod no_backup;
mod no_baseline;
mod no_cleanup;
mod no_common_hours;
mod no_communications_owner;
mod no_cost;
mod no_decommission;
mod no_dry_run;
mod no_load_test;
mod no_objectives;
mod no_pilot;
mod no_retrospective;
mod no_training;
mod no_trigger;
mod no_undo;
mod no_validation_before_cutover;
mod old_side_gone_before_rollback_horizon;
mod ordered_consumer_split;
mod overlapping_expand;
mod parallel_run_too_short;
mod pinned_endpoint;
mod public_network;
mod queue_not_drained;
mod range_too_narrow;
mod rates_disagree;
mod residency_broken;
mod retention_broken;
mod role_missing;
mod rollback_exceeds_rto;
mod secret_in_plan;
mod service_in_none;
mod service_in_two_batches;
mod sessions_lost_unannounced;
mod several_writers;
mod shift_without_health;
mod single_point_estimate;
mod soak_too_short;
mod stale_observation;
mod stateful_in_parallel_without_dual_write;
mod stateless_after_stateful;
mod strategy_against_checklist;
mod team_overbooked;
mod transfer_exceeds_window;
mod transfer_may_diverge;
mod trigger_unmeasurable;
mod undeclared_observed;
mod unused_definition;
mod unused_waiver;
mod verb_without_executor;
mod weights_not_increasing;
mod weights_not_to_100;
mod window_too_short;

use whimbrel_lang::{Code, Diagnostic, Level, Span};
use whimbrel_plan::Plan;

pub use context::Context;
pub use findings::Findings;
pub use registry::RULES;

/// What a rule runs on.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Reported while parsing or compiling; the page only documents it.
    Compiler,
    /// The inventory and its graph, with or without a migration.
    Inventory(fn(&Context<'_>, &mut Findings)),
    /// A plan.
    Plan(fn(&Context<'_>, &Plan, &mut Findings)),
    /// The plan's waivers, with what each of them covers.
    Waivers(fn(&Context<'_>, &Plan, &[Coverage], &mut Findings)),
}

/// The findings a waiver is about, whatever its date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Warnings and notes.
    waivable: usize,
    /// Errors, which cannot be waived.
    errors: usize,
}

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its code and short name.
    pub code: Code,
    /// How bad a finding usually is.
    pub level: Level,
    /// One sentence.
    pub summary: &'static str,
    /// Its page, Markdown.
    pub page: &'static str,
    /// What it does.
    pub check: Check,
}

impl Rule {
    /// A finding of this rule at its usual level.
    fn finding(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.code, self.level, span, message)
    }
}

/// The rule of this code or short name.
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.code.number == code_or_name || rule.code.name == code_or_name)
}

/// Runs every rule and returns what is left when the plan's waivers are taken off, in the order
/// of the registry.
///
/// A waiver takes off warnings and notes on its target until the end of its last day; errors
/// stay. Findings of one rule at one place, or that the rule says are alike, are one finding that
/// names the others.
#[must_use]
pub fn run(context: &Context<'_>) -> Vec<Diagnostic> {
    let waivers = context.plan.map_or(&[][..], |plan| &plan.waivers);
    let mut findings = Findings::new(waivers, context.today);
    for rule in RULES {
        match (rule.check, context.plan) {
            (Check::Inventory(check), _) => check(context, &mut findings),
            (Check::Plan(check), Some(plan)) => check(context, plan, &mut findings),
            _ => {}
        }
    }
    if let Some(plan) = context.plan {
        let coverage = findings.take_coverage();
        for rule in RULES {
            if let Check::Waivers(check) = rule.check {
                check(context, plan, &coverage, &mut findings);
            }
        }
    }
    findings.into_diagnostics()
}

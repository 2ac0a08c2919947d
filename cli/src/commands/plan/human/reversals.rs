//! What can be taken back, how long it takes, and until when.

use std::fmt::Write as _;

use whimbrel_plan::{NoReturn, Plan, WayBack};

use super::Page;
use crate::render::number::{date, duration};
use crate::render::table::{Align, Table, wrap};

impl Page {
    pub(super) fn reversals(self, plan: &Plan) -> String {
        let mut table = Table::new(&[
            ("batch", Align::Left),
            ("mean", Align::Right),
            ("P90", Align::Right),
            ("until", Align::Left),
            ("why no longer", Align::Left),
        ]);
        let rto = plan.migration.objectives.rto;
        let moving = plan.reversals.iter().filter(|one| !one.members.is_empty());
        for reversal in moving {
            let batch = plan.batches[reversal.batch].name.clone();
            let (mean, p90) = times(reversal.slowest.as_ref(), rto);
            let (until, why) = last(plan, reversal.no_return.as_ref());
            table.row([batch, mean, p90, until, why]);
        }
        if table.is_empty() {
            return String::new();
        }
        let heading = match rto {
            Some(rto) => format!("Ways back, against an RTO of {}", duration(rto)),
            None => "Ways back; no RTO is promised".to_owned(),
        };
        let mut text = self.heading(&heading) + &table.render(self.width, self.paint);
        for line in wrap(EARLIEST, self.width.saturating_sub(2)) {
            let _ = writeln!(text, "  {line}");
        }
        text
    }
}

/// What the dates leave out.
const EARLIEST: &str =
    "the dates are the earliest: mean values, without waiting for people, open hours and windows";

/// How long the slowest rollback takes, and whether that is over the RTO.
fn times(slowest: Option<&WayBack>, rto: Option<f64>) -> (String, String) {
    let Some(slowest) = slowest else {
        return ("–".to_owned(), "–".to_owned());
    };
    let over = rto.is_some_and(|rto| slowest.p90 > rto);
    let mark = if over { "over: " } else { "" };
    let p90 = format!("{mark}{}", duration(slowest.p90));
    (duration(slowest.mean), p90)
}

fn last(plan: &Plan, end: Option<&NoReturn>) -> (String, String) {
    let Some(end) = end else {
        return ("the end".to_owned(), String::new());
    };
    let zone = plan.migration.time_zone();
    let on = date(plan.instant(end.at), &zone);
    let step = &plan.steps[end.from].name;
    (format!("{step}, {on}"), plan.why_no_return(end))
}

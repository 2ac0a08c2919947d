//! The chances: of keeping what was promised, and of what may go wrong.

use std::fmt::Write as _;

use whimbrel_simulator::Missed;

use super::{BAR_WIDTH, Page};
use crate::render::chart;
use crate::render::number;
use crate::render::table::{Align, Table, wrap};

/// What may come true, how often it did, and between which shares its chance lies.
struct Chance {
    what: String,
    share: Option<f64>,
    interval: Option<[f64; 2]>,
}

impl Chance {
    fn new(what: impl Into<String>, share: Option<f64>, interval: Option<[f64; 2]>) -> Self {
        let what = what.into();
        Self {
            what,
            share,
            interval,
        }
    }
}

/// The table of chances, and why some trials never finish.
pub fn section(page: Page<'_>) -> String {
    let mut table = Table::new(&[("", Align::Left), ("", Align::Left), ("", Align::Left)]);
    for chance in promises(page).into_iter().chain(dangers(page)) {
        let Some(share) = chance.share else {
            continue;
        };
        let bar = if page.charts {
            chart::bar(share, BAR_WIDTH)
        } else {
            String::new()
        };
        table.row([chance.what, number::chance(share, chance.interval), bar]);
    }
    let mut text = page.heading("Chances") + &table.render(page.width, page.paint);
    for sentence in Missed::sentences(&page.estimates.missed) {
        for line in wrap(&sentence, page.width.saturating_sub(2)) {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

fn promises(page: Page<'_>) -> [Chance; 3] {
    let (estimates, migration) = (page.estimates, &page.plan.migration);
    let error = &estimates.error;
    let by = migration.deadline.map_or_else(String::new, |deadline| {
        format!(
            " by {}",
            number::end_date(deadline, migration.start, &page.zone())
        )
    });
    let known = if estimates.cost.at_least {
        ", as far as costs are known"
    } else {
        ""
    };
    let within = migration.budget.map_or_else(String::new, |budget| {
        format!(" within {}{known}", page.money(budget, 0.0))
    });
    [
        Chance::new(
            format!("finished{by}"),
            estimates.deadline_probability,
            error.deadline_probability,
        ),
        Chance::new(
            format!("paid{within}"),
            estimates.budget_probability,
            error.budget_probability,
        ),
        Chance::new("both", estimates.joint_probability, error.joint_probability),
    ]
}

fn dangers(page: Page<'_>) -> [Chance; 5] {
    let estimates = page.estimates;
    let (sla, rto, rpo) = (&estimates.sla, &estimates.rto, &estimates.rpo);
    [
        Chance::new(
            "at least one incident",
            Some(estimates.incident_probability),
            estimates.error.incident_probability,
        ),
        Chance::new(
            "the SLA is broken",
            sla.breach_probability,
            sla.error.breach_probability,
        ),
        Chance::new(
            "a rollback takes longer than the RTO",
            rto.breach_probability,
            rto.error.breach_probability,
        ),
        Chance::new(
            "more data is lost than the RPO",
            rpo.breach_probability,
            rpo.error.breach_probability,
        ),
        Chance::new(
            "it never finishes",
            Some(estimates.unfinished).filter(|share| *share > 0.0),
            estimates.error.unfinished,
        ),
    ]
}

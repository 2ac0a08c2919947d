//! What is apart after each batch, what carries it, and what that costs.

use whimbrel_plan::{Crossing, Plan};

use super::Page;
use crate::render::number::{bandwidth, count, duration};
use crate::render::table::{Align, Table};

/// How many crossings of a batch are shown.
const CROSSINGS_SHOWN: usize = 12;
/// What is not known, and what a thing does not have.
const NONE: &str = "–";

impl Page {
    pub(super) fn seam(self, plan: &Plan) -> String {
        let mut table = Table::new(&[
            ("after", Align::Left),
            ("crossing", Align::Left),
            ("latency", Align::Right),
            ("traffic", Align::Right),
            ("carried by", Align::Left),
        ]);
        for state in &plan.seam {
            let batch = plan.batches[state.batch].name.as_str();
            if state.crossing.is_empty() {
                table.row([batch, "nothing"]);
            }
            // What nothing carries comes first: it is what somebody must act on.
            let mut crossings: Vec<&Crossing> = state.crossing.iter().collect();
            crossings.sort_by_key(|crossing| crossing.carried_by.is_some());
            for (at, crossing) in crossings.iter().take(CROSSINGS_SHOWN).enumerate() {
                let (from, to) = (plan.name(crossing.from), plan.name(crossing.to));
                let carried = crossing.carried_by.as_deref().unwrap_or("nothing");
                table.row([
                    if at == 0 { batch } else { "" },
                    &format!("{from} → {to}"),
                    &crossing.latency.map_or_else(|| NONE.to_owned(), duration),
                    &crossing.traffic.map_or_else(|| NONE.to_owned(), bandwidth),
                    carried,
                ]);
            }
            let more = crossings.len().saturating_sub(CROSSINGS_SHOWN);
            if more > 0 {
                table.row(["", &format!("and {more} more, all in `--format json`")]);
            }
            if let Some(together) = together(&crossings) {
                table.row(["", &together.0, "", &together.1]);
            }
        }
        if table.is_empty() {
            return String::new();
        }
        self.heading("The seam, batch by batch") + &table.render(self.width, self.paint)
    }
}

/// The number and the traffic of several crossings; a sum is a lower bound where one is not known.
fn together(crossings: &[&Crossing]) -> Option<(String, String)> {
    let known: Vec<f64> = crossings.iter().filter_map(|one| one.traffic).collect();
    let sum = known.iter().sum::<f64>();
    let least = if known.len() < crossings.len() {
        "≥ "
    } else {
        ""
    };
    (crossings.len() > 1 && !known.is_empty()).then(|| {
        let what = format!("together {}", count(crossings.len(), "crossing"));
        (what, format!("{least}{}", bandwidth(sum)))
    })
}

//! What is otherwise, part by part.

mod findings;
mod follows;
mod written;

use super::Report;
use super::said::Section;

/// The sections, the most important first; those without lines are left out.
pub fn sections(report: &Report<'_>) -> Vec<Section> {
    let mut sections = vec![findings::section(report)];
    if let Some(difference) = report.difference {
        sections.extend([
            follows::cycles(difference),
            written::batches(difference),
            follows::ways_back(difference),
            follows::seam(difference),
            written::things(difference),
            follows::dependencies(difference),
            follows::checklist(difference),
            follows::critical_path(difference),
            written::steps(difference),
            written::order(difference),
            follows::unknown(difference),
        ]);
    }
    if let Some(estimates) = report.estimates {
        sections.insert(1, estimates.section());
    }
    sections.retain(|section| !section.lines.is_empty());
    sections
}

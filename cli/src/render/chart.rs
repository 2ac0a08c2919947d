//! Small charts in block characters.

use whimbrel_simulator::Histogram;

/// Eighths of a block, from below.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Eighths of a block, from the left.
const LEFT_EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// Rows of a chart, the top first: one column for each share (0 to 1) of the height.
pub fn columns(shares: &[f64], height: usize) -> Vec<String> {
    let levels: Vec<usize> = shares.iter().map(|share| eighths(*share, height)).collect();
    (0..height)
        .rev()
        .map(|row| {
            levels
                .iter()
                .filter_map(|level| EIGHTHS.get(level.saturating_sub(row * 8).min(8)))
                .collect()
        })
        .collect()
}

/// A share of `cells` in eighths of a cell; what is above zero is seen.
fn eighths(share: f64, cells: usize) -> usize {
    let full = cells * 8;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and a few hundred"
    )]
    let level = (share.clamp(0.0, 1.0) * super::number::as_f64(full)).round() as usize;
    if share > 0.0 { level.max(1) } else { 0 }
}

/// A bar of at most `width` cells for a share from 0 to 1.
pub fn bar(share: f64, width: usize) -> String {
    let level = eighths(share, width);
    let mut bar = "█".repeat(level / 8);
    if let Some(rest) = (level % 8).checked_sub(1) {
        bar.extend(LEFT_EIGHTHS.get(rest));
    }
    bar
}

/// The heights of a histogram's bins, the highest 1.
pub fn heights(histogram: &Histogram) -> Vec<f64> {
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1);
    shares(&histogram.counts, most)
}

/// How much of `all` lies in each bin and those before it: the last is 1 where nothing is infinite.
pub fn cumulative(histogram: &Histogram, all: u64) -> Vec<f64> {
    let sums: Vec<u64> = histogram
        .counts
        .iter()
        .scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        })
        .collect();
    shares(&sums, all.max(1))
}

fn shares(counts: &[u64], whole: u64) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    counts
        .iter()
        .map(|count| *count as f64 / whole as f64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_from_below() {
        // Half of two rows is the whole lower row; a quarter is half of it.
        assert_eq!(columns(&[0.0, 0.25, 0.5, 1.0], 2), ["   █", " ▄██"]);
    }

    #[test]
    fn what_is_there_is_seen() {
        assert_eq!(bar(0.0001, 10), "▏");
        assert_eq!(bar(0.0, 10), "");
        assert_eq!(bar(0.5, 10), "█████");
    }

    #[test]
    fn the_curve_ends_where_all_that_is_finite_is() {
        let histogram = Histogram {
            low: 0.0,
            high: 3.0,
            counts: vec![1, 2, 1],
        };
        assert_eq!(cumulative(&histogram, 4), [0.25, 0.75, 1.0]);
        assert_eq!(cumulative(&histogram, 8), [0.125, 0.375, 0.5]);
        assert_eq!(heights(&histogram), [0.5, 1.0, 0.5]);
    }
}

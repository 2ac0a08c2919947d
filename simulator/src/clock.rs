//! Working time: open intervals with the open time before each, and for every nineteen hours which
//! of them comes next, so that moving a clock forward is a look or two.

use whimbrel_plan::Intervals;

/// A question about a time after the end of the prepared intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BeyondHorizon;

#[derive(Clone, Copy, Debug)]
struct Span {
    open: i64,
    close: i64,
    /// Open time before this span.
    before: i64,
}

/// Binary digits of the length of a stretch of time, in microseconds.
const STRETCH: u32 = 36;

/// Open intervals up to a horizon.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    spans: Vec<Span>,
    /// For each stretch of time, how many spans close before it begins or as it does.
    closed: Vec<u32>,
}

impl Clock {
    pub(crate) fn new(intervals: &Intervals) -> Self {
        let mut before = 0;
        let span = |&(open, close): &(i64, i64)| {
            let span = Span {
                open,
                close,
                before,
            };
            before += close - open;
            span
        };
        let spans: Vec<Span> = intervals.as_slice().iter().map(span).collect();
        let mut closed = Vec::new();
        for (before, span) in (0_u32..).zip(&spans) {
            let begun = usize::try_from(span.close >> STRETCH).unwrap_or(0) + 1;
            closed.resize(begun.max(closed.len()), before);
        }
        Self { spans, closed }
    }

    /// The first span that closes after `at`.
    #[inline]
    fn position(&self, at: i64) -> usize {
        let stretch = usize::try_from(at >> STRETCH).unwrap_or(0);
        let Some(&first) = self.closed.get(stretch) else {
            return self.spans.len();
        };
        let rest = self.spans.get(first as usize..).unwrap_or(&[]);
        let open = rest.iter().position(|span| span.close > at);
        first as usize + open.unwrap_or(rest.len())
    }

    /// The span open at `at`, or the next: (open, close).
    #[inline]
    pub(crate) fn span(&self, at: i64) -> Result<(i64, i64), BeyondHorizon> {
        let span = self.spans.get(self.position(at)).ok_or(BeyondHorizon)?;
        Ok((span.open, span.close))
    }

    /// The first open instant from `at` on.
    #[inline]
    pub(crate) fn next_open(&self, at: i64) -> Result<i64, BeyondHorizon> {
        Ok(self.span(at)?.0.max(at))
    }

    /// When `work` open microseconds have passed since `at`.
    pub(crate) fn advance(&self, at: i64, work: i64) -> Result<i64, BeyondHorizon> {
        if work <= 0 {
            return Ok(at);
        }
        let first = self.position(at);
        let span = self.spans.get(first).ok_or(BeyondHorizon)?;
        let passed = span.before + (at - span.open).max(0);
        let target = passed.saturating_add(work);
        if target <= span.before + (span.close - span.open) {
            return Ok(span.open + (target - span.before));
        }
        let rest = self.spans.get(first..).unwrap_or(&[]);
        // The last span with less open time before it than the target reaches it. Most work ends
        // within a few.
        let mut reach = 1;
        while rest.get(reach).is_some_and(|span| span.before < target) {
            reach *= 2;
        }
        let near = rest.get(..rest.len().min(reach)).unwrap_or(rest);
        let last = near.partition_point(|span| span.before < target);
        let span = last.checked_sub(1).and_then(|last| near.get(last));
        let span = span.ok_or(BeyondHorizon)?;
        let end = span.open + (target - span.before);
        if end > span.close {
            return Err(BeyondHorizon);
        }
        Ok(end)
    }

    /// Open time in [from, to).
    pub(crate) fn between(&self, from: i64, to: i64) -> i64 {
        self.passed(to) - self.passed(from)
    }

    fn passed(&self, at: i64) -> i64 {
        match self.spans.get(self.position(at)) {
            Some(span) => span.before + (at - span.open).max(0),
            None => self
                .spans
                .last()
                .map_or(0, |span| span.before + span.close - span.open),
        }
    }
}

/// When both are open.
pub(crate) fn intersect(left: &Intervals, right: &Intervals) -> Intervals {
    let (mut lefts, mut rights) = (left.as_slice(), right.as_slice());
    let mut both = Vec::new();
    while let ([(a, b), left_rest @ ..], [(c, d), right_rest @ ..]) = (lefts, rights) {
        both.push(((*a).max(*c), (*b).min(*d)));
        if b <= d {
            lefts = left_rest;
        } else {
            rights = right_rest;
        }
    }
    Intervals::new(both)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock::new(&Intervals::new(vec![(10, 20), (30, 35), (40, 100)]))
    }

    #[test]
    fn work_runs_in_open_time_only() {
        // (at, work, end): to the close itself, over one gap, over two, from a closed instant.
        for (at, work, end) in [
            (10, 10, 20),
            (15, 6, 31),
            (15, 11, 41),
            (0, 1, 11),
            (20, 5, 35),
            (25, 0, 25),
        ] {
            assert_eq!(clock().advance(at, work), Ok(end), "{at} {work}");
            assert_eq!(clock().between(at, end), work);
        }
        assert_eq!(clock().advance(99, 2), Err(BeyondHorizon));
    }

    #[test]
    fn openings() {
        assert_eq!(clock().next_open(0), Ok(10));
        assert_eq!(clock().next_open(12), Ok(12));
        assert_eq!(clock().next_open(20), Ok(30));
        assert_eq!(clock().next_open(100), Err(BeyondHorizon));
    }

    #[test]
    fn several_calendars_are_open_together() {
        let left = Intervals::new(vec![(0, 10), (20, 30)]);
        let right = Intervals::new(vec![(5, 22), (25, 40)]);
        let both = intersect(&left, &right);
        assert_eq!(both.as_slice(), [(5, 10), (20, 22), (25, 30)]);
    }
}

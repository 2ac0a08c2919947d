//! What is free of each resource, from now to ever.

/// A step function of time: how much is free of each resource.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    /// Where each piece begins; the last goes on for ever.
    times: Vec<i64>,
    /// Piece after piece, one number for each resource.
    free: Vec<u32>,
    kinds: usize,
}

impl Profile {
    /// Everything is free.
    pub(super) fn reset(&mut self, capacities: &[u32]) {
        self.kinds = capacities.len();
        self.times.clear();
        self.times.push(0);
        self.free.clear();
        self.free.extend_from_slice(capacities);
    }

    /// The first instant from `from` on at which so much is free for so long (above 0 ticks).
    pub(super) fn earliest(&self, demand: &[u32], from: i64, duration: i64) -> i64 {
        let mut start = from;
        let mut piece = self.times.partition_point(|&time| time <= from) - 1;
        while let Some(&begin) = self.times.get(piece)
            && begin < start + duration
        {
            if !self.fits(piece, demand) {
                match self.times.get(piece + 1) {
                    Some(&next) => start = next,
                    None => return start,
                }
            }
            piece += 1;
        }
        start
    }

    fn fits(&self, piece: usize, demand: &[u32]) -> bool {
        let free = self.free_in(piece);
        demand.iter().zip(free).all(|(asked, free)| asked <= free)
    }

    fn free_in(&self, piece: usize) -> &[u32] {
        let range = piece * self.kinds..(piece + 1) * self.kinds;
        self.free.get(range).unwrap_or(&[])
    }

    /// Takes so much from `start` to `end`.
    pub(super) fn take(&mut self, demand: &[u32], start: i64, end: i64) {
        if start == end {
            return;
        }
        let first = self.split(start);
        let last = self.split(end);
        let pieces = self.free.get_mut(first * self.kinds..last * self.kinds);
        for piece in pieces
            .into_iter()
            .flat_map(|all| all.chunks_exact_mut(self.kinds.max(1)))
        {
            for (free, asked) in piece.iter_mut().zip(demand) {
                *free = free.saturating_sub(*asked);
            }
        }
    }

    /// The piece that begins at `time`, made where there is none.
    fn split(&mut self, time: i64) -> usize {
        let next = self.times.partition_point(|&begin| begin < time);
        if self.times.get(next) == Some(&time) {
            return next;
        }
        self.times.insert(next, time);
        let from = next.saturating_sub(1) * self.kinds;
        let old = self.free.len();
        self.free.extend_from_within(from..from + self.kinds);
        let tail = self.free.get_mut(next * self.kinds..);
        if let Some(tail) = tail
            && old > next * self.kinds
        {
            tail.rotate_right(self.kinds);
        }
        next
    }
}

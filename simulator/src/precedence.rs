//! What must come before what: orders and backward passes over precedence.

use crate::column::{Column, Lists};

/// Every one after its predecessors; the error lists those that a cycle holds up.
pub(crate) fn topological(predecessors: &Lists, successors: &Lists) -> Result<Vec<u32>, Vec<u32>> {
    let count = predecessors.len();
    let mut waiting: Column<usize> = (0..count).map(|one| predecessors.of(one).len()).collect();
    let mut order: Vec<u32> = (0_u32..)
        .zip(waiting.iter())
        .filter(|(_, count)| **count == 0)
        .map(|(one, _)| one)
        .collect();
    let mut next = 0;
    while let Some(&one) = order.get(next) {
        next += 1;
        for &successor in successors.of(one as usize) {
            waiting[successor as usize] -= 1;
            if waiting[successor as usize] == 0 {
                order.push(successor);
            }
        }
    }
    if order.len() == count {
        return Ok(order);
    }
    let stuck = (0_u32..).zip(waiting.iter());
    Err(stuck
        .filter(|(_, count)| **count > 0)
        .map(|(one, _)| one)
        .collect())
}

/// When each must have ended at the latest so that none delays the end of all, which is the
/// length of the longest path.
pub(crate) fn latest_finishes(
    topological: &[u32],
    predecessors: &Lists,
    successors: &Lists,
    lengths: &Column<i64>,
) -> Column<i64> {
    let mut earliest = Column::filled(0_i64, lengths.len());
    let mut end = 0;
    for one in topological.iter().map(|&one| one as usize) {
        let ready = predecessors.of(one).iter();
        let ready = ready.map(|&p| earliest[p as usize]).max().unwrap_or(0);
        earliest[one] = ready.saturating_add(lengths[one]);
        end = end.max(earliest[one]);
    }
    let mut latest = Column::filled(end, lengths.len());
    for one in topological.iter().rev().map(|&one| one as usize) {
        let after = successors.of(one).iter();
        latest[one] = after
            .map(|&s| latest[s as usize].saturating_sub(lengths[s as usize]))
            .min()
            .unwrap_or(end);
    }
    latest
}

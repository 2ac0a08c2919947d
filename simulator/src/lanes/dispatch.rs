//! Who starts when, where people are limited: each lane by itself, on lengths that are drawn already.
//!
//! It is the event loop without all that such a plan has none of: at each instant what ends does so,
//! then the ready steps are tried by priority and each starts for which enough people are free. Every
//! step runs once, so a run is a step, and steps are known by their ranks: the priority is the number.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::bits::BitSet;
use crate::column::{Column, Lists};
use crate::model::Model;
use crate::wide::Row;

/// What ends, and when: whole microseconds above, then whether it is a soak, then the rank. So comparing
/// ends is comparing numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct End(u64);

/// Binary digits of a rank.
const RANK: u32 = 13;
const SOAK: u64 = 1 << RANK;
/// The first instant that is too late to be told, after 35 years.
const TOO_LATE: u64 = 1 << (63 - RANK);

impl End {
    fn new(time: u64, what: u64) -> Self {
        Self(time << (RANK + 1) | what)
    }

    fn time(self) -> u64 {
        self.0 >> (RANK + 1)
    }

    fn rank(self) -> usize {
        (self.0 & (SOAK - 1)) as usize
    }

    fn is_soak(self) -> bool {
        self.0 & SOAK != 0
    }
}

/// Where a step that waited for nobody stood in the log of releases.
const DID_NOT_WAIT: u32 = u32::MAX;

/// How long the acts of a chunk take, and how long acts and soaks together.
pub(super) struct Lengths<'a> {
    pub(super) act: &'a Column<Row>,
    pub(super) whole: &'a Column<Row>,
}

/// Plays the trials of a chunk one by one, with its memory. All columns but those of teams are by rank.
#[derive(Debug)]
pub(super) struct Dispatch {
    predecessors: Lists,
    successors: Lists,
    /// Where the needs of each begin, and where the last ends.
    bounds: Column<u32>,
    /// (team, people) of the teams that are limited.
    needs: Vec<(u32, u32)>,
    /// Whether any step soaks.
    soaks: bool,
    /// In microseconds, as all times here.
    act: Column<u64>,
    soak: Column<u64>,
    start: Column<u64>,
    finish: Column<u64>,
    /// How many predecessors there are, and how many of them are not done.
    before: Column<u32>,
    pending: Column<u32>,
    /// How many releases there had been when it started, if it had to wait for people.
    waited: Column<u32>,
    marked: Column<bool>,
    engineers: Column<u32>,
    free: Column<u32>,
    ready: BitSet,
    /// By team: ready steps that lack people of it.
    short: Column<Vec<u32>>,
    ends: BinaryHeap<Reverse<End>>,
    /// Acts without length that began at this instant.
    at_once: Vec<u32>,
    /// (instant, rank) of every act that gave people back, in order.
    releases: Vec<(u64, u32)>,
    now: u64,
    done: usize,
    stack: Vec<u32>,
}

/// Whether there are so few steps that ends can be told.
pub(super) fn can_play(model: &Model) -> bool {
    model.steps.len() <= 1 << RANK
}

impl Dispatch {
    /// None where nobody is limited.
    pub(super) fn new(model: &Model, soaks: bool) -> Option<Self> {
        let engineers: Column<u32> = model
            .teams
            .iter()
            .map(|team| team.engineers.unwrap_or(u32::MAX))
            .collect();
        let (mut bounds, mut needs) = (Column::default(), Vec::new());
        bounds.push(0);
        for step in model.steps.iter() {
            let of = step.needs.iter().copied();
            needs.extend(of.filter(|(team, _)| engineers[*team as usize] != u32::MAX));
            bounds.push(u32::try_from(needs.len()).unwrap_or(u32::MAX));
        }
        if needs.is_empty() {
            return None;
        }
        let count = model.steps.len();
        let predecessors = model.predecessors.clone();
        let before: Column<u32> = (0..count)
            .map(|rank| u32::try_from(predecessors.of(rank).len()).unwrap_or(u32::MAX))
            .collect();
        let zeros = || Column::filled(0, count);
        Some(Self {
            predecessors,
            successors: model.successors.clone(),
            bounds,
            needs,
            soaks,
            act: zeros(),
            soak: zeros(),
            start: zeros(),
            finish: zeros(),
            pending: before.clone(),
            before,
            waited: Column::filled(DID_NOT_WAIT, count),
            marked: Column::filled(false, count),
            free: engineers.clone(),
            ready: BitSet::new(count),
            short: Column::filled(Vec::new(), engineers.len()),
            engineers,
            ends: BinaryHeap::new(),
            at_once: Vec::new(),
            releases: Vec::new(),
            now: 0,
            done: 0,
            stack: Vec::new(),
        })
    }

    /// Plays the trial of a lane: puts the finish of each step into its row, counts where it is
    /// critical, and gives the end of all; infinite where that is too late.
    pub(super) fn play(
        &mut self,
        lane: usize,
        lengths: &Lengths<'_>,
        finish: &mut Column<Row>,
        critical: &mut [u64],
    ) -> f64 {
        self.reset(lane, lengths);
        self.scan();
        while self.done < self.finish.len() {
            if self.at_once.is_empty() {
                let Some(Reverse(end)) = self.ends.pop() else {
                    break;
                };
                self.now = end.time();
                self.end(end);
                while let Some(Reverse(next)) = self.ends.peek()
                    && next.time() == self.now
                {
                    let next = *next;
                    self.ends.pop();
                    self.end(next);
                }
            } else {
                let mut over = std::mem::take(&mut self.at_once);
                for rank in over.drain(..) {
                    self.act_end(rank as usize);
                }
                self.at_once = over;
            }
            self.scan();
        }
        if self.done < self.finish.len() {
            return f64::INFINITY;
        }
        for (row, at) in finish.iter_mut().zip(self.finish.iter()) {
            if let Some(finish) = row.get_mut(lane) {
                *finish = *at as f64;
            }
        }
        self.count_critical(critical);
        self.now as f64
    }

    fn reset(&mut self, lane: usize, lengths: &Lengths<'_>) {
        for (row, act) in lengths.act.iter().zip(self.act.iter_mut()) {
            *act = row.lane(lane) as u64;
        }
        if self.soaks {
            let acts = self.act.iter().zip(self.soak.iter_mut());
            for (row, (act, soak)) in lengths.whole.iter().zip(acts) {
                *soak = (row.lane(lane) as u64).saturating_sub(*act);
            }
        }
        self.pending.copy_from(&self.before);
        self.waited.fill(&DID_NOT_WAIT);
        self.free.copy_from(&self.engineers);
        self.ready.clear();
        self.short.iter_mut().for_each(Vec::clear);
        self.ends.clear();
        self.at_once.clear();
        self.releases.clear();
        self.now = 0;
        self.done = 0;
        for (rank, pending) in self.pending.iter().enumerate() {
            if *pending == 0 {
                self.ready.insert(rank);
            }
        }
    }

    /// (team, people) that a step needs of the teams that are limited.
    #[inline]
    fn needs(&self, rank: usize) -> &[(u32, u32)] {
        let bounds = self.bounds[rank] as usize..self.bounds[rank + 1] as usize;
        self.needs.get(bounds).unwrap_or(&[])
    }

    #[inline]
    fn end(&mut self, end: End) {
        if end.is_soak() {
            self.complete(end.rank());
        } else {
            self.act_end(end.rank());
        }
    }

    /// Notes an end, which is never told where it comes too late.
    #[inline]
    fn expect(&mut self, time: u64, what: u64) {
        if time < TOO_LATE {
            self.ends.push(Reverse(End::new(time, what)));
        }
    }

    fn act_end(&mut self, rank: usize) {
        let needs = self.bounds[rank] as usize..self.bounds[rank + 1] as usize;
        if !needs.is_empty() {
            self.releases.push((self.now, rank as u32));
        }
        for &(team, count) in self.needs.get(needs).unwrap_or(&[]) {
            self.free[team as usize] += count;
            let short = &mut self.short[team as usize];
            short
                .iter()
                .for_each(|rank| self.ready.insert(*rank as usize));
            short.clear();
        }
        let soak = self.soak[rank];
        if soak == 0 {
            self.complete(rank);
        } else {
            self.expect(self.now + soak, SOAK | rank as u64);
        }
    }

    fn complete(&mut self, rank: usize) {
        self.finish[rank] = self.now;
        self.done += 1;
        for &successor in self.successors.of(rank) {
            let pending = &mut self.pending[successor as usize];
            *pending -= 1;
            if *pending == 0 {
                self.ready.insert(successor as usize);
            }
        }
    }

    /// Tries every ready step, by priority.
    fn scan(&mut self) {
        let mut from = 0;
        while let Some(rank) = self.ready.next(from) {
            from = rank + 1;
            self.ready.remove(rank);
            let needs = self.bounds[rank] as usize..self.bounds[rank + 1] as usize;
            let needs = self.needs.get(needs).unwrap_or(&[]);
            let lacking = |&&(team, count): &&(u32, u32)| self.free[team as usize] < count;
            if let Some(&(team, _)) = needs.iter().find(lacking) {
                // To be set when it starts.
                self.waited[rank] = 0;
                self.short[team as usize].push(rank as u32);
                continue;
            }
            for &(team, count) in needs {
                self.free[team as usize] -= count;
            }
            self.start[rank] = self.now;
            let waited = &mut self.waited[rank];
            if *waited != DID_NOT_WAIT {
                *waited = u32::try_from(self.releases.len()).unwrap_or(u32::MAX);
            }
            let act = self.act[rank];
            if act == 0 {
                self.at_once.push(rank as u32);
            } else {
                self.expect(self.now + act, rank as u64);
            }
        }
    }

    /// Backward from the last finish, as in the event loop: over predecessors done when a step
    /// started, and over what gave back people that it had waited for.
    fn count_critical(&mut self, critical: &mut [u64]) {
        self.marked.fill(&false);
        for rank in 0..self.finish.len() {
            if self.finish[rank] == self.now {
                self.visit(rank as u32);
            }
        }
        while let Some(rank) = self.stack.pop() {
            let rank = rank as usize;
            if let Some(count) = critical.get_mut(rank) {
                *count += 1;
            }
            let start = self.start[rank];
            for &before in self.predecessors.of(rank) {
                if self.finish[before as usize] == start && !self.marked[before as usize] {
                    self.marked[before as usize] = true;
                    self.stack.push(before);
                }
            }
            if self.waited[rank] != DID_NOT_WAIT {
                self.follow_releases(rank, start);
            }
        }
    }

    fn follow_releases(&mut self, rank: usize, at: u64) {
        let position = (self.waited[rank] as usize).min(self.releases.len());
        let (before, after) = self.releases.split_at(position);
        let then = |release: &&(u64, u32)| release.0 == at;
        let before = before.iter().rev().take_while(then);
        for &(_, other) in before.chain(after.iter().take_while(then)) {
            let teams = self.needs(other as usize);
            let gave = |team: u32| teams.iter().any(|(it, _)| *it == team);
            let shares = self.needs(rank).iter().any(|(team, _)| gave(*team));
            if shares && !self.marked[other as usize] {
                self.marked[other as usize] = true;
                self.stack.push(other);
            }
        }
    }

    fn visit(&mut self, rank: u32) {
        let marked = &mut self.marked[rank as usize];
        if !*marked {
            *marked = true;
            self.stack.push(rank);
        }
    }
}

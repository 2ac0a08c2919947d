//! What has come to depend on something that moved before.

use rustc_hash::FxHashMap;
use whimbrel_plan::{BatchId, BatchMode, Edge, EdgeKind, Mover, NoReturn, NoWayBack, Node, StepId};

use super::super::nodes::enclosing;
use super::ReversalInput;

/// A mover that takes its first traffic on the new side with a step at a time.
#[derive(Clone, Copy)]
struct Arrival {
    at: f64,
    step: StepId,
    mover: usize,
}

impl Arrival {
    fn is_before(self, other: Self) -> bool {
        (self.at, self.step) < (other.at, other.step)
    }
}

/// For each mover the first of another batch, and the first of its own, that has moved after it and
/// is bound to it: from that one's first shift on it cannot go back alone.
pub(super) fn needed(input: &ReversalInput<'_>) -> Vec<Vec<NoReturn>> {
    let mut firsts = Firsts::new(input);
    let mut uses: FxHashMap<Node, Vec<Arrival>> = FxHashMap::default();
    let mut writers: Vec<(Node, usize)> = Vec::new();
    for edge in input.graph.edges.iter().filter(|edge| binds(edge)) {
        match (edge.from, edge.to) {
            // What a resource needs, its users need through it.
            (Node::Resource(_), Node::Service(_)) => {
                writers.extend(firsts.mover(edge.to).map(|writer| (edge.from, writer)));
            }
            (from, to) => {
                let Some(by) = firsts.mover(from).and_then(|by| firsts.arrival(by)) else {
                    continue;
                };
                if let Some(of) = firsts.mover(to) {
                    firsts.keep(of, by);
                }
                if is_use(edge) {
                    uses.entry(to).or_default().push(by);
                }
            }
        }
    }
    let uses: FxHashMap<Node, Users> = uses
        .into_iter()
        .map(|(node, arrivals)| (node, Users::new(input, arrivals)))
        .collect();
    for (resource, writer) in writers {
        if let Some(users) = uses.get(&resource) {
            firsts.after(writer, users);
        }
    }
    firsts.ends()
}

fn binds(edge: &Edge) -> bool {
    edge.binding && !matches!(edge.kind, EdgeKind::Order | EdgeKind::External)
}

/// Whether what a resource needs is needed through this edge to it.
fn is_use(edge: &Edge) -> bool {
    match edge.kind {
        EdgeKind::Read | EdgeKind::Write => true,
        EdgeKind::Message => edge.ordered,
        _ => false,
    }
}

/// The users of a resource by their arrival, all and those of each batch.
struct Users {
    all: Vec<Arrival>,
    /// For each of `all` the place of the next one of another batch.
    next: Vec<usize>,
    by_batch: FxHashMap<BatchId, Vec<Arrival>>,
}

impl Users {
    fn new(input: &ReversalInput<'_>, mut all: Vec<Arrival>) -> Self {
        all.sort_by(|one, other| {
            let key = |arrival: &Arrival| (arrival.step, arrival.mover);
            (one.at.total_cmp(&other.at)).then(key(one).cmp(&key(other)))
        });
        let batch = |arrival: &Arrival| input.movers.get(arrival.mover).map(|mover| mover.batch);
        let mut next = vec![all.len(); all.len()];
        let mut later: Option<(usize, Option<BatchId>)> = None;
        for (place, arrival) in all.iter().enumerate().rev() {
            let own = batch(arrival);
            let following = match later {
                Some((after, of)) if of == own => next.get(after).copied(),
                Some((after, _)) => Some(after),
                None => None,
            };
            if let (Some(slot), Some(following)) = (next.get_mut(place), following) {
                *slot = following;
            }
            later = Some((place, own));
        }
        let mut by_batch: FxHashMap<BatchId, Vec<Arrival>> = FxHashMap::default();
        for arrival in &all {
            if let Some(batch) = batch(arrival) {
                by_batch.entry(batch).or_default().push(*arrival);
            }
        }
        Self {
            all,
            next,
            by_batch,
        }
    }
}

/// The first to depend on each mover: of another batch, and of its own.
struct Firsts<'a> {
    input: &'a ReversalInput<'a>,
    places: FxHashMap<Node, usize>,
    found: Vec<[Option<Arrival>; 2]>,
}

impl<'a> Firsts<'a> {
    fn new(input: &'a ReversalInput<'a>) -> Self {
        let movers = input.movers.iter().enumerate();
        Self {
            input,
            places: movers.map(|(place, mover)| (mover.node, place)).collect(),
            found: vec![[None, None]; input.movers.len()],
        }
    }

    /// The mover of a node, or of what it stands in.
    fn mover(&self, node: Node) -> Option<usize> {
        match node {
            Node::Service(_) => self.places.get(&node).copied(),
            Node::Resource(id) => enclosing(self.input.inventory, id)
                .find_map(|id| self.places.get(&Node::Resource(id)).copied()),
        }
    }

    fn arrival(&self, place: usize) -> Option<Arrival> {
        let mover = self.input.movers.get(place)?;
        let step = mover.first_shift.unwrap_or(mover.cutover);
        Some(Arrival {
            at: self.input.schedule.start(step),
            step,
            mover: place,
        })
    }

    /// Keeps the arrival if it comes when `of` is settled, and before the one known.
    fn keep(&mut self, of: usize, by: Arrival) {
        let movers = self.input.movers;
        let (Some(later), Some(earlier)) = (movers.get(by.mover), movers.get(of)) else {
            return;
        };
        if by.mover == of || !self.goes_later((later, by.at), earlier) {
            return;
        }
        let own = usize::from(later.batch == earlier.batch);
        let first = self.found.get_mut(of).and_then(|found| found.get_mut(own));
        if let Some(first) = first
            && first.is_none_or(|known| by.is_before(known))
        {
            *first = Some(by);
        }
    }

    /// Whether `later` moves when `earlier` is settled, and not as one with it.
    fn goes_later(&self, (later, at): (&Mover, f64), earlier: &Mover) -> bool {
        if later.batch == earlier.batch {
            let sequential = self.input.batches[later.batch].mode == BatchMode::Sequential;
            return sequential && later.unit > earlier.unit;
        }
        at >= self.input.schedule.finish(earlier.cutover)
    }

    /// Keeps the first users that come when `of` is settled.
    fn after(&mut self, of: usize, users: &Users) {
        let Some(mover) = self.input.movers.get(of) else {
            return;
        };
        let settled = self.input.schedule.finish(mover.cutover);
        let first = users.all.partition_point(|arrival| arrival.at < settled);
        let others = [Some(first), users.next.get(first).copied()];
        for place in others.into_iter().flatten() {
            if let Some(arrival) = users.all.get(place) {
                self.keep(of, *arrival);
            }
        }
        // Units of a sequential batch arrive in their order; of others nobody is later.
        let own = users
            .by_batch
            .get(&mover.batch)
            .map_or(&[][..], Vec::as_slice);
        let next = own.partition_point(|arrival| {
            let user = self.input.movers.get(arrival.mover);
            user.is_some_and(|user| user.unit <= mover.unit)
        });
        if let Some(arrival) = own.get(next) {
            self.keep(of, *arrival);
        }
    }

    fn ends(self) -> Vec<Vec<NoReturn>> {
        let ends = self.input.movers.iter().zip(&self.found);
        ends.map(|(of, found)| {
            let found = found.iter().flatten();
            found.filter_map(|first| self.end(of, *first)).collect()
        })
        .collect()
    }

    fn end(&self, of: &Mover, first: Arrival) -> Option<NoReturn> {
        let by = self.input.movers.get(first.mover)?;
        Some(NoReturn {
            of: of.node,
            from: first.step,
            at: first.at,
            why: NoWayBack::Needed {
                by: by.node,
                batch: by.batch,
            },
        })
    }
}

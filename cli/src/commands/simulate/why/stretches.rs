//! The critical chain by what moves: stretches of it, short neighbours in a long one taken together.

use whimbrel_simulator::Link;

/// Pieces of the chain in a row.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// The pieces, at least one.
    pub pieces: &'a [Link],
    /// How many things they are of, one after another.
    pub things: usize,
}

impl Stretch<'_> {
    /// What it is of: `orders`, or `orders to shop (3)` of several.
    pub fn name(&self) -> String {
        let of = |piece: Option<&'_ Link>| piece.map_or("", |piece| thing(&piece.step)).to_owned();
        let first = of(self.pieces.first());
        match self.things {
            1 => first,
            many => format!("{first} to {} ({many})", of(self.pieces.last())),
        }
    }

    /// How long it is.
    pub fn days(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.days).sum()
    }

    /// How much of it is of which kind, the most first; closed hours inside a piece are told apart.
    pub fn kinds(&self) -> Vec<(&str, f64)> {
        let mut kinds: Vec<(&str, f64)> = Vec::new();
        for piece in self.pieces {
            let open = piece.days - piece.closed_days;
            for (of, days) in [(piece.kind.as_str(), open), ("hours", piece.closed_days)] {
                match kinds.iter_mut().find(|(kind, _)| *kind == of) {
                    Some((_, sum)) => *sum += days,
                    None if days > 0.0 => kinds.push((of, days)),
                    None => {}
                }
            }
        }
        kinds.sort_by(|a, b| b.1.total_cmp(&a.1));
        kinds
    }
}

/// What a step belongs to: the service, resource or part of the migration.
fn thing(step: &str) -> &str {
    step.rsplit_once('/').map_or(step, |(thing, _)| thing)
}

/// The chain, what moves after what moves.
pub fn by_thing(chain: &[Link]) -> Vec<Stretch<'_>> {
    let same = |a: &Link, b: &Link| thing(&a.step) == thing(&b.step);
    let stretches = chain.chunk_by(same);
    stretches
        .map(|pieces| Stretch { pieces, things: 1 })
        .collect()
}

/// The same in at most so many stretches: again and again, the two neighbours that are the shortest
/// together become one, so that the long ones stay on their own.
pub fn folded<'a>(chain: &'a [Link], stretches: &[Stretch<'a>], most: usize) -> Vec<Stretch<'a>> {
    // Things, pieces and days.
    let mut folded: Vec<(usize, usize, f64)> = stretches
        .iter()
        .map(|it| (it.things, it.pieces.len(), it.days()))
        .collect();
    while folded.len() > most.max(1) {
        let together = folded
            .windows(2)
            .map(|pair| pair.iter().map(|it| it.2).sum());
        let shortest = together
            .enumerate()
            .min_by(|a: &(_, f64), b| a.1.total_cmp(&b.1));
        let Some((at, _)) = shortest else { break };
        let next = folded.remove(at + 1);
        if let Some(one) = folded.get_mut(at) {
            *one = (one.0 + next.0, one.1 + next.1, one.2 + next.2);
        }
    }
    let mut rest = chain;
    let mut cut = |count| {
        let (pieces, later) = rest.split_at_checked(count)?;
        rest = later;
        Some(pieces)
    };
    folded
        .into_iter()
        .filter_map(|(things, count, _)| {
            Some(Stretch {
                pieces: cut(count)?,
                things,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn chain(pieces: &[(&str, &str, f64)]) -> Vec<Link> {
        let link = |(step, kind, days): &(&str, &str, f64)| Link {
            kind: (*kind).to_owned(),
            step: (*step).to_owned(),
            attempt: 1,
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::UNIX_EPOCH,
            days: *days,
            closed_days: if *kind == "work" { days / 4.0 } else { 0.0 },
            waits_for: None,
            held_by: None,
        };
        pieces.iter().map(link).collect()
    }

    #[test]
    fn short_neighbours_become_one_and_long_ones_stay() {
        let chain = chain(&[
            ("a/deploy", "work", 1.0),
            ("a/shift", "soak", 2.0),
            ("b/shift", "soak", 9.0),
            ("c/shift", "soak", 1.0),
            ("d/shift", "work", 2.0),
            ("e/shift", "soak", 0.5),
            ("retire", "work", 8.0),
        ]);
        let stretches = by_thing(&chain);
        let told = |most| {
            let folded = folded(&chain, &stretches, most);
            let told = folded.iter().map(|it| (it.name(), it.days()));
            told.collect::<Vec<_>>()
        };
        let own = |(name, days): (&str, f64)| (name.to_owned(), days);
        // Of 3, 9, 1, 2, 0.5 and 8 days d and e are the shortest pair, then c with both of them.
        assert_eq!(
            told(4),
            [("a", 3.0), ("b", 9.0), ("c to e (3)", 3.5), ("retire", 8.0)].map(own)
        );
        // The sums do not change, whatever is asked for.
        assert_eq!(told(1), [("a to retire (6)", 23.5)].map(own));
        assert_eq!(told(0), told(1));
        assert_eq!(told(6).len(), 6);
        assert_eq!(told(7), told(6));
        let three = folded(&chain, &stretches, 4);
        let kinds = three.get(2).map(Stretch::kinds);
        // A quarter of all work is closed hours.
        assert_eq!(
            kinds,
            Some(vec![("soak", 1.5), ("work", 1.5), ("hours", 0.5)])
        );
    }

    #[test]
    fn a_chain_of_nothing_has_no_stretches() {
        assert!(folded(&[], &by_thing(&[]), 3).is_empty());
    }
}

//! What went wrong in a trial, by what it began with: a failure with what was undone for it, its fix,
//! and the decision after too many of them.

use std::collections::BTreeSet;

use whimbrel_simulator::{Event, Link};

use crate::render::number::DAY;

/// Kinds of the pieces of a chain that come before an attempt: it was not made in vain for them.
const BEFORE: [&str; 6] = ["people", "link", "place", "hours", "window", "freeze"];

/// Something that went wrong, and what it led to.
#[derive(Clone, Debug)]
pub struct Incident<'a> {
    /// What it began with.
    pub first: &'a Event,
    /// What was undone for it.
    pub undone: Vec<&'a Event>,
    /// When it was put right.
    pub fixed: Option<&'a Event>,
    /// The decision that followed.
    pub escalated: Option<&'a Event>,
}

impl<'a> Incident<'a> {
    fn of(first: &'a Event) -> Self {
        Self {
            first,
            undone: Vec::new(),
            fixed: None,
            escalated: None,
        }
    }

    /// How many days of the chain it takes: the attempt that was in vain, and what came of it; the
    /// undos of others; the time until a question is asked again.
    fn days(&self, chain: &[Link]) -> f64 {
        let of = |event: &Event, piece: &Link| {
            event.step == piece.step && event.attempt == piece.attempt
        };
        let days = |piece: &Link| {
            let kind = piece.kind.as_str();
            if self.undone.iter().any(|event| of(event, piece)) && kind == "undo" {
                return piece.days;
            }
            if !of(self.first, piece) || BEFORE.contains(&kind) {
                return 0.0;
            }
            match (self.first.kind.as_str(), self.first.until) {
                ("failed", _) => piece.days,
                (_, Some(until)) => {
                    let (from, to) = (self.first.at.max(piece.from), until.min(piece.to));
                    to.duration_since(from).as_secs_f64().max(0.0) / DAY
                }
                _ => 0.0,
            }
        };
        chain.iter().map(days).sum()
    }
}

/// The incidents of a trial, in order of time. `together` is whether two steps are of one batch.
pub fn gather<'a>(events: &'a [Event], together: impl Fn(&str, &str) -> bool) -> Vec<Incident<'a>> {
    let mut incidents: Vec<Incident<'a>> = Vec::new();
    for event in events {
        let mut before = incidents.iter_mut().rev();
        let mut same_step = || before.by_ref().find(|it| it.first.step == event.step);
        let open = match event.kind.as_str() {
            "undone" => before
                .find(|it| it.first.at == event.at && together(&it.first.step, &event.step))
                .map(|it| it.undone.push(event)),
            "fixed" => same_step()
                .filter(|it| it.fixed.is_none())
                .map(|it| it.fixed = Some(event)),
            "escalated" => same_step()
                .filter(|it| it.escalated.is_none())
                .map(|it| it.escalated = Some(event)),
            _ => None,
        };
        if open.is_none() {
            incidents.push(Incident::of(event));
        }
    }
    incidents
}

/// What is not told one by one.
#[derive(Debug, Default, PartialEq)]
pub struct Others<'a> {
    /// How many.
    pub count: usize,
    /// How many steps they are of, and one of them.
    pub steps: usize,
    pub step: &'a str,
    /// How many of them take time of the chain, and how many days.
    pub on_chain: usize,
    pub days: f64,
}

/// Those that take the most of the chain, at most so many, in order of time; and the others.
pub fn gravest<'a>(
    incidents: Vec<Incident<'a>>,
    chain: &[Link],
    most: usize,
) -> (Vec<Incident<'a>>, Others<'a>) {
    let numbered = incidents.into_iter().enumerate();
    let mut gravest: Vec<_> = numbered.map(|(at, it)| (at, it.days(chain), it)).collect();
    gravest.sort_by(|a, b| b.1.total_cmp(&a.1));
    let rest = gravest.split_off(most.min(gravest.len()));
    gravest.sort_by_key(|(at, ..)| *at);
    let kept = gravest.into_iter().map(|(.., it)| it).collect();
    let steps: BTreeSet<&str> = rest.iter().map(|(.., it)| it.first.step.as_str()).collect();
    let others = Others {
        count: rest.len(),
        steps: steps.len(),
        step: steps.first().copied().unwrap_or_default(),
        on_chain: rest.iter().filter(|(_, days, _)| *days > 0.0).count(),
        days: rest.iter().map(|(_, days, _)| days).sum(),
    };
    (kept, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_second(60 * minute).unwrap()
    }

    fn event(minute: i64, kind: &str, step: &str) -> Event {
        Event {
            kind: kind.to_owned(),
            step: step.to_owned(),
            attempt: 1,
            cause: None,
            window: None,
            again_from: None,
            at: at(minute),
            since: None,
            until: None,
        }
    }

    fn piece(minute: i64, kind: &str, step: &str, days: f64) -> Link {
        Link {
            kind: kind.to_owned(),
            step: step.to_owned(),
            attempt: 1,
            from: at(minute),
            to: at(minute),
            days,
            closed_days: 0.0,
            waits_for: None,
            held_by: None,
        }
    }

    /// The first letter of a step names its batch.
    fn together(a: &str, b: &str) -> bool {
        a.get(..1) == b.get(..1)
    }

    #[test]
    fn what_follows_a_failure_is_told_with_it() {
        let events = [
            event(1, "failed", "a1"),
            event(1, "failed", "b1"),
            event(1, "undone", "a2"),
            event(1, "undone", "a3"),
            event(2, "unanswered", "c1"),
            event(3, "fixed", "a1"),
            event(3, "escalated", "a1"),
            event(4, "failed", "a1"),
            event(5, "fixed", "b1"),
            event(6, "fixed", "a1"),
        ];
        let told: Vec<_> = gather(&events, together)
            .iter()
            .map(|it| {
                let minute = |event: Option<&Event>| event.map(|event| event.at.as_second() / 60);
                (
                    it.first.step.clone(),
                    it.undone.len(),
                    minute(it.fixed),
                    minute(it.escalated),
                )
            })
            .collect();
        let own = str::to_owned;
        let expected = [
            (own("a1"), 2, Some(3), Some(3)),
            (own("b1"), 0, Some(5), None),
            (own("c1"), 0, None, None),
            (own("a1"), 0, Some(6), None),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn the_gravest_take_the_most_of_the_chain() {
        let second = |event: Event| Event {
            attempt: 2,
            ..event
        };
        let asked_again = |event: Event| Event {
            until: Some(at(9)),
            ..event
        };
        let events = [
            event(1, "failed", "a1"),
            event(2, "failed", "b1"),
            event(2, "undone", "b2"),
            second(event(4, "failed", "a1")),
            event(6, "failed", "d1"),
            asked_again(event(7, "unanswered", "c1")),
        ];
        let chain = [
            // An attempt that fails is in vain, not what it waited for.
            piece(0, "people", "a1", 32.0),
            piece(0, "work", "a1", 1.0),
            piece(1, "undo", "a1", 1.0),
            // Of what is undone for another's failure the undo is.
            piece(0, "work", "b2", 64.0),
            piece(2, "undo", "b2", 4.0),
            Link {
                attempt: 2,
                ..piece(3, "fix", "a1", 8.0)
            },
            // The third goes well.
            Link {
                attempt: 3,
                ..piece(5, "work", "a1", 128.0)
            },
            // Of its twelve minutes nobody answered in two.
            Link {
                to: at(17),
                ..piece(5, "gate", "c1", 12.0 / 1440.0)
            },
        ];
        let kept = |most| {
            let (kept, others) = gravest(gather(&events, together), &chain, most);
            let kept: Vec<i64> = kept.iter().map(|it| it.first.at.as_second() / 60).collect();
            let Others {
                count,
                steps,
                step,
                on_chain,
                days,
            } = others;
            (kept, (count, steps, step.to_owned(), on_chain, days))
        };
        let own = str::to_owned;
        let two = 2.0 / 1440.0;
        assert_eq!(kept(9), (vec![1, 2, 4, 6, 7], (0, 0, own(""), 0, 0.0)));
        assert_eq!(kept(4), (vec![1, 2, 4, 7], (1, 1, own("d1"), 0, 0.0)));
        assert_eq!(kept(3), (vec![1, 2, 4], (2, 2, own("c1"), 1, two)));
        assert_eq!(kept(1), (vec![4], (4, 4, own("a1"), 3, 6.0 + two)));
    }
}

//! What went wrong in a trial, by what it began with: a failure with what was undone for it, its fix,
//! and the decision after too many of them.

use whimbrel_simulator::{Event, Link};

/// Kinds of the pieces of a chain that are there because something went wrong.
const WRONG: [&str; 5] = ["undo", "fix_people", "fix", "escalation", "rollback"];

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

    fn steps(&self) -> impl Iterator<Item = &str> {
        let undone = self.undone.iter().map(|event| event.step.as_str());
        std::iter::once(self.first.step.as_str()).chain(undone)
    }

    /// How many days of the chain it takes: none that begin before it, or after the next one of its
    /// step.
    fn days(&self, chain: &[Link], next: Option<&Event>) -> f64 {
        let its = |piece: &&Link| {
            let from = self.first.at <= piece.from;
            let to = next.is_none_or(|next| piece.from < next.at);
            from && to
                && WRONG.contains(&piece.kind.as_str())
                && self.steps().any(|step| step == piece.step)
        };
        chain.iter().filter(its).map(|piece| piece.days).sum()
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

/// Those that take the most of the chain, at most so many, in order of time; and how many days of it
/// the others take.
pub fn gravest<'a>(
    incidents: Vec<Incident<'a>>,
    chain: &[Link],
    most: usize,
) -> (Vec<Incident<'a>>, f64) {
    let firsts: Vec<&Event> = incidents.iter().map(|it| it.first).collect();
    let days = |at: usize, it: &Incident<'_>| {
        let mut later = firsts.iter().skip(at + 1);
        let next = later.find(|event| event.step == it.first.step);
        it.days(chain, next.copied())
    };
    let numbered = incidents.into_iter().enumerate();
    let mut gravest: Vec<_> = numbered.map(|(at, it)| (at, days(at, &it), it)).collect();
    gravest.sort_by(|a, b| b.1.total_cmp(&a.1));
    let others = gravest.split_off(most.min(gravest.len()));
    gravest.sort_by_key(|(at, ..)| *at);
    let kept = gravest.into_iter().map(|(.., it)| it).collect();
    (kept, others.iter().map(|(_, days, _)| days).sum())
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
        let events = [
            event(1, "failed", "a1"),
            event(2, "failed", "b1"),
            event(2, "undone", "b2"),
            event(4, "failed", "a1"),
            event(6, "failed", "c1"),
        ];
        let chain = [
            piece(1, "undo", "a1", 1.0),
            piece(2, "undo", "b2", 4.0),
            // A fix is of the failure before it, and work of none.
            piece(3, "fix", "a1", 1.0),
            piece(5, "fix", "a1", 8.0),
            piece(7, "work", "c1", 16.0),
        ];
        let kept = |most| {
            let (kept, others) = gravest(gather(&events, together), &chain, most);
            let kept: Vec<i64> = kept.iter().map(|it| it.first.at.as_second() / 60).collect();
            (kept, others)
        };
        assert_eq!(kept(2), (vec![2, 4], 2.0));
        assert_eq!(kept(1), (vec![4], 6.0));
        assert_eq!(kept(9), (vec![1, 2, 4, 6], 0.0));
    }
}

//! What can be taken back: how long the slowest rollback of a batch takes, against the RTO, and from
//! where on there is none.

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Sides;
use super::names::Names;
use crate::{MemberReversal, NoReturn, Node, Plan, Reversal, WayBack};

/// The rollback of one side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Return {
    /// Mean seconds, detection included; none when nothing that serves can be taken back.
    pub mean: Option<f64>,
    /// Seconds that nine of ten stay below.
    pub p90: Option<f64>,
    /// The RTO it is held against, seconds.
    pub rto: Option<f64>,
    /// Whether nine of ten are not within the RTO.
    pub beyond_rto: bool,
    /// The step with whose start it ends; none when it never does.
    pub until: Option<String>,
    /// When that is, at mean durations.
    pub until_at: Option<Timestamp>,
    /// Why it ends.
    pub why: Option<String>,
}

/// A batch, or a member of one, that is taken back otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WayBackChange {
    /// The batch as it is called now.
    pub batch: String,
    /// The member; none for the batch as a whole.
    pub member: Option<String>,
    /// How it was.
    pub before: Return,
    /// How it is.
    pub after: Return,
}

impl Return {
    /// Whether the rollbacks are alike: as long but for rounding, and up to the same step.
    fn is_like(&self, other: &Self) -> bool {
        let near = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * one.abs().max(1.0),
            (one, other) => one == other,
        };
        near(self.mean, other.mean)
            && near(self.p90, other.p90)
            && self.beyond_rto == other.beyond_rto
            && (&self.until, &self.why) == (&other.until, &other.why)
    }
}

/// Of batches and members that both plans have; a member in another batch is told there.
pub(super) fn compare(sides: &Sides<'_>, (old, new): (&Plan, &Plan)) -> Vec<WayBackChange> {
    let before = Side {
        names: &sides.before,
        plan: old,
    };
    let after = Side {
        names: &sides.after,
        plan: new,
    };
    let was = before.batches();
    let mut found = Vec::new();
    for reversal in &new.reversals {
        let batch = after.batch(reversal);
        let Some(former) = was.get(&batch) else {
            continue;
        };
        let whole = (before.of_batch(former), after.of_batch(reversal));
        found.extend(told((&batch, None), whole.clone()));
        let members: FxHashMap<String, &MemberReversal> = former
            .members
            .iter()
            .map(|member| (before.node(member.node), member))
            .collect();
        for member in &reversal.members {
            let name = after.node(member.node);
            if let Some(former) = members.get(&name) {
                let own = (before.of_member(former), after.of_member(member));
                // The only member, or the slowest, is taken back as its batch is.
                if own != whole {
                    found.extend(told((&batch, Some(name)), own));
                }
            }
        }
    }
    found
}

fn told(
    (batch, member): (&str, Option<String>),
    (before, after): (Return, Return),
) -> Option<WayBackChange> {
    (!before.is_like(&after)).then(|| WayBackChange {
        batch: batch.to_owned(),
        member,
        before,
        after,
    })
}

struct Side<'s, 'a> {
    names: &'s Names<'a>,
    plan: &'s Plan,
}

impl<'s> Side<'s, '_> {
    fn node(&self, node: Node) -> String {
        self.names.node(node).into_owned()
    }

    fn batch(&self, reversal: &Reversal) -> String {
        let id = reversal.batch.index();
        self.names.name("BatchId", id).into_owned()
    }

    fn batches(&self) -> FxHashMap<String, &'s Reversal> {
        let reversals = self.plan.reversals.iter();
        reversals.map(|one| (self.batch(one), one)).collect()
    }

    fn of_batch(&self, reversal: &Reversal) -> Return {
        self.told(reversal.slowest.as_ref(), reversal.no_return.as_ref())
    }

    fn of_member(&self, member: &MemberReversal) -> Return {
        let serving = member.ways_back.iter().filter(|way| way.serves);
        let slowest = serving.max_by(|one, other| one.p90.total_cmp(&other.p90));
        self.told(slowest, member.ends.first())
    }

    fn told(&self, slowest: Option<&WayBack>, end: Option<&NoReturn>) -> Return {
        let rto = self.plan.migration.objectives.rto;
        let p90 = slowest.map(|way| way.p90);
        Return {
            mean: slowest.map(|way| way.mean),
            p90,
            rto,
            beyond_rto: p90.zip(rto).is_some_and(|(p90, rto)| p90 > rto),
            until: end.map(|end| self.names.step(&self.plan.steps[end.from]).into_owned()),
            until_at: end.map(|end| self.plan.instant(end.at)),
            why: end.map(|end| self.names.sentence(self.plan.why_no_return(end))),
        }
    }
}

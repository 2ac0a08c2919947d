//! The compiled plan: the contract between the compiler and everything after it.
//!
//! Plain typed data: what exists, how it hangs together, which steps move it and in which order.
//! The plan knows no syntax and no source positions but those kept as evidence. Everything is
//! stored in canonical order (by name, steps by batch), so the same plan text in another order or
//! layout gives the same plan and the same [`Plan::hash`].
//!
//! Units, unless a field says otherwise: durations in seconds, sizes in bytes, rates per second,
//! running costs in the plan's currency per day (a month is 30.4375 days, a year 365.25), ratios
//! and chances from 0 to 1, instants in UTC.

mod amount;
mod arena;
mod calendar;
pub mod difference;
mod distribution;
mod graph;
mod ids;
mod inventory;
mod measure;
mod measuring;
mod migration;
mod money;
mod plan;
mod remarks;
mod reversal;
mod step;

pub use amount::Amount;
pub use arena::{
    Arena, BatchId, BridgeId, CalendarId, DriverId, FreezeId, Id, LinkId, MeasureId, PlatformId,
    RelationId, ResourceId, RoleId, ServiceId, StepId, TeamId, WindowId,
};
pub use calendar::{
    Calendar, CalendarError, CivilTime, Freeze, HoursRange, Intervals, Weekday, Window, WindowSpan,
    day_ended, hours_of_any, instant,
};
pub use distribution::{Distribution, DistributionError};
pub use graph::{Cycle, CycleHop, Edge, EdgeKind, Graph, Node};
pub use inventory::{
    Baseline, CallMode, Evidence, EvidenceKind, Fallback, Inventory, Licence, Link, Location, Need,
    Platform, Relation, RelationKind, Resource, ResourceKind, RunningCost, Service, ServiceKind,
    Target, Team, Tier,
};
pub use measure::{Comparison, Condition, Measure, MeasureUnit, OwnMeasure, QueryPart};
pub use measuring::is_automatic_shift;
pub use migration::{
    Announcement, Audit, Batch, BatchMember, BatchMode, Bridge, BridgeOver, BridgeTechnique,
    Checklist, ChecklistScore, Criterion, Crossing, CutoverMode, Driver, DriverEffect, Environment,
    Lint, LintLevel, Migration, Objectives, Rehearsal, Retrospective, Risk, RiskTier, Role,
    ScoreSource, SeamState, Strategy, Trigger, Unit, Waiver, Wording,
};
pub use money::{NO_CURRENCY, money};
pub use plan::{Bounded, PLAN_VERSION, Plan, Unknown};
pub use remarks::listed;
pub use reversal::{Loss, MemberReversal, NoReturn, NoWayBack, Reversal, WayBack};
pub use step::{
    Act, Action, Argument, Call, Executor, ExecutorFile, Failure, Gate, Mover, NoAnswer,
    PeopleNeed, StandingCopy, Step, StepKind, Subject, Transfer, VerbTemplates, Work,
};

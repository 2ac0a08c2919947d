//! What can be taken back after which step, how long that takes, and what ends it.

use whimbrel_plan::{Loss, NoReturn, NoWayBack, Plan, Reversal, WayBack};

use crate::support::{MOVE, plan};

/// Two shares of the traffic, the old side kept for a day.
const SPLIT: &str = "
pattern split(detect: duration = 5min, undo: duration = 2min) for service {
  step prepare {
    kind = deploy; does = deploy.apply(service); takes = 1h
    undo = deploy.remove(service); undo_takes = 3min
  }
  for w in [10%, 100%] {
    step \"shift_${w}\" {
      kind = shift; does = traffic.shift(service, to: w); soak = 1h; detect = detect
      undo = traffic.shift(service, to: 0%); undo_takes = undo; retry_from = shift_10
    }
  }
  step keep { kind = keep; soak = 1d }
  step gone { kind = decommission; does = deploy.remove(service, from: migration.from) }
}
";

/// Changes are carried over, the reads switched, and changes carried back.
const CARRY: &str = "
pattern carry() for datastore {
  step follow {
    does = data.cdc_start(datastore, lag: 1s); undo = data.cdc_stop(datastore); undo_takes = 4min
  }
  step switch {
    kind = cutover; does = data.switch_reads(datastore); takes = 1h; detect = 1min; cutover = true
    undo = data.switch_reads(datastore, to: \"old\"); undo_takes = 2min
  }
  step back {
    does = data.back_sync(datastore, lag: 3s); takes = 1h
    undo = data.switch_reads(datastore, to: \"old\"); undo_takes = 2min
  }
  step watch {
    kind = validate; does = validate.counts(datastore); soak = 1h; detect = 10min; retry_from = back
    undo = run(script: \"stop.sh\"); undo_takes = 30s
  }
  step stop { kind = tidy; does = data.cdc_stop(datastore); takes = 1h }
  step gone {
    kind = decommission; does = deploy.remove(datastore, from: migration.from); irreversible = true
  }
}
datastore db { size = 1GB; change_rate = 1kB/s; move = carry() }
";

fn name(plan: &Plan, id: whimbrel_plan::StepId) -> &str {
    &plan.steps[id].name
}

/// `after: undone, then undone; mean 420s, p90 420s; serves; loses 3s`.
fn way(plan: &Plan, way: &WayBack) -> String {
    let undo: Vec<&str> = way.undo.iter().map(|id| name(plan, *id)).collect();
    let loss = match way.loss {
        Some(Loss::Nothing) => "nothing".to_owned(),
        Some(Loss::Lag(lag)) => format!("{lag:?}"),
        Some(Loss::Since(step)) => format!("all since {}", name(plan, step)),
        None => "who knows".to_owned(),
    };
    let serves = if way.serves { "serves" } else { "idle" };
    format!(
        "{}: {}; {} {}; {serves}; loses {loss}",
        name(plan, way.after),
        undo.join(", "),
        way.mean,
        way.p90
    )
}

fn end(plan: &Plan, end: &NoReturn) -> String {
    let why = match end.why {
        NoWayBack::Irreversible => "irreversible".to_owned(),
        NoWayBack::OldSideGone => "old side gone".to_owned(),
        NoWayBack::NoUndo => "no undo".to_owned(),
        NoWayBack::NotCarriedBack => "not carried back".to_owned(),
        NoWayBack::Needed { by, batch } => {
            format!(
                "needed by {} of {}",
                plan.name(by),
                plan.batches[batch].name
            )
        }
    };
    format!("{} from {}: {why}", plan.name(end.of), name(plan, end.from))
}

fn of<'a>(plan: &'a Plan, batch: &str) -> &'a Reversal {
    let mut all = plan.reversals.iter();
    let found = all.find(|one| plan.batches[one.batch].name == batch);
    found.unwrap_or_else(|| panic!("no batch {batch}"))
}

fn ways(plan: &Plan, batch: &str) -> Vec<String> {
    let members = of(plan, batch).members.iter();
    members
        .flat_map(|member| member.ways_back.iter().map(|one| way(plan, one)))
        .collect()
}

fn ends(plan: &Plan, batch: &str) -> Vec<String> {
    let members = of(plan, batch).members.iter();
    members
        .flat_map(|member| member.ends.iter().map(|one| end(plan, one)))
        .collect()
}

/// All shifts share one undo, so that they are one point; the deployment is another, and hurts
/// nobody. A rollback is noticing (5 min) and undoing (2 min).
#[test]
fn a_shift_is_taken_back_at_once_and_until_the_old_side_goes() {
    let plan = plan(&format!("{MOVE}{SPLIT}service a {{ move = split() }}\n"));
    assert_eq!(
        ways(&plan, "batch-1"),
        [
            "a/prepare: a/prepare; 180 180; idle; loses nothing",
            "a/shift_10: a/shift_10; 420 420; serves; loses nothing",
        ]
    );
    let reversal = of(&plan, "batch-1");
    let slowest = reversal.slowest.as_ref().unwrap();
    assert_eq!((slowest.p90, slowest.serves), (420.0, true));
    assert_eq!(ends(&plan, "batch-1"), ["a from a/gone: old side gone"]);
    // 1 h to prepare, two shares of 1 h, and a day.
    let no_return = reversal.no_return.as_ref().unwrap();
    assert_eq!(no_return.at, 27.0 * 3600.0);
}

/// A step that is undone by its own figures is a point of its own. The mean of uniform(0, 10 min) is
/// 5 min, its 90th percentile 9 min: a slice of a fortieth, 15 s, is the error allowed.
#[test]
fn means_and_percentiles_follow_the_laws() {
    let plan = plan(&format!(
        "{MOVE}{SPLIT}service a {{
  move = split()
  step shift_100 {{ detect = 0s; undo_takes = uniform(0s, 10min) }}
}}\n"
    ));
    let slowest = of(&plan, "batch-1").slowest.as_ref().unwrap();
    assert_eq!(name(&plan, slowest.after), "a/shift_100");
    assert_eq!(slowest.mean, 300.0);
    assert!((slowest.p90 - 540.0).abs() <= 15.0, "{}", slowest.p90);
}

/// Before the switch nothing is lost. Between the switch and back-sync everything written since the
/// switch is, then the lag of back-sync. The watch goes back to `back`: its own undo last, since
/// traffic goes first and `back` and the switch share an undo. Nothing is carried back any more when
/// changes are stopped.
#[test]
fn data_goes_back_after_the_traffic_and_loses_what_is_not_carried_back() {
    let plan = plan(&format!("{MOVE}{CARRY}"));
    assert_eq!(
        ways(&plan, "batch-1"),
        [
            "db/follow: db/follow; 240 240; idle; loses nothing",
            "db/switch: db/switch; 180 180; serves; loses all since db/switch",
            "db/back: db/switch; 120 120; serves; loses Some(3.0)",
            "db/watch: db/switch, db/watch; 750 750; serves; loses Some(3.0)",
        ]
    );
    assert_eq!(
        ends(&plan, "batch-1"),
        [
            "db from db/stop: not carried back",
            "db from db/gone: old side gone",
        ]
    );
    assert_eq!(of(&plan, "batch-1").slowest.as_ref().unwrap().p90, 750.0);
}

/// What nobody writes can go back without being carried; what a bridge carries back, with its lag;
/// one that ends with the batch carries nothing back.
#[test]
fn what_is_written_must_be_carried_back() {
    let without_back = CARRY.replace("does = data.back_sync(datastore, lag: 3s); ", "");
    let first = |text: &str| ends(&plan(&format!("{MOVE}{text}")), "batch-1")[0].clone();
    assert_eq!(first(&without_back), "db from db/switch: not carried back");
    let unwritten = without_back.replace("change_rate = 1kB/s; ", "");
    assert_eq!(first(&unwritten), "db from db/gone: old side gone");
    let writer = format!("{unwritten}service w {{ writes db }}\n");
    assert_eq!(first(&writer), "db from db/switch: not carried back");
    let bridge = "bridge home { over = db; by = back_sync; lag = 7s }\n";
    let other = format!("{SPLIT}service last {{ after = [db]; move = split() }}\n");
    let bridged = plan(&format!("{MOVE}{without_back}{other}{bridge}"));
    assert_eq!(
        ends(&bridged, "batch-1"),
        ["db from db/gone: old side gone"]
    );
    assert!(
        ways(&bridged, "batch-1")
            .iter()
            .any(|way| way.ends_with("loses Some(7.0)"))
    );
    let short = bridge.replace("lag = 7s", "until = one");
    let batches = "batch one { members = [db] }\nbatch two { members = [last] }\n";
    let ended = plan(&format!("{MOVE}{without_back}{other}{short}{batches}"));
    assert_eq!(
        ends(&ended, "one")[0],
        "db from db/switch: not carried back"
    );
}

/// A later batch that is bound to it must go back first; within a sequential batch too, but that does
/// not end the way back of the batch.
#[test]
fn what_later_things_depend_on_cannot_go_back_alone() {
    let services = format!(
        "{SPLIT}service w {{ writes db; move = split() }}\nservice r {{ reads db; move = split() }}\n"
    );
    let text = format!("{MOVE}{CARRY}{services}");
    let apart = plan(&format!(
        "{text}batch one {{ members = [db] }}\nbatch two {{ members = [w, r] }}\n"
    ));
    assert_eq!(
        ends(&apart, "one")[0],
        "db from w/shift_10: needed by w of two"
    );
    let no_return = of(&apart, "one").no_return.as_ref().unwrap();
    assert_eq!(name(&apart, no_return.from), "w/shift_10");
    // A reader needs the writer, which goes before it.
    assert_eq!(
        ends(&apart, "two")[0],
        "w from r/shift_10: needed by r of two"
    );
    let no_return = of(&apart, "two").no_return.as_ref().unwrap();
    assert_eq!(no_return.why, NoWayBack::OldSideGone);
}

/// What went before its need is where it was when that goes back.
#[test]
fn what_moved_before_depends_on_nothing_new() {
    let early = plan(&format!(
        "{MOVE}{CARRY}{SPLIT}service r {{ reads db; move = split() }}
batch one {{ members = [r] }}
batch two {{ members = [db] }}\n"
    ));
    assert!(
        ends(&early, "two")
            .iter()
            .all(|end| !end.contains("needed"))
    );
}

/// In a batch that rolls back whole the failure noticed last decides, and then the slowest of all
/// undos side by side: 9 min of `b` and 8 min of `a`. Flags take one member out.
#[test]
fn a_batch_that_rolls_back_whole_waits_for_its_slowest() {
    let both = |batch: &str| {
        plan(&format!(
            "{MOVE}{SPLIT}service a {{ move = split(undo: 8min) }}
service b {{ move = split(detect: 9min) }}
batch all {{ members = [a, b]; mode = parallel; {batch} }}\n"
        ))
    };
    let slowest = |plan: &Plan| {
        let slowest = of(plan, "all").slowest.clone().unwrap();
        way(plan, &slowest)
    };
    assert_eq!(
        slowest(&both("")),
        "b/shift_10: a/shift_10; 1020 1020; serves; loses nothing"
    );
    // a: 5 + 8 = 13 min; b: 9 + 2 = 11 min.
    assert_eq!(
        slowest(&both("isolate = flags")),
        "a/shift_10: a/shift_10; 780 780; serves; loses nothing"
    );
}

/// A switch without an undo ends the way back; after another shift that has one it does not.
#[test]
fn what_says_no_way_back_has_none() {
    let pattern = |steps: &str| {
        let text =
            format!("{MOVE}pattern p() for service {{\n{steps}\n}}\nservice a {{ move = p() }}\n");
        let plan = plan(&text);
        (ways(&plan, "batch-1"), ends(&plan, "batch-1"))
    };
    let shift = "step shift { does = traffic.shift(service, to: 50%)";
    let (none, ended) = pattern(&format!("{shift} }}"));
    assert_eq!(none, [""; 0]);
    assert_eq!(ended, ["a from a/shift: no undo"]);
    let undo = "undo = traffic.shift(service, to: 0%)";
    let last = "step last { does = traffic.shift(service, to: 100%) }";
    let (_, ended) = pattern(&format!("{shift}; {undo} }}\n{last}"));
    assert_eq!(ended, [""; 0]);
    let burn = "step burn { does = manual(\"burn the ships\"); irreversible = true }";
    let late = format!("step late {{ does = manual(\"look\"); {undo} }}");
    let (ways, ended) = pattern(&format!("{shift}; {undo} }}\n{burn}\n{late}"));
    assert_eq!(ways.len(), 1, "{ways:?}");
    assert_eq!(ended, ["a from a/burn: irreversible"]);
}

/// Messages and what caches hold are not known to be lost or kept.
#[test]
fn what_is_lost_of_messages_is_not_known() {
    let plan = plan(&format!(
        "{MOVE}pattern p() for cache {{
  step switch {{
    kind = cutover; does = data.switch_reads(cache); undo = data.switch_reads(cache, to: \"old\")
  }}
}}
cache c {{ move = p() }}\n"
    ));
    assert_eq!(
        ways(&plan, "batch-1"),
        ["c/switch: c/switch; 0 0; serves; loses who knows"]
    );
    assert_eq!(ends(&plan, "batch-1"), [""; 0]);
}

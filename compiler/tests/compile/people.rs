//! Who is needed, and in whose time.

use whimbrel_plan::{Act, Plan, Step};

use crate::support::{MOVE, compiled, errors, finding, plan, shown, step};

fn work(service: &str, step: &str) -> Plan {
    plan(&format!(
        "{MOVE}calendar office {{ zone = \"Europe/Dublin\" }}\ncalendar night {{ hours = 20:00..04:00 }}
team ops {{ engineers = 4; calendar = office }}\nteam dba {{ engineers = 2; calendar = night }}\nteam free {{ engineers = 1 }}
pattern p() for service {{ step work {{ kind = validate; {step} }} }}\nservice a {{ {service} move = p() }}\n"
    ))
}

fn needs(plan: &Plan, step: &Step) -> Vec<(String, u32)> {
    step.needs
        .iter()
        .map(|need| (plan.inventory.teams[need.team].name.clone(), need.count))
        .collect()
}

fn calendars(plan: &Plan, step: &Step) -> Vec<String> {
    step.calendars
        .iter()
        .map(|id| plan.calendars[*id].name.clone())
        .collect()
}

/// One of the moved thing's team when it takes working time, else nobody.
#[test]
fn work_needs_one_of_the_owning_team() {
    let working = work("team = ops;", "takes = 2wh");
    assert_eq!(
        needs(&working, step(&working, "a/work")),
        [("ops".to_owned(), 1)]
    );
    assert_eq!(calendars(&working, step(&working, "a/work")), ["office"]);
    let elapsed = work("team = ops;", "takes = 2h");
    assert!(needs(&elapsed, step(&elapsed, "a/work")).is_empty());
    let instant = work("team = ops;", "soak = 2h");
    assert!(needs(&instant, step(&instant, "a/work")).is_empty());
    // No team: people without limit, around the clock.
    let nobody = work("", "takes = 2wh");
    assert!(needs(&nobody, step(&nobody, "a/work")).is_empty());
    assert!(calendars(&nobody, step(&nobody, "a/work")).is_empty());
    assert!(matches!(step(&nobody, "a/work").act, Act::Working(_)));
}

/// All at once, in their common time: both calendars must be open.
#[test]
fn work_of_two_teams_is_in_their_common_time() {
    let plan = work("team = ops;", "takes = 2wh; needs = [2 of ops, 1 of dba]");
    let mut both = needs(&plan, step(&plan, "a/work"));
    both.sort();
    assert_eq!(both, [("dba".to_owned(), 1), ("ops".to_owned(), 2)]);
    let mut open = calendars(&plan, step(&plan, "a/work"));
    open.sort();
    assert_eq!(open, ["night", "office"]);
}

/// The team of a step is that of `needs`, else the moved thing's.
#[test]
fn needs_name_the_team_of_the_step() {
    let named = work("team = ops;", "takes = 2wh; needs = 1 of dba");
    let team = |plan: &Plan| {
        step(plan, "a/work")
            .team
            .map(|id| plan.inventory.teams[id].name.clone())
    };
    assert_eq!(team(&named).as_deref(), Some("dba"));
    assert_eq!(
        team(&work("team = ops;", "takes = 2h")).as_deref(),
        Some("ops")
    );
    assert_eq!(team(&work("", "takes = 2h")), None);
}

/// Elapsed work with people takes its people though it runs through the night.
#[test]
fn elapsed_work_may_need_people() {
    let plan = work("team = ops;", "takes = 2h; needs = [2 of ops]");
    assert_eq!(needs(&plan, step(&plan, "a/work")), [("ops".to_owned(), 2)]);
    assert!(matches!(step(&plan, "a/work").act, Act::Elapsed(_)));
}

/// A working day of a step is that of the team that does it, not of the one that owns the thing:
/// `free` has no calendar, so its day has 24 hours.
#[test]
fn a_working_day_is_that_of_the_team_that_works() {
    let plan = work("team = ops;", "takes = 1wd; needs = 1 of free");
    assert_eq!(
        step(&plan, "a/work").act,
        Act::Working(whimbrel_plan::Distribution::constant(86_400.0))
    );
}

#[test]
fn a_team_that_is_not_there_is_told() {
    let compilation = compiled(&format!(
        "{MOVE}team ops {{ }}\npattern p() for service {{ step work {{ takes = 1h; needs = [2 of opps] }} }}\nservice a {{ move = p() }}\n"
    ));
    assert_eq!(errors(&compilation), ["unknown-name plan.mig:6"]);
}

/// A phase takes its people from `needs`.
#[test]
fn phases_and_automation_take_people() {
    let plan = plan(&format!(
        "{MOVE}calendar short {{ hours = 10:00..14:00 }}\nteam ops {{ engineers = 4; calendar = short }}
phase survey {{ takes = 5wd; needs = [2 of ops] }}\n"
    ));
    let survey = step(&plan, "phase/survey");
    assert_eq!(needs(&plan, survey), [("ops".to_owned(), 2)]);
    assert_eq!(
        survey.act,
        Act::Working(whimbrel_plan::Distribution::constant(5.0 * 4.0 * 3_600.0))
    );
}

/// A plan without `teams` means every team.
#[test]
fn the_teams_of_the_migration_are_all_unless_said() {
    let plan = work("", "takes = 1h");
    assert_eq!(plan.migration.teams.len(), 3);
}

/// Shifts that relieve one another: each team has its own hours, and the mean duration counts the
/// hours in which any of them works. A relay passes work on, so there must be work and somebody.
#[test]
fn shifts_relieve_one_another() {
    let relay = work(
        "team = ops;",
        "takes = 12wh; needs = [2 of ops, 1 of dba]; relay = true",
    );
    let passed_on = step(&relay, "a/work");
    assert!(passed_on.relay);
    let mut open = calendars(&relay, passed_on);
    open.sort();
    assert_eq!(open, ["night", "office"]);
    // Dublin's five days of eight hours and five nights of eight, which do not meet: 80 hours of
    // 168. Three people in two teams are one and a half at a time.
    assert_eq!(relay.critical_path_duration, 12.0 * 168.0 / 80.0 * 3_600.0);
    assert_eq!(relay.effort_hours, 18.0);
    // Together they would have no common hour.
    let apart = work("team = ops;", "takes = 12wh; needs = [2 of ops, 1 of dba]");
    assert!(!step(&apart, "a/work").relay);
    // A team without a calendar is always on shift.
    let always = work(
        "team = ops;",
        "takes = 12wh; needs = [1 of ops, 1 of free]; relay = true",
    );
    assert_eq!(calendars(&always, step(&always, "a/work")), [""; 0]);
    assert_eq!(always.critical_path_duration, 12.0 * 3_600.0);
    for (says, told) in [
        (
            "takes = 12h; needs = [1 of ops]; relay = true",
            "shifts relieve one another in work, and this takes no working time",
        ),
        (
            "soak = 12h; needs = [1 of ops]; relay = true",
            "shifts relieve one another in work, and this takes no working time",
        ),
        (
            "takes = 12wh; relay = true",
            "nobody can relieve anybody here: the step has no `needs`",
        ),
    ] {
        let compilation = compiled(&format!(
            "{MOVE}team ops {{ }}\npattern p() for service {{ step work {{ kind = validate; {says} }} }}\nservice a {{ move = p() }}\n"
        ));
        let found = finding(&compilation, "out-of-range");
        assert_eq!(found.message, told);
        assert_eq!(shown(&compilation, found.primary.span), "relay = true");
    }
}

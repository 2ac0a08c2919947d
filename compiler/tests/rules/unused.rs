//! What counts as use, beyond what the page of unused-definition shows.

use super::{base, compiled};

/// Messages of unused-definition for a block added to the base.
fn unused(block: &str) -> Vec<String> {
    let found = compiled(base() + block).diagnostics.into_iter();
    let found = found.filter(|found| found.code.name == "unused-definition");
    found.map(|found| found.message).collect()
}

#[test]
fn a_team_and_a_service_of_one_name_are_two_things() {
    let plan = "team carts { engineers = 2 }\n\
                service orders { calls carts { need = soft }; move = strangler_fig() }\n\
                service carts { to = stay }\n";
    let message = "the team `carts` owns nothing and is needed for nothing";
    assert_eq!(unused(plan), [message]);
}

#[test]
fn needs_of_a_step_and_of_a_phase_are_uses() {
    let plan = "team dba { engineers = 1 }\nteam look { engineers = 1 }\n\
                phase discovery { takes = 1wd; needs = [1 of look] }\n\
                pattern own() for service {\n  \
                  step shift { does = traffic.shift(service, to: 100%); needs = [1 of dba]; undo = traffic.shift(service, to: 0%) }\n\
                }\n\
                service orders { move = own() }\n";
    assert_eq!(unused(plan), [] as [&str; 0]);
}

#[test]
fn what_only_a_scenario_uses_is_used() {
    let plan = |scenario: &str| {
        format!(
            "team more {{ engineers = 2 }}\nlet long = 9h\npattern slow() for service {{ \
             step shift {{ does = traffic.shift(service, to: 100%); soak = long; undo = traffic.shift(service, to: 0%) }} }}\n\
             service orders {{ move = strangler_fig() }}\n{scenario}"
        )
    };
    assert_eq!(unused(&plan("")).len(), 2);
    let scenario = "scenario other { service orders { team = more; move = slow() } }\n";
    assert_eq!(unused(&plan(scenario)), [] as [&str; 0]);
}

#[test]
fn names_made_in_a_loop_are_told_once() {
    let plan = "for x in [a, b, c] {\n  window \"tide_${x}\" { days = [sun]; hours = 01:00..05:00 }\n}\n\
                service orders { move = strangler_fig(); step shift_1 { within = tide_a } }\n";
    let compilation = compiled(base() + plan);
    let found: Vec<_> = compilation.diagnostics.iter().collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "no step must fit in the window `tide_b`");
    assert_eq!(found[0].notes, ["the same holds of `tide_c`"]);
}

#[test]
fn where_something_is_wrong_nothing_is_called_unused() {
    // The window is asked for where nobody could read it.
    let plan = "window low_tide { days = [sun]; hours = 01:00..05:00 }\n\
                service orders { move = strangler_fig(); step shift_1 { within = low_tid } }\n";
    assert_eq!(unused(plan), [] as [&str; 0]);
}

#[test]
fn a_file_without_a_migration_is_there_for_others() {
    let found = compiled("team ops { engineers = 2 }\nteam shop { }\nservice a { team = shop }\n");
    let codes: Vec<&str> = found.diagnostics.iter().map(|one| one.code.name).collect();
    assert_eq!(codes, [] as [&str; 0]);
}

#[test]
fn a_waiver_keeps_what_is_not_used_yet() {
    let plan = "window low_tide { days = [sun]; hours = 01:00..05:00 }\n\
                service orders { move = strangler_fig() }\n\
                waive unused-definition on window.low_tide until 2027-03-01 because \"for the ledger\"\n";
    let found = compiled(base() + plan).diagnostics;
    assert_eq!(found.len(), 0, "{found:?}");
}

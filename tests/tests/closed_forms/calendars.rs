//! Working time, clock changes, holidays, freezes, windows and gates.

use jiff::Timestamp;

use crate::program::{FEW, TRIALS, plan, simulate};

/// When one step that says `step` ends, begun at `start` in New York by a team with that calendar.
fn end(start: &str, calendar: &str, step: &str, rest: &str) -> Timestamp {
    let text = plan(
        &format!("zone = \"America/New_York\"; start = {start}"),
        &format!(
            "calendar office {{ zone = \"America/New_York\"; {calendar} }}
             team ops {{ engineers = 1; calendar = office }}
             service s {{ team = ops; move = one(); step a {{ {step} }} }}
             batch s {{ members = [s] }}
             {rest}"
        ),
    );
    simulate(&text, FEW).end_of("s")
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const OFFICE: &str = "days = mon..fri; hours = 09:00..17:00";

/// In winter New York is five hours behind UTC.
#[test]
fn work_rests_at_night_over_the_weekend_and_on_holidays() {
    // Friday 2027-01-15: 8 h, then Monday 8 h.
    let friday = "2027-01-15T09:00";
    assert_eq!(
        end(friday, OFFICE, "takes = 16wh", ""),
        at("2027-01-18T17:00-05")
    );
    // The Monday is a holiday.
    let holiday = format!("{OFFICE}; holidays = [2027-01-18]");
    assert_eq!(
        end(friday, &holiday, "takes = 16wh", ""),
        at("2027-01-19T17:00-05")
    );
    // Elapsed work without people runs through all of it.
    assert_eq!(
        end(friday, &holiday, "takes = 4d", ""),
        at("2027-01-19T09:00-05")
    );
    // With people it starts in open time: begun on Saturday, it waits for Monday.
    let with_people = "takes = 4d; needs = [1 of ops]";
    assert_eq!(
        end("2027-01-16T09:00", OFFICE, with_people, ""),
        at("2027-01-22T09:00-05")
    );
    // A working day is the calendar's: 2.5 of them of 6 h are 15 h, Friday 6, Monday 6, Tuesday 3.
    let short = "days = mon..fri; hours = 10:00..16:00";
    assert_eq!(
        end(friday, short, "takes = 2.5wd", ""),
        at("2027-01-19T13:00-05")
    );
}

/// On 2027-03-14 New York's clocks jump from 02:00 to 03:00, on 2027-11-07 they fall back from
/// 02:00 to 01:00.
#[test]
fn work_crosses_the_changes_of_the_clocks() {
    // Four hours on Friday from 13:00, four on Monday from 09:00, which is an hour earlier in UTC.
    assert_eq!(
        end("2027-03-12T13:00", OFFICE, "takes = 8wh", ""),
        at("2027-03-15T17:00Z")
    );
    assert_eq!(
        end("2027-11-05T13:00", OFFICE, "takes = 8wh", ""),
        at("2027-11-08T18:00Z")
    );
    // From midnight to six there are five hours on the day of the jump, seven on the other.
    let night = "days = [sun]; hours = 00:00..06:00";
    assert_eq!(
        end("2027-03-14T00:00", night, "takes = 5wh", ""),
        at("2027-03-14T06:00-04")
    );
    assert_eq!(
        end("2027-03-14T00:00", night, "takes = 5.5wh", ""),
        at("2027-03-21T00:30-04")
    );
    assert_eq!(
        end("2027-11-07T00:00", night, "takes = 7wh", ""),
        at("2027-11-07T06:00-05")
    );
    assert_eq!(
        end("2027-11-07T00:00", night, "takes = 7.5wh", ""),
        at("2027-11-14T00:30-05")
    );
    // An elapsed day is 24 hours on every day.
    assert_eq!(
        end("2027-03-13T12:00", OFFICE, "takes = 1d", ""),
        at("2027-03-14T13:00-04")
    );
    assert_eq!(
        end("2027-11-06T12:00", OFFICE, "takes = 1d", ""),
        at("2027-11-07T11:00-05")
    );
}

/// A gap takes the later instant, a fold the earlier: half past two does not exist on the day of
/// the jump, half past one comes twice on the other.
#[test]
fn hours_that_the_clocks_skip_or_repeat() {
    let gap = "days = [sun]; hours = 02:30..05:00";
    assert_eq!(
        end("2027-03-14T00:00", gap, "takes = 1wh", ""),
        at("2027-03-14T04:30-04")
    );
    let fold = "days = [sun]; hours = 01:30..05:00";
    assert_eq!(
        end("2027-11-07T00:00", fold, "takes = 1wh", ""),
        at("2027-11-07T02:30-04")
    );
}

/// The same for windows: half past one to half past three is an hour long on the day of the jump,
/// and half past midnight to half past two three hours on the day the clocks fall back.
#[test]
fn windows_on_the_days_the_clocks_change() {
    let windows = "window early { days = [sun]; hours = 01:30..03:30 }
                   window skipped { days = [sun]; hours = 02:15..02:45 }
                   window late { days = [sun]; hours = 00:30..02:30 }
                   window twice { from = 2027-11-07T01:30; to = 2027-11-07T02:30 }";
    let within = |start: &str, takes: &str, window: &str| {
        let step = format!("takes = {takes}; within = {window}");
        end(start, OFFICE, &step, windows)
    };
    let jump = "2027-03-14T00:00";
    assert_eq!(within(jump, "1h", "early"), at("2027-03-14T03:30-04"));
    // A minute more waits for the Sunday after, when there are two hours.
    assert_eq!(within(jump, "61min", "early"), at("2027-03-21T02:31-04"));
    // Both ends are skipped, and both come an hour later.
    assert_eq!(within(jump, "30min", "skipped"), at("2027-03-14T03:45-04"));
    let back = "2027-11-07T00:00";
    assert_eq!(within(back, "3h", "late"), at("2027-11-07T02:30-05"));
    assert_eq!(within(back, "2h", "late"), at("2027-11-07T01:30-05"));
    // From the first half past one on: an hour of daylight saving time, and one after it.
    assert_eq!(within(back, "2h", "twice"), at("2027-11-07T02:30-05"));
}

/// A freeze ends with its last day, however long that is: 23 hours on the day of the jump, 25 on the
/// day the clocks fall back. In Havana the day of the jump begins at one.
#[test]
fn freezes_on_the_days_the_clocks_change() {
    let frozen = |zone: &str, start: &str, day: &str| {
        let text = plan(
            &format!("zone = \"{zone}\"; start = {start}"),
            &format!(
                "service s {{ move = one(); step a {{ kind = shift; fails = 0%; undo = manual(\"back\"); takes = 1h }} }}
                 batch s {{ members = [s] }}
                 freeze day {{ from = {day}; to = {day} }}"
            ),
        );
        simulate(&text, FEW).end_of("s")
    };
    let york = "America/New_York";
    assert_eq!(
        frozen(york, "2027-03-14T00:00", "2027-03-14"),
        at("2027-03-15T01:00-04")
    );
    // It would touch the freeze by a minute.
    assert_eq!(
        frozen(york, "2027-03-13T23:01", "2027-03-14"),
        at("2027-03-15T01:00-04")
    );
    assert_eq!(
        frozen(york, "2027-03-13T23:00", "2027-03-14"),
        at("2027-03-14T00:00-05")
    );
    assert_eq!(
        frozen(york, "2027-11-07T12:00", "2027-11-07"),
        at("2027-11-08T01:00-05")
    );
    let havana = "America/Havana";
    assert_eq!(
        frozen(havana, "2027-03-13T23:00", "2027-03-14"),
        at("2027-03-14T05:00Z")
    );
    assert_eq!(
        frozen(havana, "2027-03-13T23:00", "2027-03-13"),
        at("2027-03-14T06:00Z")
    );
}

/// An act starts when it touches no freeze that blocks its kind; a freeze ends with its last day.
#[test]
fn acts_wait_for_the_end_of_a_freeze() {
    let freeze = "freeze quiet { from = 2027-01-15; to = 2027-01-19; blocks = [shift, cutover] }";
    // Thursday and half of Friday would touch it: it waits for Wednesday 2027-01-20.
    let touching = "kind = shift; fails = 0%; undo = manual(\"back\"); takes = 12wh";
    assert_eq!(
        end("2027-01-14T09:00", OFFICE, touching, freeze),
        at("2027-01-21T13:00-05")
    );
    // Thursday alone does not, and the soak that follows goes on through it.
    let before = "kind = shift; fails = 0%; undo = manual(\"back\"); takes = 8wh; soak = 1d";
    assert_eq!(
        end("2027-01-14T09:00", OFFICE, before, freeze),
        at("2027-01-15T17:00-05")
    );
    // What it does not block is not held up.
    assert_eq!(
        end(
            "2027-01-14T09:00",
            OFFICE,
            "kind = deploy; undo = manual(\"back\"); takes = 12wh",
            freeze
        ),
        at("2027-01-15T13:00-05")
    );
}

/// A step waits for a window that its P90 fits. Windows that touch are one: two whole days hold 40 h.
#[test]
fn acts_wait_for_a_window_that_is_long_enough() {
    let tide = "window tide { days = [sat, sun]; hours = 01:00..05:00 }
                window once { from = 2027-01-12T22:00; to = 2027-01-13T04:00 }
                window two_days { days = [sat, sun]; hours = 00:00..24:00 }";
    let monday = "2027-01-11T09:00";
    let within = |takes: &str, window: &str| {
        end(
            monday,
            OFFICE,
            &format!("takes = {takes}; within = {window}"),
            tide,
        )
    };
    assert_eq!(within("3h", "tide"), at("2027-01-16T04:00-05"));
    assert_eq!(within("4h", "tide"), at("2027-01-16T05:00-05"));
    assert_eq!(within("5h", "once"), at("2027-01-13T03:00-05"));
    assert_eq!(within("40h", "two_days"), at("2027-01-17T16:00-05"));
    // On Saturday at two there are only three hours left: four wait for Sunday.
    let late = "takes = 4h; within = tide";
    assert_eq!(
        end("2027-01-16T02:00", OFFICE, late, tide),
        at("2027-01-17T05:00-05")
    );
}

/// The P90 of U(1 h, 3.1 h) is 2.89 h and fits three hours, so the act starts; a draw above three,
/// with chance 0.1/2.1 = 1/21, fails at the close. Failures are geometric, (1/21) ÷ (20/21) of
/// them, variance (1/21) ÷ (20/21)².
#[test]
fn a_draw_that_overruns_its_window_is_a_failed_attempt() {
    let text = plan(
        "start = 2027-01-11",
        "window tide { days = mon..sun; hours = 01:00..04:00 }
         service s { move = one(); step a { takes = uniform(1h, 3.1h); within = tide; attempts = 20 } }",
    );
    let report = simulate(&text, TRIALS);
    let (p, q) = (1.0_f64 / 21.0, 20.0_f64 / 21.0);
    report.has_chance("incident_probability", p);
    report.summary("rollbacks").has_mean(p / q, p.sqrt() / q);
    // Each failure costs a day; a success ends at one o'clock + U(1 h, 3 h), mean 3 h.
    let sd = (p / (q * q) + (2.0_f64 / 24.0).powi(2) / 12.0).sqrt();
    report.duration().has_mean(3.0 / 24.0 + p / q, sd);
}

fn gate(gate: &str, role: &str) -> String {
    plan(
        "start = 2027-01-11",
        &format!(
            "calendar office {{ {OFFICE} }}
             team ops {{ engineers = 1; calendar = office }}
             role lead {{ who = \"a\"; backup = \"b\"; {role} }}
             pattern gated() for service {{
               gate go {{ approve = lead; {gate}; else = stop }}
               step a {{ takes = 1h; cutover = true }}
             }}
             service s {{ move = gated() }}"
        ),
    )
}

/// By default triangular(0, within/4, within), here 0, 3 and 12 h: mean 5 h, variance
/// (0 + 9 + 144 − 0 − 36 − 0)/18 = 6.5 h², kurtosis 2.4. An hour of work follows.
#[test]
fn the_answer_of_a_gate() {
    let triangular = |days: f64| {
        let hours = days * 24.0 - 1.0;
        if hours < 3.0 {
            hours.max(0.0).powi(2) / 36.0
        } else {
            1.0 - (12.0 - hours).powi(2) / 108.0
        }
    };
    let sd = 6.5_f64.sqrt() / 24.0;
    simulate(&gate("within = 12h", ""), TRIALS)
        .duration()
        .has_mean(6.0 / 24.0, sd)
        .has_sd(sd, 2.4)
        .has_quantiles(triangular);
}

/// Ten hours in the calendar of the approver's team, from Monday at nine: Tuesday at eleven, and
/// the hour that nobody is named for follows at once. A role without a team is always open.
#[test]
fn a_gate_waits_in_the_calendar_of_who_answers() {
    let answer = "takes = 10h; within = 12h";
    let office = simulate(&gate(answer, "team = ops"), FEW);
    office.duration().is(1.0 + 12.0 / 24.0);
    let always = simulate(&gate(answer, ""), FEW);
    always.duration().is(11.0 / 24.0);
}

/// A deadline ends with its day in the migration's zone: in New York 47 hours from midnight are
/// within two days and 49 are not, wherever midnight is in UTC.
#[test]
fn a_deadline_ends_with_its_day() {
    for (takes, chance) in [("47h", 1.0), ("49h", 0.0)] {
        let text = plan(
            "zone = \"America/New_York\"; start = 2027-01-11; deadline = 2027-01-12",
            &format!("service s {{ move = one(); step a {{ takes = {takes} }} }}"),
        );
        simulate(&text, FEW).has_chance("deadline_probability", chance);
    }
}

/// A day of cutover comes after the phases, one after the other; after the announcement, fourteen
/// days ahead; and after a third party has had its Exp(3 d) to change.
#[test]
fn what_a_cutover_waits_for() {
    let text = |rest: &str, call: &str| {
        plan(
            "start = 2027-01-11",
            &format!("service s {{ {call} move = one() }}\n{rest}"),
        )
    };
    let phases = "phase survey { takes = 2d }\nphase design { takes = 3d }";
    simulate(&text(phases, ""), FEW).duration().is(6.0);
    let announcement = "announce customers { before = 14d; channel = \"statuspage\" }";
    simulate(&text(announcement, ""), FEW).duration().is(15.0);
    let bank = "external bank { change_lead_time = exponential(mean: 3d) }";
    simulate(&text(bank, "calls bank { need = hard };"), TRIALS)
        .duration()
        .has_mean(4.0, 3.0)
        .has_quantiles(|days| 1.0 - (-(days - 1.0) / 3.0).exp());
}

/// Work of two teams advances while both are there: from 13:00 to 17:00, four hours a day.
#[test]
fn two_teams_work_in_their_common_hours() {
    let late =
        "calendar evening { zone = \"America/New_York\"; days = mon..fri; hours = 13:00..21:00 }
                team night_shift { engineers = 1; calendar = evening }";
    let both = "takes = 10wh; needs = [1 of ops, 1 of night_shift]";
    assert_eq!(
        end("2027-01-14T09:00", OFFICE, both, late),
        at("2027-01-18T15:00-05")
    );
}

/// Three offices around the world, in January: London 09:00–17:00 UTC, New York 14:00–22:00, Sydney
/// 22:00–06:00. `rest` gives each office its engineers and adds what else they do.
fn around_the_world(step: &str, rest: &str) -> String {
    plan(
        "start = 2027-01-11T09:00",
        &format!(
            "calendar day_london {{ zone = \"Europe/London\" }}
             calendar day_york {{ zone = \"America/New_York\" }}
             calendar day_sydney {{ zone = \"Australia/Sydney\" }}
             team london {{ engineers = 2; rate = $60/h; calendar = day_london }}
             team york {{ engineers = 1; rate = $100/h; calendar = day_york }}
             team sydney {{ engineers = 1; rate = $80/h; calendar = day_sydney }}
             service s {{ move = one(); step a {{ {step} }} }}
             batch s {{ members = [s]; after = [] }}
             {rest}"
        ),
    )
}

const RELAY: &str = "needs = [2 of london, 1 of york, 1 of sydney]; relay = true";

/// Shifts pass work on. From Monday 09:00: London until 17:00 (8 h), New York, which has been open
/// since 14:00, until 22:00 (5 h), Sydney until 06:00 (8 h), nobody until 09:00, and London again.
/// Each is paid for its own hours.
#[test]
fn work_follows_the_sun() {
    let report = simulate(
        &around_the_world(&format!("takes = 24wh; {RELAY}"), ""),
        FEW,
    );
    assert_eq!(report.end_of("s"), at("2027-01-12T12:00Z"));
    // London 8 + 3 hours of two, New York 5, Sydney 8.
    let engineering = 11.0 * 2.0 * 60.0 + 5.0 * 100.0 + 8.0 * 80.0;
    report.summary("cost.kinds.engineering").is(engineering);
    report.summary("effort_hours").is(22.0 + 5.0 + 8.0);
    // It ends within London's first shift, and with it.
    let short = simulate(&around_the_world(&format!("takes = 8wh; {RELAY}"), ""), FEW);
    assert_eq!(short.end_of("s"), at("2027-01-11T17:00Z"));
}

/// A shift takes over when it has its people free: New York's engineer is busy from 14:00 to 20:00,
/// so nothing advances between 17:00 and 20:00, and London's are free for other work by then.
#[test]
fn a_shift_that_is_busy_takes_over_later() {
    let busy = "service t { move = one(); step a { takes = 6wh; needs = [1 of york] } }
                batch t { members = [t]; after = [] }
                service u { move = one(); step a { takes = 3wh; needs = [1 of london] } }
                batch u { members = [u]; after = [] }";
    let report = simulate(
        &around_the_world(&format!("takes = 18wh; {RELAY}"), busy),
        FEW,
    );
    assert_eq!(report.end_of("t"), at("2027-01-11T20:00Z"));
    // 8 + 2 + 8 hours, to Sydney's last minute.
    assert_eq!(report.end_of("s"), at("2027-01-12T06:00Z"));
    // Both of London's are at the relay until 17:00 on Monday; what is left of Tuesday is for `u`.
    assert_eq!(report.end_of("u"), at("2027-01-12T12:00Z"));
}

/// A window that closes on a relay fails it, also while nobody is at it. From Monday 09:00 to Tuesday
/// 08:00 there are 21 hours of work; one draw in twenty is of 22, and waits for London from 06:00 on
/// when the window closes. It goes again on the next Monday: k weeks later with chance 0.05^k · 0.95,
/// mean 1/19 and variance 0.05/0.95² of a week.
#[test]
fn a_window_closes_on_a_relay() {
    let step =
        format!("takes = discrete([1wh: 95%, 22wh: 5%]); within = monday; attempts = 20; {RELAY}");
    let window = "window monday { days = [mon]; hours = 09:00..08:00 }";
    let report = simulate(&around_the_world(&step, window), TRIALS);
    let sd = 0.05_f64.sqrt() / 0.95;
    report
        .duration()
        .has_mean(1.0 / 24.0 + 7.0 / 19.0, 7.0 * sd);
    // An hour of London's two, and 16 + 5 + 8 hours for each that was cut off.
    let effort = report.summary("effort_hours");
    effort.has_mean(2.0 + 29.0 / 19.0, 29.0 * sd);
}

/// It fails on Friday at 17:00. Taking it back is done at once, in the night; mending it is work
/// and waits for Monday, and so does the second attempt, which ends on Tuesday.
#[test]
fn undo_runs_through_the_night_and_a_fix_is_work() {
    let step = "takes = 8wh; fails = 100%; learning = 0; undo = manual(\"back\"); undo_takes = 3h";
    let start = "2027-01-15T09:00";
    let fixed = format!("{step}; fix = 8wh");
    assert_eq!(end(start, OFFICE, &fixed, ""), at("2027-01-19T17:00-05"));
    // With nothing to mend, undone at 20:00, it goes on with Monday.
    assert_eq!(end(start, OFFICE, step, ""), at("2027-01-18T17:00-05"));
    // Undo is never blocked, be it inside a freeze of everything; only acts wait for its end.
    let freeze = "freeze all { from = 2027-01-16; to = 2027-01-18 }";
    assert_eq!(end(start, OFFICE, step, freeze), at("2027-01-19T17:00-05"));
}

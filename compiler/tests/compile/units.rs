//! Units, calendars, zones and money.

use whimbrel_plan::{Act, Distribution, Plan};

use crate::support::{HOP, MOVE, compiled, errors, finding, plan, shown, step};

const HOUR: f64 = 3_600.0;

/// The act of a step that `takes` something, of a service of a team with this calendar.
fn act(calendar: &str, takes: &str) -> Act {
    let (calendar, team) = match calendar {
        "" => (String::new(), "team ops { engineers = 2 }"),
        text => (
            format!("calendar cal {{ {text} }}"),
            "team ops { engineers = 2; calendar = cal }",
        ),
    };
    let plan = plan(&format!(
        "{MOVE}{calendar}\n{team}\npattern work() for service {{ step work {{ kind = validate; takes = {takes} }} }}\nservice a {{ team = ops; move = work() }}\n"
    ));
    step(&plan, "a/work").act.clone()
}

fn constant(value: f64) -> Distribution {
    Distribution::constant(value)
}

/// A working day is the open hours of a day of the team's calendar: 8 by default, the length of the
/// range, across midnight too; without a calendar a day is always open, 24 h.
#[test]
fn a_working_day_is_that_calendars_day() {
    for (calendar, hours) in [
        ("zone = \"UTC\"", 8.0),
        ("hours = 10:00..16:00", 6.0),
        ("hours = 09:30..17:00", 7.5),
        ("hours = 22:00..06:00", 8.0),
        ("days = [sat, sun]; hours = 08:00..12:00", 4.0),
        ("", 24.0),
    ] {
        assert_eq!(
            act(calendar, "3wd"),
            Act::Working(constant(3.0 * hours * HOUR)),
            "{calendar}"
        );
        assert_eq!(
            act(calendar, "3wh"),
            Act::Working(constant(3.0 * HOUR)),
            "{calendar}"
        );
    }
}

/// An elapsed duration is one around the clock, whatever the calendar.
#[test]
fn elapsed_units_do_not_ask_the_calendar() {
    for (text, hours) in [
        ("90s", 0.025),
        ("15min", 0.25),
        ("4h", 4.0),
        ("3d", 72.0),
        ("2w", 336.0),
        ("6mo", 6.0 * 365.25 / 12.0 * 24.0),
        ("1y", 365.25 * 24.0),
        ("1d + 2h * 3", 30.0),
        ("(1d - 2h) / 2", 11.0),
    ] {
        assert_eq!(
            act("hours = 10:00..16:00", text),
            Act::Elapsed(constant(hours * HOUR)),
            "{text}"
        );
    }
}

/// Hours and days of work mix, each turned into hours of that calendar's day (here six).
#[test]
fn working_hours_and_days_mix_in_a_distribution() {
    assert_eq!(
        act("hours = 10:00..16:00", "pert(2wh, 4wh, 2wd)"),
        Act::Working(Distribution::pert(2.0 * HOUR, 4.0 * HOUR, 12.0 * HOUR).unwrap())
    );
    assert_eq!(
        act("hours = 10:00..16:00", "1wd + 3wh"),
        Act::Working(constant(9.0 * HOUR))
    );
}

/// Working time and elapsed time are not of one kind: their sum has no meaning without a calendar.
#[test]
fn working_and_elapsed_time_do_not_mix() {
    let compilation = compiled(
        "pattern work() for service { step work { takes = pert(2wh, 4h, 2wd) } }\nservice a { move = work() }\nplatform old { }\nplatform new { }\nmigration all { from = old; to = new; start = 2027-01-11 }\n",
    );
    assert_eq!(errors(&compilation), ["dimension-mismatch plan.mig:1"]);
}

/// The plan keeps its currency by the day: a month is 30.4375 days, a year 365.25.
#[test]
fn money_per_time_is_by_the_day() {
    for (text, per_day) in [
        ("$24/d", 24.0),
        ("$1/h", 24.0),
        ("$3_043.75/mo", 100.0),
        ("$36_525/y", 100.0),
        ("$1_400/w", 200.0),
        ("USD 24/d", 24.0),
        ("$2 * 12/d", 24.0),
    ] {
        let plan = plan(&format!("{MOVE}service a {{ cost {{ old = {text} }} }}\n"));
        let cost = &plan.inventory.services.values().next().unwrap().cost;
        let found = cost.old_per_day.as_ref().unwrap().mean();
        assert!((found - per_day).abs() < 1e-9, "{text}: {found}");
    }
}

#[test]
fn a_rate_an_hour_a_price_a_gigabyte_and_bits_a_second() {
    let plan = plan(
        "platform old { }\nplatform new { cost = $3_043.75/mo }
link old -> new { bandwidth = 10Gbps; egress = $0.02/GB; latency = 2ms }
team ops { rate = $95/h }
migration all { from = old; to = new; start = 2027-01-11; budget = $180_000 }
datastore db { size = 2TB; change_rate = 3MB/s; retention = 7y }
service a { revenue = $36/h; traffic = 12_500/s; users = 2.8M }
",
    );
    let inventory = &plan.inventory;
    let link = inventory.links.values().next().unwrap();
    // 10 Gbit are 1.25 GB; $0.02 for 10⁹ bytes.
    assert_eq!(link.bandwidth, Some(1.25e9.into()));
    assert!((link.egress_per_byte.as_ref().unwrap().mean() - 2e-11).abs() < 1e-24);
    assert_eq!(link.latency, Some(0.002.into()));
    assert_eq!(
        inventory.teams.values().next().unwrap().rate_per_hour,
        Some(95.0.into())
    );
    let service = inventory.services.values().next().unwrap();
    // Revenue is kept by the second.
    assert!((service.revenue.as_ref().unwrap().mean() - 0.01).abs() < 1e-12);
    assert_eq!(
        (&service.traffic, &service.users),
        (&Some(12_500.0.into()), &Some(2.8e6.into()))
    );
    let db = inventory.resources.values().next().unwrap();
    assert_eq!(db.size, Some(2e12.into()));
    assert_eq!(db.change_rate, Some(3e6.into()));
    assert_eq!(db.retention, Some(7.0 * 365.25 * 86_400.0));
    assert_eq!(plan.migration.budget, Some(180_000.0));
    assert_eq!(plan.migration.currency, "USD");
}

/// Binary sizes are powers of 1,024, decimal ones of 1,000.
#[test]
fn sizes_are_binary_or_decimal() {
    for (text, bytes) in [("4GiB", 4_294_967_296.0), ("800MB", 8e8), ("50TB", 5e13)] {
        let plan = plan(&format!("{MOVE}datastore db {{ size = {text} }}\n"));
        assert_eq!(
            plan.inventory.resources.values().next().unwrap().size,
            Some(bytes.into()),
            "{text}"
        );
    }
}

fn migration(attributes: &str) -> Plan {
    plan(&format!(
        "platform old {{ }}\nplatform new {{ }}\nmigration all {{ from = old; to = new; {attributes} }}\n"
    ))
}

/// A closing date ends with its day in the migration's zone: New York is five hours behind UTC in
/// winter and four in summer, and the day the clocks change is 23 hours long.
#[test]
fn a_deadline_ends_with_its_day() {
    for (zone, deadline, end) in [
        ("", "2027-06-30", "2027-07-01T00:00:00Z"),
        (
            "zone = \"America/New_York\";",
            "2027-06-30",
            "2027-07-01T04:00:00Z",
        ),
        (
            "zone = \"America/New_York\";",
            "2027-03-13",
            "2027-03-14T05:00:00Z",
        ),
        (
            "zone = \"America/New_York\";",
            "2027-03-14",
            "2027-03-15T04:00:00Z",
        ),
        (
            "zone = \"Asia/Kolkata\";",
            "2027-06-30",
            "2027-06-30T18:30:00Z",
        ),
    ] {
        let plan = migration(&format!("{zone} start = 2027-01-11; deadline = {deadline}"));
        assert_eq!(
            plan.migration.deadline.unwrap().to_string(),
            end,
            "{zone} {deadline}"
        );
    }
}

/// A time that the clocks skip is taken an hour later, one they repeat is the first of the two.
#[test]
fn a_start_in_a_gap_or_a_fold_is_one_instant() {
    for (start, instant) in [
        ("2027-01-11", "2027-01-11T05:00:00Z"),
        ("2027-01-11T22:00", "2027-01-12T03:00:00Z"),
        ("2027-03-14T02:30", "2027-03-14T07:30:00Z"),
        ("2027-11-07T01:30", "2027-11-07T05:30:00Z"),
    ] {
        let plan = migration(&format!("zone = \"America/New_York\"; start = {start}"));
        assert_eq!(plan.migration.start.to_string(), instant, "{start}");
    }
}

/// `keep_old` is 72 h unless said, in months and years of their lengths otherwise.
#[test]
fn the_old_side_is_kept_three_days() {
    assert_eq!(
        migration("start = 2027-01-11").migration.keep_old,
        72.0 * HOUR
    );
    let month = migration("start = 2027-01-11; keep_old = 1mo")
        .migration
        .keep_old;
    assert_eq!(month, 30.4375 * 24.0 * HOUR);
}

/// Licences end with their day too, in the migration's zone.
#[test]
fn a_licence_ends_with_its_day() {
    let plan = plan(&format!(
        "{MOVE}datastore db {{ }}\nlicence oracle {{ of = [db]; cost = $36_525/y; grows = 12%/y; until = 2027-12-31; notice = 90d }}\n"
    ));
    let licence = &plan.inventory.licences[0];
    assert_eq!(licence.until.to_string(), "2028-01-01T00:00:00Z");
    assert_eq!(licence.cost_per_day, 100.0);
    assert!((licence.grows_per_year.mean() - 0.12).abs() < 1e-12);
    assert_eq!(licence.notice, Some(90.0 * 86_400.0));
}

#[test]
fn a_plan_has_one_currency() {
    let compilation =
        compiled("team a { rate = $95/h }\nteam b { rate = €80/h }\nteam c { rate = USD 90/h }\n");
    let found = finding(&compilation, "mixed-currency");
    assert_eq!(shown(&compilation, found.primary.span), "€80/h");
    assert_eq!(shown(&compilation, found.labels[0].span), "$95/h");
}

/// Adding what cannot be added shows both sides.
#[test]
fn a_dimension_error_shows_both_sides() {
    for (expression, left, right) in [
        ("4h + $20", "4h", "$20"),
        ("2GB - 3MB/s", "2GB", "3MB/s"),
        ("1h + 2wh", "1h", "2wh"),
        ("10% + 4h", "10%", "4h"),
    ] {
        let compilation = compiled(&format!(
            "{MOVE}{HOP}let x = {expression}\nservice a {{ move = hop(); step keep {{ soak = x }} }}\n"
        ));
        let found = finding(&compilation, "dimension-mismatch");
        let mut spans = vec![found.primary.span];
        spans.extend(found.labels.iter().map(|label| label.span));
        let texts: Vec<&str> = spans
            .iter()
            .map(|span| shown(&compilation, *span))
            .collect();
        assert!(
            texts.contains(&left) && texts.contains(&right),
            "{expression}: {texts:?}"
        );
    }
}

/// A number is no duration: `3` of what?
#[test]
fn a_bare_number_is_no_duration() {
    for text in ["3", "0", "50%", "$3", "\"3h\"", "3GB", "2027-01-11", "true"] {
        let compilation = compiled(&format!(
            "{MOVE}{HOP}service a {{ move = hop(); step keep {{ soak = {text} }} }}\n"
        ));
        let errors = errors(&compilation);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        let found = compilation
            .diagnostics
            .iter()
            .find(|d| d.code.number.starts_with("MG02"))
            .unwrap();
        assert_eq!(shown(&compilation, found.primary.span), text);
        let told = format!(
            "{} {} {:?}",
            found.message, found.primary.message, found.help
        );
        assert!(
            told.contains("duration") || told.contains("4h"),
            "{text}: {told}"
        );
    }
}

#[test]
fn three_m_is_asked_about() {
    let compilation = compiled("let x = 3m\n");
    let found = finding(&compilation, "bad-literal");
    let help = found.help.clone().unwrap();
    assert!(help.contains("3min") && help.contains("3mo"), "{help}");
}

/// A distribution goes wherever a duration goes, and its parameters are checked.
#[test]
fn distributions_are_values() {
    assert_eq!(
        act("", "lognormal(p50: 4d, p90: 9d)"),
        Act::Elapsed(
            Distribution::lognormal_quantiles(4.0 * 24.0 * HOUR, 9.0 * 24.0 * HOUR).unwrap()
        )
    );
    assert_eq!(
        act("", "uniform(1h, 3h) * 2"),
        Act::Elapsed(
            Distribution::uniform(HOUR, 3.0 * HOUR)
                .unwrap()
                .scaled(2.0)
                .unwrap()
        )
    );
    for wrong in [
        "pert(4h, 2h, 1h)",
        "exponential(mean: 0h)",
        "discrete([1h: 40%, 2h: 40%])",
        "uniform(3h, 1h)",
    ] {
        let compilation = compiled(&format!(
            "{MOVE}{HOP}service a {{ move = hop(); step prepare {{ takes = {wrong} }} }}\n"
        ));
        assert_eq!(
            finding(&compilation, "impossible-distribution").level,
            whimbrel_lang::Level::Error,
            "{wrong}"
        );
    }
}

/// A range is part of the schema: each end is allowed, beyond is an error.
#[test]
fn values_have_bounds() {
    for (text, fine) in [
        ("0%", true),
        ("100%", true),
        ("101%", false),
        ("0.3", true),
        ("1.5", false),
    ] {
        let compilation = compiled(&format!(
            "{MOVE}{HOP}service a {{ move = hop(); step shift {{ fails = {text} }} }}\n"
        ));
        let expected: &[&str] = if fine {
            &[]
        } else {
            &["out-of-range plan.mig:12"]
        };
        assert_eq!(errors(&compilation), expected, "{text}");
    }
}

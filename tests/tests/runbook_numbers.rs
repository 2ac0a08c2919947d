//! Every date, duration, amount and share of a runbook is the one of `simulate --format json` with
//! the same seed, up to the digits that are shown; nothing else in it looks like an estimate.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test reads the repository's own files, and panics when it fails"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;
use whimbrel_compiler::{Options, Provider, ReadError, compile};
use whimbrel_handoff::{Artefacts, LocalTemplates, generate};
use whimbrel_simulator::{Settings, simulate};

const DAY: f64 = 86_400.0;

struct Folder(PathBuf);

impl Provider for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        std::fs::read(self.0.join(path)).map_err(|_| ReadError::NotFound)
    }
}

struct Case {
    estimates: Value,
    plan: Value,
    steps: BTreeMap<String, Value>,
    files: Artefacts,
}

impl Case {
    fn new() -> Self {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/online-boutique");
        let today = jiff::civil::date(2026, 11, 21);
        let compiled = compile(&Folder(example), "plan.mig", &Options::new(today));
        let plan = compiled.plan.unwrap();
        // Few trials, since the numbers need to be equal, not good.
        let settings = Settings {
            trials: 300,
            seed: 7,
            threads: None,
        };
        let known = simulate(&plan, &settings, None).unwrap();
        let files = generate(&plan, &known, &LocalTemplates::default()).unwrap();
        // What `simulate --format json` prints.
        let estimates = serde_json::to_value(&known).unwrap();
        let list = estimates["steps"].as_array().unwrap().iter();
        let steps = list.map(|step| (step["id"].as_str().unwrap().to_owned(), step.clone()));
        let steps = steps.collect();
        Self {
            plan: serde_json::to_value(&plan).unwrap(),
            estimates,
            steps,
            files,
        }
    }

    fn read(&self, name: &str) -> String {
        let file = self.files.get(&format!("runbook/{name}")).unwrap();
        String::from_utf8(file.bytes.clone()).unwrap()
    }

    /// Name and visible text of each runbook, without what comments carry.
    fn runbooks(&self) -> Vec<(String, String)> {
        let paths = self.files.iter().map(|(path, _)| path);
        let names = paths.filter_map(|path| path.strip_prefix("runbook/"));
        let names = names.filter(|name| name.ends_with(".md"));
        names
            .map(|name| (name.to_owned(), visible(&self.read(name))))
            .collect()
    }

    fn batch(&self, name: &str) -> Option<&Value> {
        let batches = self.estimates["batches"].as_array().unwrap();
        batches.iter().find(|batch| batch["name"] == name)
    }

    /// An instant that is known as well as this, as a runbook of New York writes it: an error of an hour
    /// or more leaves the day.
    fn about(&self, at: &Value, interval: &Value) -> String {
        let end = |place: usize| {
            interval[place]
                .as_str()
                .unwrap()
                .parse::<Timestamp>()
                .unwrap()
        };
        let shown = self.end(at);
        if end(1).duration_since(end(0)).as_secs() < 3600 {
            return shown;
        }
        shown.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    /// An instant as a runbook of New York writes it.
    fn instant(&self, at: &Value) -> String {
        let at: Timestamp = at.as_str().unwrap().parse().unwrap();
        let zoned = at.in_tz("America/New_York").unwrap();
        zoned.strftime("%a %Y-%m-%d %H:%M %Z").to_string()
    }

    /// An end as a runbook of New York writes it: midnight belongs to the day before.
    fn end(&self, at: &Value) -> String {
        let at: Timestamp = at.as_str().unwrap().parse().unwrap();
        let zoned = at.in_tz("America/New_York").unwrap();
        if zoned.time() != jiff::civil::Time::midnight() {
            return zoned.strftime("%a %Y-%m-%d %H:%M %Z").to_string();
        }
        let day = zoned.date().yesterday().unwrap();
        format!(
            "{} 24:00 {}",
            day.strftime("%a %Y-%m-%d"),
            zoned.strftime("%Z")
        )
    }
}

fn visible(text: &str) -> String {
    let mut parts = text.split("<!--");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.filter_map(|part| part.split_once("-->"));
    let text = rest.fold(first, |whole, (_, after)| whole + after);
    text.replace('\\', "")
}

/// The cells of the first row whose first cell is this, after a heading.
fn cells(text: &str, heading: &str, first: &str) -> Vec<String> {
    let (_, after) = text
        .split_once(heading)
        .unwrap_or_else(|| panic!("no {heading}"));
    let rows = after.lines().map(|line| {
        let cells = line
            .split('|')
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        cells.map(str::to_owned).collect::<Vec<_>>()
    });
    let mut rows = rows.filter(|cells| cells.first().is_some_and(|cell| cell == first));
    rows.next()
        .unwrap_or_else(|| panic!("no row {first} after {heading}"))
}

/// Seconds or ratio of `5.3 h` or `25 %`, and half of the last digit that is shown.
fn quantity(text: &str) -> Option<(f64, f64)> {
    let (number, unit) = text.split_once(' ')?;
    let scale = match unit {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        "d" | "days" => DAY,
        "%" => 0.01,
        _ => return None,
    };
    let value: f64 = number.parse().ok()?;
    let shown = number
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len() as i32);
    let digits = match unit {
        // A share known to tens of per cents is rounded to them.
        "%" if value % 10.0 == 0.0 => shown - 1,
        "%" | "days" => shown,
        // A zero at the end of the decimals is not shown, so that `2 d` may stand for 2.04 d; above
        // ten such durations are whole.
        _ if value < 10.0 => 1,
        _ => 0,
    };
    Some((
        value * scale,
        0.5 * scale * 10_f64.powi(-digits) * 1.000_001,
    ))
}

#[track_caller]
fn same(shown: &str, wanted: &Value, scale: f64, what: &str) {
    let Some(wanted) = wanted.as_f64() else {
        assert!(["unknown", "–"].contains(&shown), "{what}: {shown}");
        return;
    };
    let (value, half) = quantity(shown).unwrap_or_else(|| panic!("{what}: {shown}"));
    let off = (value - wanted * scale).abs();
    assert!(off <= half, "{what}: {shown} is not {wanted}");
}

/// A chance as it is told: alone, with its half-width, with its ends, or by its bound.
#[track_caller]
fn same_chance(shown: &str, of: &Value, name: &str, what: &str) {
    let wanted = of[name].as_f64().unwrap();
    let [low, high] = [0, 1].map(|end| of["error"][name][end].as_f64().unwrap());
    if let Some(bound) = shown.strip_prefix("above ") {
        // One digit of what is missing to the whole at most doubles it.
        let missing = 1.0 - quantity(bound).unwrap().0;
        assert!(
            wanted == 1.0 && missing >= 1.0 - low && missing <= 2.0 * (1.0 - low),
            "{what}: {shown}"
        );
    } else if let Some(bound) = shown.strip_prefix("below ") {
        let bound = quantity(bound).unwrap().0;
        assert!(
            wanted == 0.0 && bound >= high && bound <= 2.0 * high,
            "{what}: {shown}"
        );
    } else {
        let alone = shown.split([',', '±']).next().unwrap().trim();
        same(alone, &of[name], 1.0, what);
        assert!(wanted > 0.0 && wanted < 1.0, "{what}: {shown}");
    }
}

#[test]
fn numbers_of_the_runbooks_are_those_of_simulate() {
    let case = Case::new();
    let mut seen = 0;
    for (name, text) in case.runbooks() {
        for section in text.split("\n### ").skip(1) {
            let title = section.lines().next().unwrap();
            let Some((_, id)) = title.split_once(' ') else {
                continue;
            };
            let Some(step) = case.steps.get(id) else {
                panic!("{name}: {id}")
            };
            seen += 1;
            step_is_as_simulated(&case, &text, section, id, step);
        }
        header_is_as_simulated(&case, &text);
    }
    assert_eq!(seen, case.steps.len(), "each step stands in one runbook");
    index_is_as_simulated(&case, &visible(&case.read("index.md")));
}

fn step_is_as_simulated(case: &Case, text: &str, section: &str, id: &str, step: &Value) {
    let start = &cells(section, "", "planned start")[1];
    assert_eq!(*start, case.instant(&step["start_p50"]), "{id}");
    let duration = &cells(section, "", "duration, soak included")[1];
    let (p50, p80) = duration.split_once(", P80 ").unwrap();
    same(
        p50.trim_start_matches("P50 "),
        &step["duration_p50"],
        DAY,
        id,
    );
    same(p80, &step["duration_p80"], DAY, id);
    let path = cells(text, "\n## 7 ", id);
    let share = path[1].trim_end_matches(" **critical**");
    same_chance(share, step, "criticality", id);
    same(&path[2], &step["float_days"], DAY, id);
    let undo = cells(text, "\n## 8 ", id);
    if undo[1] != "–" {
        assert_eq!(undo[1], case.end(&step["finish_p80"]), "{id}");
        same(&undo[2], &step["undo_p80"], DAY, id);
    }
}

fn header_is_as_simulated(case: &Case, text: &str) {
    let Some(name) = text
        .lines()
        .find_map(|line| line.strip_prefix("# Runbook: "))
    else {
        return;
    };
    let Some(batch) = case.batch(name) else {
        return;
    };
    let finish = &batch["finish"];
    let finish = ["p50", "p80"].map(|p| case.about(&finish[p], &finish["error"][p]));
    assert_eq!(cells(text, "\n## 2 ", "finish, P50")[1], finish[0]);
    assert_eq!(cells(text, "\n## 2 ", "finish, P80")[1], finish[1]);
    let texts = text.split_once("\n## 9 ").unwrap().1;
    assert!(
        texts.contains(&format!("finish by {}, and by {}", finish[0], finish[1])),
        "{texts}"
    );
    assert!(
        texts.contains(&format!("We now expect {}", finish[1])),
        "{texts}"
    );
    let blast = &case.estimates["blast_radius"];
    let radius = &cells(
        text,
        "\n## 2 ",
        "worst blast radius of the whole migration, P95",
    )[1];
    let (services, share) = radius.split_once("; ").unwrap();
    let services: f64 = services.split(' ').next().unwrap().parse().unwrap();
    assert!((services - blast["services"]["p95"].as_f64().unwrap()).abs() <= 0.005);
    let share = share.trim_end_matches(" of requests");
    same(share, &blast["request_share"]["p95"], 1.0, "blast radius");
    let estimates = &cells(text, "\n## 1 ", "estimates")[1];
    assert_eq!(estimates, "seed 7, 300 trials");
}

fn index_is_as_simulated(case: &Case, index: &str) {
    let estimates = &case.estimates;
    for (row, p) in [("finish, P50", "p50"), ("finish, P80", "p80")] {
        assert_eq!(
            cells(index, "# ", row)[1],
            case.about(&estimates["finish"][p], &estimates["finish"]["error"][p])
        );
    }
    let duration = &cells(index, "# ", "duration")[1];
    let (p50, p80) = duration.split_once(", P80 ").unwrap();
    let days = &estimates["duration_days"];
    same(
        p50.trim_start_matches("P50 "),
        &days["p50"],
        DAY,
        "duration",
    );
    same(p80, &days["p80"], DAY, "duration");
    let cost = &estimates["cost"];
    let shown = &cells(index, "# ", "cost")[1];
    let (p50, p80) = shown.split_once(", P80 ").unwrap();
    for (shown, p) in [(p50.trim_start_matches("P50 "), "p50"), (p80, "p80")] {
        let amount = shown.strip_prefix('$').unwrap().replace(',', "");
        let off = (amount.parse::<f64>().unwrap() - cost[p].as_f64().unwrap()).abs();
        let [low, high] = [0, 1].map(|end| cost["error"][p][end].as_f64().unwrap());
        // Half of the leading digit of the error is no more than half of the error.
        assert!(off <= (high - low) / 4.0, "{shown} of {}", cost[p]);
    }
    let chance = |row: &str| cells(index, "# ", row)[1].clone();
    let deadline = chance("chance of meeting the deadline");
    same_chance(&deadline, estimates, "deadline_probability", "deadline");
    let incident = chance("chance of an incident");
    same_chance(&incident, estimates, "incident_probability", "incident");
}

#[test]
fn the_table_for_tools_holds_the_numbers_of_simulate_in_full() {
    let case = Case::new();
    let csv = case.read("steps.csv");
    let mut lines = csv.lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut seen = 0;
    for line in lines {
        let cells: Vec<&str> = line.trim_matches('"').split("\",\"").collect();
        let row: BTreeMap<&str, &str> = heads.iter().copied().zip(cells).collect();
        let step = &case.steps[row["id"]];
        seen += 1;
        for (head, field) in [
            ("duration_p50_days", "duration_p50"),
            ("duration_p80_days", "duration_p80"),
            ("criticality", "criticality"),
            ("float_days", "float_days"),
            ("undo_p80_days", "undo_p80"),
        ] {
            let shown = row[head].parse::<f64>().ok();
            assert_eq!(shown, step[field].as_f64(), "{} {field}", row["id"]);
        }
        for field in ["start_p50", "finish_p50", "finish_p80"] {
            assert_eq!(row[field], step[field].as_str().unwrap(), "{}", row["id"]);
        }
    }
    assert_eq!(seen, case.steps.len());
}

/// All numbers below a value.
fn numbers(value: &Value, found: &mut Vec<f64>) {
    match value {
        Value::Number(number) => found.extend(number.as_f64()),
        Value::Array(items) => {
            items.iter().for_each(|item| numbers(item, found));
            // Half the width of an interval.
            if let [Value::Number(low), Value::Number(high)] = items.as_slice() {
                let ends = low.as_f64().zip(high.as_f64());
                found.extend(ends.map(|(low, high)| (high - low) / 2.0));
            }
        }
        Value::Object(fields) => fields.values().for_each(|item| numbers(item, found)),
        _ => {}
    }
}

/// All instants below a value, as runbooks write them.
fn instants(case: &Case, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.parse::<Timestamp>().is_ok() => {
            found.extend([case.instant(value), case.end(value)]);
        }
        Value::Array(items) => items.iter().for_each(|item| instants(case, item, found)),
        Value::Object(fields) => fields.values().for_each(|item| instants(case, item, found)),
        _ => {}
    }
}

/// What stands in fixed sentences: 80 % confidence, 1 d and 1 h before the start.
const FIXED: [(f64, &str); 3] = [(0.8, "%"), (DAY, "d"), (3600.0, "h")];

#[test]
fn nothing_in_a_runbook_looks_like_an_estimate_and_is_none() {
    let case = Case::new();
    let (mut days, mut plain, mut dates) = (Vec::new(), Vec::new(), Vec::new());
    numbers(&case.estimates, &mut days);
    numbers(&case.plan, &mut plain);
    instants(&case, &case.estimates, &mut dates);
    instants(&case, &case.plan, &mut dates);
    let (mut quantities, mut moments) = (0, 0);
    for (name, text) in case.runbooks() {
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            for (at, pair) in words.windows(2).enumerate() {
                let unit = pair[1].trim_end_matches([',', '.', ';', ')']);
                let text = format!("{} {unit}", pair[0].trim_start_matches('('));
                let Some((value, half)) = quantity(&text) else {
                    continue;
                };
                quantities += 1;
                let before = at.checked_sub(1).map_or("", |at| words[at]);
                // A bound is rounded away from what was seen.
                let rounded = if ["above", "below"].contains(&before) {
                    2.0
                } else {
                    1.0
                };
                let near = |wanted: f64| (value - wanted).abs() <= rounded * half;
                let known = days.iter().any(|n| near(n * DAY) || near(*n))
                    || plain.iter().any(|n| near(*n) || near(n * 0.01))
                    || FIXED.iter().any(|(n, of)| near(*n) && *of == unit);
                assert!(known, "{name}: nobody knows {text}: {line}");
            }
            for moment in words.windows(4).filter(|four| is_instant(four)) {
                moments += 1;
                let shown = moment.join(" ");
                let shown = shown.trim_end_matches([',', '.', ':', ';']);
                assert!(
                    dates.iter().any(|date| date == shown),
                    "{name}: {shown}: {line}"
                );
            }
        }
    }
    assert!(quantities > 500 && moments > 300, "{quantities} {moments}");
}

/// `Fri 2027-03-05 22:00 EST`.
fn is_instant(words: &[&str]) -> bool {
    let date = |text: &str| text.len() == 10 && text.matches('-').count() == 2;
    words[0].len() == 3 && date(words[1]) && words[2].len() == 5 && words[2].contains(':')
}

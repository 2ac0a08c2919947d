//! Two values for each type and, where a type says too little, for each path.

use whimbrel_compiler::schema::{Attribute, Type};

/// Two values of an attribute, with further lines both need.
pub struct Values {
    pub more: &'static str,
    pub first: String,
    pub second: String,
}

pub fn values(path: &str, row: &Attribute) -> Values {
    let given = |more, first: &str, second: &str| Values {
        more,
        first: first.to_owned(),
        second: second.to_owned(),
    };
    match path {
        "lint.deny" | "lint.allow" => return given("", "[no-trigger]", "[never-rehearsed]"),
        "window.from" => return given("", "2027-03-05T22:00", "2027-03-06T22:00"),
        "window.to" => return given("", "2027-03-07T22:00", "2027-03-08T22:00"),
        "window.days" => return given("", "[sat]", "[sun]"),
        "window.hours" => return given("", "01:00..05:00", "02:00..05:00"),
        "freeze.to" => return given("", "2028-01-05", "2028-01-06"),
        "licence.until" => return given("", "2027-06-30", "2027-07-31"),
        "batch.at_once" => return given("mode = parallel", "3", "4"),
        // Units that go one after another cannot cut over together.
        "batch.cutover" => return given("mode = parallel", "together", "each"),
        "migration.deadline" => return given("", "2027-06-30", "2027-07-30"),
        // What is not on a platform the migration leaves says where it goes.
        "service.on" | "instance.on" | "volume.on" | "cache.on" | "queue.on" | "topic.on"
        | "datastore.on" => return given("to = new", "old", "other"),
        _ if path.starts_with("instance.") && path.ends_with(".on") => {
            return given("to = new", "old", "other");
        }
        "migration.to" => return given("", "new", "other"),
        "migration.from" => return given("", "old", "other"),
        "trigger.when" => return given("", "error_rate > 1%", "p99 > 300ms"),
        "executor.setting.default" => return given("", "\"here\"", "\"there\""),
        // An empty default has the type it is given for.
        "executor.setting.type" => return given("default = \"5\"", "text", "list"),
        _ => {}
    }
    // Only work is passed on, and by teams.
    if path.ends_with("step.relay") {
        return given("takes = 2wh\nneeds = [1 of shop]", "true", "false");
    }
    if let Some((_, name)) = path.rsplit_once('.')
        && name == "move"
        && let Some(pair) = moves(path)
    {
        return pair;
    }
    let (first, second) = of_type(path, row.ty);
    given("", first, second)
}

/// Two values of a type.
fn of_type(path: &str, ty: Type) -> (&'static str, &'static str) {
    match ty {
        Type::Text => ("\"one\"", "\"two\""),
        Type::Address => ("\"10.0.0.7:80\"", "\"10.0.0.8:80\""),
        Type::Texts => ("[\"one\"]", "[\"two\"]"),
        Type::Word => ("one", "two"),
        Type::WordList => ("[one]", "[one, two]"),
        Type::Choice([.., first, second]) | Type::Choices([.., first, second]) => (*first, *second),
        Type::Choice(_) | Type::Choices(_) => panic!("{path}: a choice of one is no choice"),
        Type::Boolean => ("true", "false"),
        Type::Number | Type::UncertainNumber => ("0.5", "0.75"),
        Type::Integer => ("3", "4"),
        Type::Ratio | Type::UncertainRatio => ("10%", "20%"),
        Type::Duration | Type::UncertainDuration | Type::Effort => ("5h", "6h"),
        Type::Size | Type::UncertainSize => ("5GB", "6GB"),
        Type::Rate | Type::UncertainRate => ("5rps", "6rps"),
        Type::Bandwidth | Type::UncertainBandwidth => ("500MB/s", "600MB/s"),
        Type::Money | Type::UncertainMoney => ("$500", "$600"),
        Type::MoneyPerTime | Type::UncertainMoneyPerTime => ("$5/h", "$6/h"),
        Type::MoneyPerSize | Type::UncertainMoneyPerSize => ("$0.05/GB", "$0.06/GB"),
        Type::Growth | Type::UncertainGrowth => ("5%/y", "6%/y"),
        Type::Date => ("2027-01-05", "2027-01-06"),
        Type::Dates => ("[2027-01-05]", "[2027-01-06]"),
        Type::Moment => ("2027-01-12", "2027-01-13T22:00"),
        Type::Zone => ("\"Europe/Paris\"", "\"Asia/Tokyo\""),
        Type::Days => ("mon..fri", "[sat, sun]"),
        Type::Hours => ("08:00..16:00", "10:00..18:00"),
        Type::Reference(kinds) => reference(kinds[0].keyword()),
        Type::References(_) => references(path),
        Type::Destination => ("new", "other"),
        Type::Members => ("[shopfront]", "[shopfront, backend]"),
        Type::Over => ("store", "shopfront -> backend"),
        Type::Executor => ("bash(script: \"one.sh\")", "bash(script: \"two.sh\")"),
        Type::Verb => ("manual(\"one\")", "manual(\"two\")"),
        Type::People => ("[2 of ops]", "[3 of ops]"),
        Type::Condition | Type::Conditions => ("error_rate < 1%", "error_rate < 2%"),
        Type::StepName => ("before", "install"),
        Type::Pattern | Type::Any => panic!("{path}: give it two values above"),
    }
}

/// A pattern with one argument or another.
fn moves(path: &str) -> Option<Values> {
    let pattern = match path.rsplit('.').nth(1)? {
        "service" => "shift",
        "datastore" => "copy",
        "topic" => "turn",
        "queue" => "drain",
        "cache" => "warm",
        "phase" => "look",
        _ => "files",
    };
    let call = |pause: &str| format!("{pattern}(pause: {pause})");
    Some(Values {
        more: "",
        first: call("3h"),
        second: call("4h"),
    })
}

fn reference(keyword: &str) -> (&'static str, &'static str) {
    match keyword {
        "platform" => ("old", "other"),
        "team" => ("ops", "shop"),
        "calendar" => ("office", "night"),
        "window" => ("weekly", "weekend"),
        "batch" => ("first", "second"),
        "environment" => ("staging", "lab"),
        "role" => ("lead", "somebody"),
        "trigger" => ("errors", "slow"),
        other => panic!("no two names of a {other}"),
    }
}

fn references(path: &str) -> (&'static str, &'static str) {
    match path {
        "batch.after" => ("[]", "[first]"),
        "driver.on" => ("[ops]", "[backend]"),
        "migration.teams" => ("[ops]", "[shop]"),
        "licence.of" => ("[store]", "[backend]"),
        "group.members" => ("[shopfront]", "[backend]"),
        // Order is not a dependency, so any mover will do.
        _ => ("[]", "[backend]"),
    }
}

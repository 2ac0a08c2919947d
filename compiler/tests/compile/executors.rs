//! Which executor carries out a verb, with which settings.

use whimbrel_plan::{Argument, Executor, Plan};

use crate::support::{compiled, errors, finding, plan, plan_of, project, shown, step};

const PATTERNS: &str = "
pattern both() for service {
  step install { does = deploy.apply(service) }
  step all { does = traffic.shift(service, to: 100%); verify = health(service) }
  step script { does = run(\"x.sh\") }
  step hand { does = manual(\"look\") }
  step gone { does = deploy.remove(service, from: migration.from) }
}
pattern copy() for datastore {
  step load { does = data.bootstrap(datastore) }
  step switch { does = data.switch_reads(datastore) }
}
";

fn with(old: &str, new: &str, rest: &str) -> String {
    format!(
        "platform old {{ {old} }}\nplatform new {{ {new} }}\nmigration all {{ from = old; to = new; start = 2027-01-11 }}\n{PATTERNS}{rest}\n"
    )
}

fn executor<'a>(plan: &'a Plan, name: &str) -> Option<&'a Executor> {
    let index = step(plan, name).action.as_ref()?.executor?;
    plan.executors.get(index)
}

fn setting(plan: &Plan, name: &str, key: &str) -> Argument {
    executor(plan, name).unwrap().settings[key].clone()
}

fn text(value: &str) -> Argument {
    Argument::Text(value.to_owned())
}

/// Software is installed by the new side's executor and removed by that of the side it is removed
/// from; traffic is steered where it comes in, on the old side.
#[test]
fn each_side_has_its_executor() {
    let plan = plan(&with(
        "deploy = bash(script: \"old.sh\"); traffic = haproxy()",
        "deploy = bash(script: \"new.sh\")",
        "service a { move = both() }",
    ));
    assert_eq!(setting(&plan, "a/install", "script"), text("new.sh"));
    assert_eq!(setting(&plan, "a/gone", "script"), text("old.sh"));
    assert_eq!(executor(&plan, "a/all").unwrap().folder, "haproxy");
}

/// `run` needs no naming; `manual` is for people; a family nobody names stays with people.
#[test]
fn scripts_run_and_people_do() {
    let plan = plan(&with("", "", "service a { move = both() }"));
    assert_eq!(executor(&plan, "a/script").unwrap().folder, "bash");
    for name in ["a/hand", "a/install", "a/all"] {
        assert!(executor(&plan, name).is_none(), "{name}");
    }
}

/// An executor that does not carry out a verb of its family does not act.
#[test]
fn a_verb_the_executor_lacks_stays_with_people() {
    let plan = plan(&with(
        "monitor = prometheus()",
        "monitor = haproxy()",
        "service a { move = both() }",
    ));
    let verify = step(&plan, "a/all").verify.clone().unwrap();
    assert!(verify.executor.is_some(), "haproxy knows `health`");
    assert!(executor(&plan, "a/all").is_none(), "nobody steers traffic");
}

/// A datastore's own executor, its instance's, its platform's: the nearest one acts.
#[test]
fn the_nearest_executor_acts() {
    let platform = "data = bash(script: \"platform.sh\")";
    let case = |instance: &str, store: &str| {
        let plan = plan(&with(
            platform,
            "",
            &format!("instance pg {{ {instance}\n  datastore db {{ {store} move = copy() }}\n}}"),
        ));
        setting(&plan, "db/load", "script")
    };
    let instance = "data = bash(script: \"instance.sh\")";
    assert_eq!(
        case(instance, "data = bash(script: \"own.sh\");"),
        text("own.sh")
    );
    assert_eq!(case(instance, ""), text("instance.sh"));
    assert_eq!(case("", ""), text("platform.sh"));
}

/// Settings left out have their defaults; one executor with two sets of settings is two.
#[test]
fn settings_have_defaults() {
    let plan = plan(&with(
        "traffic = haproxy(base_port: 9000)",
        "deploy = bash(script: \"a.sh\", timeout: 5min)",
        "service a { move = both() }",
    ));
    assert_eq!(
        setting(&plan, "a/all", "base_port"),
        Argument::Number(9_000.0)
    );
    assert_eq!(setting(&plan, "a/all", "tolerance"), Argument::Ratio(0.1));
    assert_eq!(
        setting(&plan, "a/install", "timeout"),
        Argument::Duration(300.0)
    );
    assert_eq!(
        setting(&plan, "a/script", "timeout"),
        Argument::Duration(1_800.0)
    );
    let mut names: Vec<&str> = plan
        .executors
        .iter()
        .map(|used| used.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["bash", "bash-2", "haproxy"]);
}

#[test]
fn settings_are_checked() {
    let misspelt = compiled(&with("traffic = haproxy(bsae_port: 9000)", "", ""));
    let found = finding(&misspelt, "unknown-attribute");
    assert_eq!(found.help.as_deref(), Some("did you mean `base_port`?"));
    assert_eq!(shown(&misspelt, found.primary.span), "bsae_port");
    assert_eq!(
        errors(&compiled(&with(
            "traffic = haproxy(base_port: 5min)",
            "",
            ""
        ))),
        ["dimension-mismatch plan.mig:1"]
    );
    assert_eq!(
        errors(&compiled(&with("traffic = haproxy(9000)", "", ""))),
        ["type-mismatch plan.mig:1"]
    );
    let unknown = compiled(&with("traffic = haprxy()", "", ""));
    assert_eq!(
        finding(&unknown, "unknown-name").help.as_deref(),
        Some("did you mean `haproxy`?")
    );
}

const OWN: &str = "
executor haproxy {
  verified = validated
  setting url { type = text }
  setting pause { type = duration; default = 1min }
  verb traffic.shift { act = \"own.tera\"; undo = \"back.tera\" }
  file \"own.cfg\" { template = \"cfg.tera\" }
}
";

/// The user's own folder wins over the standard library's of the same name, and a note says so.
#[test]
fn the_users_own_folder_wins() {
    let plan = plan_of(project(&[
        (
            "plan.mig",
            &with(
                "traffic = haproxy(url: \"http://x\")",
                "",
                "service a { move = both() }",
            ),
        ),
        ("executors/haproxy/executor.mig", OWN),
        ("executors/haproxy/own.tera", ""),
        ("executors/haproxy/back.tera", ""),
        ("executors/haproxy/cfg.tera", ""),
    ]));
    let own = executor(&plan, "a/all").unwrap();
    assert!(own.local);
    assert_eq!(own.verified, "validated");
    assert_eq!(own.used_by, ["old"]);
    assert_eq!(own.verbs["traffic.shift"].act, "own.tera");
    assert_eq!(
        own.verbs["traffic.shift"].undo.as_deref(),
        Some("back.tera")
    );
    assert_eq!(own.files[0].path, "own.cfg");
    assert_eq!(own.settings["pause"], Argument::Duration(60.0));
    assert_eq!(own.settings["url"], text("http://x"));
}

/// A setting without a default must be given, where the executor is named.
#[test]
fn a_setting_without_default_must_be_given() {
    let compilation = project(&[
        ("plan.mig", &with("traffic = haproxy()", "", "")),
        ("executors/haproxy/executor.mig", OWN),
        ("executors/haproxy/own.tera", ""),
        ("executors/haproxy/back.tera", ""),
        ("executors/haproxy/cfg.tera", ""),
    ]);
    assert_eq!(
        errors(&compilation),
        [
            "missing-attribute plan.mig:1",
            "hides-standard-executor executors/haproxy/executor.mig:2"
        ]
    );
    assert!(
        finding(&compilation, "missing-attribute")
            .message
            .contains("`url`")
    );
}

/// What is wrong in an executor's folder is told in its file.
#[test]
fn a_broken_folder_is_told_in_its_file() {
    let case = |text: &str| {
        errors(&project(&[
            ("plan.mig", &with("traffic = mine()", "", "")),
            ("executors/mine/executor.mig", text),
            ("executors/mine/x", ""),
        ]))
    };
    let file = "executors/mine/executor.mig";
    assert_eq!(case(""), [format!("missing-attribute {file}:1")]);
    assert_eq!(
        case("executor other { verified = run }\n"),
        [format!("missing-attribute {file}:1")]
    );
    assert_eq!(
        case("executor mine {\n  verb health { act = \"x\" }\n}\n"),
        [format!("missing-attribute {file}:1")]
    );
    assert_eq!(
        case("executor mine { verified = run\n  verb helth { act = \"x\" }\n}\n"),
        [format!("unknown-name {file}:2")]
    );
    assert_eq!(
        case("executor mine { verified = run\n  setting a { type = number; default = \"x\" }\n}\n"),
        [format!("type-mismatch {file}:2")]
    );
    assert_eq!(
        case("executor mine { verified = run\n  verb health { }\n}\n"),
        [format!("missing-attribute {file}:2")]
    );
    let broken = case("executor mine {\n");
    assert!(
        broken.contains(&format!("unclosed-block {file}:1")),
        "{broken:?}"
    );
}

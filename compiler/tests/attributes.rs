//! No attribute is accepted and then read by nobody: for each row of the schema two values give two
//! plans.
//!
//! The plan below has one block of each kind. `#@ PATH` marks where an attribute of that block goes;
//! required attributes stand there already and are replaced.

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test's helpers fail by panicking"
)]

#[path = "attributes/values.rs"]
mod values;

use jiff::civil::date;
use whimbrel_compiler::schema::{self, Attribute};
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};
use whimbrel_lang::Level;
use whimbrel_plan::Plan;
use whimbrel_plan::difference::{BatchChanges, Difference, EdgeChanges, StepChanges, ThingChanges};

use values::{Values, values};

const PLAN: &str = r#"
platform old { traffic = haproxy; deploy = bash(script: "deploy.sh") }
platform other { region = "eu-west-1" }
platform new {
  #@ platform
}
link old -> new {
  bandwidth = 1Gbps
  #@ link
}
team ops {
  #@ team
}
team shop { engineers = 3 }
calendar office {
  #@ calendar
}
calendar night { hours = 20:00..04:00 }
freeze year_end {
  from = 2027-12-15 #@ freeze.from
  to = 2028-01-05 #@ freeze.to
  #@ freeze
}
window weekly {
  days = [mon]
  hours = 01:00..05:00
  #@ window
}
window once {
  from = 2027-03-05T22:00
  to = 2027-03-07T22:00
  #@ window.once
}
window weekend { days = [sat, sun]; hours = 01:00..05:00 }
instance pg {
  #@ instance
  cost {
    #@ instance.cost
  }
  datastore inner {
    size = 1TB
    move = copy()
    #@ instance.datastore
    table things
    cost {
      #@ instance.datastore.cost
    }
    step copy {
      takes = 1h
      #@ instance.datastore.step
    }
    gate go {
      #@ instance.datastore.gate
    }
  }
  topic inner_topic {
    move = turn()
    #@ instance.topic
    cost {
      #@ instance.topic.cost
    }
    step turn {
      #@ instance.topic.step
    }
    gate go {
      #@ instance.topic.gate
    }
  }
  queue inner_queue {
    move = drain()
    #@ instance.queue
    cost {
      #@ instance.queue.cost
    }
    step drain {
      #@ instance.queue.step
    }
    gate go {
      #@ instance.queue.gate
    }
  }
  cache inner_cache {
    move = warm()
    #@ instance.cache
    cost {
      #@ instance.cache.cost
    }
    step warm {
      #@ instance.cache.step
    }
    gate go {
      #@ instance.cache.gate
    }
  }
  volume inner_volume {
    move = files()
    #@ instance.volume
    cost {
      #@ instance.volume.cost
    }
    step files {
      takes = 1h
      #@ instance.volume.step
    }
    gate go {
      #@ instance.volume.gate
    }
  }
}
datastore store {
  size = 1TB
  move = copy()
  #@ datastore
  table rows
  cost {
    #@ datastore.cost
  }
  step copy {
    takes = 1h
    #@ datastore.step
  }
  gate go {
    #@ datastore.gate
  }
}
topic events {
  move = turn()
  #@ topic
  cost {
    #@ topic.cost
  }
  step turn {
    #@ topic.step
  }
  gate go {
    #@ topic.gate
  }
}
queue jobs {
  move = drain()
  #@ queue
  cost {
    #@ queue.cost
  }
  step drain {
    #@ queue.step
  }
  gate go {
    #@ queue.gate
  }
}
cache warmth {
  move = warm()
  #@ cache
  cost {
    #@ cache.cost
  }
  step warm {
    #@ cache.step
  }
  gate go {
    #@ cache.gate
  }
}
volume share {
  move = files()
  #@ volume
  cost {
    #@ volume.cost
  }
  step files {
    takes = 1h
    #@ volume.step
  }
  gate go {
    #@ volume.gate
  }
}
external bank {
  #@ external
}
licence db {
  of = [store] #@ licence.of
  cost = $100/mo #@ licence.cost
  until = 2027-06-30 #@ licence.until
  #@ licence
}
service shopfront {
  move = shift()
  #@ service
  calls backend {
    fallback = "a page from the cache"
    #@ service.calls
  }
  reads store.rows {
    #@ service.reads
  }
  writes share {
    #@ service.writes
  }
  uses warmth {
    #@ service.uses
  }
  publishes events {
    #@ service.publishes
  }
  consumes jobs {
    #@ service.consumes
  }
  pins "10.0.0.9:80" {
    #@ service.pins
  }
  cost {
    #@ service.cost
  }
  baseline {
    #@ service.baseline
  }
  step shift {
    #@ service.step
  }
  gate go {
    #@ service.gate
  }
}
service backend { traffic = 10rps; calls bank; move = shift() }
seen backend -> shopfront {
  #@ seen
}
migration all {
  from = old #@ migration.from
  to = new #@ migration.to
  start = 2027-01-11 #@ migration.start
  #@ migration
  objective {
    #@ migration.objective
  }
  audit {
    place = "here" #@ migration.audit.place
    #@ migration.audit
  }
}
phase discovery {
  #@ phase
}
phase mapping {
  move = look()
  step look {
    takes = 1h
    #@ phase.step
  }
  gate go {
    #@ phase.gate
  }
}
automation {
  #@ automation
}
batch first {
  members = [shopfront] #@ batch.members
}
batch second {
  members = remaining
  #@ batch
}
bridge sync {
  over = store #@ bridge.over
  by = cdc #@ bridge.by
  #@ bridge
}
checklist {
  #@ checklist
}
measure lost {
  query = "lost" #@ measure.query
  #@ measure
}
trigger errors {
  when = error_rate > 1% #@ trigger.when
  #@ trigger
}
trigger slow { when = p99 > 300ms }
risk loss {
  tier = high #@ risk.tier
  #@ risk
}
driver delay {
  factor = 1.5 #@ driver.factor
  on = [ops] #@ driver.on
  #@ driver
}
environment staging { }
environment lab { }
rehearsal back {
  of = first #@ rehearsal.of
  on = staging #@ rehearsal.on
  date = 2027-01-04 #@ rehearsal.date
  took = 9min #@ rehearsal.took
  passed = true #@ rehearsal.passed
}
role lead {
  #@ role
}
announce customers {
  before = 14d #@ announce.before
  channel = "statuspage" #@ announce.channel
  #@ announce
}
pattern shift(pause: duration = 2h) for service {
  step install { does = deploy.apply(service); takes = 4wh }
  step before { takes = pause }
  gate go {
    approve = lead #@ gate.approve
    within = 4h #@ gate.within
    #@ gate
  }
  step shift {
    does = traffic.shift(service, to: 100%)
    soak = 4h
    #@ step
  }
  step remove { kind = decommission; does = deploy.remove(service, from: migration.from) }
  together {
    step before_left { takes = 1h }
    step left {
      #@ together.step
    }
    gate right {
      approve = lead #@ together.gate.approve
      within = 4h #@ together.gate.within
      #@ together.gate
    }
  }
}
group several {
  members = [shopfront] #@ group.members
  #@ group
}
driver shared { factor = 2; on = several }
training operators {
  takes = 1h
  #@ training
}
retrospective {
  #@ retrospective
}
lint {
  #@ lint
}
pattern copy(pause: duration = 2h) for datastore {
  gate go { approve = lead; within = 4h }
  step install { takes = 1h }
  step before { takes = pause }
  step copy { does = data.bootstrap(datastore) }
  step remove { kind = decommission; does = deploy.remove(datastore) }
}
pattern turn(pause: duration = 2h) for topic { gate go { approve = lead; within = 4h }; step install { takes = 1h }; step before { takes = pause }; step turn { does = queue.resume(topic) } }
pattern drain(pause: duration = 2h) for queue { gate go { approve = lead; within = 4h }; step install { takes = 1h }; step before { takes = pause }; step drain { does = queue.drain(queue) } }
pattern warm(pause: duration = 2h) for cache { gate go { approve = lead; within = 4h }; step install { takes = 1h }; step before { takes = pause }; step warm { does = cache.warm(cache) } }
pattern look(pause: duration = 2h) for phase { gate go { approve = lead; within = 4h }; step install { takes = known(phase.takes, 1h); needs = known(phase.needs, []) }; step before { takes = pause }; step look { takes = 1h } }
pattern files(pause: duration = 2h) for volume { gate go { approve = lead; within = 4h }; step install { takes = 1h }; step before { takes = pause }; step files { does = data.bootstrap(volume) } }
"#;

const EXECUTOR: &str = r#"
executor own {
  verified = run #@ executor.verified
  #@ executor
  setting target {
    type = text #@ executor.setting.type
    #@ executor.setting
  }
  verb deploy.apply {
    act = "a.tera" #@ executor.verb.act
    #@ executor.verb
  }
  file "own.cfg" {
    template = "c.tera" #@ executor.file.template
  }
}
"#;

struct Texts {
    plan: String,
    executor: String,
}

impl Provider for Texts {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match path {
            "plan.mig" => Ok(self.plan.clone().into_bytes()),
            "executors/own/executor.mig" => Ok(self.executor.clone().into_bytes()),
            _ if path.starts_with("executors/own/") => Ok(Vec::new()),
            _ => Err(ReadError::NotFound),
        }
    }
}

fn compiled(text: &str, path: &str, row: &Attribute, value: &str, more: &str) -> String {
    let (block, _) = path
        .rsplit_once('.')
        .expect("an attribute stands in a block");
    let required = format!("#@ {path}\n");
    let marker = match path {
        // A window opens every week or once, not both.
        "window.from" | "window.to" => "#@ window.once\n".to_owned(),
        _ => format!("#@ {block}\n"),
    };
    let line = format!("{} = {value}", row.name);
    let because = if block == "checklist" {
        " because \"a reason\""
    } else {
        ""
    };
    if let Some(at) = text.find(&required) {
        let start = text[..at].rfind('\n').expect("not the first line") + 1;
        return format!(
            "{}{line}\n{more}\n{}",
            &text[..start],
            &text[at + required.len()..]
        );
    }
    let at = text
        .find(&marker)
        .unwrap_or_else(|| panic!("no `{marker}` in the plan"));
    let names = more.lines().filter_map(|line| line.split_once(" = "));
    let names = names.map(|(name, _)| name).chain([row.name]);
    let head = names.fold(text[..at].to_owned(), |head, name| without(&head, name));
    format!("{head}{line}{because}\n{more}\n{}", &text[at..])
}

/// The text without an attribute of the block that is open at its end.
fn without(head: &str, name: &str) -> String {
    let start = head.rfind("{\n").map_or(0, |open| open + 2);
    let (outer, block) = head.split_at(start);
    let kept: Vec<&str> = block
        .lines()
        .filter(|line| !line.trim().starts_with(&format!("{name} =")))
        .collect();
    format!("{outer}{}\n", kept.join("\n"))
}

fn plan(path: &str, row: &Attribute, value: &str, more: &str) -> Result<Plan, String> {
    let mut texts = Texts {
        plan: PLAN.to_owned(),
        executor: EXECUTOR.to_owned(),
    };
    if path.starts_with("executor.") {
        texts.executor = compiled(EXECUTOR, path, row, value, more);
        let settings = if path == "executor.setting.type" || path == "executor.setting.default" {
            "own"
        } else {
            "own(target: \"there\")"
        };
        texts.plan = PLAN.replace("#@ platform\n", &format!("deploy = {settings}\n"));
    } else {
        texts.plan = compiled(PLAN, path, row, value, more);
    }
    let options = Options::new(date(2026, 11, 21));
    let Compilation {
        plan, diagnostics, ..
    } = compile(&texts, "plan.mig", &options);
    let broken: Vec<String> = diagnostics
        .iter()
        .filter(|found| {
            let families = ["MG00", "MG01", "MG02"];
            let mut families = families.iter();
            found.level == Level::Error && families.any(|f| found.code.number.starts_with(f))
        })
        .map(|found| format!("{} {}", found.code.number, found.message))
        .collect();
    if !broken.is_empty() {
        return Err(format!("{path} = {value}: {broken:?}"));
    }
    plan.ok_or_else(|| format!("{path} = {value}: no plan"))
}

/// Whether two plans mean the same, which their hashes and their difference must agree on; the
/// difference tells it of something that is written, and of nothing between a plan and itself.
fn mean_the_same(path: &str, first: &Plan, second: &Plan) -> bool {
    let json = |plan: &Plan| plan.canonical_json().expect("a plan can be written");
    let same = json(first) == json(second);
    let found = Difference::between(&first.into(), &second.into());
    let itself = Difference::between(&first.into(), &first.into());
    assert!(itself.is_empty(), "{path}: {itself:?}");
    assert_eq!(found.is_empty(), same, "{path}: {found:?}");
    let written = found.things != ThingChanges::default()
        || found.steps != StepChanges::default()
        || found.batches != BatchChanges::default()
        || found.edges != EdgeChanges::default()
        || found.checklist.is_some();
    assert!(same || written, "{path}: {found:?}");
    same
}

#[test]
fn every_attribute_changes_the_plan_and_the_difference_tells_it() {
    let (mut unread, mut refused) = (Vec::new(), Vec::new());
    for (block, content) in schema::all() {
        for row in content.attributes {
            let path = format!("{block}.{}", row.name);
            let Values {
                more,
                first,
                second,
            } = values(&path, row);
            let plans = (
                plan(&path, row, &first, more),
                plan(&path, row, &second, more),
            );
            match plans {
                (Ok(first), Ok(second)) if mean_the_same(&path, &first, &second) => {
                    unread.push(path);
                }
                (Ok(_), Ok(_)) => {}
                (Err(error), _) | (_, Err(error)) => refused.push(error),
            }
        }
    }
    assert!(refused.is_empty(), "not accepted:\n{}", refused.join("\n"));
    assert!(unread.is_empty(), "nothing reads {unread:?}");
}

fn holds_a_law(plan: &Plan) -> bool {
    let json = plan.canonical_json().expect("a plan can be written");
    json.contains("\"kind\":\"uniform\"")
}

/// Wherever a duration, an amount, a rate or a probability goes a distribution may go, unless the
/// schema says what makes it certain; then the message says it too.
#[test]
fn a_distribution_goes_wherever_nothing_makes_it_certain() {
    let mut wrong = Vec::new();
    for (block, content) in schema::all() {
        for row in content.attributes {
            let path = format!("{block}.{}", row.name);
            let uncertain = row.ty.takes_distribution();
            if !uncertain && !row.ty.is_certain_quantity() {
                continue;
            }
            let Values {
                more,
                first,
                second,
            } = values(&path, row);
            let law = format!("uniform({first}, {second})");
            match (plan(&path, row, &law, more), row.certain) {
                (Ok(plan), None) if uncertain && holds_a_law(&plan) => {}
                (Err(error), Some(what)) if error.contains(&format!("{what} is certain")) => {}
                (Ok(_), _) => wrong.push(format!("{path}: `{law}` does not reach the plan")),
                (Err(error), _) => wrong.push(error),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

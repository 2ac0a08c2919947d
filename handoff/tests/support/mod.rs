//! Plans built by hand, estimates for them, and the files of a hand-off on disk.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;
use whimbrel_compiler::{Options, Provider, ReadError, compile};
use whimbrel_handoff::{Artefacts, LocalTemplates};
use whimbrel_plan::*;
use whimbrel_simulator::Estimates;

/// A plan of one batch to which services are added.
pub struct Builder {
    pub plan: Plan,
    batch: BatchId,
}

pub fn action(
    verb: &str,
    on: Option<Node>,
    executor: Option<usize>,
    args: &[(&str, Argument)],
) -> Action {
    let arguments = args
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    let call = Call {
        verb: verb.to_owned(),
        arguments,
        executor,
    };
    Action::new(on, call)
}

pub fn text(value: &str) -> Argument {
    Argument::Text(value.to_owned())
}

/// An executor of the standard library with these settings beside its defaults, as the compiler
/// reads its folder.
pub fn executor(folder: &str, settings: &[(&str, Argument)]) -> Executor {
    let given: Vec<String> = settings
        .iter()
        .map(|(name, value)| format!("{name}: {}", stand_in(value)))
        .collect();
    let text = format!(
        "platform old {{ deploy = {folder}({}) }}\nplatform new {{ }}\n\
         migration all {{ from = old; to = new; start = 2027-01-11 }}\n",
        given.join(", ")
    );
    let options = Options::new(jiff::civil::date(2026, 11, 21));
    let compiled = compile(&OneFile(text), "plan.mig", &options);
    let found: Vec<&str> = compiled
        .diagnostics
        .iter()
        .map(|found| found.message.as_str())
        .collect();
    let mut executors = compiled.plan.unwrap().executors.into_iter();
    let named = executors.find(|used| used.folder == folder && !used.used_by.is_empty());
    let mut executor = named.unwrap_or_else(|| panic!("{folder}: {found:?}"));
    for (name, value) in settings {
        executor.settings.insert((*name).to_owned(), value.clone());
    }
    executor
}

/// A value of the same type, for the compiler to check: what the tests hand over may be hostile.
fn stand_in(value: &Argument) -> &'static str {
    match value {
        Argument::Number(_) => "1",
        Argument::Ratio(_) => "1%",
        Argument::Duration(_) => "1s",
        Argument::Size(_) => "1kB",
        Argument::Rate(_) => "1rps",
        Argument::Text(_) => "\"x\"",
        Argument::Boolean(_) => "true",
        Argument::List(_) => "[\"x\"]",
    }
}

struct OneFile(String);

impl Provider for OneFile {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match path {
            "plan.mig" => Ok(self.0.clone().into_bytes()),
            _ => Err(ReadError::NotFound),
        }
    }
}

impl Builder {
    pub fn new(migration: &str, batch: &str) -> Self {
        let mut plan: Plan = serde_json::from_value(empty_plan(migration)).unwrap();
        let batch = plan.batches.push(Batch {
            name: batch.to_owned(),
            doc: Some("The first to go.".to_owned()),
            mode: BatchMode::Sequential,
            at_once: None,
            isolate: false,
            cutover: CutoverMode::Each,
            after: Vec::new(),
            units: Vec::new(),
            handwritten: true,
        });
        Self { plan, batch }
    }

    pub fn executor(&mut self, executor: Executor) -> usize {
        self.plan.executors.push(executor);
        self.plan.executors.len() - 1
    }

    /// A ratio that the plan measures of everything: its query, around the name of what is measured.
    pub fn measure(&mut self, name: &str, [before, after]: [&str; 2]) -> Measure {
        Measure::Own(self.plan.measures.push(OwnMeasure {
            name: name.to_owned(),
            doc: Some(name.to_owned()),
            query: vec![
                QueryPart::Text(before.to_owned()),
                QueryPart::Subject,
                QueryPart::Text(after.to_owned()),
            ],
            unit: MeasureUnit::Ratio,
            of: Vec::new(),
        }))
    }

    pub fn trigger(&mut self, name: &str, measure: Measure, limit: f64, hold: f64) {
        let when = Condition {
            measure,
            comparison: Comparison::Greater,
            limit,
        };
        self.plan.triggers.push(Trigger {
            name: name.to_owned(),
            doc: None,
            when,
            hold,
        });
    }

    pub fn service(&mut self, name: &str, old: &str, new: &str) -> ServiceId {
        let service = json!({
            "name": name, "doc": format!("What {name} is for."), "team": null, "tier": "important",
            "kind": "stateless", "traffic": 100.0, "users": null, "revenue": null, "on": 0, "to": 1,
            "moves": true, "endpoint": old, "new_endpoint": new,
            "cost": {"old_per_day": null, "new_per_day": null}
        });
        self.plan
            .inventory
            .services
            .push(serde_json::from_value(service).unwrap())
    }

    pub fn resource(
        &mut self,
        name: &str,
        kind: ResourceKind,
        parent: Option<ResourceId>,
    ) -> ResourceId {
        let resource = json!({
            "name": name, "doc": null, "kind": kind, "parent": parent, "engine": "postgresql",
            "becomes": null, "team": null, "tier": "important", "on": 0, "to": 1, "moves": true,
            "size": 1e9, "change_rate": 1e3, "throughput": null, "backup_every": null, "regimes": [],
            "residency": [], "retention": null, "ordered": false, "holds_sessions": false,
            "lead_time": null, "contact": null, "cost": {"old_per_day": null, "new_per_day": null}
        });
        self.plan
            .inventory
            .resources
            .push(serde_json::from_value(resource).unwrap())
    }

    /// Adds a step after the last one of the same subject.
    pub fn step(
        &mut self,
        name: &str,
        subject: Subject,
        kind: StepKind,
        change: impl FnOnce(&mut Step),
    ) -> StepId {
        let id = StepId::new(self.plan.steps.len());
        let before = self
            .plan
            .steps
            .iter()
            .rfind(|(_, step)| step.subject == subject);
        let predecessors = before.map(|(id, _)| id).into_iter().collect();
        let constant = Distribution::constant;
        let mut work = Work::instant(kind);
        work.failure.detect = constant(180.0);
        work.failure.undo_takes = constant(30.0);
        work.failure.fix = constant(3600.0);
        work.failure.escalate = constant(3600.0);
        let mut step = Step::new(name, subject, work, id);
        step.batch = Some(self.batch);
        step.predecessors = predecessors;
        change(&mut step);
        self.plan.steps.push(step)
    }

    /// Adds the steps of a service: shifts by these weights, each with this soak, then a keep.
    pub fn shifts(&mut self, service: ServiceId, executor: usize, weights: &[f64], soak: f64) {
        let node = Node::Service(service);
        let name = self.plan.name(node).to_owned();
        let first = StepId::new(self.plan.steps.len());
        let mut ids = Vec::new();
        for weight in weights {
            let to = |ratio| [("to", Argument::Ratio(ratio))];
            let id = self.step(
                &format!("{name}/shift_{}", weight * 100.0),
                Subject::Service(service),
                StepKind::Shift,
                |step| {
                    step.action = Some(action(
                        "traffic.shift",
                        Some(node),
                        Some(executor),
                        &to(*weight),
                    ));
                    step.undo = Some(action(
                        "traffic.shift",
                        Some(node),
                        Some(executor),
                        &to(0.0),
                    ));
                    step.verify = Some(action("health", Some(node), Some(executor), &[]));
                    step.weight = Some(*weight);
                    step.soak = soak.into();
                    step.retry_from = first;
                },
            );
            ids.push(id);
        }
        let cutover = *ids.last().unwrap();
        let keep = self.step(
            &format!("{name}/keep_old"),
            Subject::Service(service),
            StepKind::Keep,
            |step| step.soak = soak.into(),
        );
        ids.push(keep);
        self.mover(node, ids, first, cutover);
    }

    pub fn mover(&mut self, node: Node, steps: Vec<StepId>, first_shift: StepId, cutover: StepId) {
        let batch = self.batch;
        let unit = self.plan.batches[batch].units.len();
        let members = vec![BatchMember {
            node,
            reason: "it needs nothing that stays".to_owned(),
        }];
        let batches = &mut self.plan.batches;
        batches[batch].units.push(Unit { members });
        self.plan.movers.push(Mover {
            node,
            batch,
            unit,
            pattern: "strangler_fig".to_owned(),
            steps,
            first_deploy: None,
            first_shift: Some(first_shift),
            cutover,
            decommission: None,
            copies: Vec::new(),
        });
    }

    /// The artefacts, with estimates that give every step the same durations.
    pub fn generate(&self) -> Artefacts {
        let estimates = estimates(&self.plan);
        whimbrel_handoff::generate(&self.plan, &estimates, &LocalTemplates::new()).unwrap()
    }
}

fn empty_plan(migration: &str) -> serde_json::Value {
    let platform = |name: &str| json!({"name": name, "doc": null, "region": null, "jurisdiction": null, "cost_per_day": null});
    json!({
        "version": 1,
        "migration": {
            "name": migration, "doc": "Moves it all.", "from": [0], "to": [1], "zone": "America/New_York",
            "start": "2027-01-11T05:00:00Z", "deadline": "2027-07-01T04:00:00Z", "budget": 180_000.0, "currency": "USD",
            "objectives": {"sla": 0.9995, "sla_period": 2_629_800.0, "rpo": 0.0, "rto": 30.0},
            "strategy": "sequential", "strategy_declared": true, "teams": [], "keep_old": 1.0, "batch_size": 10
        },
        "inventory": {"platforms": [platform("old"), platform("new")], "links": [], "teams": [],
            "services": [], "resources": [], "relations": [], "licences": []},
        "graph": {"edges": [], "components": [], "binding_components": [], "cycles": []},
        "calendars": [], "windows": [], "freezes": [], "roles": [], "batches": [], "movers": [], "steps": [],
        "bridges": [], "drivers": [], "triggers": [], "risks": [], "announcements": [], "environments": [],
        "rehearsals": [], "waivers": [], "executors": [], "automation_cost": null,
        "checklist": {"scores": [], "total": 12, "verdict": "sequential", "margin": 1, "flip": null, "notes": []},
        "batch_checklists": [],
        "seam": [], "reversals": [], "critical_path": [], "critical_path_duration": 0.0, "effort_hours": 0.0, "unknown": []
    })
}

/// Estimates as a simulation of the plan would give them, all from one made-up trial.
pub fn estimates(plan: &Plan) -> Estimates {
    let summary = |v: f64| {
        json!({"mean": v, "sd": 0.0, "p5": v, "p10": v, "p25": v, "p50": v, "p75": v, "p80": v, "p90": v, "p95": v, "p99": v,
            "error": {"mean": [v, v], "p50": [v, v], "p80": [v, v], "p95": [v, v]},
            "histogram": {"low": v, "high": v, "counts": [1]}})
    };
    let finish = |at: &str| {
        json!({"mean": at, "sd": 0.0, "p5": at, "p10": at, "p25": at, "p50": at, "p75": at, "p80": at, "p90": at, "p95": at, "p99": at,
            "error": {"mean": [at, at], "p50": [at, at], "p80": [at, at], "p95": [at, at]}})
    };
    let mut cost = summary(1234.5);
    let zero = summary(0.0);
    cost["kinds"] = json!({"dual_running": zero, "engineering": zero, "automation": zero, "bridges": zero,
        "network": zero, "licences": zero, "lost_revenue": zero});
    cost["at_least"] = json!(true);
    let steps: Vec<_> = plan
        .steps
        .values()
        .map(|step| {
            json!({"id": step.name, "criticality": 1.0, "start_p50": "2027-01-12T14:00:00Z",
                "finish_p50": "2027-01-12T15:00:00Z", "finish_p80": "2027-01-12T16:00:00Z",
                "duration_p50": 0.041_666_7, "duration_p80": 0.083_333_3, "float_days": 0.5, "undo_p80": 0.002_5})
        })
        .collect();
    let batches: Vec<_> = plan
        .batches
        .values()
        .map(|batch| json!({"name": batch.name, "trials": 1000, "finish": finish("2027-01-12T16:00:00Z")}))
        .collect();
    serde_json::from_value(json!({
        "version": 1, "plan_hash": plan.hash().unwrap(), "seed": 7, "trials": 1000, "currency": "USD",
        "finish": finish("2027-01-13T16:00:00Z"), "duration_days": summary(2.5), "cost": cost,
        "dual_running_days": summary(1.5), "effort_hours": summary(12.25), "wasted_hours": summary(0.5),
        "blast_radius": {"services": summary(1.0), "request_share": summary(0.25), "requests_lost": summary(42.0),
            "services_given_incident": null, "request_share_given_incident": null},
        "sla": {"breach_probability": 0.01, "budget_spent": null}, "rto": {"breach_probability": 0.02},
        "rpo": {"breach_probability": 0.0}, "rollbacks": summary(0.1), "deadline_probability": 0.97,
        "budget_probability": 0.93, "joint_probability": 0.91, "unfinished": 0.0, "incident_probability": 0.3,
        "critical_path_percentile": 0.2, "steps": steps, "unknown": [], "batches": batches, "drivers": []
    }))
    .unwrap()
}

/// A service that shifts after a decision, and a step with no way back.
pub fn sample() -> Builder {
    let mut builder = Builder::new("payments platform", "core");
    let role = builder.role("lead", "ana", None);
    let haproxy = builder.executor(executor("haproxy", &[]));
    builder.trigger("errors", Measure::ErrorRate, 0.01, 300.0);
    let orders = builder.service("orders", "127.0.0.1:9001", "127.0.0.1:9002");
    builder.step(
        "orders/go",
        Subject::Service(orders),
        StepKind::Gate,
        |step| {
            let when = vec![Condition {
                measure: Measure::P99,
                comparison: Comparison::Less,
                limit: 0.3,
            }];
            step.gate = Some(Gate {
                approve: Some(role),
                not_by: Some("executor".into()),
                when,
                takes: None,
                within: 14_400.0,
                otherwise: NoAnswer::Undo,
                max_hold: Some(7200.0),
            });
        },
    );
    builder.shifts(orders, haproxy, &[0.01, 0.25, 1.0], 14_400.0);
    builder.step(
        "orders/tidy",
        Subject::Service(orders),
        StepKind::Tidy,
        |step| {
            step.action = Some(action(
                "manual",
                None,
                None,
                &[("text", text("remove the flags"))],
            ));
            step.irreversible = true;
        },
    );
    builder
}

/// A file of a hand-off.
pub fn read(files: &Artefacts, path: &str) -> String {
    let file = files.get(path).unwrap_or_else(|| panic!("no {path}"));
    String::from_utf8(file.bytes.clone()).unwrap()
}

/// Writes the files of a hand-off as the command line does.
pub fn write(artefacts: &Artefacts, folder: &Path) {
    for (path, file) in artefacts.iter() {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &file.bytes).unwrap();
        let mode = if file.executable { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
}

/// A gate that one of a role may open within an hour.
pub fn gate(role: RoleId, not_by: &str, when: Vec<Condition>) -> Gate {
    Gate {
        approve: Some(role),
        not_by: Some(not_by.to_owned()),
        when,
        takes: None,
        within: 3600.0,
        otherwise: NoAnswer::Stop,
        max_hold: None,
    }
}

/// A plan in which every text is this one, and every executor and verb of the library is used.
pub fn everything(name: &str) -> Builder {
    let mut builder = Builder::new(name, name);
    let haproxy = builder.executor(executor("haproxy", &[("sticky_header", text(name))]));
    let bash = builder.executor(executor("bash", &[("script", text(name))]));
    let settings = [("schema", text(name)), ("switch_script", text(name))];
    let postgresql = builder.executor(executor("postgresql", &settings));
    let prometheus = builder.executor(executor("prometheus", &[("severity", text(name))]));
    let settings = [("sessions", text(name)), ("prefix_key", text(name))];
    let redis = builder.executor(executor("redis", &settings));
    // What a query asks is up to its author; the name in it is not.
    let own = builder.measure(name, ["sum(up{s=\"", "\"})"]);
    builder.measure("own", [name, name]);
    builder.trigger(name, own, 0.01, 1.0);
    builder.trigger(name, Measure::ErrorRate, 0.01, 1.0);
    builder.plan.migration.doc = Some(name.to_owned());
    let service = builder.service(name, name, name);
    builder.shifts(service, haproxy, &[0.5, 1.0], 1.0);
    let database = format!("{name} db");
    let table = format!("{database}.{name}");
    let database = builder.resource(&database, ResourceKind::Datastore, None);
    builder.resource(&table, ResourceKind::Table, Some(database));
    for executor in [haproxy, bash, prometheus] {
        builder.every_verb(name, executor, Node::Service(service));
    }
    let steps = builder.every_verb(name, postgresql, Node::Resource(database));
    builder.mover(Node::Resource(database), steps.clone(), steps[0], steps[0]);
    let cache = builder.resource(&format!("{name} cache"), ResourceKind::Cache, None);
    builder.every_verb(name, redis, Node::Resource(cache));
    builder.by_people(name, service);
    builder
}

impl Builder {
    pub fn role(&mut self, name: &str, who: &str, backup: Option<&str>) -> RoleId {
        self.plan.roles.push(Role {
            name: name.to_owned(),
            doc: None,
            who: Some(who.to_owned()),
            backup: backup.map(str::to_owned),
            team: None,
        })
    }

    /// A step for each verb of an executor.
    fn every_verb(&mut self, name: &str, executor: usize, node: Node) -> Vec<StepId> {
        let subject = match node {
            Node::Service(id) => Subject::Service(id),
            Node::Resource(id) => Subject::Resource(id),
        };
        let arguments = [
            ("to", Argument::Ratio(0.5)),
            ("file", text(name)),
            ("side", text(name)),
            ("prefix", text(name)),
        ];
        let verbs: Vec<String> = self.plan.executors[executor]
            .verbs
            .keys()
            .cloned()
            .collect();
        let mut steps = Vec::new();
        for verb in verbs {
            let id = format!("{name}/{verb}");
            steps.push(self.step(&id, subject.clone(), StepKind::Deploy, |step| {
                step.doc = Some(name.to_owned());
                step.action = Some(action(&verb, Some(node), Some(executor), &arguments));
            }));
        }
        steps
    }

    /// What no executor carries out: work of people, scripts of theirs, and a gate.
    fn by_people(&mut self, name: &str, service: ServiceId) {
        let role = self.role(name, name, None);
        for verb in ["manual", "run"] {
            let subject = Subject::Migration(name.to_owned());
            self.step(&format!("{name}/{verb}"), subject, StepKind::Tidy, |step| {
                step.action = Some(action(verb, None, None, &[("text", text(name))]));
                step.undo = Some(action("manual", None, None, &[("text", text(name))]));
            });
        }
        let own = Measure::Own(MeasureId::new(0));
        let when = [own, Measure::ErrorRate].map(|measure| Condition {
            measure,
            comparison: Comparison::Less,
            limit: 0.01,
        });
        let when = when.to_vec();
        let id = format!("{name}/gate");
        self.step(&id, Subject::Service(service), StepKind::Gate, |step| {
            step.doc = Some(name.to_owned());
            step.gate = Some(gate(role, name, when));
        });
    }
}

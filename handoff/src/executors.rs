//! Files that an executor writes once for the whole plan.

use indexmap::IndexSet;
use serde_json::{Value, json};
use whimbrel_plan::{Executor, Measure, Node, Plan, Step};

use crate::error::HandoffError;
use crate::measures;
use crate::names::slug;
use crate::quote;
use crate::scripts::{Writer, tidy};
use crate::values::{self, FileValues};

impl Writer<'_, '_> {
    /// The files of every executor in use.
    pub fn executors(&mut self) -> Result<(), HandoffError> {
        let plan = self.plan;
        for (index, executor) in plan.executors.iter().enumerate() {
            let context = self.file_values(index, executor);
            for file in &executor.files {
                let text = self.engine.executor(
                    &executor.folder,
                    executor.local,
                    &file.template,
                    &context,
                )?;
                let path = format!("executors/{}/{}", slug(&executor.name), file.path);
                self.files.text(path, tidy(&text))?;
            }
        }
        Ok(())
    }

    /// What the templates of an executor's files are filled in with.
    pub fn file_values(&self, index: usize, executor: &Executor) -> Value {
        let plan = self.plan;
        let ids = plan.inventory.services.ids();
        let services: Vec<Value> = ids
            .map(|id| member(plan, index, Node::Service(id)))
            .collect();
        let mirrors = services
            .iter()
            .any(|service| service.get("mirrored") == Some(&Value::Bool(true)));
        let triggers: Vec<Value> = plan
            .triggers
            .iter()
            .map(|trigger| {
                json!({
                    "name": trigger.name,
                    "doc": trigger.doc,
                    "measure": plan.measure_name(trigger.when.measure),
                    "own": matches!(trigger.when.measure, Measure::Own(_)),
                    "quantile": quantile(trigger.when.measure),
                    "comparison": values::comparison(trigger.when.comparison),
                    "limit": trigger.when.limit,
                    "limit_shown": values::limit(plan, trigger.when.measure, trigger.when.limit),
                    "hold": values::number(trigger.hold),
                })
            })
            .collect();
        let of_plan = FileValues {
            services,
            members: measured(plan),
            triggers,
            mirrors,
        };
        values::file(&self.about, executor, &of_plan)
    }
}

/// What moves, and which measures mean something for it.
fn measured(plan: &Plan) -> Vec<Value> {
    let movers = plan.movers.iter().map(|mover| mover.node);
    let nodes: IndexSet<Node> = movers.collect();
    let row = |node: &Node| {
        let name = plan.name(*node);
        json!({"name": name, "quoted": quote::promql(name),
            "measured": measures::meaningful(plan, *node), "queries": measures::queries(plan, *node)})
    };
    nodes.iter().map(row).collect()
}

fn quantile(measure: Measure) -> f64 {
    match measure {
        Measure::P50 => 0.5,
        Measure::P95 => 0.95,
        _ => 0.99,
    }
}

/// A service or resource, whether this executor acts on it, and whether it mirrors it.
fn member(plan: &Plan, executor: usize, node: Node) -> Value {
    let acts = |step: &&Step, verb: &str| {
        [&step.action, &step.undo]
            .into_iter()
            .flatten()
            .any(|action| {
                action.executor == Some(executor)
                    && action.on.or_else(|| step.subject.node()) == Some(node)
                    && action.verb.starts_with(verb)
            })
    };
    let has = |verb: &str| plan.steps.values().any(|step| acts(&step, verb));
    let subject = match node {
        Node::Service(id) => whimbrel_plan::Subject::Service(id),
        Node::Resource(id) => whimbrel_plan::Subject::Resource(id),
    };
    let mut fields = values::subject(plan, &subject, Some(node));
    if let Value::Object(fields) = &mut fields {
        fields.insert("acts".to_owned(), has("").into());
        fields.insert("mirrored".to_owned(), has("traffic.mirror").into());
    }
    fields
}

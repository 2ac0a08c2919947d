//! Measures of the plan's own in the conditions of triggers and gates.

use whimbrel_plan::{Comparison, Condition, Measure, MeasureId, MeasureUnit, Node, QueryPart};

use crate::support::{
    HOP, MOVE, compiled, errors, finding, plan, plan_of, project, shown, step, under,
};

const LOST: &str = "measure lost { query = \"sum(lost)\"; type = ratio }\n";

fn own(index: usize) -> Measure {
    Measure::Own(MeasureId::new(index))
}

/// Conditions name a measure wherever it is written, before it or in another file, and are compared
/// in its unit.
#[test]
fn conditions_name_a_measure_wherever_it_is_written() {
    let gated = HOP.replace(
        "step keep",
        "gate go { approve = migration_lead; within = 1h; when = [lost < 2%, waiting <= 5] }\n  step keep",
    );
    let entry = format!(
        "import \"measures.mig\"\n{MOVE}{gated}trigger losing {{ when = lost > 1%; for = 5min }}
trigger slow {{ when = checkout > 300ms }}\ntrigger quiet {{ when = orders < 3/h }}\nservice a {{ move = hop() }}\n"
    );
    let measures = format!(
        "measure waiting {{ query = \"w\" }}\n{LOST}measure checkout {{ query = \"c\"; type = duration }}
measure orders {{ query = \"o\"; type = rate }}\n"
    );
    let plan = plan_of(project(&[
        ("plan.mig", &entry),
        ("measures.mig", &measures),
    ]));
    let known: Vec<_> = plan
        .measures
        .values()
        .map(|measure| (measure.name.as_str(), measure.unit))
        .collect();
    use MeasureUnit::{Duration, Number, Rate, Ratio};
    assert_eq!(
        known,
        [
            ("checkout", Duration),
            ("lost", Ratio),
            ("orders", Rate),
            ("waiting", Number)
        ]
    );
    let triggers: Vec<_> = plan
        .triggers
        .iter()
        .map(|trigger| (trigger.when.measure, trigger.when.limit))
        .collect();
    assert_eq!(
        triggers,
        [(own(1), 0.01), (own(2), 3.0 / 3_600.0), (own(0), 0.3)]
    );
    let gate = step(&plan, "a/go").gate.as_ref().unwrap();
    let condition = |measure, comparison, limit| Condition {
        measure,
        comparison,
        limit,
    };
    assert_eq!(
        gate.when,
        [
            condition(own(1), Comparison::Less, 0.02),
            condition(own(3), Comparison::LessOrEqual, 5.0)
        ]
    );
}

/// `${subject}` is the name of what is measured; everything else is filled in as it is read.
#[test]
fn a_query_knows_its_subject() {
    let plan = plan(&format!(
        "{MOVE}{HOP}let window = \"5m\"
## How many carts get lost.
measure lost {{ query = \"rate(lost{{s=\\\"${{subject}}\\\"}}[${{window}}]) / ${{subject}}\"; of = [a] }}
service a {{ move = hop() }}\nservice b {{ move = hop() }}\n"
    ));
    let lost = plan.measures.values().next().unwrap();
    let text = |text: &str| QueryPart::Text(text.to_owned());
    assert_eq!(
        lost.query,
        [
            text("rate(lost{s=\""),
            QueryPart::Subject,
            text("\"}[5m]) / "),
            QueryPart::Subject
        ]
    );
    assert_eq!(lost.query_about("x"), "rate(lost{s=\"x\"}[5m]) / x");
    assert_eq!(lost.doc.as_deref(), Some("How many carts get lost."));
    let nodes: Vec<Node> = plan.movers.iter().map(|mover| mover.node).collect();
    let concerned = nodes.iter().map(|node| plan.concerns(own(0), *node));
    assert_eq!(concerned.collect::<Vec<_>>(), [true, false]);
}

/// A limit of another kind, a name that is taken or that no condition can write.
#[test]
fn what_cannot_be_meant_is_told() {
    for (text, code, place) in [
        ("trigger t { when = lost > 3min }", "MG0202", "3min"),
        ("measure p99 { query = \"p\" }", "MG0102", "p99"),
        (
            "measure \"lost carts\" { query = \"p\" }",
            "MG0201",
            "\"lost carts\"",
        ),
        ("measure lost { query = \"p\" }", "MG0102", "lost"),
        ("measure sold { }", "MG0104", "measure sold"),
        (
            "measure sold { query = \"q\"; type = money }",
            "MG0201",
            "money",
        ),
        ("trigger t { when = losst > 3% }", "MG0101", "losst"),
        (
            "measure sold { query = \"q ${subject}\" }\nservice \"a'b\" { move = hop() }",
            "MG0204",
            "query = \"q ${subject}\"",
        ),
    ] {
        let compilation = compiled(&format!("{MOVE}{HOP}{LOST}{text}\n"));
        let told = compilation.diagnostics.iter();
        let told: Vec<_> = told
            .filter(|found| found.code.number < "MG03")
            .map(|found| (found.code.number, shown(&compilation, found.primary.span)))
            .collect();
        assert_eq!(told, [(code, place)], "{text}");
    }
    let compilation = compiled(&format!("{MOVE}{LOST}trigger t {{ when = losst > 3% }}\n"));
    let help = finding(&compilation, "unknown-name").help.clone();
    assert_eq!(help.as_deref(), Some("did you mean `lost`?"));
    // A name that is fine in a query says nothing of one that is not asked.
    let text = format!(
        "{MOVE}{HOP}measure sold {{ query = \"q ${{subject}}\"; of = [b] }}
service \"a'b\" {{ move = hop() }}\nservice b {{ move = hop() }}\n"
    );
    assert_eq!(errors(&compiled(&text)), [""; 0]);
}

/// A scenario may ask something else, in another unit.
#[test]
fn a_scenario_measures_otherwise() {
    let text = format!(
        "{MOVE}{LOST}trigger t {{ when = lost > 0.5 }}
scenario slow {{ measure lost {{ query = \"seconds\"; type = duration }}; trigger t {{ when = lost > 2s }} }}\n"
    );
    let plain = plan(&text);
    assert_eq!(plain.triggers[0].when.limit, 0.5);
    let slow = plan_of(under("slow", &text));
    assert_eq!(slow.triggers[0].when.limit, 2.0);
    let measure = slow.measures.values().next().unwrap();
    assert_eq!(measure.unit, MeasureUnit::Duration);
    assert_eq!(measure.query_about(""), "seconds");
}

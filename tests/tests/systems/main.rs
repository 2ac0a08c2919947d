//! Plans written from the manifests of real systems: the graph that the compiler makes of each is
//! the one that the manifests say, and no finding is false. `tests/fixtures/real/README.md` says
//! how to read the fixtures.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read the repository's own files and fail by panicking"
)]

mod expected;
mod manifests;
mod system;

use expected::Expected;
use system::{SYSTEMS, System, read};

/// What differs between the expectation and what the compiler says; empty when nothing does.
fn differences(expected: &Expected, system: &System) -> Vec<String> {
    let mut found = expected.edges_against(&system.edges());
    for (reading, wanted, got) in [
        ("all edges", &expected.components, system.components()),
        (
            "binding edges",
            &expected.binding_components,
            system.binding_components(),
        ),
    ] {
        if *wanted != got {
            found.push(format!("{reading}: components {got:?}, not {wanted:?}"));
        }
    }
    found.extend(expected.findings_against(&system.findings()));
    found
}

fn check(name: &str) {
    let differences = differences(&Expected::read(name), &System::compile(&read(name)));
    assert!(differences.is_empty(), "{name}\n{}", differences.join("\n"));
}

#[test]
fn online_boutique() {
    check("online-boutique");
}

#[test]
fn aks_store() {
    check("aks-store");
}

#[test]
fn sock_shop() {
    check("sock-shop");
}

#[test]
fn hotel_reservation() {
    check("hotel-reservation");
}

#[test]
fn media_microservices() {
    check("media-microservices");
}

/// Whatever a plan says of who needs whom is in its expectation; what telemetry hears is not.
#[test]
fn a_relation_less_is_seen() {
    for name in SYSTEMS {
        let (expected, files) = (Expected::read(name), read(name));
        for (file, text) in &files {
            for (number, line) in text.lines().enumerate() {
                if !line.contains("{ evidence = ") {
                    continue;
                }
                let mut fewer = files.clone();
                fewer.insert(file.clone(), without(text, line));
                let same = differences(&expected, &System::compile(&fewer)).is_empty();
                let telemetry = line.contains("calls jaeger") || line.contains("calls zipkin");
                assert_eq!(same, telemetry, "{name}/{file}:{}: {line}", number + 1);
            }
        }
    }
}

/// `text` without the relation of `line`, which is the line or stands in it.
fn without(text: &str, line: &str) -> String {
    let relation = ["calls", "uses", "reads", "publishes", "consumes", "pins"]
        .iter()
        .find_map(|word| line.find(&format!("{word} ")));
    let relation = relation.map_or(line, |start| &line[start..]);
    let end = relation.find('}').unwrap() + 1;
    let fewer = line.replacen(&relation[..end], "", 1);
    let lines = text
        .lines()
        .map(|each| if each == line { &fewer } else { each });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_need_more_is_seen() {
    for name in SYSTEMS {
        let (expected, mut files) = (Expected::read(name), read(name));
        let plan = files.get_mut("plan.mig").unwrap();
        plan.push_str(
            "service intruder { }\nseen intruder -> intruded { }\nservice intruded { }\n",
        );
        let found = differences(&expected, &System::compile(&files));
        let unexpected =
            "the manifests do not say: intruder -> intruded seen observed hidden loose";
        assert!(found.iter().any(|told| told == unexpected), "{found:?}");
    }
}

/// Three caches of the hotel have one host name. Read by that name they are one, and what uses it
/// is a component that does not exist.
#[test]
fn caches_read_by_their_host_name_make_a_false_component() {
    let mut files = read("hotel-reservation");
    let plan = files.get_mut("plan.mig").unwrap();
    for name in ["memcached-profile", "memcached-rate", "memcached-reserve"] {
        *plan = plan.replace(&format!("cache {name} {{ }}\n"), "");
        *plan = plan.replace(name, "user-memcached");
    }
    plan.push_str("cache user-memcached { }\n");
    let system = System::compile(&files);
    let glued = vec![vec!["profile", "rate", "reservation"]];
    assert_eq!(system.components(), glued);
    assert_eq!(system.binding_components(), glued);
}

/// The media services call one another across the link. Where links are declared and none joins the
/// two platforms, each hard call between services that move binds.
#[test]
fn without_a_path_between_the_sides_calls_bind() {
    let expected = Expected::read("media-microservices");
    let mut files = read("media-microservices");
    let plan = files.get_mut("plan.mig").unwrap();
    let elsewhere = "platform elsewhere { }\nlink compose_host -> elsewhere { ";
    assert!(plan.contains("link compose_host -> kubernetes { "));
    *plan = plan.replace("link compose_host -> kubernetes { ", elsewhere);
    let system = System::compile(&files);
    let (edges, mut bound) = (system.edges(), 0);
    for edge in edges.iter().filter(|edge| edge.kind == "call") {
        assert!(edge.binding, "{edge}");
        bound += 1;
    }
    let calls = expected.edges.iter().filter(|edge| edge.kind == "call");
    assert_eq!(bound, calls.count());
    assert!(
        edges
            .iter()
            .all(|edge| edge.kind == "call" || !edge.binding)
    );
    assert_eq!(system.binding_components(), Vec::<Vec<&str>>::new());
}

//! Generated alert rules against promtool: they are valid, and they fire when they should.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test runs real tools on real files, and panics when it fails"
)]

mod support;

use std::path::Path;
use std::process::Command;

use support::{Builder, executor, write};
use whimbrel_plan::Measure;

fn rules(folder: &Path) {
    let mut builder = Builder::new("payments platform", "core");
    let haproxy = builder.executor(executor("haproxy", &[]));
    builder.executor(executor("prometheus", &[]));
    builder.trigger("errors", Measure::ErrorRate, 0.01, 60.0);
    builder.trigger("slow", Measure::P99, 0.3, 60.0);
    // The name of the service is put between the quotes.
    let query = [
        "sum(rate(lost_total{service=\"",
        "\"}[5m])) / sum(rate(carts_total[5m]))",
    ];
    let carts = builder.measure("lost_carts", query);
    builder.trigger("losing", carts, 0.1, 60.0);
    let orders = builder.service("orders", "127.0.0.1:9001", "127.0.0.1:9002");
    builder.shifts(orders, haproxy, &[0.01, 1.0], 1.0);
    // The platform's monitor measures, not the proxy.
    for (_, step) in builder.plan.steps.iter_mut() {
        if let Some(verify) = &mut step.verify {
            verify.executor = Some(1);
        }
    }
    write(&builder.generate(), folder);
}

fn promtool(arguments: &[&str], folder: &Path) {
    let output = Command::new("promtool")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

const TESTS: &str = r#"
rule_files: [rules.yml]
evaluation_interval: 15s
tests:
  - interval: 15s
    input_series:
      # 100 requests a scrape, of which 5 fail: 5 %, over the trigger's 1 %.
      - series: 'http_requests_total{service="orders",side="new",code="200"}'
        values: '0+95x40'
      - series: 'http_requests_total{service="orders",side="new",code="500"}'
        values: '0+5x40'
      # The old side fails too, which must not matter.
      - series: 'http_requests_total{service="orders",side="old",code="500"}'
        values: '0+100x40'
      # All requests of the new side take between 0.1 s and 0.2 s: below 300 ms.
      - series: 'http_request_duration_seconds_bucket{service="orders",side="new",le="0.1"}'
        values: '0+0x40'
      - series: 'http_request_duration_seconds_bucket{service="orders",side="new",le="0.2"}'
        values: '0+100x40'
      - series: 'http_request_duration_seconds_bucket{service="orders",side="new",le="+Inf"}'
        values: '0+100x40'
      # A fifth of all carts is lost, over the trigger's tenth.
      - series: 'lost_total{service="orders"}'
        values: '0+20x40'
      - series: 'lost_total{service="ledger"}'
        values: '0+900x40'
      - series: 'carts_total'
        values: '0+100x40'
      # Beats until 2 min, then never again, while it is still active.
      - series: 'whimbrel_walker_heartbeat_timestamp_seconds{migration="SLUG",batch="core"}'
        values: '0+15x8 120x60'
      - series: 'whimbrel_walker_active{migration="SLUG",batch="core"}'
        values: '1x70'
    alert_rule_test:
      - eval_time: 5m
        alertname: whimbrel trigger errors
        exp_alerts:
          - exp_labels: {severity: page, subject: orders, migration: payments platform}
            exp_annotations: {summary: "error_rate > 1 % on the new side of orders"}
      - eval_time: 5m
        alertname: whimbrel trigger losing
        exp_alerts:
          - exp_labels: {severity: page, subject: orders, migration: payments platform}
            exp_annotations: {summary: "lost_carts > 10 % on the new side of orders"}
      - eval_time: 5m
        alertname: whimbrel trigger slow
        exp_alerts: []
      - eval_time: 2m
        alertname: whimbrel walker dead
        exp_alerts: []
      # Within two minutes of the last beat.
      - eval_time: 4m
        alertname: whimbrel walker dead
        exp_alerts:
          - exp_labels: {severity: page, migration: payments platform, batch: core}
            exp_annotations: {summary: "The walker has not beaten for 45 s: nobody watches the new side. The runbook gives the undo."}
"#;

#[test]
fn alert_rules_are_valid_and_fire_when_they_should() {
    let folder = tempfile::tempdir().unwrap();
    rules(folder.path());
    let folder = folder.path().join("executors/prometheus");
    promtool(&["check", "rules", "rules.yml"], &folder);
    let rules = std::fs::read_to_string(folder.join("rules.yml")).unwrap();
    let slug = rules
        .split("migration=\\\"")
        .nth(1)
        .unwrap()
        .split('\\')
        .next()
        .unwrap()
        .to_owned();
    std::fs::write(folder.join("tests.yml"), TESTS.replace("SLUG", &slug)).unwrap();
    promtool(&["test", "rules", "tests.yml"], &folder);
}

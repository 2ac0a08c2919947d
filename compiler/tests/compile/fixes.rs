//! What fixes do to a text, and where there is none.

use whimbrel_lang::apply;

use crate::support::{HOP, MOVE, compiled, project};

/// The text with all fixes applied at once.
fn mended(text: &str) -> String {
    let compilation = compiled(text);
    let fixes = compilation.diagnostics.iter();
    let applied = apply(
        &compilation.sources,
        fixes.filter_map(|found| found.fix.as_ref()),
    );
    applied
        .texts
        .into_values()
        .next()
        .unwrap_or(text.to_owned())
}

#[track_caller]
fn mends(text: &str, expected: &str) {
    assert_eq!(mended(text), expected);
}

#[track_caller]
fn leaves(text: &str) {
    assert!(!compiled(text).diagnostics.is_empty(), "nothing is wrong");
    assert_eq!(mended(text), text);
}

#[test]
fn a_slip_in_a_name_is_mended_in_its_place() {
    let orders = "service orders { }\n";
    for (written, meant) in [
        ("calls ordesr", "calls orders"),
        ("calls \"ordesr\"", "calls \"orders\""),
        ("calls Orders", "calls orders"),
    ] {
        let text = |relation: &str| format!("# who\n{orders}service cart {{ {relation} }} # end\n");
        mends(&text(written), &text(meant));
    }
    mends(
        "team payments { }\nservice cart { team = team.paymnts }\n",
        "team payments { }\nservice cart { team = team.payments }\n",
    );
}

#[test]
fn what_may_be_another_name_is_left() {
    // Two are as near, a digit makes a series, and short names are alike.
    for (known, written) in [
        ("orders_eu", "orders_u"),
        ("cart_1", "cart_2"),
        ("ads", "ad"),
        ("shipping", "shopper"),
    ] {
        leaves(&format!(
            "service {known} {{ }}\nservice orders_us {{ }}\nservice x {{ calls {written} }}\n"
        ));
    }
}

#[test]
fn a_name_that_is_made_is_left() {
    // `"${x}"` is as long as `"ordr"`.
    leaves("service order { }\nfor x in [ordr] { service \"c_${x}\" { calls \"${x}\" } }\n");
    leaves("let word = criticl\nservice a { tier = word }\n");
}

#[test]
fn a_keyword_is_mended_unless_the_block_has_it() {
    mends(
        "service a { teir = critical }\n",
        "service a { tier = critical }\n",
    );
    leaves("service a { teir = critical; tier = important }\n");
    leaves("service a { tier = important; teir = critical }\n");
    leaves("service a { teir = critical; tier = unheard_of }\n");
    mends("servce a { }\n", "service a { }\n");
}

#[test]
fn what_is_used_is_added_to_the_uses_once() {
    let plan = |uses: &str| {
        format!(
            "# The shop.\n{uses}\n{MOVE}service a {{ move = canary() }}\nservice b {{ move = canary() }}\n\
             service c {{ move = adapter() }}\n"
        )
    };
    mends(
        &plan("\nuse std.patterns.{strangler_fig} # ours\n"),
        &plan(
            "\nuse std.patterns.{strangler_fig} # ours\nuse std.patterns.adapter\nuse std.patterns.canary\n",
        ),
    );
}

#[test]
fn a_published_figure_is_added_to_the_uses() {
    let text = "platform a { }\nplatform b { }\nlink a -> b { bandwidth = bulk_bandwidth }\n";
    mends(text, &format!("use std.classes.bulk_bandwidth\n\n{text}"));
}

#[test]
fn a_list_of_shares_is_ended() {
    let hop = "
pattern part(weights: list<ratio>) for service {
  for w in weights { step \"shift_${w}\" { kind = shift; does = traffic.shift(service, to: w); undo = traffic.shift(service, to: 0%); soak = 1h } }
  step keep { kind = keep; soak = 1d }
  step gone { kind = decommission; does = deploy.remove(service, from: migration.from); takes = 1h }
}
";
    let plan = |weights: &str| {
        format!("{MOVE}{hop}service a {{ move = part(weights: [{weights}]) }} # slowly\n")
    };
    mends(&plan("10%, 50%"), &plan("10%, 50%, 100%"));
    // Nobody knows where these go.
    leaves(&plan("50%, 10%"));
}

#[test]
fn a_waiver_goes_with_its_line_and_nothing_else() {
    let plan = |waiver: &str| {
        format!("{MOVE}{HOP}service a {{ move = hop() }}\n\n# decided in May\n{waiver}# the end\n")
    };
    let waiver = "waive no-trigger on a until 2027-06-30 because \"we look ourselves\"\n";
    mends(&plan(waiver), &plan(""));
    // A scenario may need it.
    leaves(&format!(
        "{}scenario late {{ migration {{ start = 2027-03-01 }} }}\n",
        plan(waiver)
    ));
}

#[test]
fn a_waiver_of_a_file_that_others_may_import_is_left() {
    let waiver = "waive no-trigger on a until 2027-06-30 because \"we look ourselves\"\n";
    let entry = format!("import \"waivers.mig\"\n{MOVE}{HOP}service a {{ move = hop() }}\n");
    let compilation = project(&[("plan.mig", &entry), ("waivers.mig", waiver)]);
    let mut unused = compilation.diagnostics.iter();
    let unused = unused.find(|found| found.code.name == "unused-waiver");
    assert_eq!(unused.unwrap().fix, None);
}

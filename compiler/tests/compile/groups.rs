//! Groups: names for sets, wherever a list of members goes.

use crate::support::{HOP, MOVE, batches, compiled, errors, finding, plan, shown, told};

const SERVICES: &str = "
service cart { move = hop() }
service orders { move = hop() }
service ledger { move = hop() }
external bank { }
group money { members = [orders, ledger] }
group all { members = [money, cart] }
";

fn text(rest: &str) -> String {
    format!("{MOVE}{HOP}{SERVICES}{rest}\n")
}

#[test]
fn a_group_stands_for_its_members_and_those_of_groups_in_it() {
    let one = plan(&text(
        "batch a { members = money }\nbatch b { members = [cart] }",
    ));
    let named = |n: usize| -> Vec<&str> { batches(&one)[n].1.iter().flatten().copied().collect() };
    assert_eq!(
        (named(0), named(1)),
        (vec!["orders", "ledger"], vec!["cart"])
    );
    let nested = plan(&text("batch a { members = all }"));
    assert_eq!(batches(&nested)[0].1.len(), 3);
}

/// It is a set: who is named twice is in it once.
#[test]
fn a_member_named_beside_its_group_counts_once() {
    let plan = plan(&text("batch a { members = [money, orders, group.all] }"));
    assert_eq!(batches(&plan)[0].1.len(), 3);
    assert_eq!(plan.movers.len(), 3);
}

#[test]
fn a_group_goes_wherever_a_list_of_members_goes() {
    let plan = plan(&text(
        "driver late { factor = 2; on = [money, bank] }
service last { move = hop(); after = [all] }
licence db { of = money; cost = $100/mo; until = 2027-12-31 }",
    ));
    assert_eq!(plan.inventory.licences[0].of.len(), 2);
    let last = plan
        .movers
        .iter()
        .find(|mover| plan.name(mover.node) == "last")
        .unwrap();
    assert_eq!(
        plan.movers
            .iter()
            .filter(|mover| mover.node != last.node)
            .count(),
        3
    );
    let slowed = &plan.drivers.values().next().unwrap().steps;
    assert_eq!(
        slowed.len(),
        2 * 4,
        "the four steps of each of two services"
    );
}

#[test]
fn a_loop_runs_over_the_members() {
    let plan = plan(&text("for s in all { risk \"${s}_late\" { tier = low } }"));
    let names: Vec<&str> = plan.risks.iter().map(|risk| risk.name.as_str()).collect();
    assert_eq!(names, ["cart_late", "ledger_late", "orders_late"]);
}

#[test]
fn groups_in_a_circle_are_shown_as_a_loop() {
    let compilation = compiled(&text(
        "group a { members = [b] }\ngroup b { members = [c, cart] }\ngroup c { members = [a] }",
    ));
    assert_eq!(
        finding(&compilation, "impossible-order").notes,
        ["a → b → c → a"]
    );
}

#[test]
fn a_group_of_nothing_is_told() {
    let compilation = compiled(&text("group none { members = [] }"));
    let found = finding(&compilation, "out-of-range");
    assert_eq!(shown(&compilation, found.primary.span), "group none");
}

#[test]
fn members_are_checked_where_they_are_written_and_where_they_are_used() {
    let misspelt = compiled(&text("group few { members = [ordrs] }"));
    assert_eq!(
        finding(&misspelt, "unknown-name").help.as_deref(),
        Some("did you mean `orders`?")
    );
    let unfit = compiled(&text(
        "group few { members = [bank, cart] }\nbatch a { members = few }",
    ));
    let found = finding(&unfit, "unknown-name");
    assert_eq!(
        shown(&unfit, found.primary.span),
        "few",
        "used in the batch"
    );
    assert_eq!(shown(&unfit, found.labels[0].span), "bank");
    assert_eq!(errors(&unfit).len(), 1, "{:?}", told(&unfit, |_| true));
}

/// A service and a group may have one name; a list then has to say which.
#[test]
fn a_name_of_two_kinds_has_to_say_which() {
    let both = "service pay { move = hop() }\ngroup pay { members = [orders, ledger] }\n";
    let found = compiled(&text(&format!("{both}batch a {{ members = [pay] }}")));
    assert_eq!(
        finding(&found, "unknown-name").help.as_deref(),
        Some("write `service.pay` or `group.pay`")
    );
    let said = plan(&text(&format!(
        "{both}batch a {{ members = [group.pay] }}\nbatch b {{ members = [service.pay, cart] }}"
    )));
    assert_eq!(
        batches(&said)
            .iter()
            .map(|(_, units)| units.len())
            .collect::<Vec<_>>(),
        [2, 2]
    );
}

/// What a loop writes, a batch may name.
#[test]
fn a_loop_writes_groups() {
    let one = plan(&text(
        "for name in [orders, ledger] { group \"the_${name}\" { members = [\"${name}\"] } }\n\
         batch a { members = the_orders }\nbatch b { members = [the_ledger, cart] }",
    ));
    let named = |n: usize| -> Vec<&str> { batches(&one)[n].1.iter().flatten().copied().collect() };
    assert_eq!(
        (named(0), named(1)),
        (vec!["orders"], vec!["ledger", "cart"])
    );
}

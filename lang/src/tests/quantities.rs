//! Arithmetic with units, against numbers worked out by hand.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::kind;
use crate::ast::ExprKind;
use crate::{Dimension, Quantity, QuantityError};

fn quantity(text: &str) -> Quantity {
    match kind(text) {
        ExprKind::Quantity(quantity) => quantity,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn sums_and_products_say_what_they_are() {
    type Operation = fn(&Quantity, &Quantity) -> Result<Quantity, QuantityError>;
    let cases: [(&str, Operation, &str, &str); 22] = [
        ("1d", Quantity::add, "12h", "36 hours"),
        ("3d", Quantity::sub, "1d", "2 days"),
        ("$5", Quantity::add, "$7.5", "$12.5"),
        ("$5", Quantity::sub, "$7", "-$2"),
        ("$95/h", Quantity::mul, "8h", "$760"),
        ("$0.09/GB", Quantity::mul, "2TB", "$180"),
        ("2TB", Quantity::div, "200MB/s", "10,000 seconds"),
        ("10Gbps", Quantity::mul, "8s", "10 GB"),
        ("400rps", Quantity::mul, "1min", "24,000"),
        ("$120", Quantity::div, "4h", "$30 per hour"),
        ("6h", Quantity::div, "2h", "3"),
        ("10%", Quantity::add, "5%", "15%"),
        ("10%", Quantity::add, "1", "1.1"),
        ("10%", Quantity::mul, "50%", "5%"),
        ("2", Quantity::mul, "10%", "20%"),
        ("10%", Quantity::div, "4", "2.5%"),
        ("$200", Quantity::mul, "10%", "$20"),
        ("400rps", Quantity::mul, "10%", "40 per second"),
        ("12%/y", Quantity::mul, "2y", "24%"),
        ("12%", Quantity::div, "1y", "12% per year"),
        (
            "3wd",
            Quantity::add,
            "4wh",
            "3 working days and 4 working hours",
        ),
        ("3wd", Quantity::mul, "2", "6 working days"),
    ];
    for (left, operation, right, expected) in cases {
        let result = operation(&quantity(left), &quantity(right));
        let shown = result.map(|result| result.to_string());
        assert_eq!(shown.as_deref(), Ok(expected), "{left}, {right}");
    }
}

#[test]
fn what_does_not_combine_says_why() {
    type Operation = fn(&Quantity, &Quantity) -> Result<Quantity, QuantityError>;
    let cases: [(&str, Operation, &str, &str); 10] = [
        (
            "3d",
            Quantity::add,
            "$5",
            "a duration and money do not combine",
        ),
        (
            "3d",
            Quantity::sub,
            "3",
            "a duration and a number do not combine",
        ),
        (
            "3d",
            Quantity::add,
            "3wd",
            "a duration and working time do not combine",
        ),
        (
            "$3",
            Quantity::add,
            "€3",
            "USD and EUR are different currencies",
        ),
        (
            "$3",
            Quantity::div,
            "€3",
            "USD and EUR are different currencies",
        ),
        ("3d", Quantity::div, "0", "division by zero"),
        ("3d", Quantity::div, "0wd", "division by zero"),
        (
            "3wd",
            Quantity::mul,
            "2wd",
            "working time times working time makes no sense",
        ),
        (
            "3wd",
            Quantity::mul,
            "2d",
            "working time times a duration makes no sense",
        ),
        (
            "3wd",
            Quantity::div,
            "2wh",
            "working time divided by working time makes no sense",
        ),
    ];
    for (left, operation, right, expected) in cases {
        let error = operation(&quantity(left), &quantity(right)).unwrap_err();
        assert_eq!(error.to_string(), expected, "{left}, {right}");
    }
}

#[test]
fn quantities_compare_within_their_dimension() {
    let compare = |left, right| quantity(left).compare(&quantity(right));
    assert_eq!(compare("90min", "1h"), Ok(Ordering::Greater));
    assert_eq!(compare("1d", "24h"), Ok(Ordering::Equal));
    assert_eq!(compare("5%", "0.06"), Ok(Ordering::Less));
    assert_eq!(compare("3wd", "4wd"), Ok(Ordering::Less));
    assert!(compare("1wd", "20wh").is_err());
    assert!(compare("1d", "$1").is_err());
    assert!(compare("€1", "$1").is_err());
}

#[test]
fn people_read_round_numbers() {
    let cases = [
        ("3d", "3 days"),
        ("1d", "1 day"),
        ("72h", "3 days"),
        ("90s", "90 seconds"),
        ("15min", "15 minutes"),
        ("2w", "2 weeks"),
        ("6mo", "6 months"),
        ("7y", "7 years"),
        ("2ms", "2 milliseconds"),
        ("0.5ms", "0.5 milliseconds"),
        ("0s", "0 seconds"),
        ("1.5h", "90 minutes"),
        ("6wh", "6 working hours"),
        ("1wd", "1 working day"),
        ("12_500", "12,500"),
        ("2.8M", "2,800,000"),
        ("0.25", "0.25"),
        ("99.95%", "99.95%"),
        ("50TB", "50 TB"),
        ("800MB", "800 MB"),
        ("400rps", "400 per second"),
        ("0.01/h", "0.01 per hour"),
        ("200MB/s", "200 MB per second"),
        ("10Gbps", "1.25 GB per second"),
        ("$1_200", "$1,200"),
        ("€80_000", "€80,000"),
        ("CHF 5", "CHF 5"),
        ("$95/h", "$95 per hour"),
        ("$1_200/mo", "$1,200 per month"),
        ("$2.8M/y", "$2,800,000 per year"),
        ("$0.09/GB", "$0.09 per GB"),
        ("12%/y", "12% per year"),
    ];
    for (text, expected) in cases {
        assert_eq!(quantity(text).to_string(), expected, "{text}");
    }
}

#[test]
fn dimensions_have_names() {
    let area = Dimension {
        time: 2,
        ..Dimension::NUMBER
    };
    assert_eq!(area.name(), "a time squared");
    let named = [
        ((0, 0, 0, 3), "money cubed"),
        ((4, 0, 0, 0), "a time to the power of 4"),
        ((1, 0, 1, 0), "a size times time"),
        ((-2, 0, 0, 0), "a number per time squared"),
        ((0, 2, 0, 0), "working time squared"),
    ];
    for ((time, working, bytes, money), name) in named {
        let dimension = Dimension {
            time,
            working,
            bytes,
            money,
        };
        assert_eq!(dimension.name(), name);
    }
    let odd = Dimension {
        money: 1,
        bytes: -1,
        time: -1,
        ..Dimension::NUMBER
    };
    assert_eq!(odd.name(), "money per size and time");
    for text in [
        "3d", "$5", "$5/h", "5GB", "5rps", "5MB/s", "5wd", "5", "$1/GB",
    ] {
        let name = quantity(text).dimension.name();
        let letters = |letter: char| letter.is_ascii_lowercase() || letter == ' ';
        assert!(name.chars().all(letters), "{name}");
    }
}

fn any_quantity() -> impl Strategy<Value = Quantity> {
    let dimension = (-1i8..=1, -1i8..=1).prop_map(|(time, bytes)| Dimension {
        time,
        bytes,
        ..Dimension::NUMBER
    });
    (-1000i32..1000, dimension).prop_map(|(n, dimension)| Quantity::of(f64::from(n), dimension))
}

proptest! {
    #[test]
    fn addition_and_multiplication_commute(a in any_quantity(), b in any_quantity()) {
        prop_assert_eq!(a.mul(&b), b.mul(&a));
        prop_assert_eq!(a.add(&b).ok(), b.add(&a).ok());
    }

    #[test]
    fn what_is_added_can_be_taken_away(a in any_quantity(), b in any_quantity()) {
        if let Ok(sum) = a.add(&b) {
            prop_assert_eq!(sum.sub(&b), Ok(a));
        }
    }

    #[test]
    fn division_undoes_multiplication(a in any_quantity(), b in any_quantity()) {
        prop_assume!(b.amount != 0.0);
        let product = a.mul(&b).unwrap();
        let back = product.div(&b).unwrap();
        prop_assert_eq!(back.dimension, a.dimension);
        prop_assert!((back.amount - a.amount).abs() <= 1e-9 * a.amount.abs());
    }
}

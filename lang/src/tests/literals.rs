//! Every row of the table of literals.

use super::{check, help, kind, value};
use crate::ast::{CivilDate, CivilMinute, ExprKind, StringPart};
use crate::{Currency, Dimension, Quantity};

const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.25 * DAY;

fn close(text: &str, amount: f64, dimension: Dimension) -> Quantity {
    let ExprKind::Quantity(quantity) = kind(text) else {
        panic!("{text} is not a quantity");
    };
    let error = (quantity.amount - amount).abs();
    assert!(error <= amount.abs() * 1e-12, "{text}: {}", quantity.amount);
    assert_eq!(quantity.dimension, dimension, "{text}");
    quantity
}

#[test]
fn numbers_durations_sizes_and_rates_are_in_base_units() {
    use Dimension as D;
    let cases = [
        ("3", 3.0, D::NUMBER),
        ("0.25", 0.25, D::NUMBER),
        ("12_500", 12_500.0, D::NUMBER),
        ("2.8M", 2.8e6, D::NUMBER),
        ("5k", 5e3, D::NUMBER),
        ("2B", 2e9, D::NUMBER),
        ("99.95%", 0.9995, D::NUMBER),
        ("99.9%", 0.999, D::NUMBER),
        ("0.05%", 0.0005, D::NUMBER),
        ("2ms", 0.002, D::DURATION),
        ("90s", 90.0, D::DURATION),
        ("15min", 900.0, D::DURATION),
        ("4h", 14_400.0, D::DURATION),
        ("3d", 3.0 * DAY, D::DURATION),
        ("2w", 14.0 * DAY, D::DURATION),
        ("6mo", YEAR / 2.0, D::DURATION),
        ("1y", YEAR, D::DURATION),
        ("6wh", 21_600.0, D::WORKING),
        ("50TB", 50e12, D::SIZE),
        ("4GiB", 4.0 * 1024.0 * 1024.0 * 1024.0, D::SIZE),
        ("800MB", 800e6, D::SIZE),
        ("64KiB", 65_536.0, D::SIZE),
        ("400rps", 400.0, D::RATE),
        ("12_500/s", 12_500.0, D::RATE),
        ("0.01/h", 0.01 / 3600.0, D::RATE),
        ("10Gbps", 1.25e9, D::BYTE_RATE),
        ("200MB/s", 200e6, D::BYTE_RATE),
        ("12%/y", 0.12 / YEAR, D::RATE),
    ];
    for (text, amount, dimension) in cases {
        let quantity = close(text, amount, dimension);
        assert_eq!(quantity.ratio, text.contains('%'), "{text}");
        assert_eq!(quantity.currency, None, "{text}");
        assert_eq!(quantity.working_days, 0.0, "{text}");
    }
}

#[test]
fn working_days_wait_for_their_calendar() {
    let quantity = close("3wd", 0.0, Dimension::WORKING);
    assert_eq!(quantity.working_days, 3.0);
}

#[test]
fn money_has_a_currency() {
    use Dimension as D;
    let cases = [
        ("$1_200", 1_200.0, D::MONEY, b"USD"),
        ("€80_000", 80_000.0, D::MONEY, b"EUR"),
        ("£5", 5.0, D::MONEY, b"GBP"),
        ("USD 95", 95.0, D::MONEY, b"USD"),
        ("CHF  9.5k", 9_500.0, D::MONEY, b"CHF"),
        ("$95/h", 95.0 / 3600.0, D::MONEY_RATE, b"USD"),
        ("$2.8M/y", 2.8e6 / YEAR, D::MONEY_RATE, b"USD"),
        ("$0.09/GB", 0.09e-9, D::MONEY_PER_SIZE, b"USD"),
    ];
    for (text, amount, dimension, currency) in cases {
        let quantity = close(text, amount, dimension);
        assert_eq!(quantity.currency, Some(Currency(*currency)), "{text}");
    }
}

#[test]
fn dates_and_times_exist() {
    let day = |year, month, day| CivilDate { year, month, day };
    assert_eq!(kind("2027-01-11"), ExprKind::Date(day(2027, 1, 11)));
    assert_eq!(kind("2028-02-29"), ExprKind::Date(day(2028, 2, 29)));
    assert_eq!(kind("22:00"), ExprKind::Time(CivilMinute(1320)));
    assert_eq!(kind("24:00"), ExprKind::Time(CivilMinute(1440)));
    let at = ExprKind::DateTime(day(2027, 1, 11), CivilMinute(1325));
    assert_eq!(kind("2027-01-11T22:05"), at);
}

#[test]
fn what_cannot_be_read_says_so_where_it_stands() {
    let cases = [
        ("2027-02-30", "`2027-02-30` does not exist"),
        ("2027-02-29", "`2027-02-29` does not exist"),
        ("1900-02-29", "`1900-02-29` does not exist"),
        ("2027-13-01", "`2027-13-01` does not exist"),
        ("2027-1-11", "`2027-1-11` is not a date"),
        ("2027-01-11T9", "`2027-01-11T9` is not a time"),
        ("24:01", "`24:01` is not a time"),
        ("12:60", "`12:60` is not a time"),
        ("9:00", "`9:00` is not a time"),
        ("3m", "`m` is not a unit"),
        ("3minn", "`minn` is not a unit"),
        (
            "5/fortnight",
            "`fortnight` is not a unit that can stand behind `/`",
        ),
        ("3wd/y", "working time has no rate"),
        ("$5GB", "`GB` is not a unit"),
        (r#""a\q""#, r"`\q` is not an escape"),
    ];
    for (text, message) in cases {
        let column = if text.starts_with('"') { 7 } else { 5 };
        check(
            &format!("a = {text}"),
            &[&format!("1:{column} MG0003 {message}")],
        );
    }
    // Only the beginning of it is shown.
    let (huge, shown) = ("9".repeat(400), "9".repeat(60));
    check(
        &format!("a = {huge}"),
        &[&format!("1:5 MG0003 `{shown}…` is not a number")],
    );
}

#[test]
fn help_names_what_was_probably_meant() {
    let cases = [
        ("3m", "minutes or months? write `3min` or `3mo`"),
        ("3minn", "did you mean `3min`?"),
        ("3hours", "did you mean `3h`?"),
        ("5gb", "did you mean `5GB`?"),
        ("100G", "did you mean `100GB`?"),
        ("100T", "did you mean `100TB`?"),
        ("4Gi", "did you mean `4GiB`?"),
        ("$5m", "did you mean `$5M`?"),
        ("$40/hour", "did you mean `$40/h`?"),
        ("3 d", "a unit touches its number: write `3d`"),
        ("3 days", "a unit touches its number: write `3d`"),
        ("100 GB", "a unit touches its number: write `100GB`"),
        ("200 MB/s", "a unit touches its number: write `200MB/s`"),
        ("99.95 %", "a unit touches its number: write `99.95%`"),
        ("$2.8 M", "a unit touches its number: write `$2.8M`"),
        ("[1 h, 2h]", "a unit touches its number: write `1h`"),
        ("3 m", "a unit touches its number: write `3min` or `3mo`"),
        (
            "95 USD",
            "a currency stands before its amount: write `USD 95`",
        ),
        ("95 €", "a currency stands before its amount: write `€95`"),
        ("3 apples", ""),
        ("b3 d", ""),
        ("b.3 d", ""),
        ("40qps", "did you mean `40rps`?"),
        ("400rpm", "a rate by the minute is written `400/min`"),
        ("1h30min", "write a sum: `1h + 30min`"),
        (
            "2e6",
            "a number has no exponent; write `2_000_000`, or `2M`",
        ),
        (
            "$1,250,000",
            "digits are grouped with `_`: write `$1_250_000`",
        ),
        (
            "95$/h",
            "a currency stands before its amount: write `$95/h`",
        ),
        (
            "10Gb",
            "bits a second are written `10Gbps`, bytes `10GB` and bytes a second `10GB/s`",
        ),
        (
            "10 Gb",
            "a unit touches its number: write `10Gbps` or `10GB`",
        ),
        ("2027-02-30", "that month ends on 2027-02-28"),
    ];
    for (text, expected) in cases {
        assert_eq!(help(text), expected, "{text}");
    }
}

#[test]
fn strings_escape_interpolate_and_lose_shared_indentation() {
    let text = |text: &str| match kind(text) {
        ExprKind::Text(parts) => parts,
        other => panic!("{other:?}"),
    };
    let plain = |text: &str| vec![StringPart::Text(text.to_owned())];
    assert_eq!(text(r#""""#), vec![]);
    assert_eq!(
        text(r#""a \"b\" \\ \$\n # ;{""#),
        plain("a \"b\" \\ $\n # ;{")
    );
    let block = "\"\"\"\n    one\n      two \"quoted\"\n\n    three\n    \"\"\"";
    assert_eq!(text(block), plain("one\n  two \"quoted\"\n\nthree"));
    let crlf = "\"\"\"\r\n  one\r\n  two\r\n  \"\"\"";
    assert_eq!(text(crlf), plain("one\ntwo"));
    let parts = text(r#""shift_${w + "}"}!""#);
    assert_eq!(parts.len(), 3);
    assert_eq!(parts[0], StringPart::Text("shift_".to_owned()));
    assert!(matches!(parts[1], StringPart::Interpolation(_)));
    assert_eq!(parts[2], StringPart::Text("!".to_owned()));
    let parts = text("\"\"\"\n  ${a}\n    b\n  \"\"\"");
    assert_eq!(parts[1], StringPart::Text("\n  b".to_owned()));
}

#[test]
fn places_cover_what_they_name() {
    for text in [
        "3d",
        "a.b",
        "a -> b",
        "f(x, y: 2)",
        "[1, 2]",
        "\"x\"",
        "1 + 2",
        "2 of team",
    ] {
        let span = value(&format!("{text}   # end")).span;
        assert_eq!((span.start, span.end), (4, 4 + text.len() as u32), "{text}");
    }
}

//! Amounts of money in words.

/// The currency of a plan in which no amount stands (ISO 4217: none): its costs are not known to be 0.
pub const NO_CURRENCY: &str = "XXX";

/// An amount in whole units: `$12,300`, `-€80`, `CHF 12,300`; a currency is its ISO 4217 code.
#[must_use]
pub fn money(amount: f64, currency: &str) -> String {
    let digits = format!("{:.0}", amount.abs());
    let sign = if amount < 0.0 && digits != "0" {
        "-"
    } else {
        ""
    };
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match currency {
        "USD" => format!("{sign}${grouped}"),
        "EUR" => format!("{sign}€{grouped}"),
        "GBP" => format!("{sign}£{grouped}"),
        other => format!("{sign}{other} {grouped}"),
    }
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn thousands_are_grouped_and_the_sign_comes_first() {
        assert_eq!(money(0.0, "USD"), "$0");
        assert_eq!(money(999.4, "EUR"), "€999");
        assert_eq!(money(1_000.0, "GBP"), "£1,000");
        assert_eq!(money(-1_234_567.0, "CHF"), "-CHF 1,234,567");
        assert_eq!(money(-0.2, "USD"), "$0");
    }
}

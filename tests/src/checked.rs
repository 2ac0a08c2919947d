//! What a test found against what is known, said in its output.
//!
//! `cargo xtask verification` gathers these lines and makes a chapter of the book of them.
#![expect(clippy::print_stdout, reason = "the output of a test")]

/// How many standard errors an estimate may be off.
pub const ERRORS: f64 = 4.0;

/// Says that `what` was `found` where `exact` is known; asserts that they are no more than four
/// standard errors (each `error`) apart.
///
/// # Panics
/// When they are.
pub fn near(what: &str, found: f64, exact: f64, error: f64) {
    let apart = (found - exact).abs();
    assert!(
        apart <= ERRORS * error,
        "{what}: found {found}, exact {exact}, which is {:.2} standard errors",
        apart / error
    );
    say(what, exact, found, &format!("{:.2}", apart / error));
}

/// The same for what is certain: they are no more than `margin` apart.
///
/// # Panics
/// When they are.
pub fn certain(what: &str, found: f64, exact: f64, margin: f64) {
    assert!(
        (found - exact).abs() <= margin,
        "{what}: found {found}, exact {exact}, margin {margin:e}"
    );
    say(what, exact, found, "certain");
}

/// Says that `found` is no more than `limit`.
///
/// # Panics
/// When it is.
pub fn at_most(what: &str, found: f64, limit: f64) {
    assert!(found <= limit, "{what}: found {found}, at most {limit}");
    say(what, limit, found, "at most");
}

fn say(what: &str, known: f64, found: f64, apart: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default();
    let (known, found) = (digits(known), digits(found));
    println!("checked | {test} | {what} | {known} | {found} | {apart}");
}

/// Six significant digits.
fn digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most 308")]
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = usize::try_from(5 - magnitude).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

//! Did-you-mean: the candidate nearest to a misspelt name, and whether it can only be that one.

/// The candidate with the least edit distance to `name`, if it is near enough to be meant: at
/// most a third of the longer name, at least one edit. Letter case costs nothing by itself; of
/// equally near candidates the first in `candidates` wins.
///
/// The distance is that of Damerau and Levenshtein in its restricted form: insertions, deletions,
/// substitutions and swaps of neighbours cost one each.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for (distance, candidate) in near(name, candidates) {
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The candidates near enough to be meant, with their distances.
fn near<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> impl Iterator<Item = (usize, &'a str)> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    candidates.into_iter().filter_map(move |candidate| {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let allowed = (wanted.len().max(letters.len()) / 3).max(1);
        if wanted.len().abs_diff(letters.len()) > allowed {
            return None;
        }
        let distance = edit_distance(&wanted, &letters);
        (distance <= allowed).then_some((distance, candidate))
    })
}

/// Shorter names are too like one another for a slip to be told from another name.
const SHORTEST_SLIP: usize = 4;

/// The candidate that `name` can only be a slip of: one slip away (see [`is_one_slip_away`]; letter
/// case costs nothing), and the only one that is near enough to be meant.
pub fn slip_of<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut near = near(name, candidates).map(|(_, candidate)| candidate);
    let meant = near.next()?;
    let longer = name.chars().count().max(meant.chars().count());
    let alone = near.all(|other| other == meant);
    let slip = is_one_slip_away(&name.to_lowercase(), &meant.to_lowercase());
    (alone && slip && longer >= SHORTEST_SLIP).then_some(meant)
}

/// Whether one letter more, less, or other, or two that changed places, make one name of the other.
/// Names that differ in a digit are a series.
#[must_use]
pub fn is_one_slip_away(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let start = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let rest = one.len().min(other.len()) - start;
    let end = one
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take(rest)
        .take_while(|(a, b)| a == b)
        .count();
    let left = one.get(start..one.len() - end).unwrap_or_default();
    let right = other.get(start..other.len() - end).unwrap_or_default();
    if left.iter().chain(right).any(char::is_ascii_digit) {
        return false;
    }
    match (left, right) {
        ([a, b], [c, d]) => a == d && b == c,
        _ => left.len() <= 1 && right.len() <= 1,
    }
}

fn edit_distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let substituted = at(&last, j) + usize::from(a != b);
            let mut cost = substituted.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped =
                i > 0 && j > 0 && left.get(i - 1) == Some(b) && right.get(j - 1) == Some(a);
            if swapped {
                cost = cost.min(at(&before_last, j - 1) + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    at(&last, right.len())
}

#[cfg(test)]
mod tests {
    use super::{is_one_slip_away, nearest, slip_of};

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let names = ["orders", "ledger", "inventory", "ads"];
        let cases = [
            ("order", Some("orders")),
            ("oredrs", Some("orders")),
            ("Ledger", Some("ledger")),
            ("inventroy", Some("inventory")),
            ("ad", Some("ads")),
            ("mailer", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, names), expected, "{name}");
        }
    }

    #[test]
    fn the_first_of_equally_near_names_wins() {
        assert_eq!(nearest("cat", ["bat", "car"]), Some("bat"));
        assert_eq!(nearest("cat", ["car", "bat"]), Some("car"));
    }

    #[test]
    fn a_slip_is_one_letter_and_no_digit() {
        for (one, other) in [
            ("ordesr", "orders"),
            ("order", "orders"),
            ("ordrs", "orders"),
            ("ordars", "orders"),
        ] {
            assert!(
                is_one_slip_away(one, other) && is_one_slip_away(other, one),
                "{one} {other}"
            );
        }
        for (one, other) in [
            ("cart_1", "cart_2"),
            ("cart_eu", "cart_us"),
            ("orders_v2", "orders"),
            ("a", "abc"),
        ] {
            assert!(!is_one_slip_away(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_slip_has_one_meaning_or_none() {
        let cases: &[(&str, &[&str], Option<&str>)] = &[
            ("ordesr", &["orders", "ledger"], Some("orders")),
            ("ORDERS", &["orders"], Some("orders")),
            ("ordesr", &["orders", "orders"], Some("orders")),
            ("aync", &["sync", "async"], None),
            ("cart_e", &["cart_eu", "cart_us"], None),
            ("db_1", &["db_2"], None),
            ("ad", &["ads"], None),
            ("orsedr", &["orders"], None),
            ("orders", &[], None),
        ];
        for (name, candidates, expected) in cases {
            assert_eq!(
                slip_of(name, candidates.iter().copied()),
                *expected,
                "{name}"
            );
        }
    }
}

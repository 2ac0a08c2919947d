//! Did-you-mean: the candidate nearest to a misspelt name, and whether it can only be that one.

/// The candidate that is nearest to a misspelt name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meant<'a> {
    /// The candidate.
    pub name: &'a str,
    /// Whether the misspelt name can only be a slip of it: one slip away (see [`is_one_slip_away`];
    /// letter case costs nothing), and no other is near enough to be meant.
    pub slip: bool,
}

/// The candidate with the least edit distance to `name`, if it is near enough to be meant: at
/// most a third of the longer name, at least one edit. Letter case costs nothing by itself; of
/// equally near candidates the first in `candidates` wins.
///
/// The distance is that of Damerau and Levenshtein in its restricted form: insertions, deletions,
/// substitutions and swaps of neighbours cost one each.
pub fn meant<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Meant<'a>> {
    let mut best: Option<(usize, &str)> = None;
    let mut alone = true;
    let mut spelling = Spelling::new(name);
    for candidate in candidates {
        let Some(distance) = spelling.near(candidate) else {
            continue;
        };
        alone &= best.is_none_or(|(_, known)| known == candidate);
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    let (_, found) = best?;
    let longer = name.chars().count().max(found.chars().count());
    let one = || is_one_slip_away(&name.to_lowercase(), &found.to_lowercase());
    Some(Meant {
        name: found,
        slip: alone && longer >= SHORTEST_SLIP && one(),
    })
}

/// The name of [`meant`] alone.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    meant(name, candidates).map(|meant| meant.name)
}

/// Shorter names are too like one another for a slip to be told from another name.
const SHORTEST_SLIP: usize = 4;

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

/// A name that is compared with many, and the room that takes.
struct Spelling {
    wanted: Vec<char>,
    letters: Vec<char>,
    rows: [Vec<usize>; 3],
}

impl Spelling {
    fn new(name: &str) -> Self {
        Self {
            wanted: name.to_lowercase().chars().collect(),
            letters: Vec::new(),
            rows: Default::default(),
        }
    }

    /// The distance to a candidate that is near enough to be meant.
    fn near(&mut self, candidate: &str) -> Option<usize> {
        self.letters.clear();
        let lower = candidate.chars().flat_map(char::to_lowercase);
        self.letters.extend(lower);
        let (left, right) = (self.wanted.as_slice(), self.letters.as_slice());
        let allowed = (left.len().max(right.len()) / 3).max(1);
        if left.len().abs_diff(right.len()) > allowed {
            return None;
        }
        let same = |(a, b): &(&char, &char)| a == b;
        let start = left.iter().zip(right).take_while(same).count();
        let (left, right) = (left.get(start..)?, right.get(start..)?);
        let end = left.iter().rev().zip(right.iter().rev());
        let end = end.take_while(same).count();
        let left = left.get(..left.len() - end)?;
        let right = right.get(..right.len() - end)?;
        edit_distance(left, right, allowed, &mut self.rows)
    }
}

/// The distance if it is at most `allowed`.
fn edit_distance(
    left: &[char],
    right: &[char],
    allowed: usize,
    [before_last, last, row]: &mut [Vec<usize>; 3],
) -> Option<usize> {
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    last.clear();
    last.extend(0..=right.len());
    for (i, a) in left.iter().enumerate() {
        row.clear();
        row.push(i + 1);
        for (j, b) in right.iter().enumerate() {
            let substituted = at(last, j) + usize::from(a != b);
            let mut cost = substituted.min(at(last, j + 1) + 1).min(at(row, j) + 1);
            let swapped =
                i > 0 && j > 0 && left.get(i - 1) == Some(b) && right.get(j - 1) == Some(a);
            if swapped {
                cost = cost.min(at(before_last, j - 1) + 1);
            }
            row.push(cost);
        }
        // Whatever follows comes from this row, or by a swap and one more edit from the one before.
        let least = |row: &[usize]| row.iter().min().copied().unwrap_or_default();
        if least(row) > allowed && least(last) >= allowed {
            return None;
        }
        std::mem::swap(before_last, last);
        std::mem::swap(last, row);
    }
    Some(at(last, right.len())).filter(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::{is_one_slip_away, meant, nearest};

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
            let meant = meant(name, candidates.iter().copied());
            let slip = meant.filter(|meant| meant.slip).map(|meant| meant.name);
            assert_eq!(slip, *expected, "{name}");
        }
    }
}

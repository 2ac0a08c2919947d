//! Whatever is done to a plan's text, compiling it gives findings and no panic.

use proptest::prelude::*;
use whimbrel_compiler::{Options, Provider, ReadError, compile};

const PLANS: [&str; 5] = [
    include_str!("../../../examples/minimal/plan.mig"),
    include_str!("../../../examples/starter/plan.mig"),
    include_str!("../../../examples/shop-data/plan.mig"),
    include_str!("../../../examples/online-boutique/plan.mig"),
    include_str!("../../../stdlib/patterns/cdc_replication.mig"),
];

struct One(String);

impl Provider for One {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "plan.mig" {
            Ok(self.0.clone().into_bytes())
        } else {
            Err(ReadError::NotFound)
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    Delete(usize),
    Duplicate(usize),
    Swap(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<usize>().prop_map(Damage::Delete),
        any::<usize>().prop_map(Damage::Duplicate),
        any::<(usize, usize)>().prop_map(|(one, other)| Damage::Swap(one, other)),
    ]
}

fn damaged<'a>(mut pieces: Vec<&'a str>, damages: &[Damage]) -> Vec<&'a str> {
    for damage in damages {
        let count = pieces.len().max(1);
        match *damage {
            _ if pieces.is_empty() => {}
            Damage::Delete(at) => {
                pieces.remove(at % count);
            }
            Damage::Duplicate(at) => pieces.insert(at % count, pieces[at % count]),
            Damage::Swap(one, other) => pieces.swap(one % count, other % count),
        }
    }
    pieces
}

/// Words, signs and the space between them, each a piece of its own.
fn tokens(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(word.max(first.len_utf8()).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn compiles(text: String) {
    let options = Options::new(jiff::civil::date(2026, 11, 21));
    let size = text.len();
    let compilation = compile(&One(text), "plan.mig", &options);
    for found in &compilation.diagnostics {
        let source = compilation.sources.get(found.primary.span.source);
        let end = found.primary.span.end as usize;
        assert!(end <= source.text().len(), "{found:?}");
        assert!(source.path() != "plan.mig" || end <= size, "{found:?}");
        assert!(!found.message.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_lines_never_panic(plan in 0..PLANS.len(), damages in prop::collection::vec(damage(), 1..6)) {
        let lines = damaged(PLANS[plan].lines().collect(), &damages);
        compiles(lines.join("\n"));
    }

    #[test]
    fn damaged_tokens_never_panic(plan in 0..PLANS.len(), damages in prop::collection::vec(damage(), 1..6)) {
        compiles(damaged(tokens(PLANS[plan]), &damages).concat());
    }
}

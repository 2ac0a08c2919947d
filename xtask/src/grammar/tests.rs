//! That nothing the schema knows is missing in the grammar.

use super::*;

/// Every rule of the grammar that a statement's start may match, with the scope of its group
/// that names the keyword.
fn scope_of(text: &str, word: &str) -> Option<String> {
    for rule in statements() {
        let Some(pattern) = rule["match"].as_str().or(rule["begin"].as_str()) else {
            continue;
        };
        let found = fancy_regex::Regex::new(pattern).unwrap();
        let groups = found.captures(text).unwrap();
        let Some(groups) = groups.filter(|groups| groups.get(0).unwrap().start() == 0) else {
            continue;
        };
        let scopes = match &rule["captures"] {
            Value::Null => &rule["beginCaptures"],
            scopes => scopes,
        };
        let group = (1..groups.len())
            .find(|index| groups.get(*index).is_some_and(|one| one.as_str() == word))?;
        return Some(scopes[group.to_string()]["name"].as_str()?.to_owned());
    }
    None
}

#[test]
fn every_keyword_of_the_schema_is_highlighted() {
    for (path, block) in schema::all() {
        let scope = scope_of(&block.example(), block.keyword);
        let expected = if relation(block) {
            "keyword.other.relation.mig"
        } else {
            "storage.type.block.mig"
        };
        // A link defines something and has an arrow, like an observed call.
        let arrow = matches!(block.words, Words::Arrow(_));
        let fits = scope.as_deref() == Some(expected)
            || arrow && scope.as_deref() == Some("keyword.other.relation.mig");
        assert!(fits, "{path}: {scope:?} in `{}`", block.example());
        for row in block.attributes {
            let scope = scope_of(&format!("  {}", row.example_line()), row.name);
            let scope = scope.as_deref();
            assert_eq!(
                scope,
                Some("variable.other.property.mig"),
                "{path}.{}",
                row.name
            );
        }
    }
}

#[test]
fn every_form_is_highlighted() {
    for form in FORMS
        .iter()
        .filter(|form| !RESERVED.contains(&form.keyword) || form.top)
    {
        let line = form
            .example
            .lines()
            .find(|line| line.trim().starts_with(form.keyword));
        let scope = scope_of(line.unwrap(), form.keyword);
        assert_eq!(
            scope.as_deref(),
            Some("keyword.control.mig"),
            "{}",
            form.keyword
        );
    }
}

/// Whether a rule of these gives the whole text its scope.
fn whole(rules: &[Value], text: &str, scope: &str) -> bool {
    rules.iter().any(|rule| {
        let (Some(pattern), Some(name)) = (rule["match"].as_str(), rule["name"].as_str()) else {
            return false;
        };
        let found = fancy_regex::Regex::new(pattern).unwrap();
        let found = found.find(text).unwrap();
        name == scope && found.is_some_and(|one| one.start() == 0)
    })
}

#[test]
fn every_word_of_a_value_is_highlighted() {
    let (calls, words) = (calls(), words());
    for verb in VERBS {
        let call = format!("{}(service)", verb.name);
        assert!(whole(&calls, &call, "support.function.verb.mig"), "{call}");
    }
    for law in DISTRIBUTIONS.iter().map(|law| law.name) {
        let call = format!("{law}(1d)");
        assert!(
            whole(&calls, &call, "support.function.distribution.mig"),
            "{call}"
        );
    }
    for choice in choices() {
        assert!(whole(&words, choice, "constant.language.mig"), "{choice}");
    }
    for measure in schema::measures() {
        let condition = format!("{measure} < 3");
        assert!(
            whole(&words, &condition, "support.variable.measure.mig"),
            "{measure}"
        );
    }
}

/// A unit that the grammar did not know would be shown as an error.
#[test]
fn every_literal_is_a_number_with_a_known_unit() {
    let units = UNITS.iter().map(|unit| format!("3{}", unit.name));
    let scales = SCALES.iter().map(|(name, _)| format!("$3{name}"));
    for text in units.chain(scales) {
        let rule = literals().into_iter().find(|rule| {
            let pattern = rule["match"].as_str().unwrap();
            let found = fancy_regex::Regex::new(pattern).unwrap();
            found
                .find(&text)
                .unwrap()
                .is_some_and(|one| one.as_str() == text)
        });
        let rule = rule.unwrap_or_default();
        let illegal = rule["captures"]["2"]["name"] == "invalid.illegal.unit.mig";
        assert!(rule.is_object() && !illegal, "{text}: {rule}");
    }
}

//! The grammar of one statement, and how to speak of its rules without naming them.

use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;
use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "grammar.pest"]
pub(crate) struct Grammar;

/// A node of the parsed text.
pub(crate) type Node<'i> = Pair<'i, Rule>;

/// That nothing more is expected.
const END: &str = "the end of the statement";

/// What was expected and where, in words for people.
pub(crate) struct Expected {
    /// A byte of the parsed text.
    pub(crate) at: usize,
    /// `a value`, `` `)` ``; without repetitions.
    pub(crate) things: Vec<&'static str>,
}

impl Expected {
    /// What to offer: nothing where the statement could end as well, since what stands there is
    /// then one thing too many; inside brackets the sign that goes on or closes them.
    pub(crate) fn likely(&self) -> impl Iterator<Item = &'static str> {
        let things = &self.things;
        let ends = things.contains(&END);
        let bracketed = things
            .iter()
            .any(|thing| matches!(*thing, "`,`" | "`)`" | "`]`" | "`}`"));
        let named = things.contains(&"a name");
        things.iter().copied().filter(move |thing| {
            let far = matches!(*thing, "an operator" | "`(`" | "`->`" | "`.`" | "`:`");
            let unlikely = (bracketed && far) || (named && *thing == "a string");
            !(ends || unlikely)
        })
    }
}

/// Reads `text` as `rule`.
pub(crate) fn parse(rule: Rule, text: &str) -> Result<Node<'_>, Expected> {
    let missing = || Expected {
        at: text.len(),
        things: Vec::new(),
    };
    match <Grammar as pest::Parser<Rule>>::parse(rule, text) {
        Ok(mut pairs) => pairs.next().ok_or_else(missing),
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
            };
            let mut things: Vec<&'static str> = Vec::new();
            if let ErrorVariant::ParsingError { positives, .. } = error.variant {
                for thing in positives.into_iter().filter_map(describe) {
                    if !things.contains(&thing) {
                        things.push(thing);
                    }
                }
            }
            if things.contains(&"a value") {
                things.retain(|thing| *thing != "a name");
            }
            // What ends a statement is the least helpful thing to offer.
            things.sort_by_key(|thing| *thing == END);
            Err(Expected { at, things })
        }
    }
}

fn describe(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::expression
        | Rule::negate
        | Rule::operand
        | Rule::named
        | Rule::list
        | Rule::entry
        | Rule::group
        | Rule::literal
        | Rule::argument => "a value",
        Rule::operator | Rule::of | Rule::of_word => "an operator",
        Rule::word | Rule::path | Rule::identifier | Rule::segment | Rule::argument_name => {
            "a name"
        }
        Rule::parameter => "a parameter",
        Rule::type_name | Rule::type_argument => "a type",
        Rule::string | Rule::multi_line => "a string",
        Rule::because | Rule::because_word => "`because`",
        Rule::on | Rule::on_word => "`on`",
        Rule::until | Rule::until_word => "`until`",
        Rule::in_word => "`in`",
        Rule::for_word => "`for`",
        Rule::assign => "`=`",
        Rule::arrow => "`->`",
        Rule::comma => "`,`",
        Rule::colon => "`:`",
        Rule::dot => "`.`",
        Rule::arguments | Rule::parameters => "`(`",
        Rule::names => "`{`",
        Rule::close_parenthesis => "`)`",
        Rule::close_bracket => "`]`",
        Rule::close_brace => "`}`",
        Rule::EOI => END,
        _ => return None,
    })
}

/*!
What follows a field's name, as in `CommandLine|contains|all`, and what it
makes of a value.
*/

use super::error::{Error, Reason};
use super::limits::{MOST_BYTES, size};
use super::text::{Piece, comparison, dashes, pieces, push};
use super::yaml::{Node, Value};
use crate::rule::{Network, Operation};

/// How values compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Matching {
    #[default]
    Whole,
    Contains,
    StartsWith,
    EndsWith,
    Regex,
    Token,
    Cidr,
    Entropy,
    Exists,
}

/// The modifiers of a field. Their order does not matter.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Modifiers {
    pub(super) matching: Matching,
    /// All values must match, not any.
    pub(super) all: bool,
    /// ASCII case counts.
    pub(super) cased: bool,
    /// Option dashes may be exchanged.
    windash: bool,
    /// The measure must be above the value.
    above: bool,
    /// Flags of a regular expression.
    flags: String,
}

const SUPPORTED: &[&str] = &[
    "all",
    "cased",
    "cidr",
    "contains",
    "endswith",
    "entropy",
    "exists",
    "gt",
    "i",
    "m",
    "re",
    "s",
    "startswith",
    "token",
    "windash",
];

/// Those that Sigma has besides.
const UNSUPPORTED: &[&str] = &[
    "base64",
    "base64offset",
    "day",
    "expand",
    "fieldref",
    "gte",
    "hour",
    "lt",
    "lte",
    "minute",
    "month",
    "neq",
    "utf16",
    "utf16be",
    "utf16le",
    "week",
    "wide",
    "year",
];

impl Modifiers {
    pub(super) fn read<'m>(
        names: impl Iterator<Item = &'m str>,
    ) -> Result<Modifiers, Reason> {
        let mut modifiers = Modifiers::default();
        for name in names {
            let matching = match name {
                "all" => {
                    modifiers.all = true;
                    continue;
                }
                "cased" => {
                    modifiers.cased = true;
                    continue;
                }
                "windash" => {
                    modifiers.windash = true;
                    continue;
                }
                "gt" => {
                    modifiers.above = true;
                    continue;
                }
                "i" | "m" | "s" => {
                    if !modifiers.flags.contains(name) {
                        modifiers.flags.push_str(name);
                    }
                    continue;
                }
                "contains" => Matching::Contains,
                "startswith" => Matching::StartsWith,
                "endswith" => Matching::EndsWith,
                "re" => Matching::Regex,
                "token" => Matching::Token,
                "cidr" => Matching::Cidr,
                "entropy" => Matching::Entropy,
                "exists" => Matching::Exists,
                name if UNSUPPORTED.contains(&name) => {
                    let what = format!("the modifier `{name}` is");
                    return Err(Reason::Unsupported(what));
                }
                name => {
                    let what = "modifier";
                    return Err(Reason::unknown(what, name, SUPPORTED));
                }
            };
            if modifiers.matching != Matching::Whole {
                let reason = "only one of `contains`, `startswith`, \
                              `endswith`, `re`, `token`, `cidr`, \
                              `entropy` and `exists` may be given";
                return Err(Reason::Other(reason.into()));
            }
            modifiers.matching = matching;
        }
        modifiers.check()?;
        if modifiers.matching == Matching::Regex {
            // Regular expressions count case unless told otherwise.
            modifiers.cased = !modifiers.flags.contains('i');
            modifiers.flags.retain(|flag| flag != 'i');
        }
        Ok(modifiers)
    }

    /// Whether there are no modifiers.
    pub(super) fn is_plain(&self) -> bool {
        *self == Modifiers::default()
    }

    /// Refuses modifiers that say nothing together.
    fn check(&self) -> Result<(), Reason> {
        let refused = |text: &str| Err(Reason::Other(text.into()));
        let regex = self.matching == Matching::Regex;
        if self.above != (self.matching == Matching::Entropy) {
            return refused("`entropy` and `gt` go together only");
        }
        if !self.flags.is_empty() && !regex {
            return refused("`i`, `m` and `s` go with `re` only");
        }
        if regex && self.cased && self.flags.contains('i') {
            return refused("`cased` and `i` exclude each other");
        }
        let (cases, dashes) = match self.matching {
            Matching::Exists | Matching::Entropy | Matching::Cidr => {
                (false, false)
            }
            Matching::Regex | Matching::Token => (true, false),
            Matching::Whole
            | Matching::Contains
            | Matching::StartsWith
            | Matching::EndsWith => (true, true),
        };
        if self.cased && !cases {
            return refused("`cased` says nothing here");
        }
        if self.windash && !dashes {
            return refused("`windash` goes with plain text only");
        }
        if self.all && self.matching == Matching::Exists {
            return refused("`all` says nothing here");
        }
        Ok(())
    }

    /// The comparisons for one value, any of which may pass.
    pub(super) fn patterns(
        &self,
        node: &Node,
    ) -> Result<Vec<(Operation, String)>, Error> {
        let empty = Err(node.error(Reason::Other(
            "an empty value would match everything".into(),
        )));
        let text = match &node.value {
            Value::Null if self.matching == Matching::Whole => {
                return Ok(vec![(Operation::Null, String::new())]);
            }
            Value::Text(text) => text,
            _ => return Err(node.error(Reason::Expected("a value"))),
        };
        match self.matching {
            Matching::Exists => Ok(Vec::new()),
            Matching::Entropy => match text.parse::<f32>() {
                Ok(bits) if bits.is_finite() => {
                    Ok(vec![(Operation::EntropyAbove(bits), String::new())])
                }
                _ => Err(node.error(Reason::Expected("a number of bits"))),
            },
            Matching::Cidr => match text.parse::<Network>() {
                Ok(network) => {
                    Ok(vec![(Operation::InNetwork(network), text.clone())])
                }
                Err(error) => {
                    Err(node.error(Reason::Other(error.to_string())))
                }
            },
            Matching::Regex if text.is_empty() => empty,
            Matching::Regex => {
                let pattern = match self.flags.as_str() {
                    "" => text.clone(),
                    flags => format!("(?{flags}){text}"),
                };
                Ok(vec![(Operation::Regex, pattern)])
            }
            Matching::Token => match pieces(text).as_slice() {
                [] => empty,
                [Piece::Plain(text)] => {
                    Ok(vec![(Operation::Token, text.clone())])
                }
                _ => {
                    let what = "wildcards in a token are";
                    Err(node.error(Reason::Unsupported(what.into())))
                }
            },
            Matching::Whole
            | Matching::Contains
            | Matching::StartsWith
            | Matching::EndsWith => {
                if text.is_empty() && self.matching != Matching::Whole {
                    return empty;
                }
                let most = MOST_BYTES.checked_div(size(text));
                let spellings = match self.windash {
                    true => dashes(text, most.unwrap_or_default()),
                    false => Some(vec![text.clone()]),
                };
                let Some(spellings) = spellings else {
                    return Err(node.error(Reason::TooLarge));
                };
                Ok(spellings
                    .iter()
                    .map(|spelling| self.wildcards(spelling))
                    .collect())
            }
        }
    }

    /// The comparison for a string, with `*` where the modifiers put it.
    fn wildcards(&self, text: &str) -> (Operation, String) {
        let (before, after) = match self.matching {
            Matching::Contains => (true, true),
            Matching::EndsWith => (true, false),
            Matching::StartsWith => (false, true),
            _ => (false, false),
        };
        let mut whole = Vec::new();
        if before {
            push(&mut whole, Piece::Many);
        }
        for piece in pieces(text) {
            push(&mut whole, piece);
        }
        if after {
            push(&mut whole, Piece::Many);
        }
        comparison(&whole)
    }
}

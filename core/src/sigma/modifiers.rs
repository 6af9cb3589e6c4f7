/*!
What follows a field's name, as in `CommandLine|contains|all`, and what it
makes of a value.
*/

use super::encoding::{Encoding, encode};
use super::error::{Error, Reason};
use super::limits::{MOST_BYTES, size};
use super::placeholders::Placeholders;
use super::text::{Piece, comparison, dashes, pieces, push};
use super::yaml::{Node, Value};
use crate::rule::{Measure, Network, Operation, Order, Relation};

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

/// The modifiers of a field. Their order does not matter, but for that of
/// encodings.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Modifiers {
    pub(super) matching: Matching,
    /// All values must match, not any.
    pub(super) all: bool,
    /// Case counts.
    pub(super) cased: bool,
    /// None of the values may match: `neq`.
    pub(super) negated: bool,
    /// The value is the name of another field.
    pub(super) refers: bool,
    /// The field's canonical twin is meant.
    pub(super) canonical: bool,
    /// Option dashes may be exchanged.
    windash: bool,
    /// Placeholders stand for the values that the caller gives.
    expand: bool,
    /// How the value is encoded.
    encodings: Vec<Encoding>,
    /// What of the value is compared as a number.
    measure: Option<Measure>,
    /// How the number stands to the value.
    order: Option<Order>,
    /// Flags of a regular expression.
    flags: String,
}

const SUPPORTED: &[&str] = &[
    "all",
    "base64",
    "base64offset",
    "canonical",
    "cased",
    "cidr",
    "contains",
    "day",
    "endswith",
    "entropy",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "hour",
    "i",
    "lt",
    "lte",
    "m",
    "minute",
    "month",
    "neq",
    "re",
    "s",
    "startswith",
    "token",
    "utf16",
    "utf16be",
    "utf16le",
    "week",
    "wide",
    "windash",
    "year",
];

const MEASURES: [Measure; 6] = [
    Measure::Minute,
    Measure::Hour,
    Measure::Day,
    Measure::Week,
    Measure::Month,
    Measure::Year,
];

const ORDERS: [Order; 4] =
    [Order::Below, Order::AtMost, Order::Above, Order::AtLeast];

impl Modifiers {
    pub(super) fn read<'m>(
        names: impl Iterator<Item = &'m str>,
    ) -> Result<Modifiers, Reason> {
        let mut modifiers = Modifiers::default();
        for name in names {
            modifiers.add(name)?;
        }
        modifiers.check()?;
        if modifiers.matching == Matching::Regex {
            // Regular expressions count case unless told otherwise.
            modifiers.cased = !modifiers.flags.contains('i');
            modifiers.flags.retain(|flag| flag != 'i');
        }
        Ok(modifiers)
    }

    fn add(&mut self, name: &str) -> Result<(), Reason> {
        let refused = |text: &str| Err(Reason::Other(text.into()));
        let matching = match name {
            "all" => {
                self.all = true;
                return Ok(());
            }
            "cased" => {
                self.cased = true;
                return Ok(());
            }
            "neq" => {
                self.negated = true;
                return Ok(());
            }
            "fieldref" => {
                self.refers = true;
                return Ok(());
            }
            "canonical" => {
                self.canonical = true;
                return Ok(());
            }
            "windash" => {
                self.windash = true;
                return Ok(());
            }
            "expand" => {
                self.expand = true;
                return Ok(());
            }
            "i" | "m" | "s" => {
                if !self.flags.contains(name) {
                    self.flags.push_str(name);
                }
                return Ok(());
            }
            "contains" => Matching::Contains,
            "startswith" => Matching::StartsWith,
            "endswith" => Matching::EndsWith,
            "re" => Matching::Regex,
            "token" => Matching::Token,
            "cidr" => Matching::Cidr,
            "entropy" => Matching::Entropy,
            "exists" => Matching::Exists,
            name => {
                if let Some(encoding) = Encoding::from_name(name) {
                    // Each makes at least as much of a value.
                    if self.encodings.len() >= 4 {
                        return Err(Reason::TooLarge);
                    }
                    self.encodings.push(encoding);
                    return Ok(());
                }
                let mut measures = MEASURES.into_iter();
                let measure = measures.find(|known| known.name() == name);
                if let Some(measure) = measure {
                    if self.measure.replace(measure).is_some() {
                        return refused(
                            "only one part of a time may be given",
                        );
                    }
                    return Ok(());
                }
                let mut orders = ORDERS.into_iter();
                if let Some(order) = orders.find(|known| known.name() == name)
                {
                    if self.order.replace(order).is_some() {
                        let reason = "only one of `lt`, `lte`, `gt` and \
                                      `gte` may be given";
                        return refused(reason);
                    }
                    return Ok(());
                }
                let what = "modifier";
                return Err(Reason::unknown(what, name, SUPPORTED));
            }
        };
        if self.matching != Matching::Whole {
            return refused(
                "only one of `contains`, `startswith`, `endswith`, `re`, \
                 `token`, `cidr`, `entropy` and `exists` may be given",
            );
        }
        self.matching = matching;
        Ok(())
    }

    /// Whether there are no modifiers.
    pub(super) fn is_plain(&self) -> bool {
        *self == Modifiers::default()
    }

    /// What is compared as a number, and how.
    fn number(&self) -> Option<(Measure, Order)> {
        let is_number = self.measure.is_some() || self.order.is_some();
        let measure = self.measure.unwrap_or(Measure::Value);
        let order = self.order.unwrap_or(Order::Same);
        (is_number && self.matching != Matching::Entropy)
            .then_some((measure, order))
    }

    /// Refuses modifiers that say nothing together.
    fn check(&self) -> Result<(), Reason> {
        let refused = |text: &str| Err(Reason::Other(text.into()));
        let regex = self.matching == Matching::Regex;
        if self.matching == Matching::Entropy
            && (self.order != Some(Order::Above) || self.measure.is_some())
        {
            return refused("`entropy` goes with `gt` only");
        }
        if !self.flags.is_empty() && !regex {
            return refused("`i`, `m` and `s` go with `re` only");
        }
        if regex && self.cased && self.flags.contains('i') {
            return refused("`cased` and `i` exclude each other");
        }
        let is_number = self.number().is_some();
        if is_number && self.matching != Matching::Whole {
            return refused(
                "numbers and parts of times are compared as a whole",
            );
        }
        let is_text = !is_number
            && matches!(
                self.matching,
                Matching::Whole
                    | Matching::Contains
                    | Matching::StartsWith
                    | Matching::EndsWith
            );
        let has_case = is_text || regex || self.matching == Matching::Token;
        if self.cased && !has_case {
            return refused("`cased` says nothing here");
        }
        if self.windash && (!is_text || self.refers) {
            return refused("`windash` goes with plain text only");
        }
        if self.expand && (!is_text || self.refers) {
            return refused("`expand` goes with plain text only");
        }
        if !self.encodings.is_empty() && (!is_text || self.refers) {
            return refused("encodings go with plain text only");
        }
        if self.refers && !is_text {
            return refused(
                "`fieldref` goes with `contains`, `startswith` and \
                 `endswith` only",
            );
        }
        if self.all && self.matching == Matching::Exists {
            return refused("`all` says nothing here");
        }
        Ok(())
    }

    /// How the value stands to that of the field that it refers to.
    pub(super) fn relation(&self) -> Relation {
        match self.matching {
            Matching::Contains => Relation::Contains,
            Matching::StartsWith => Relation::StartsWith,
            Matching::EndsWith => Relation::EndsWith,
            _ => Relation::Equals,
        }
    }

    /// Makes a keyword of what has no field: it is found anywhere.
    pub(super) fn as_keyword(&mut self) {
        if self.matching == Matching::Whole && self.number().is_none() {
            self.matching = Matching::Contains;
        }
    }

    /// The comparisons for one value, any of which may pass.
    pub(super) fn patterns(
        &self,
        node: &Node,
        placeholders: &Placeholders,
    ) -> Result<Vec<(Operation, String)>, Error> {
        let Value::Text(text) = &node.value else {
            return Err(node.error(Reason::Expected("a value")));
        };
        let plain = |operation| Ok(vec![(operation, String::new())]);
        if let Some((measure, order)) = self.number() {
            return match crate::rule::number(text.as_bytes()) {
                Some(number) => {
                    let number = Operation::Number { measure, order, number };
                    Ok(vec![(number, text.clone())])
                }
                None => Err(node.error(Reason::Expected("a number"))),
            };
        }
        match self.matching {
            Matching::Exists => Ok(Vec::new()),
            Matching::Entropy => match text.parse::<f32>() {
                Ok(bits) if bits.is_finite() => {
                    plain(Operation::EntropyAbove(bits))
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
            // It is found in every value.
            Matching::Regex if text.is_empty() => plain(Operation::Exists),
            Matching::Regex => {
                let pattern = match self.flags.as_str() {
                    "" => text.clone(),
                    flags => format!("(?{flags}){text}"),
                };
                Ok(vec![(Operation::Regex, pattern)])
            }
            Matching::Token => match pieces(text).as_slice() {
                [] => {
                    let reason = "an empty value would match everything";
                    Err(node.error(Reason::Other(reason.into())))
                }
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
            | Matching::EndsWith => self
                .texts(text, placeholders)
                .map_err(|reason| node.error(reason)),
        }
    }

    /// The comparisons for one text.
    fn texts(
        &self,
        text: &str,
        placeholders: &Placeholders,
    ) -> Result<Vec<(Operation, String)>, Reason> {
        let most = MOST_BYTES.checked_div(size(text)).unwrap_or_default();
        let mut texts = match self.expand {
            true => placeholders.expand(text, most)?,
            false => vec![text.to_owned()],
        };
        if self.windash {
            let spellings = texts.iter().map(|text| dashes(text, most));
            let spellings: Option<Vec<_>> = spellings.collect();
            texts = spellings.ok_or(Reason::TooLarge)?.concat();
        }
        if self.encodings.is_empty() {
            return Ok(texts
                .iter()
                .map(|text| self.wildcards(pieces(text)))
                .collect());
        }
        let mut patterns = Vec::new();
        for text in &texts {
            let plain = match pieces(text).as_slice() {
                [] => String::new(),
                [Piece::Plain(plain)] => plain.clone(),
                _ => {
                    let what = "wildcards in a value that is encoded are";
                    return Err(Reason::Unsupported(what.into()));
                }
            };
            for spelling in encode(&plain, &self.encodings)? {
                patterns.push(match spelling.is_empty() {
                    true => self.wildcards(Vec::new()),
                    false => self.wildcards(vec![Piece::Plain(spelling)]),
                });
            }
        }
        Ok(patterns)
    }

    /// The comparison for a text, with `*` where the modifiers put it.
    fn wildcards(&self, text: Vec<Piece>) -> (Operation, String) {
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
        for piece in text {
            push(&mut whole, piece);
        }
        if after {
            push(&mut whole, Piece::Many);
        }
        comparison(&whole, self.cased)
    }
}

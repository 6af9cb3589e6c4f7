/*!
What a comparison is.

Everything that the rest of the crate asks of an operation stands here: what
makes a value pass, how a search can decide it, what a passing value must
contain, what it costs, which bytes are the evidence. Each is a `match` over
all operations, so the compiler names what a new one lacks. The compiler of
plans, the evaluation, the evidence and the filter know [`Search`],
[`Required`] and the like, and no operation by name.
*/

use core::fmt;
use core::net::IpAddr;
use core::ops::Range;
use core::str::FromStr;
use std::borrow::Cow;

use super::expression::Expressions;
use super::list::Text;
use super::measure::{Measure, Order};
use super::rarity;
use crate::bytes;
use crate::event::Field;

/// How a test compares a value with its pattern. Unless the test is cased,
/// ASCII case is ignored; other bytes compare exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// The value is the pattern.
    Equals,
    /// The value begins with the pattern.
    StartsWith,
    /// The value ends with the pattern.
    EndsWith,
    /// The pattern occurs in the value.
    Contains,
    /// The value's last path component, split at `/` and `\`, is the
    /// pattern.
    Name,
    /// The pattern is a wildcard expression for the whole value: `*` is any
    /// run of bytes, `?` any one character, or byte that is of none, `\`
    /// makes the next of these plain. Unless the test is cased, the case of
    /// all letters is ignored, one to one; an ASCII letter is equal to its
    /// ASCII twin only.
    Like,
    /// The pattern occurs, and where an edge byte of it is alphanumeric the
    /// neighbouring byte is not.
    Token,
    /// The pattern is a regular expression that matches somewhere in the
    /// value. Needs the feature `regex`.
    Regex,
    /// The Shannon entropy of the value, in bits per character, is above
    /// the given one. The pattern is not used.
    EntropyAbove(f32),
    /// The value is an address in the given network. The pattern is not
    /// used.
    InNetwork(Network),
    /// The field is present, whatever its value. The pattern is not used.
    Exists,
    /// The field is absent or empty. The pattern is not used.
    Null,
    /// The value, or a part of the time that it holds, stands so to a
    /// number. The pattern is not used.
    Number {
        /// What of the value.
        measure: Measure,
        /// How it stands to the number.
        order: Order,
        /// The number.
        number: f64,
    },
    /// The value stands so to a value of another field of the event; the
    /// pattern is the other field's name.
    Relates {
        /// The other field. If it is [`Field::Member`], the pattern is the
        /// member's name.
        other: Field,
        /// How the value stands to it.
        relation: Relation,
    },
}

/// Members that have some few values, as [`Field::EventType`] has.
const FEW_VALUED: &[&str] = &[
    "Initiated",
    "Keywords",
    "Level",
    "LogonType",
    "ObjectType",
    "Provider_Name",
    "Status",
];

/// In how many of 10,000 events such a field has one of its values.
const FEW_VALUES: u32 = 1000;

/// How a value stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Relation {
    /// It is the same.
    Equals,
    /// It begins with the other.
    StartsWith,
    /// It ends with the other.
    EndsWith,
    /// The other occurs in it.
    Contains,
}

impl Operation {
    /// The ways to compare that exclusions and configurations may name.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::rule::Operation;
    ///
    /// assert!(Operation::NAMED.contains(&("endswith", Operation::EndsWith)));
    /// ```
    pub const NAMED: &'static [(&'static str, Operation)] = &[
        ("equals", Operation::Equals),
        ("startswith", Operation::StartsWith),
        ("endswith", Operation::EndsWith),
        ("contains", Operation::Contains),
        ("name", Operation::Name),
        ("like", Operation::Like),
        ("token", Operation::Token),
        ("re", Operation::Regex),
        ("exists", Operation::Exists),
    ];

    /// What follows the field in a rule, as in `Image|endswith`; empty where
    /// nothing does. `name` and `like` are written in other ways in Sigma.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::rule::Operation;
    ///
    /// assert_eq!(Operation::EndsWith.modifiers(), "endswith");
    /// ```
    pub const fn modifiers(&self) -> &'static str {
        match self {
            Operation::Equals | Operation::Null => "",
            Operation::StartsWith => "startswith",
            Operation::EndsWith => "endswith",
            Operation::Contains => "contains",
            Operation::Name => "name",
            Operation::Like => "like",
            Operation::Token => "token",
            Operation::Regex => "re",
            Operation::EntropyAbove(_) => "entropy|gt",
            Operation::InNetwork(_) => "cidr",
            Operation::Exists => "exists",
            Operation::Number { measure, order, .. } => {
                modifiers_of_number(*measure, *order)
            }
            Operation::Relates { relation, .. } => match relation {
                Relation::Equals => "fieldref",
                Relation::StartsWith => "fieldref|startswith",
                Relation::EndsWith => "fieldref|endswith",
                Relation::Contains => "fieldref|contains",
            },
        }
    }
}

/// The modifiers of a comparison with a number.
macro_rules! modifiers_of_number {
    ($($measure:ident $name:literal),*) => {
        const fn modifiers_of_number(
            measure: Measure,
            order: Order,
        ) -> &'static str {
            match (measure, order) {
                (Measure::Value, order) => order.name(),
                $(
                    (Measure::$measure, Order::Same) => $name,
                    (Measure::$measure, Order::Below) => {
                        concat!($name, "|lt")
                    }
                    (Measure::$measure, Order::AtMost) => {
                        concat!($name, "|lte")
                    }
                    (Measure::$measure, Order::Above) => {
                        concat!($name, "|gt")
                    }
                    (Measure::$measure, Order::AtLeast) => {
                        concat!($name, "|gte")
                    }
                )*
            }
        }
    };
}

modifiers_of_number! {
    Minute "minute", Hour "hour", Day "day", Week "week", Month "month",
    Year "year"
}

/// A network of addresses of the Internet Protocol, version 4 or 6.
///
/// # Example
///
/// ```
/// use t1053::rule::Network;
///
/// let network: Network = "10.0.0.0/8".parse()?;
/// assert!(network.has_address(b"10.1.2.3"));
/// assert!(!network.has_address(b"11.1.2.3"));
/// assert!("10.0.0.0/33".parse::<Network>().is_err());
/// # Ok::<(), t1053::rule::NetworkError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    /// How many leading bits of an address tell that it belongs here.
    bits: u32,
}

impl Network {
    /// Whether a text is an address in this network. One of version 4 that
    /// is written as one of version 6 (`::ffff:10.0.0.1`) is of version 4.
    /// Does not allocate.
    pub fn has_address(&self, text: &[u8]) -> bool {
        let text = str::from_utf8(text).ok();
        let address = text.and_then(|text| text.parse::<IpAddr>().ok());
        let shared = match (
            address.map(|address| address.to_canonical()),
            self.address,
        ) {
            (Some(IpAddr::V4(one)), IpAddr::V4(other)) => {
                (one.to_bits() ^ other.to_bits()).leading_zeros()
            }
            (Some(IpAddr::V6(one)), IpAddr::V6(other)) => {
                (one.to_bits() ^ other.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        shared >= self.bits
    }
}

/// As it is parsed.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Network, NetworkError> {
        let (address, bits) = text.split_once('/').ok_or(NetworkError)?;
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let bits: u32 = bits.parse().map_err(|_| NetworkError)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let network = Network { address, bits };
        (bits <= most).then_some(network).ok_or(NetworkError)
    }
}

/// A text that is no network, such as `10.0.0.0/8` or `fc00::/7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkError;

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a network, as in `10.0.0.0/8` or `fc00::/7`")
    }
}

impl core::error::Error for NetworkError {}

/// One comparison of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The field to look at. Of several values, as a task's actions have,
    /// any may pass.
    pub field: Field,
    /// Which member, where the field is [`Field::Member`]; else empty.
    pub member: Text,
    /// How to compare.
    pub operation: Operation,
    /// What to compare with, as the rule wrote it.
    pub pattern: Text,
    /// Whether ASCII case counts.
    pub cased: bool,
}

/// How looking for bytes decides a test for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search<'t> {
    /// It passes where the value is these bytes, ASCII case ignored.
    Whole(&'t [u8]),
    /// It passes where the value's last path component is these bytes, ASCII
    /// case ignored, and stands so.
    Name(&'t [u8], Anchor),
    /// It passes where these bytes occur and stand so.
    Literal(&'t [u8], Anchor),
}

/// How found bytes must stand in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// In any way.
    Anywhere,
    /// At its start.
    Start,
    /// At its end.
    End,
    /// As a [token](bytes::is_token).
    Apart,
    /// Right after this byte.
    After(u8),
}

impl Anchor {
    /// Whether bytes at a place of a value stand so.
    #[inline]
    pub(crate) fn holds(self, value: &[u8], place: Range<usize>) -> bool {
        match self {
            Anchor::Anywhere => true,
            Anchor::Start => place.start == 0,
            Anchor::End => place.end == value.len(),
            Anchor::Apart => bytes::is_token(value, &place),
            Anchor::After(byte) => {
                let before = place.start.checked_sub(1);
                before.and_then(|at| value.get(at)) == Some(&byte)
            }
        }
    }
}

/// Bytes that every value that passes a test contains, ASCII case ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Required<'t> {
    pub(crate) bytes: Cow<'t, [u8]>,
    /// What begins where they begin.
    pub(crate) starts: Edge,
    /// What ends where they end.
    pub(crate) ends: Edge,
}

/// What required bytes are at the edge of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Of nothing in particular.
    None,
    /// Of a component of a path.
    Component,
    /// Of the value.
    Value,
}

/// What makes two tests the same.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct TestKey {
    field: Field,
    member: String,
    operation: core::mem::Discriminant<Operation>,
    threshold: u64,
    network: Option<Network>,
    measure: Option<(Measure, Order)>,
    other: Option<(Field, Relation)>,
    pattern: Vec<u8>,
    cased: bool,
}

impl Test {
    /// A comparison that ignores ASCII case.
    pub const fn new(
        field: Field,
        operation: Operation,
        pattern: Text,
    ) -> Test {
        let member = Text::Borrowed("");
        Test { field, member, operation, pattern, cased: false }
    }

    /// A test of a member of the event under its own name.
    pub fn of_member(
        member: impl Into<Text>,
        operation: Operation,
        pattern: Text,
    ) -> Test {
        let member = member.into();
        Test { member, ..Test::new(Field::Member, operation, pattern) }
    }

    /// The field, and the name of the member, that values are compared with;
    /// `None` for a comparison with the pattern.
    pub(crate) fn other(&self) -> Option<(Field, &str)> {
        match self.operation {
            Operation::Relates { other: Field::Member, .. } => {
                Some((Field::Member, &self.pattern))
            }
            Operation::Relates { other, .. } => Some((other, "")),
            _ => None,
        }
    }

    /// The fields whose values it takes.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> + use<> {
        let other = self.other().map(|(field, _)| field);
        core::iter::once(self.field).chain(other)
    }

    /// Whether a value stands to one of another field as it has to.
    pub(crate) fn relates(&self, value: &[u8], other: &[u8]) -> bool {
        let Operation::Relates { relation, .. } = self.operation else {
            debug_assert!(false, "a comparison with the pattern");
            return false;
        };
        match relation {
            Relation::Equals => bytes::equals(value, other, self.cased),
            Relation::StartsWith => {
                bytes::starts_with(value, other, self.cased)
            }
            Relation::EndsWith => bytes::ends_with(value, other, self.cased),
            Relation::Contains => {
                bytes::find(value, other, 0, self.cased).is_some()
            }
        }
    }

    /// The place of its expression among all; `None` where it has none.
    #[cfg(feature = "regex")]
    pub(crate) fn expression(
        &self,
        expressions: &Expressions,
    ) -> Option<usize> {
        let is_expression = self.operation == Operation::Regex;
        let place = || expressions.place(&self.pattern, self.cased);
        is_expression.then(place).flatten()
    }

    /// Whether one value passes, by plain comparison.
    pub(crate) fn passes(
        &self,
        value: &[u8],
        #[cfg_attr(not(feature = "regex"), expect(unused_variables))]
        expressions: &Expressions,
    ) -> bool {
        let pattern = self.pattern.as_bytes();
        let cased = self.cased;
        match self.operation {
            Operation::Equals => bytes::equals(value, pattern, cased),
            Operation::Name => {
                bytes::equals(bytes::name(value), pattern, cased)
            }
            Operation::StartsWith => bytes::starts_with(value, pattern, cased),
            Operation::EndsWith => bytes::ends_with(value, pattern, cased),
            Operation::Contains => {
                bytes::find(value, pattern, 0, cased).is_some()
            }
            Operation::Token => {
                bytes::find_token(value, pattern, cased).is_some()
            }
            Operation::Like => bytes::like(value, pattern, cased),
            Operation::EntropyAbove(bits) => bytes::entropy(value) > bits,
            Operation::InNetwork(network) => network.has_address(value),
            Operation::Exists => true,
            Operation::Null => value.is_empty(),
            Operation::Number { measure, order, number } => measure
                .of(value)
                .is_some_and(|found| order.holds(found, number)),
            // Whoever has the other field's values asks `relates`.
            Operation::Relates { .. } => false,
            #[cfg(feature = "regex")]
            Operation::Regex => {
                expressions.is_match(&self.pattern, cased, value)
            }
            #[cfg(not(feature = "regex"))]
            Operation::Regex => false,
        }
    }

    /// Whether a field with these values passes, given what tells whether
    /// one of them does: for most operations any will do. An absent field
    /// has no values.
    pub(crate) fn passes_any<'v>(
        &self,
        mut values: impl Iterator<Item = &'v [u8]>,
        passes: impl FnMut(&'v [u8]) -> bool,
    ) -> bool {
        match self.operation {
            // One empty value of several does not make a field empty.
            Operation::Null => values.all(passes),
            _ => values.any(passes),
        }
    }

    /// Where in a value the bytes are that make it pass; `None` where it
    /// does not.
    pub(crate) fn range(
        &self,
        value: &[u8],
        expressions: &Expressions,
    ) -> Option<Range<usize>> {
        // Where something stands in a value it passes, and whoever asks about
        // another field's value has asked that: the whole is evidence.
        let is_told = matches!(
            self.operation,
            Operation::Contains | Operation::Token | Operation::Relates { .. }
        );
        if !is_told && !self.passes(value, expressions) {
            return None;
        }
        let pattern = self.pattern.as_bytes();
        let whole = 0..value.len();
        Some(match self.operation {
            Operation::StartsWith => 0..pattern.len(),
            Operation::EndsWith | Operation::Name => {
                whole.end.checked_sub(pattern.len())?..whole.end
            }
            Operation::Contains => {
                let at = bytes::find(value, pattern, 0, self.cased)?;
                bytes::range(at, pattern.len())
            }
            Operation::Token => {
                let at = bytes::find_token(value, pattern, self.cased)?;
                bytes::range(at, pattern.len())
            }
            #[cfg(feature = "regex")]
            Operation::Regex => {
                expressions.find(&self.pattern, self.cased, value)?
            }
            #[cfg(not(feature = "regex"))]
            Operation::Regex => whole,
            Operation::Equals
            | Operation::Like
            | Operation::EntropyAbove(_)
            | Operation::InNetwork(_)
            | Operation::Exists
            | Operation::Null
            | Operation::Number { .. }
            | Operation::Relates { .. } => whole,
        })
    }

    /// How a search decides the test; `None` where it cannot.
    pub(crate) fn search(&self) -> Option<Search<'_>> {
        let pattern = self.pattern.as_bytes();
        let literal = |anchor| {
            let literal = Search::Literal(pattern, anchor);
            (!pattern.is_empty()).then_some(literal)
        };
        match self.operation {
            // A table holds one spelling; cased ones are asked directly.
            Operation::Equals if !self.cased => Some(Search::Whole(pattern)),
            Operation::Name if !self.cased => {
                Some(Search::Name(pattern, Anchor::Anywhere))
            }
            Operation::StartsWith => literal(Anchor::Start),
            Operation::EndsWith => match self.name_at_end() {
                Some((before, name)) => {
                    Some(Search::Name(name, Anchor::After(before)))
                }
                None => literal(Anchor::End),
            },
            Operation::Contains => literal(Anchor::Anywhere),
            Operation::Token => literal(Anchor::Apart),
            Operation::Equals
            | Operation::Name
            | Operation::Like
            | Operation::Regex
            | Operation::EntropyAbove(_)
            | Operation::InNetwork(_)
            | Operation::Exists
            | Operation::Null
            | Operation::Number { .. }
            | Operation::Relates { .. } => None,
        }
    }

    /// Bytes of which at least one stands in every value that passes; `None`
    /// where no bytes must.
    pub(crate) fn required(&self) -> Option<Vec<Required<'_>>> {
        let pattern = self.pattern.as_bytes();
        let whole = |starts, ends| {
            let bytes = Cow::Borrowed(pattern);
            let required = Required { bytes, starts, ends };
            (!pattern.is_empty()).then(|| vec![required])
        };
        match self.operation {
            Operation::Equals => whole(Edge::Value, Edge::Value),
            Operation::Name => whole(Edge::Component, Edge::Value),
            Operation::StartsWith => whole(Edge::Value, Edge::None),
            Operation::EndsWith => whole(Edge::None, Edge::Value),
            Operation::Contains | Operation::Token => {
                whole(Edge::None, Edge::None)
            }
            Operation::Like => {
                let weight = |set: &Vec<String>| {
                    let each = set.iter();
                    let each =
                        each.map(|text| rarity::frequency(text.as_bytes()));
                    each.fold(0, u32::saturating_add)
                };
                let runs = bytes::plain_runs(pattern).into_iter();
                let runs = runs.filter_map(|run| String::from_utf8(run).ok());
                let sets =
                    runs.filter(|run| !run.is_empty()).flat_map(|run| {
                        match self.cased {
                            true => vec![vec![run]],
                            false => bytes::spellings(&run),
                        }
                    });
                let rarest = sets.min_by_key(weight)?;
                let each = rarest.into_iter().map(String::into_bytes);
                Some(each.map(Required::inside).collect())
            }
            #[cfg(feature = "regex")]
            Operation::Regex => {
                let literals =
                    super::expression::required(&self.pattern, self.cased)?;
                Some(literals.into_iter().map(Required::inside).collect())
            }
            #[cfg(not(feature = "regex"))]
            Operation::Regex => None,
            Operation::EntropyAbove(_)
            | Operation::InNetwork(_)
            | Operation::Exists
            | Operation::Null
            | Operation::Number { .. }
            | Operation::Relates { .. } => None,
        }
    }

    /// In how many of 10,000 values, roughly, the test passes.
    pub(crate) fn frequency(&self) -> u32 {
        match self.search() {
            // All events of a log have that in common.
            _ if self.field.is_told() => rarity::ALWAYS,
            Some(Search::Whole(_)) if self.has_few_values() => FEW_VALUES,
            Some(Search::Whole(name) | Search::Name(name, _)) => {
                rarity::frequency_as_name(name)
            }
            Some(Search::Literal(literal, _)) => rarity::frequency(literal),
            None => rarity::ALWAYS,
        }
    }

    /// Whether most values of its field are some few, so that a short list of
    /// them says little.
    fn has_few_values(&self) -> bool {
        match self.field {
            Field::EventId
            | Field::Channel
            | Field::EventType
            | Field::IntegrityLevel => true,
            Field::Member => FEW_VALUED.contains(&&*self.member),
            _ => false,
        }
    }

    /// What the test costs, roughly in nanoseconds on a usual value.
    pub(crate) fn cost(&self) -> usize {
        match self.operation {
            Operation::Exists | Operation::Null => 1,
            Operation::Equals | Operation::Name => 4,
            Operation::EndsWith if self.name_at_end().is_some() => 4,
            Operation::StartsWith | Operation::EndsWith => 20,
            Operation::Contains | Operation::Token => 40,
            Operation::Number { .. } => 40,
            Operation::Relates { .. } => 60,
            Operation::InNetwork(_) => 50,
            Operation::Like => 100,
            Operation::EntropyAbove(_) => 400,
            Operation::Regex => 1000,
        }
    }

    /// Equal for two tests that pass for the same values.
    pub(crate) fn key(&self) -> TestKey {
        let mut pattern = self.pattern.as_bytes().to_vec();
        // Folding changes what a regular expression means, and which member
        // a name is of.
        let is_folded = !matches!(
            self.operation,
            Operation::Regex | Operation::Relates { .. }
        );
        if !self.cased && is_folded {
            pattern.make_ascii_lowercase();
        }
        let (threshold, network) = match self.operation {
            Operation::EntropyAbove(bits) => (bits.to_bits().into(), None),
            Operation::InNetwork(network) => (0, Some(network)),
            Operation::Number { number, .. } => (number.to_bits(), None),
            _ => (0, None),
        };
        let (measure, other) = match self.operation {
            Operation::Number { measure, order, .. } => {
                (Some((measure, order)), None)
            }
            Operation::Relates { other, relation } => {
                (None, Some((other, relation)))
            }
            _ => (None, None),
        };
        TestKey {
            field: self.field,
            member: self.member.to_string(),
            operation: core::mem::discriminant(&self.operation),
            threshold,
            network,
            measure,
            other,
            pattern,
            cased: self.cased,
        }
    }

    /// The separator and the name of a pattern such as `\name.exe`, which a
    /// value can only end with if that is its last path component: then a
    /// probe settles it as well, once the separator is compared too.
    fn name_at_end(&self) -> Option<(u8, &[u8])> {
        let (&first, name) = self.pattern.as_bytes().split_first()?;
        let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
        let is_name = self.operation == Operation::EndsWith
            && !self.cased
            && is_separator(&first)
            && !name.is_empty()
            && !name.iter().any(is_separator);
        is_name.then_some((first, name))
    }
}

impl Required<'_> {
    /// Bytes that may stand anywhere in the value.
    fn inside(bytes: Vec<u8>) -> Required<'static> {
        let bytes = Cow::Owned(bytes);
        Required { bytes, starts: Edge::None, ends: Edge::None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_networks() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "::ffff:10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "10.0.0", false),
            ("10.0.0.0/8", "10.0.0.1 ", false),
            ("10.0.0.0/8", "-", false),
            ("10.0.0.0/8", "", false),
            ("10.0.0.7/32", "10.0.0.7", true),
            ("10.0.0.7/32", "10.0.0.6", false),
            ("0.0.0.0/0", "255.0.0.1", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "1.2.3.4", false),
            ("fc00::/7", "fd12::1", true),
            ("fc00::/7", "fe12::1", false),
            ("::1/128", "0:0:0:0:0:0:0:1", true),
        ] {
            let parsed: Network = network.parse().unwrap();
            let found = parsed.has_address(address.as_bytes());
            assert_eq!(found, expected, "{address} in {network}");
        }
        for text in ["", "10.0.0.0", "10.0.0.0/33", "::/129", "/8", "a/8"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}

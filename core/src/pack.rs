/*!
Rules as bytes: versioned, checksummed, read without a YAML parser.

A pack is a head of 36 bytes and a body. In the head stand what it is
([`MAGIC`]), the version of the format, the length of the body, and a checksum
of all that. In the body stands the number of rules, then each rule, member by
member. Numbers take as many bytes as they need, seven bits in each, the lowest
first; a text or a list is its length and what is in it; of what may be one of
several things, a code says which.

Codes and the order of members never change within a version. Whatever is
added makes a new version, and a library reads its own and those before it: a
rule that an older library would have to guess at is not loaded by it.
*/

use core::fmt;
use core::hash::Hasher;
use std::borrow::Cow;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::event::{EventKind, Field, Platform};
use crate::rule::{
    Aggregation, Attribute, Bound, Chain, Count, Counted, Detection, Kind,
    List, Logic, Measure, Network, Operation, Order, Origin, Pack, Predicate,
    Related, Relation, Risk, RiskObject, Role, Rule, Selection, Sequence,
    Severity, Stage, StageInput, Statistic, Tactic, Test, Text,
};

/// How a pack begins. The first byte is no ASCII, and the last two tell when
/// something has changed line ends, as in PNG.
pub(crate) const MAGIC: [u8; 8] = *b"\x89T1053\r\n";

/// The version that is written, and the highest that is read.
const VERSION: u32 = 1;

/// The length of the head.
const HEAD: usize = 36;

/// A longer pack is refused: 2,033 public rules take 1.9 MB.
const LONGEST: usize = 64 << 20;

/// How many rules, tests, texts and the like there may be. Each takes about
/// 100 bytes of memory and may take one byte of the pack, so that this and
/// not the length of the pack bounds the memory. All 3,780 public rules would
/// have fewer even if each byte of their pack was one.
const MOST_ITEMS: usize = 4 << 20;

/// Predicates that nest deeper are refused. Sigma's reader allows 64 in a
/// condition, and a few in a selection.
const DEEPEST: usize = 96;

/// Why bytes are no pack that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// They are none.
    NoPack,
    /// It is of a later version.
    Newer(u32),
    /// It is longer than is allowed.
    TooLong,
    /// Something in it has changed, or is missing.
    Damaged(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NoPack => f.write_str("this is no pack"),
            Fault::Newer(version) => write!(
                f,
                "the pack is of version {version}, and this library reads no \
                 later one than {VERSION}: bring the library up to date, or \
                 compile the rules with this version of it",
            ),
            Fault::TooLong => {
                write!(f, "a pack may have {} MiB at most", LONGEST >> 20)
            }
            Fault::Damaged(what) => write!(f, "the pack is damaged: {what}"),
        }
    }
}

/// Whether bytes are meant to be a pack.
pub(crate) fn is_pack(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Rules as a pack: the same bytes for the same rules, anywhere.
pub(crate) fn write(rules: &[Rule]) -> Vec<u8> {
    let mut body = Vec::new();
    store_list(rules, &mut body);
    seal_pack(&body)
}

/// A body, whatever it is, with the head of a pack. For fuzzing: no checksum
/// that is made up is ever right.
pub fn seal_pack(body: &[u8]) -> Vec<u8> {
    let mut pack = MAGIC.to_vec();
    pack.extend(VERSION.to_le_bytes());
    pack.extend((body.len() as u64).to_le_bytes());
    let checksum = checksum(&pack, body);
    pack.extend(checksum);
    pack.extend(body);
    pack
}

/// The rules of a pack.
pub(crate) fn read(pack: &[u8]) -> Result<Vec<Rule>, Fault> {
    let Some((head, body)) = pack.split_at_checked(HEAD) else {
        return Err(match is_pack(pack) {
            true => Fault::Damaged("its head is cut off"),
            false => Fault::NoPack,
        });
    };
    let mut fields = Input::new(head);
    if fields.array() != Some(MAGIC) {
        return Err(Fault::NoPack);
    }
    // The version first: what comes after it may be something else by then.
    let version = fields.array().map(u32::from_le_bytes).unwrap_or_default();
    if version > VERSION {
        return Err(Fault::Newer(version));
    }
    let length = fields.array().map(u64::from_le_bytes).unwrap_or_default();
    if pack.len() > LONGEST {
        return Err(Fault::TooLong);
    }
    if version == 0 || length != body.len() as u64 {
        return Err(Fault::Damaged("it is not as long as it was"));
    }
    let (summed, _) = head.split_at_checked(20).unwrap_or_default();
    if fields.array() != Some(checksum(summed, body)) {
        return Err(Fault::Damaged("its checksum is another"));
    }
    let mut input = Input::new(body);
    let rules = Vec::restore(&mut input);
    match rules {
        Some(rules) if input.rest.is_empty() => Ok(rules),
        _ => Err(Fault::Damaged("a rule in it is none")),
    }
}

/// Tells accidents, and no attacks: who may change a pack may change its
/// checksum.
fn checksum(head: &[u8], body: &[u8]) -> [u8; 16] {
    let mut hasher = SipHasher13::new();
    hasher.write(head);
    hasher.write(body);
    hasher.finish128().as_bytes()
}

/// What is left to be read.
struct Input<'p> {
    rest: &'p [u8],
    /// How many items there may still be.
    items: usize,
    /// How many predicates, or stages of chains, are open.
    depth: usize,
}

impl<'p> Input<'p> {
    fn new(rest: &'p [u8]) -> Input<'p> {
        Input { rest, items: MOST_ITEMS, depth: 0 }
    }

    fn take(&mut self, length: usize) -> Option<&'p [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        let [byte] = self.array()?;
        Some(byte)
    }

    /// Reads what may have such as itself within.
    fn within<T>(
        &mut self,
        read: impl FnOnce(&mut Input<'p>) -> Option<T>,
    ) -> Option<T> {
        self.depth =
            self.depth.checked_add(1).filter(|&depth| depth <= DEEPEST)?;
        let found = read(self)?;
        self.depth = self.depth.saturating_sub(1);
        Some(found)
    }

    fn text(&mut self) -> Option<&'p str> {
        let length = u32::restore(self)?;
        str::from_utf8(self.take(length as usize)?).ok()
    }
}

/// What can stand in a pack.
trait Stored: Sized {
    fn store(&self, to: &mut Vec<u8>);

    /// `None` where this is not what stands there.
    fn restore(from: &mut Input<'_>) -> Option<Self>;
}

impl Stored for u32 {
    fn store(&self, to: &mut Vec<u8>) {
        let mut rest = *self;
        while rest > 0x7F {
            to.push((rest & 0x7F) as u8 | 0x80);
            rest >>= 7;
        }
        to.push(rest as u8);
    }

    fn restore(from: &mut Input<'_>) -> Option<u32> {
        let mut number = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = from.byte()?;
            let part = u32::from(byte & 0x7F);
            // No bit may get lost, nor a number be written in two ways.
            let shifted = part.checked_shl(shift)?;
            if shifted >> shift != part
                || (part == 0 && shift > 0 && byte == 0)
            {
                return None;
            }
            number |= shifted;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

impl Stored for u8 {
    fn store(&self, to: &mut Vec<u8>) {
        to.push(*self);
    }

    fn restore(from: &mut Input<'_>) -> Option<u8> {
        from.byte()
    }
}

impl Stored for bool {
    fn store(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn restore(from: &mut Input<'_>) -> Option<bool> {
        match from.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

/// Numbers that may be fractions: finite ones.
macro_rules! fractions {
    ($($type:ident)*) => {
        $(
            impl Stored for $type {
                fn store(&self, to: &mut Vec<u8>) {
                    to.extend(self.to_le_bytes());
                }

                fn restore(from: &mut Input<'_>) -> Option<$type> {
                    let number = $type::from_le_bytes(from.array()?);
                    number.is_finite().then_some(number)
                }
            }
        )*
    };
}

fractions!(f32 f64);

impl Stored for Text {
    fn store(&self, to: &mut Vec<u8>) {
        store_length(self.len(), to);
        to.extend(self.as_bytes());
    }

    fn restore(from: &mut Input<'_>) -> Option<Text> {
        from.text().map(|text| Cow::Owned(text.to_owned()))
    }
}

impl Stored for Network {
    fn store(&self, to: &mut Vec<u8>) {
        Text::from(self.to_string()).store(to);
    }

    fn restore(from: &mut Input<'_>) -> Option<Network> {
        from.text()?.parse().ok()
    }
}

impl<T: Stored> Stored for Option<T> {
    fn store(&self, to: &mut Vec<u8>) {
        self.is_some().store(to);
        if let Some(value) = self {
            value.store(to);
        }
    }

    fn restore(from: &mut Input<'_>) -> Option<Option<T>> {
        match bool::restore(from)? {
            true => T::restore(from).map(Some),
            false => Some(None),
        }
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn store(&self, to: &mut Vec<u8>) {
        store_list(self, to);
    }

    fn restore(from: &mut Input<'_>) -> Option<Vec<T>> {
        let length = u32::restore(from)? as usize;
        from.items = from.items.checked_sub(length)?;
        // A length that is made up must not take memory.
        let mut items = Vec::with_capacity(length.min(1024));
        for _ in 0..length {
            items.push(T::restore(from)?);
        }
        Some(items)
    }
}

impl<T: Stored> Stored for List<T> {
    fn store(&self, to: &mut Vec<u8>) {
        store_list(self, to);
    }

    fn restore(from: &mut Input<'_>) -> Option<List<T>> {
        Vec::restore(from).map(List::Owned)
    }
}

fn store_list<T: Stored>(items: &[T], to: &mut Vec<u8>) {
    store_length(items.len(), to);
    items.iter().for_each(|item| item.store(to));
}

fn store_length(length: usize, to: &mut Vec<u8>) {
    debug_assert!(length <= u32::MAX as usize, "a pack has no such length");
    (length as u32).store(to);
}

/// What has a number that never changes.
macro_rules! numbered {
    ($($type:ident)*) => {
        $(
            impl Stored for $type {
                fn store(&self, to: &mut Vec<u8>) {
                    self.number().store(to);
                }

                fn restore(from: &mut Input<'_>) -> Option<$type> {
                    $type::from_number(u32::restore(from)?)
                }
            }
        )*
    };
}

numbered!(EventKind Field Platform);

/// What has a name that never changes.
macro_rules! named {
    ($($type:ident)*) => {
        $(
            impl Stored for $type {
                fn store(&self, to: &mut Vec<u8>) {
                    Text::from(self.name()).store(to);
                }

                fn restore(from: &mut Input<'_>) -> Option<$type> {
                    let name = from.text()?;
                    $type::from_name(name).filter(|found| found.name() == name)
                }
            }
        )*
    };
}

named!(Kind Pack Role Severity Tactic);

/// What has members, in the order in which they stand in a pack.
macro_rules! members {
    ($type:ident { $($member:ident)* }) => {
        impl Stored for $type {
            fn store(&self, to: &mut Vec<u8>) {
                $(self.$member.store(to);)*
            }

            fn restore(from: &mut Input<'_>) -> Option<$type> {
                Some($type { $($member: Stored::restore(from)?,)* })
            }
        }
    };
}

members!(Rule { detection logic });
members!(Detection {
    slug title id published_name pack kind techniques tactics risk risk_objects
    severity weight needs response platform description false_positives references group_by message
    author license status date modified related
});
members!(Related { id relation });
members!(Risk { score impact confidence });
members!(RiskObject { field object role });
members!(Selection { kinds predicate });
members!(Sequence { steps group_by within_seconds });
members!(Attribute { name origins });
members!(Origin { field member });
members!(Aggregation { events of statistic bounds group_by within_seconds });
members!(Bound { order number });
members!(Chain { events stages });
members!(Count { events of at_least group_by within_seconds });
members!(Test { field member operation pattern cased });

/// What may be one of several things, each with its code.
macro_rules! codes {
    ($type:ident {
        $($code:literal = $variant:ident
            $(($part:ident))? $({ $($member:ident)* })?,)*
    }) => {
        impl Stored for $type {
            fn store(&self, to: &mut Vec<u8>) {
                match self {
                    $($type::$variant $(($part))? $({ $($member,)* })? => {
                        to.push($code);
                        $($part.store(to);)?
                        $($($member.store(to);)*)?
                    })*
                }
            }

            fn restore(from: &mut Input<'_>) -> Option<$type> {
                Some(match from.byte()? {
                    $($code => $type::$variant $(({
                        let $part = Stored::restore(from)?;
                        $part
                    }))? $({ $($member: Stored::restore(from)?,)* })?,)*
                    _ => return None,
                })
            }
        }
    };
}

codes!(Logic {
    1 = Single(selection),
    2 = Sequence(sequence),
    3 = Count(count),
    4 = Aggregation(aggregation),
    5 = Chain(chain),
});
codes!(StageInput { 1 = Event(number), 2 = Stage(number), });
codes!(Statistic { 1 = Sum, 2 = Average, 3 = Percentile(percent), });
codes!(Counted { 1 = Events, 2 = Values(field), 3 = Selections, });
codes!(Operation {
    1 = Equals,
    2 = StartsWith,
    3 = EndsWith,
    4 = Contains,
    5 = Name,
    6 = Like,
    7 = Token,
    8 = Regex,
    9 = EntropyAbove(bits),
    10 = InNetwork(network),
    11 = Exists,
    12 = Null,
    13 = Number { measure order number },
    14 = Relates { other relation },
});
codes!(Measure {
    1 = Value,
    2 = Minute,
    3 = Hour,
    4 = Day,
    5 = Week,
    6 = Month,
    7 = Year,
});
codes!(Order {
    1 = Same,
    2 = Below,
    3 = AtMost,
    4 = Above,
    5 = AtLeast,
});
codes!(Relation {
    1 = Equals,
    2 = StartsWith,
    3 = EndsWith,
    4 = Contains,
});

impl Stored for Stage {
    fn store(&self, to: &mut Vec<u8>) {
        self.steps.store(to);
        self.logic.store(to);
    }

    /// Recurses, to a bounded depth: no stage is a chain, but a pack may say
    /// so.
    fn restore(from: &mut Input<'_>) -> Option<Stage> {
        from.within(|from| {
            let steps = List::restore(from)?;
            Some(Stage { steps, logic: Logic::restore(from)? })
        })
    }
}

impl Stored for Predicate {
    fn store(&self, to: &mut Vec<u8>) {
        let (code, parts) = match self {
            Predicate::All(parts) => (1, parts),
            Predicate::Any(parts) => (2, parts),
            Predicate::None(parts) => (3, parts),
            Predicate::Test(test) => {
                to.push(4);
                return test.store(to);
            }
        };
        to.push(code);
        parts.store(to);
    }

    /// Recurses, to a bounded depth.
    fn restore(from: &mut Input<'_>) -> Option<Predicate> {
        let join = match from.byte()? {
            1 => Predicate::All,
            2 => Predicate::Any,
            3 => Predicate::None,
            4 => return Test::restore(from).map(Predicate::Test),
            _ => return None,
        };
        from.within(List::restore).map(join)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    /// Everything of a rule but the selection's end.
    fn begun(predicate: &[u8]) -> Vec<u8> {
        let detection = Detection::new("a", "b", Platform::Windows);
        let mut body = vec![1];
        detection.store(&mut body);
        body.extend([1, 0]);
        body.extend(predicate);
        body
    }

    #[test]
    fn rules_come_back_as_they_were() {
        let rules = catalog::builtin();
        let pack = write(rules);
        assert_eq!(read(&pack).as_deref(), Ok(rules));
        assert_eq!(write(&read(&pack).unwrap()), pack);
        assert_eq!(read(&write(&[])), Ok(Vec::new()));
    }

    /// With what no built-in rule has.
    fn count() -> Rule {
        let number = Operation::Number {
            measure: Measure::Hour,
            order: Order::AtLeast,
            number: 21.5,
        };
        let relates = |other| Operation::Relates {
            other,
            relation: Relation::StartsWith,
        };
        let test = |operation, pattern| {
            Predicate::Test(Test::of_member("Hashes", operation, pattern))
        };
        let image = Text::Borrowed("Image");
        let product = Text::Borrowed("Product");
        let predicate = Predicate::All(List::Owned(vec![
            test(number, Text::Borrowed("")),
            test(relates(Field::Image), image),
            test(relates(Field::Member), product),
        ]));
        let kinds = List::Static(&[EventKind::ProcessCreation]);
        let mut detection = Detection::new("a", "b", Platform::Windows);
        detection.weight = Some(3);
        let logic = Logic::Count(Count {
            events: List::Owned(vec![Selection { kinds, predicate }]),
            of: Counted::Values(Field::User.into()),
            at_least: 7,
            group_by: vec![Field::Computer.into()].into(),
            within_seconds: 60,
        });
        Rule { detection, logic }
    }

    #[test]
    fn count_comes_back_with_what_its_events_are_asked() {
        let rules = [count()];
        let pack = write(&rules);
        assert_eq!(read(&pack).as_deref(), Ok(&rules[..]));
    }

    #[test]
    fn numbers_come_back_as_they_were_and_have_one_spelling() {
        for number in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
            let mut bytes = Vec::new();
            number.store(&mut bytes);
            let mut input = Input::new(&bytes);
            assert_eq!(u32::restore(&mut input), Some(number));
            assert!(input.rest.is_empty());
        }
        for bytes in [
            &[][..],
            &[0x80],
            &[0x80, 0],
            &[0xFF, 0xFF, 0xFF, 0xFF, 0x1F],
            &[0xFF; 6],
        ] {
            assert_eq!(
                u32::restore(&mut Input::new(bytes)),
                None,
                "{bytes:?}"
            );
        }
    }

    /// Every byte, changed in every bit or cut off.
    #[test]
    fn damaged_pack_is_never_loaded() {
        let builtin = catalog::builtin().get(..2).unwrap();
        let pack = write(&[builtin, &[count()]].concat());
        for length in 0..pack.len() {
            assert!(read(pack.get(..length).unwrap()).is_err(), "{length}");
        }
        for at in 0..pack.len() {
            for bit in 0..8 {
                let mut changed = pack.clone();
                *changed.get_mut(at).unwrap() ^= 1 << bit;
                assert!(read(&changed).is_err(), "byte {at}, bit {bit}");
            }
        }
        let longer = [&*pack, b"x"].concat();
        let damaged = Fault::Damaged("it is not as long as it was");
        assert_eq!(read(&longer), Err(damaged));
    }

    #[test]
    fn pack_of_a_later_version_is_told_as_such() {
        let mut pack = write(catalog::builtin());
        *pack.get_mut(8).unwrap() = 2;
        assert_eq!(read(&pack), Err(Fault::Newer(2)));
        assert_eq!(read(b"title: a rule, and no pack, of some length"), {
            Err(Fault::NoPack)
        });
        assert_eq!(read(b""), Err(Fault::NoPack));
    }

    /// Even if it bears the right checksum.
    #[test]
    fn body_that_is_no_rules_is_refused() {
        assert!(read(&seal_pack(&begun(&[1, 0]))).is_ok());
        let deep = |depth: usize| {
            let mut predicate = [1, 1].repeat(depth);
            predicate.extend([1, 0]);
            read(&seal_pack(&begun(&predicate)))
        };
        assert!(deep(DEEPEST - 1).is_ok());
        assert!(deep(DEEPEST).is_err());
        assert!(deep(1_000_000).is_err());
        for body in [
            &[][..],
            &[1],
            &[0, 0],
            &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            &begun(&[5, 0]),
            &begun(&[1, 0, 0]),
            &begun(&[4, 1]),
            // An infinite number.
            &begun(
                &[&[4, 6, 0, 13, 1, 1][..], &[0, 0, 0, 0, 0, 0, 0xF0, 0x7F]]
                    .concat(),
            ),
        ] {
            assert!(read(&seal_pack(body)).is_err(), "{body:?}");
        }
        let many = [&[1, 0xFF, 0xFF, 0xFF, 0x07][..], &[1, 0].repeat(1 << 20)];
        assert!(read(&seal_pack(&begun(&many.concat()))).is_err());
    }
}

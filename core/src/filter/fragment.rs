/*!
What raw records must hold for a predicate to hold of their event.
*/

use core::cmp::Reverse;
use std::borrow::Cow;

use super::escapes::is_kept;
use crate::derive;
use crate::event::{Field, Platform};
use crate::record::{self, Format};
use crate::rule::{Edge, Operation, Predicate, Required, Test, rarity};
use crate::vocabulary::{Log, sources};

/// What is known of the records that a search is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing: even that a caller does not tell their log source.
    Nothing,
    /// They are of no shape that a mark would tell, so that an event's channel
    /// and id do; no caller tells anything.
    NoMark,
}

/// Part of a pattern that stands in raw bytes as it is.
#[derive(Clone, Debug)]
pub(super) struct Fragment {
    pub(super) bytes: Vec<u8>,
    /// Where it is found, a value or a component of a path begins.
    pub(super) starts: bool,
    /// Where it is found, a value ends.
    pub(super) ends: bool,
    /// In auditd records, the name of the field.
    pub(super) label: Option<&'static str>,
}

impl Fragment {
    /// In how many of 10,000 records, roughly, it is found by chance.
    fn frequency(&self) -> u32 {
        match &*self.bytes {
            [] => WITH_FOREIGN,
            word if self.starts && self.ends => {
                rarity::frequency_as_word(word)
            }
            part => rarity::frequency(part),
        }
    }

    /// In an auditd line, where quoted values are as they are. A quote ends
    /// them, and what the kernel does not quote is in hex.
    fn of_quoted(test: &Test, required: &Required<'_>) -> Option<Fragment> {
        let label = record::audit_label(test.field)?;
        let is_quoted = |byte: &u8| byte.is_ascii_graphic() && *byte != b'"';
        let literal = &*required.bytes;
        if !literal.iter().all(is_quoted) || literal.len() < 2 {
            return None;
        }
        let quote = |edge| if edge == Edge::Value { &b"\""[..] } else { b"" };
        let (start, end) = (quote(required.starts), quote(required.ends));
        let bytes = [start, literal, end].concat();
        let (starts, ends) = (false, false);
        Some(Fragment { bytes, starts, ends, label: Some(label) })
    }

    /// In JSON and XML, the rarest part that neither escapes; empty where all
    /// that is told is that there is a letter beyond ASCII.
    ///
    /// Of a joined field, a blank may be what stands between the elements of a
    /// list.
    fn of_escaped(
        required: &Required<'_>,
        is_joined: bool,
    ) -> Option<Fragment> {
        let literal = &*required.bytes;
        if !literal.is_ascii() {
            let (bytes, label) = (Vec::new(), None);
            return Some(Fragment {
                bytes,
                starts: false,
                ends: false,
                label,
            });
        }
        let mut next = 0_usize;
        let is_kept = |byte| is_kept(byte) && !(is_joined && byte == b' ');
        let runs = literal.split(|byte| !is_kept(*byte)).map(|run| {
            let start = next;
            next = start.saturating_add(run.len()).saturating_add(1);
            (start, run)
        });
        let (start, run) =
            runs.filter(|(_, run)| run.len() > 1).min_by_key(|(_, run)| {
                (rarity::frequency(run), Reverse(run.len()))
            })?;
        let end = start.saturating_add(run.len());
        Some(Fragment {
            bytes: run.to_vec(),
            // The value's own edge stands beside it, or a byte that is not
            // kept, in whatever way that is written: of `/at/`, records with
            // `status` have nothing.
            starts: start > 0 || required.starts != Edge::None,
            ends: end < literal.len() || required.ends != Edge::None,
            label: None,
        })
    }
}

/// In how many of 10,000 records, roughly, there is any letter beyond ASCII, or
/// what may be the escape of one.
const WITH_FOREIGN: u32 = 1000;

/// The rarest fragments of which at least one stands in every record of a
/// format that a predicate holds for; `None` where there are none.
pub(super) fn required(
    predicate: &Predicate,
    format: Format,
    known: Known,
) -> Option<Vec<Fragment>> {
    let required = |part: &Predicate| required(part, format, known);
    let weight = |fragments: &Vec<Fragment>| {
        let each = fragments.iter().map(Fragment::frequency);
        each.fold(0, u32::saturating_add)
    };
    match predicate {
        Predicate::Test(test) if derive::is_derived(test.field) => {
            required(&derive::guard(test)?)
        }
        Predicate::Test(test)
            if known == Known::NoMark && test.field == Field::LogService =>
        {
            required_by_service(test)
        }
        Predicate::Test(test)
            if known == Known::NoMark && test.field == Field::LogProduct =>
        {
            required_by_product(test)
        }
        Predicate::Test(test) => required_by_test(test, format),
        Predicate::All(parts) => {
            parts.iter().filter_map(required).min_by_key(weight)
        }
        Predicate::Any(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(required).collect();
            Some(parts?.concat())
        }
        Predicate::None(_) => None,
    }
}

/// What begins an auditd record's time and serial, names a program whose lines
/// are read or a log of Linux's, in a record of Linux. Of other products
/// nothing is known.
fn required_by_product(test: &Test) -> Option<Vec<Fragment>> {
    let is_linux = test.operation == Operation::Equals
        && test.pattern.eq_ignore_ascii_case(Platform::Linux.name());
    if !is_linux {
        return None;
    }
    let logs = Log::ALL.iter().filter(|log| log.platform() == Platform::Linux);
    let names = logs.flat_map(|log| [log.providers(), log.channels()]);
    let named = names.flatten().map(|name| fragment_of_name(name));
    let (starts, ends, label) = (false, false, None);
    let programs = record::tags_of(Platform::Linux);
    let others = programs.chain([&b"audit("[..]]).map(|text| {
        Some(Fragment { bytes: text.to_vec(), starts, ends, label })
    });
    named.chain(others).collect()
}

/// The channels of a service that is asked for: an event is of it only if its
/// record names one of these.
fn required_by_service(test: &Test) -> Option<Vec<Fragment>> {
    if test.operation != Operation::Equals {
        return None;
    }
    let fragments = sources::channels_of(&test.pattern).map(fragment_of_name);
    let fragments: Vec<Fragment> = fragments.collect::<Option<_>>()?;
    // auditd has no channel.
    (!fragments.is_empty()).then_some(fragments)
}

/// The name of a log where it is a whole value.
fn fragment_of_name(name: &'static str) -> Option<Fragment> {
    let bytes = Cow::Borrowed(name.as_bytes());
    let (starts, ends) = (Edge::Value, Edge::Value);
    Fragment::of_escaped(&Required { bytes, starts, ends }, false)
}

fn required_by_test(test: &Test, format: Format) -> Option<Vec<Fragment>> {
    // What is told of an event, or made, does not stand in its record.
    let stands = !test.field.is_told() && !record::is_made(test.field);
    let required = test.required().filter(|_| stands);
    let literals = required?;
    let is_joined = format == Format::Json && record::is_joined(test.field);
    let fragments = literals.iter().map(|literal| match format {
        Format::Auditd => Fragment::of_quoted(test, literal),
        _ => Fragment::of_escaped(literal, is_joined),
    });
    fragments.collect()
}

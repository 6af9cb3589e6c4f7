/*!
The id of the event in a record, where it may stand.
*/

use core::ops::ControlFlow;

use t1053_literals::{Literal, Literals};

use crate::bytes;
use crate::event::EventKinds;
use crate::record::{self, Format};

/// The search for what may give an event's id.
#[derive(Debug)]
pub(super) struct Ids {
    names: Literals,
}

impl Ids {
    pub(super) fn new() -> Ids {
        let names = ID_NAMES.into_iter().map(Literal::new);
        let marks = record::telling_marks().into_iter().map(Literal::cased);
        Ids { names: Literals::new(names.chain(marks)) }
    }

    /// Whether the ids in a record show that it is of none of some kinds.
    pub(super) fn rule_out(
        &self,
        record: &[u8],
        kinds: EventKinds,
        format: Format,
    ) -> bool {
        if !kinds.is_subset(record::kinds_with_ids()) {
            return false;
        }
        let mut seen = false;
        let found = self.names.find_all(record, |name, at| {
            // What tells an event without an id.
            let Some(length) = ID_NAMES.get(name).map(|known| known.len())
            else {
                return ControlFlow::Break(());
            };
            let end = at.saturating_add(length);
            let before = record.get(..at).unwrap_or_default();
            let after = record.get(end..).unwrap_or_default();
            match id_after(before, after, format) {
                Id::Closing => ControlFlow::Continue(()),
                Id::Digits(id) if !record::id_is_of(id, kinds) => {
                    seen = true;
                    ControlFlow::Continue(())
                }
                _ => ControlFlow::Break(()),
            }
        });
        seen && found.is_continue()
    }

    pub(super) fn memory_usage(&self) -> usize {
        self.names.memory_usage()
    }
}

/// Names, in any shape, of the member or element that gives an event's id.
/// Found in any case, inside longer names too.
const ID_NAMES: [&str; 5] =
    ["eventid", "event_id", "eventcode", "event_code", "\"code"];

/// What follows a name that may give an event's id.
enum Id<'a> {
    /// The end of an element; its beginning was looked at.
    Closing,
    /// A plain number.
    Digits(&'a [u8]),
    /// Something else.
    Unusual,
}

fn id_after<'a>(before: &[u8], after: &'a [u8], format: Format) -> Id<'a> {
    let after = if format == Format::Xml {
        if before.ends_with(b"</") {
            return Id::Closing;
        }
        // Only this element itself, with or without attributes.
        let after = match after.first() {
            Some(b'>') => after.get(1..),
            Some(byte) if byte.is_ascii_whitespace() => {
                let end = memchr::memchr(b'>', after);
                end.map(|end| bytes::after(after, end))
            }
            _ => None,
        };
        after.map(<[u8]>::trim_ascii_start)
    } else {
        // `":7`, `" : "7`; anything in between is unusual.
        let value = after.strip_prefix(b"\"").map(<[u8]>::trim_ascii_start);
        let value = value.and_then(|value| value.strip_prefix(b":"));
        let value = value.map(<[u8]>::trim_ascii_start);
        value.map(|value| value.strip_prefix(b"\"").unwrap_or(value))
    };
    let Some(after) = after else { return Id::Unusual };
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (id, rest) = after.split_at_checked(digits).unwrap_or_default();
    match rest.first() {
        // An id that goes on in another way is no plain number.
        Some(b'"' | b',' | b'}' | b'<') if digits > 0 => Id::Digits(id),
        _ => Id::Unusual,
    }
}

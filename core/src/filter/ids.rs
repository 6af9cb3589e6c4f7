/*!
The id of the event in a record, where it may stand.
*/

use core::ops::ControlFlow;

use t1053_literals::{Literal, Literals};

use crate::bytes;
use crate::event::EventKinds;
use crate::record::{self, Format, Sign};
use crate::search::{self, TakeSearch};

/// The search for what may give an event's id.
#[derive(Debug)]
pub(super) struct Ids {
    names: Literals,
    /// What tells an event without an id; behind the names in `names`.
    signs: Vec<Sign>,
    /// Kinds whose records give the id of the event.
    with_ids: EventKinds,
}

/// The ids of one record, which are looked for once, and only if they matter.
pub(super) struct IdsOf<'r> {
    ids: &'r Ids,
    record: &'r [u8],
    format: Format,
    /// Kinds whose ids stand in the record, once all of it was searched.
    seen: Option<EventKinds>,
}

impl Ids {
    pub(super) fn new() -> Ids {
        let signs = record::telling_signs();
        let names = search::prepared(texts(&signs));
        Ids { names, signs, with_ids: record::kinds_with_ids() }
    }

    /// Hands over the literals of the search.
    pub(super) fn each_search(&self, take: TakeSearch<'_>) {
        take(&texts(&self.signs).collect::<Vec<_>>());
    }

    pub(super) fn of<'r>(
        &'r self,
        record: &'r [u8],
        format: Format,
    ) -> IdsOf<'r> {
        IdsOf { ids: self, record, format, seen: None }
    }

    /// Takes each id of a record; breaks also where what is there may be
    /// another one, or the event may have none.
    fn each(
        &self,
        record: &[u8],
        format: Format,
        mut take: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.names.find_all(record, |name, at| {
            let place = name.checked_sub(ID_NAMES.len());
            let sign = place.and_then(|place| self.signs.get(place));
            let text = match sign {
                Some(sign) => sign.text,
                None => ID_NAMES.get(name).copied().unwrap_or_default(),
            };
            let end = at.saturating_add(text.len());
            let before = record.get(..at).unwrap_or_default();
            let after = record.get(end..).unwrap_or_default();
            if let Some(sign) = sign {
                return match sign.next.may_be(after) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                };
            }
            match id_after(before, after, format) {
                Id::Closing => ControlFlow::Continue(()),
                Id::Digits(id) => take(id),
                Id::Unusual => ControlFlow::Break(()),
            }
        })
    }

    pub(super) fn memory_usage(&self) -> usize {
        let signs = size_of_val(self.signs.as_slice());
        self.names.memory_usage().saturating_add(signs)
    }
}

/// What is searched for, given the signs of events without ids.
fn texts(signs: &[Sign]) -> impl Iterator<Item = Literal<'_>> {
    let names = ID_NAMES.into_iter().map(Literal::new);
    names.chain(signs.iter().map(|sign| Literal::cased(sign.text)))
}

impl IdsOf<'_> {
    /// Whether the record may hold an event of one of some kinds, as far as
    /// its ids show; it holds none of no kind. Once it may, it is to be read:
    /// nothing else is asked.
    pub(super) fn may_be(&mut self, kinds: EventKinds) -> bool {
        if !kinds.is_subset(self.ids.with_ids) {
            return true;
        }
        match self.seen {
            Some(seen) => seen.intersects(kinds),
            None => kinds != EventKinds::NONE && self.search(kinds),
        }
    }

    /// The same where the ids were not looked for yet.
    fn search(&mut self, kinds: EventKinds) -> bool {
        let IdsOf { ids, record, format, .. } = *self;
        let mut seen = None;
        let found = ids.each(record, format, |id| {
            let of_id = record::kinds_of_id(id);
            if of_id.intersects(kinds) {
                return ControlFlow::Break(());
            }
            let others = seen.unwrap_or(EventKinds::NONE);
            seen = Some(others.union(of_id));
            ControlFlow::Continue(())
        });
        if found.is_continue() {
            self.seen = seen;
        }
        found.is_break() || seen.is_none()
    }
}

/// Most different ids of one record: a few that records quote, besides its
/// own.
const MOST: usize = 4;

/// The ids that a record gives.
#[derive(Default)]
pub(super) struct Seen {
    ids: [u32; MOST],
    count: usize,
    /// Whether it may give others.
    is_unsure: bool,
}

impl Seen {
    /// Takes what stands where an id may, and returns whether there may be
    /// ids that are not taken.
    pub(super) fn take(&mut self, id: &Id<'_>) -> bool {
        match id {
            Id::Closing => {}
            Id::Digits(id) => {
                let id = record::id_number(id);
                if !self.contains(&id) {
                    match self.ids.get_mut(self.count) {
                        Some(slot) => *slot = id,
                        None => self.is_unsure = true,
                    }
                    self.count = self.count.saturating_add(1);
                }
            }
            Id::Unusual => self.is_unsure = true,
        }
        self.is_unsure
    }

    /// Whether it may give ids that were not taken.
    pub(super) fn is_unsure(&self) -> bool {
        self.is_unsure
    }
}

impl core::ops::Deref for Seen {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        self.ids.get(..self.count).unwrap_or(&self.ids)
    }
}

/// Names, in any shape, of the member or element that gives an event's id.
/// Found in any case, inside longer names too.
pub(super) const ID_NAMES: [&str; 5] =
    ["eventid", "event_id", "eventcode", "event_code", "\"code"];

/// Most bytes of an element's attributes: no writer has more than one, and of
/// many names in one tag each would look for the end of it.
const MOST_IN_TAG: usize = 256;

/// What follows a name that may give an event's id.
pub(super) enum Id<'a> {
    /// The end of an element; its beginning was looked at.
    Closing,
    /// A plain number.
    Digits(&'a [u8]),
    /// Something else.
    Unusual,
}

pub(super) fn id_after<'a>(
    before: &[u8],
    after: &'a [u8],
    format: Format,
) -> Id<'a> {
    let after = if format == Format::Xml {
        if before.ends_with(b"</") {
            return Id::Closing;
        }
        // Only this element itself, with or without attributes.
        let after = match after.first() {
            Some(b'>') => after.get(1..),
            Some(byte) if byte.is_ascii_whitespace() => {
                let tag = after.get(..after.len().min(MOST_IN_TAG));
                let end = memchr::memchr(b'>', tag.unwrap_or_default());
                end.map(|end| bytes::after(after, end))
            }
            _ => None,
        };
        after.map(<[u8]>::trim_ascii_start)
    } else {
        // `":7`, `" : "7`; anything in between is unusual.
        let value = record::value_after_name(after);
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

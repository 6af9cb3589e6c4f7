/*!
What the readers of all formats are given, and what they give back.
*/

use core::hash::{Hash, Hasher};

use siphasher::sip::SipHasher13;

use crate::event::{Event, EventKind, EventKinds};

use super::audit_details::Details;
use super::found::Found;
use super::log_source::LogSource;
use super::member_names::MemberNames;

/// What a record held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// Events handed to the sink.
    pub events: u32,
    /// Items that were understood but are of a kind that is not wanted, or
    /// that is no event here.
    pub others: u32,
    /// Of these, how many were not understood: JSON of no shape that is
    /// known.
    pub not_understood: u32,
    /// Whether something was understood only once its names were spelled as
    /// its source spells them, or once it was decoded: what marks such
    /// records is not in there.
    pub(crate) is_disguised: bool,
    /// Whether values of something that was understood may stand in it in a
    /// roundabout way, in which it was not read.
    pub(crate) is_folded: bool,
    /// Whether an event was passed over that holds no value of its own.
    pub(crate) has_bare: bool,
}

impl Reading {
    /// Of one item: an event, or none.
    pub(crate) fn of(is_event: bool) -> Reading {
        Reading {
            events: u32::from(is_event),
            others: u32::from(!is_event),
            not_understood: 0,
            is_disguised: false,
            is_folded: false,
            has_bare: false,
        }
    }

    /// Whether there may be more in it once it is written in another way.
    pub(crate) fn is_to_be_rewritten(&self) -> bool {
        !self.is_understood() || self.is_folded && self.events == 0
    }

    /// Whether something in it was understood.
    pub(crate) fn is_understood(&self) -> bool {
        self.events > 0 || self.others > self.not_understood
    }

    pub(crate) fn add(&mut self, more: Reading) {
        let Reading { events, others, not_understood, .. } = self;
        self.is_disguised |= more.is_disguised;
        self.is_folded |= more.is_folded;
        self.has_bare |= more.has_bare;
        *events = events.saturating_add(more.events);
        *others = others.saturating_add(more.others);
        *not_understood = not_understood.saturating_add(more.not_understood);
    }
}

/// Takes the events of a record as they are read: the item of the record
/// that it came from (0-based; `None` when the record wraps no items) and
/// the event, which lives only for the call.
pub(crate) type Sink<'s> = dyn FnMut(Option<u32>, &Event<'_>) + 's;

/// What the readers of all formats share.
pub(crate) struct Context<'c> {
    /// Kinds of event to build; others are counted and passed over.
    pub(crate) wanted: EventKinds,
    /// Holds decoded values while an event is alive; reused.
    pub(crate) buffer: &'c mut Vec<u8>,
    /// Holds what is decoded to be read at once; reused.
    pub(crate) scratch: &'c mut Vec<u8>,
    /// Each holds a record that stands as a string in the one before it;
    /// reused.
    pub(crate) inner: &'c mut [Vec<u8>],
    /// Holds the values that were found in JSON; reused.
    pub(crate) found: &'c mut Vec<Found>,
    /// The members that events are to have besides their fields; with none,
    /// no generic event is built.
    pub(crate) names: Option<&'c MemberNames>,
    /// The log source of records that do not tell what they are.
    pub(crate) log_source: Option<&'c LogSource>,
    /// Buffers that hold members while their events do, one for each record
    /// in another; reused.
    pub(crate) members: &'c mut Vec<Vec<u8>>,
    /// Rows of which only the first for an event is read.
    pub(crate) rows: &'c mut Rows,
    /// Where the details of audit records go, if they are asked for.
    pub(crate) details: Option<&'c Details>,
}

/// What was read of rows that a tool writes once for each rule that matched
/// an event. They stand together, or nearly so.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Sums of the last events that were read; `None` unless it is asked for.
    read: Option<[u64; MOST_ROWS]>,
    /// How many there were.
    next: usize,
}

/// Most events between the rows of one: a tool that sorts its rows by time
/// mixes only those of one moment.
const MOST_ROWS: usize = 64;

impl Rows {
    /// Of one stream, whose rows are merged.
    pub(crate) fn merged() -> Rows {
        Rows { read: Some([0; MOST_ROWS]), next: 0 }
    }

    /// Others of another stream, merged if these are.
    pub(crate) fn twin(&self) -> Rows {
        Rows { read: self.read.map(|_| [0; MOST_ROWS]), next: 0 }
    }

    /// Forgets what was read; returns whether anything was.
    pub(crate) fn forget(&mut self) -> bool {
        let has_read = self.next > 0;
        if let Some(read) = &mut self.read {
            *read = [0; MOST_ROWS];
        }
        self.next = 0;
        has_read
    }

    /// Whether a row is one of an event that was read; notes it otherwise.
    pub(crate) fn has_read(&mut self, parts: [&[u8]; 3]) -> bool {
        let Some(read) = &mut self.read else { return false };
        let mut sum = SipHasher13::new();
        parts.hash(&mut sum);
        let sum = sum.finish();
        if read.contains(&sum) {
            return true;
        }
        if let Some(slot) = read.get_mut(self.next % MOST_ROWS) {
            *slot = sum;
        }
        self.next = self.next.wrapping_add(1);
        false
    }
}

impl Context<'_> {
    /// Whether a generic event is to be built of a record that is no event
    /// of a kind.
    pub(crate) fn wants_generic(&self) -> bool {
        self.names.is_some() && self.wanted.contains(EventKind::Generic)
    }

    /// An empty buffer for a record that stands in the one that is read, and
    /// what its reader needs; `None` where it stands too deep.
    pub(crate) fn inside(&mut self) -> Option<(&mut Vec<u8>, Context<'_>)> {
        let Context { wanted, buffer, scratch, inner, found, rows, .. } = self;
        let (text, inner) = inner.split_first_mut()?;
        text.clear();
        Some((
            text,
            Context {
                wanted: *wanted,
                buffer,
                scratch,
                inner,
                found,
                rows,
                names: self.names,
                log_source: self.log_source,
                members: self.members,
                details: self.details,
            },
        ))
    }
}

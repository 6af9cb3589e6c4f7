/*!
What a scanner reports.
*/

use core::fmt;

use crate::correlate::Correlator;
use crate::detector::{Match, Matches, OtherDetector, Scratch};
use crate::event::Event;
use crate::record::RecordError;

/// What a scanner reports as it goes. Lives for the call only.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Report<'a> {
    /// A detection matches.
    Match(&'a RecordMatch<'a>),
    /// A record, or part of it, could not be read. The next one is.
    Unreadable(&'a Unreadable),
    /// A record is of no shape that is known here: that nothing matches in it
    /// says nothing.
    NotUnderstood(&'a NotUnderstood<'a>),
    /// An event was read. Only where
    /// [`ScannerBuilder::events`](crate::ScannerBuilder::events) asks for it.
    Event(&'a RecordEvent<'a>),
    /// An event matches, of which each match was reported before. Only where
    /// [`ScannerBuilder::matched_events`](crate::ScannerBuilder::matched_events)
    /// asks for it.
    MatchedEvent(&'a MatchedEvent<'a>),
    /// An event is part of a sequence or a count, after what it matches by
    /// itself. Only where
    /// [`ScannerBuilder::sequence_events`](crate::ScannerBuilder::sequence_events)
    /// asks for it.
    SequenceEvent(&'a SequenceEvent<'a>),
}

/// A record that was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotUnderstood<'a> {
    /// 0-based number of the record in the stream.
    pub record: u64,
    /// Byte offset in the stream at which the record begins.
    pub offset: u64,
    /// The record.
    pub bytes: &'a [u8],
}

/// An event, and the record it was read from.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RecordEvent<'a> {
    /// 0-based number of the record in the stream.
    pub record: u64,
    /// 0-based place of the event in a record that wraps several.
    pub item: Option<u32>,
    /// Where the record stands, and what it is.
    pub source: Source<'a>,
    /// Numbers of the records that the event was joined from, in the order in
    /// which they came; empty where one record says all of it.
    pub joined: &'a [u64],
    /// What happened.
    pub event: &'a Event<'a>,
}

/// Where a match was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// File or stream; `null` in JSON when there is none.
    pub path: Option<&'a str>,
    /// 0-based number of the record in it.
    pub record: u64,
    /// Which item of a record that wraps several; left out of JSON when
    /// there is none.
    pub item: Option<u32>,
    /// The records that the event was joined from; left out of JSON when one
    /// says all of it.
    pub joined: &'a [u64],
}

impl<'a> Place<'a> {
    /// That of an event that was joined from records of some numbers.
    pub(super) fn of_joined(joined: &'a [u64]) -> Place<'a> {
        debug_assert!(!joined.is_empty(), "an event of no record");
        let record = joined.first().copied().unwrap_or_default();
        Place { path: None, record, item: None, joined }
    }
}

/// Where a record stands in its stream, and what it is. Lives for the report
/// only.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source<'a> {
    /// Byte offset in the stream at which the record begins; in a UTF-16
    /// stream, counted in its UTF-8 form. 0 of an event that the caller built
    /// or that was joined from several records.
    pub offset: u64,
    /// How many bytes it has there; 0 where the offset is not known. Of a line
    /// that came in parts, those of the last part.
    pub length: u64,
    /// The record as it was read: as UTF-8, and a line that came in parts
    /// whole.
    pub bytes: &'a [u8],
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Source { offset, length, bytes } = self;
        let mut shown = f.debug_struct("Source");
        shown.field("offset", offset).field("length", length);
        shown.field("bytes", &bytes.escape_ascii().to_string()).finish()
    }
}

/// A match, and the record it was found in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RecordMatch<'a> {
    /// 0-based number of the record in the stream; of an event that was joined
    /// from several, of the first one.
    pub record: u64,
    /// 0-based place of the event in a record that wraps several.
    pub item: Option<u32>,
    /// Where the record stands, and what it is.
    pub source: Source<'a>,
    /// Numbers of the records that the event was joined from, in the order in
    /// which they came; empty where one record says all of it.
    pub joined: &'a [u64],
    /// What was found.
    pub found: Match<'a>,
}

impl<'r> RecordMatch<'r> {
    /// The place in a stream of the given name, for a
    /// [`Finding`](crate::Finding).
    pub fn place<'p>(&self, path: Option<&'p str>) -> Place<'p>
    where
        'r: 'p,
    {
        let RecordMatch { record, item, joined, .. } = *self;
        Place { path, record, item, joined }
    }
}

/// All that an event matches by itself, and the record it was read from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MatchedEvent<'a> {
    /// 0-based number of the record in the stream.
    pub record: u64,
    /// 0-based place of the event in a record that wraps several.
    pub item: Option<u32>,
    /// Where the record stands, and what it is.
    pub source: Source<'a>,
    /// Numbers of the records that the event was joined from, in the order in
    /// which they came; empty where one record says all of it.
    pub joined: &'a [u64],
    /// What was found; at least one match.
    pub matches: Matches<'a>,
}

impl<'r> MatchedEvent<'r> {
    /// The place in a stream of the given name, for a
    /// [`VerdictFinding`](crate::VerdictFinding).
    pub fn place<'p>(&self, path: Option<&'p str>) -> Place<'p>
    where
        'r: 'p,
    {
        let MatchedEvent { record, item, joined, .. } = *self;
        Place { path, record, item, joined }
    }
}

/// An event that is part of a sequence or a count, and the record it was read
/// from. Lives for the report only.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SequenceEvent<'a> {
    /// 0-based number of the record in the stream; of an event that was joined
    /// from several, of the first one.
    pub record: u64,
    /// 0-based place of the event in a record that wraps several.
    pub item: Option<u32>,
    /// Where the record stands, and what it is.
    pub source: Source<'a>,
    /// Numbers of the records that the event was joined from, in the order in
    /// which they came; empty where one record says all of it.
    pub joined: &'a [u64],
    /// What happened.
    pub event: &'a Event<'a>,
    /// Where it was evaluated.
    pub(super) scratch: &'a Scratch,
}

impl SequenceEvent<'_> {
    /// Has a correlator take in the event, and calls `visit` for each sequence
    /// or count that it completes. They are told at the record of this event,
    /// whichever scanners the others came from; its scanner does not count
    /// them among its own matches.
    ///
    /// Allocates nothing. Takes as long as [`Correlator::take`].
    ///
    /// # Errors
    ///
    /// The correlator is of another detector than the scanner; it is left as
    /// it is.
    pub fn correlate(
        &self,
        correlator: &mut Correlator,
        mut visit: impl FnMut(&RecordMatch<'_>),
    ) -> Result<(), OtherDetector> {
        let SequenceEvent { record, item, source, joined, event, scratch } =
            *self;
        correlator.take(event, scratch, |found| {
            let found = *found;
            visit(&RecordMatch { record, item, source, joined, found });
        })
    }
}

/// A record that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable {
    /// 0-based number of the record in the stream.
    pub record: u64,
    /// Byte offset in the stream at which the record begins; in a UTF-16
    /// stream, counted in its UTF-8 form.
    pub offset: u64,
    /// What was wrong, and where in the record.
    pub error: RecordError,
}

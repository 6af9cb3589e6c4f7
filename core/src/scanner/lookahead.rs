/*!
One stream on several threads.

Most records of a log match nothing, and what becomes of such a record follows
from its bytes and its place alone. So other threads may look at parts of the
stream before their turn and tell which records matter; the scanner then takes
these, in order, and only counts the rest. What is reported, and counted, is
that of one thread.
*/

use core::ops::{ControlFlow, Range};
use std::sync::Arc;

use crate::detector::{Detector, Scratch};
use crate::event::{Event, EventKind, EventKinds};
use crate::filter::{Filter, Handling, Pace};
use crate::record::{self, AUDIT_KINDS, Format, Framed, Opening, Reader};
use crate::utf16::Encoding;

use super::framing::{Frame, Framer};
use super::partial::Part;
use super::{Report, SAMPLED, Scanner, Sink, Work, add};

/// Where a stream stands between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    offset: u64,
    pace: Pace,
}

impl Standing {
    /// Parts that are looked at begin with the first line that begins at or
    /// behind a multiple of so many bytes of the stream: what is known of the
    /// lines before makes no difference there.
    pub const ALIGNMENT: u64 = Pace::STRETCH;

    /// How many bytes of the stream came before, as [`Scanner::feed`] counts
    /// them.
    pub fn offset(self) -> u64 {
        self.offset
    }

    /// Where the stream stands at a line further on, if nothing comes between
    /// but lines. If something does, what is looked at there is looked at in
    /// vain; nothing else comes of it. The line is the first behind a multiple
    /// of [`ALIGNMENT`](Standing::ALIGNMENT), which lies behind this one.
    #[must_use]
    pub fn ahead(self, offset: u64) -> Standing {
        Standing { offset, pace: self.pace.ahead(offset) }
    }
}

/// A record that the scanner has to take itself, and what was counted up to
/// it.
#[derive(Debug)]
struct Kept {
    range: Range<usize>,
    opening: Opening,
    before: Passed,
}

/// What was made of records that the scanner need not take.
#[derive(Clone, Copy, Debug, Default)]
struct Passed {
    /// How many records there were, and the pace at the next one.
    records: u64,
    pace: Pace,
    filtered: u64,
    read: u64,
    uninteresting: u64,
    /// How many events there were.
    events: usize,
}

/// What a [`Lookahead`] saw in a part of a stream.
///
/// Holds under 100 bytes a record that the scanner has to take, and one an
/// event of those that were read; used again, it allocates no more.
#[derive(Debug, Default)]
pub struct Looked {
    standing: Option<Standing>,
    kept: Vec<Kept>,
    /// The kinds of the events of records that are not kept.
    events: Vec<EventKind>,
    passed: Passed,
    /// Bytes that were looked at; the scanner takes what follows.
    until: usize,
}

impl Looked {
    /// Whether it spares the scanner little: most of the records are left to
    /// it, or most of the bytes. Worth to know for who deals out parts, as it
    /// was work in vain.
    pub fn is_vain(&self, part: &[u8]) -> bool {
        let kept = self.kept.len() as u64;
        kept > self.passed.records / 2 || self.until < part.len() / 2
    }
}

/// Looks at parts of a stream before its [`Scanner`] takes them, on a thread
/// of its own.
///
/// # Example
///
/// ```
/// use std::ops::ControlFlow;
/// use t1053::{Detector, Looked, Report, Scanner};
///
/// let line = br#"{"EventID":4624,"Channel":"Security","Computer":"a"}"#;
/// let log = [&line[..], b"\n"].concat().repeat(100_000);
/// let mut scanner = Scanner::new(&Detector::new());
/// let mut sink = |_: Report<'_>| ControlFlow::Continue(());
///
/// // Up to the first line that begins behind a multiple of 1 MiB.
/// let first = 1_usize << 20;
/// let first = first + log[first - 1..].iter().position(|byte| *byte == b'\n').unwrap();
/// let second = 2_usize << 20;
/// let second = second + log[second - 1..].iter().position(|byte| *byte == b'\n').unwrap();
///
/// // The beginning of a stream tells what it is made of.
/// scanner.feed(&log[..first], &mut sink);
/// let standing = scanner.standing().unwrap();
/// assert_eq!(standing.offset(), first as u64);
///
/// // Each part may be looked at by another thread; here by one.
/// let mut lookahead = scanner.lookahead().unwrap();
/// let mut parts = [(first..second, Looked::default()), (second..log.len(), Looked::default())];
/// for (part, looked) in &mut parts {
///     let standing = standing.ahead(part.start as u64);
///     lookahead.look(&log[part.clone()], standing, looked);
/// }
///
/// // Only the records that matter are taken: of these, none.
/// for (part, looked) in &parts {
///     assert!(!looked.is_vain(&log[part.clone()]));
///     scanner.feed_looked(&log[part.clone()], looked, &mut sink);
/// }
/// scanner.finish(&mut sink);
/// assert_eq!(scanner.counts().records, 100_000);
/// ```
#[derive(Debug)]
pub struct Lookahead {
    format: Format,
    limit: usize,
    reader: Reader,
    detector: Detector,
    scratch: Scratch,
    wanted: EventKinds,
    /// Kinds of event that are joined.
    joined: EventKinds,
    filter: Option<Arc<Filter>>,
    is_told: bool,
    /// The kinds of the events of the record at hand.
    events: Vec<EventKind>,
}

/// What becomes of a record.
enum Outcome {
    Filtered,
    Read,
    Uninteresting,
    /// The scanner has to take it.
    Kept,
}

impl Lookahead {
    /// Looks at a part of the stream, which stands as told before it, and ends
    /// with a line.
    pub fn look(
        &mut self,
        part: &[u8],
        standing: Standing,
        looked: &mut Looked,
    ) {
        let Looked { kept, events, passed, until, .. } = looked;
        kept.clear();
        events.clear();
        *until = 0;
        *passed = Passed { pace: standing.pace, ..Passed::default() };
        looked.standing = Some(standing);
        let mut framer = Framer::between_lines(self.format, self.limit);
        loop {
            let (found, next) = match framer.next(part, *until, false) {
                Frame::Blank(next) => (None, next),
                Frame::Record(range, opening, next) => {
                    (Some((range, opening)), next)
                }
                _ => return,
            };
            // Only between lines does the scanner go on by itself.
            if !framer.is_between_lines() {
                return;
            }
            if let Some((range, opening)) = found {
                let record = part.get(range.clone()).unwrap_or_default();
                // A line in parts is for the scanner, which holds them.
                if Part::of(record).is_some_and(|part| !part.is_last) {
                    return;
                }
                let before = *passed;
                let offset =
                    standing.offset.saturating_add(range.start as u64);
                match self.outcome(record, opening, offset, passed) {
                    Outcome::Filtered => add(&mut passed.filtered, 1),
                    Outcome::Read => add(&mut passed.read, 1),
                    Outcome::Uninteresting => {
                        add(&mut passed.uninteresting, 1);
                    }
                    Outcome::Kept => {
                        self.events.clear();
                        kept.push(Kept { range, opening, before });
                    }
                }
                add(&mut passed.records, 1);
                events.append(&mut self.events);
                passed.events = events.len();
            }
            *until = next;
        }
    }

    /// What becomes of a record; notes its events where they are to be
    /// counted.
    fn outcome(
        &mut self,
        record: &[u8],
        opening: Opening,
        offset: u64,
        passed: &mut Passed,
    ) -> Outcome {
        let turn = passed.pace.turn(offset);
        let handling = match &self.filter {
            Some(filter) if turn.is_asked => {
                filter.judge(record, opening, self.is_told)
            }
            _ => Handling::Read,
        };
        if handling != Handling::Read {
            passed.pace.ruled_out();
        }
        let outcome = match handling {
            Handling::Read => self.read(record, opening, passed),
            Handling::Hold(_) => Outcome::Kept,
            Handling::PassOver if turn.is_sampled => {
                self.sample(record, opening, passed)
            }
            Handling::PassOver => Outcome::Filtered,
        };
        match self.ends_event(record) {
            true => Outcome::Kept,
            false => outcome,
        }
    }

    /// Whether a record says that an audit event is over which is joined.
    fn ends_event(&self, record: &[u8]) -> bool {
        self.joined != EventKinds::NONE && record::audit_end(record).is_some()
    }

    /// What becomes of a record that the filter rules out and that is looked
    /// at all the same.
    fn sample(
        &mut self,
        record: &[u8],
        opening: Opening,
        passed: &mut Passed,
    ) -> Outcome {
        let framed = Framed::Record(opening);
        let reading = self.reader.read_framed(framed, record, |_, _| {});
        let has_rows = self.reader.forget_rows();
        match reading {
            Ok(reading) if reading.is_disguised => {
                passed.pace.pass_by();
                Outcome::Kept
            }
            Ok(reading) if has_rows || !reading.is_understood() => {
                Outcome::Kept
            }
            Err(_) if has_rows => Outcome::Kept,
            Ok(_) | Err(_) => Outcome::Filtered,
        }
    }

    fn read(
        &mut self,
        record: &[u8],
        opening: Opening,
        passed: &mut Passed,
    ) -> Outcome {
        let Lookahead { reader, detector, scratch, events, .. } = self;
        let (wanted, joined) = (self.wanted, self.joined);
        let mut is_kept = false;
        let silenced = sum(scratch.excluded());
        let take = |_, event: &Event<'_>| {
            let kind = event.kind();
            is_kept |= joined.contains(kind);
            if !is_kept && wanted.contains(kind) {
                detector.evaluate(event, scratch);
                is_kept = !scratch.matched().is_empty();
                events.push(kind);
            }
        };
        let framed = Framed::Record(opening);
        let reading = reader.read_framed(framed, record, take);
        is_kept |= sum(scratch.excluded()) != silenced;
        is_kept |= reader.forget_rows();
        match reading {
            Ok(reading) if reading.is_disguised => {
                passed.pace.pass_by();
                Outcome::Kept
            }
            _ if is_kept => Outcome::Kept,
            Ok(_) if !events.is_empty() => Outcome::Read,
            Ok(reading) if reading.is_understood() => Outcome::Uninteresting,
            Ok(_) | Err(_) => Outcome::Kept,
        }
    }
}

/// How often something was silenced.
fn sum(excluded: &[u64]) -> u64 {
    excluded.iter().fold(0, |sum, count| sum.saturating_add(*count))
}

impl Scanner {
    /// What looks at parts of this stream before this scanner takes them, on
    /// another thread: as many as there are threads. `None` where that spares
    /// nothing: each record is to be reported
    /// ([`events`](super::ScannerBuilder::events)), or memory is asked for
    /// each.
    ///
    /// Of an auditd log whose records are joined, all are the scanner's to
    /// take: [`Looked::is_vain`] tells.
    pub fn lookahead(&self) -> Option<Lookahead> {
        let work = self.work.may_be_looked_ahead()?;
        let detector = work.scratch.detector();
        let joined = match work.joiner {
            Some(_) => {
                let script = [EventKind::ScriptBlock];
                AUDIT_KINDS.into_iter().chain(script).collect()
            }
            None => EventKinds::NONE,
        };
        Some(Lookahead {
            format: work.format,
            limit: self.limit,
            reader: work.reader.twin(),
            scratch: Scratch::growing(detector),
            detector: detector.clone(),
            wanted: work.wanted,
            joined,
            filter: work.filter.clone(),
            is_told: work.is_told,
            events: Vec::new(),
        })
    }

    /// Where the stream stands, if it does so between two lines and nothing
    /// else is known of what comes next: then the parts that follow may be
    /// looked at before their turn. `None` before there are 64 records, of
    /// UTF-16 and tables, and within a record.
    pub fn standing(&self) -> Option<Standing> {
        let work = self.work.may_be_looked_ahead()?;
        let stands = self.encoding == Encoding::Utf8
            && self.carry.is_empty()
            && !self.passing_over
            && !self.stopped
            && self.framer.is_between_lines()
            && work.partial.is_empty()
            && work.counts.records >= SAMPLED;
        let offset = work.offset;
        stands.then(|| Standing { offset, pace: work.pace.at(offset) })
    }

    /// Scans the next bytes of the stream as [`feed`](Scanner::feed) does,
    /// with the help of what was seen in them before. Where the stream does
    /// not stand as was told then, they are scanned without it.
    ///
    /// What was seen must be of these bytes, by a [`Lookahead`] of this
    /// scanner: of others, records are missed.
    pub fn feed_looked(
        &mut self,
        part: &[u8],
        looked: &Looked,
        mut sink: impl FnMut(Report<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let stands = self.standing();
        let is_meant = stands.is_some() && stands == looked.standing;
        let parts = part.split_at_checked(looked.until);
        let Some((seen, rest)) = parts.filter(|_| is_meant) else {
            return self.feed(part, sink);
        };
        add(&mut self.work.counts.bytes, seen.len() as u64);
        let result = self.work.looked(seen, looked, &mut sink);
        self.stopped = result.is_break();
        debug_assert!(self.work.counts.is_sum(), "{:?}", self.work.counts);
        result?;
        self.feed(rest, sink)
    }
}

impl Work {
    /// Itself, where records may be looked at before their turn.
    fn may_be_looked_ahead(&self) -> Option<&Work> {
        (!self.events && self.memory_check.is_none()).then_some(self)
    }

    /// Takes the records of a part that are kept, and counts the others.
    fn looked(
        &mut self,
        part: &[u8],
        looked: &Looked,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let begin = self.offset;
        let mut done = Passed::default();
        for Kept { range, opening, before } in &looked.kept {
            self.pass(looked, &done, before);
            // It counts itself.
            done = Passed {
                records: before.records.saturating_add(1),
                ..*before
            };
            let record = part.get(range.clone()).unwrap_or_default();
            let offset = begin.saturating_add(range.start as u64);
            self.record(record, *opening, offset, sink)?;
        }
        self.pass(looked, &done, &looked.passed);
        self.offset = begin.saturating_add(part.len() as u64);
        ControlFlow::Continue(())
    }

    /// Counts the records that nothing comes of, from one place to another.
    fn pass(&mut self, looked: &Looked, from: &Passed, to: &Passed) {
        let counts = &mut self.counts;
        self.pace = to.pace;
        for (count, from, to) in [
            (&mut counts.records, from.records, to.records),
            (&mut counts.filtered, from.filtered, to.filtered),
            (&mut counts.read, from.read, to.read),
            (&mut counts.uninteresting, from.uninteresting, to.uninteresting),
        ] {
            add(count, to.saturating_sub(from));
        }
        let events = looked.events.get(from.events..to.events);
        for kind in events.unwrap_or_default() {
            counts.events.count(*kind);
        }
    }
}

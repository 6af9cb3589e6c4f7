/*!
Raw bytes to matches.

A [`Scanner`] takes a stream in chunks of any size, finds the records in it,
reads those that could matter, and reports what they match. It keeps count of
every record: none is dropped without a trace.
*/

use core::ops::ControlFlow;
use std::sync::Arc;

use crate::correlate::{Correlator, CorrelatorBuilder, CorrelatorCounts};
use crate::detector::{BuildError, Detector, Reason, Scratch};
use crate::event::{Event, EventKind, EventKinds};
use crate::filter::{Filter, Handling, Pace};
use crate::join::{JoinCounts, Joiner};
use crate::memory;
use crate::record::{
    AUDIT_KINDS, AuditDetails, Format, Framed, JOINED_KINDS, LogSource,
    Opening, Reader, RecordError, RecordErrorKind,
};
use crate::utf16::{Encoding, Utf16};

mod brackets;
mod decoding;
mod framing;
mod joining;
pub(crate) mod lookahead;
mod memory_check;
mod partial;
mod report;
mod state;

pub use report::{
    MatchedEvent, NotUnderstood, Place, RecordEvent, RecordMatch, Report,
    SequenceEvent, Source, Unreadable,
};

use framing::{Frame, Framer};
use partial::{At, Part, Partial, Taken};

/// What a scanner has seen so far. `records` is always the sum of `read`,
/// `filtered`, `uninteresting`, `not_understood` and `unreadable`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanCounts {
    /// Bytes fed.
    pub bytes: u64,
    /// Records found in them.
    pub records: u64,
    /// Records with at least one event.
    pub read: u64,
    /// Records that were not read, because a search of their bytes showed
    /// that they could match nothing by themselves. Where hardly any is ruled
    /// out so, most are read without a search.
    pub filtered: u64,
    /// Records that were read and hold no event that any rule asks for.
    pub uninteresting: u64,
    /// Records of no shape that is known here. Of those that the filter
    /// passes over the first 64 are looked at, and one in 1 MiB after them.
    pub not_understood: u64,
    /// Records that could not be read, wholly or in part.
    pub unreadable: u64,
    /// Matches reported.
    pub matches: u64,
    /// What sequences had to leave out.
    pub correlator: CorrelatorCounts,
    /// What was joined of several records, and what was missing.
    pub joins: JoinCounts,
    events: EventCounts,
}

/// Events by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
struct EventCounts([u64; EventKind::ALL.len()]);

impl EventCounts {
    fn count(&mut self, kind: EventKind) {
        if let Some(count) = self.0.get_mut(kind as usize) {
            add(count, 1);
        }
    }
}

impl Default for EventCounts {
    fn default() -> EventCounts {
        EventCounts([0; EventKind::ALL.len()])
    }
}

impl ScanCounts {
    /// Whether it was said of every record what became of it.
    fn is_sum(&self) -> bool {
        let parts = [
            self.read,
            self.filtered,
            self.uninteresting,
            self.not_understood,
            self.unreadable,
        ];
        self.records == parts.into_iter().fold(0, u64::saturating_add)
    }

    /// How many events of a kind were read.
    pub fn events(&self, kind: EventKind) -> u64 {
        self.events.0.get(kind as usize).copied().unwrap_or(0)
    }

    /// Adds another scanner's counts.
    pub fn add(&mut self, other: &ScanCounts) {
        add(&mut self.bytes, other.bytes);
        add(&mut self.records, other.records);
        add(&mut self.read, other.read);
        add(&mut self.filtered, other.filtered);
        add(&mut self.uninteresting, other.uninteresting);
        add(&mut self.not_understood, other.not_understood);
        add(&mut self.unreadable, other.unreadable);
        add(&mut self.matches, other.matches);
        self.correlator.add(&other.correlator);
        self.joins.add(&other.joins);
        for (sum, count) in self.events.0.iter_mut().zip(other.events.0) {
            add(sum, count);
        }
    }
}

/// Finds records in a stream, and matches in records.
///
/// One for each stream; a stream's sequences are found across its records.
/// Warm, it allocates nothing as long as records fit the buffers that
/// earlier ones made grow. Holds at most the largest record (see
/// [`ScannerBuilder::record_limit`]) and as much again for decoded values,
/// and what [`ScannerBuilder::join`] says.
///
/// # Example
///
/// ```
/// use std::ops::ControlFlow;
/// use t1053::{Detector, Report, Scanner};
///
/// let log = br#"{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}
/// {"EventID":1,
/// "#;
/// let mut scanner = Scanner::new(&Detector::new());
/// let mut lines = Vec::new();
/// let mut report = |report: Report<'_>| {
///     lines.push(match report {
///         Report::Match(it) => it.found.detection().slug.to_string(),
///         Report::Unreadable(it) => it.error.to_string(),
///         _ => String::new(),
///     });
///     ControlFlow::Continue(())
/// };
/// scanner.feed(log, &mut report);
/// scanner.finish(&mut report);
/// assert_eq!(lines[0], "task_ran");
/// assert_eq!(lines[1], "winevent_windows_task_scheduler_event_action_started");
/// assert!(lines[2].starts_with("JSON: "));
/// assert_eq!(scanner.counts().records, 2);
/// ```
#[derive(Debug)]
pub struct Scanner {
    work: Work,
    framer: Framer,
    limit: usize,
    encoding: Encoding,
    utf16: Utf16,
    /// UTF-8 form of the chunk at hand, in a UTF-16 stream.
    transcoded: Vec<u8>,
    /// The beginning of a record whose end has not come.
    carry: Vec<u8>,
    /// Whether the rest of a line that is over the limit is passed over.
    passing_over: bool,
    stopped: bool,
}

/// What is done with a record, apart from finding it.
#[derive(Debug)]
struct Work {
    format: Format,
    reader: Reader,
    scratch: Scratch,
    correlator: Correlator,
    /// Kinds of event that rules ask for; the reader hands over others too,
    /// where they are joined.
    wanted: EventKinds,
    /// Joins records, if that is asked for and something may come of it.
    joiner: Option<Joiner>,
    counts: ScanCounts,
    /// How many matches of each detection were reported.
    hits: Box<[u64]>,
    /// What tells that a record need not be read, if it is asked.
    filter: Option<Arc<Filter>>,
    pace: Pace,
    /// Whether each event is reported.
    events: bool,
    /// Whether all that an event matches is reported together, too.
    matched_events: bool,
    /// Whether each event of a sequence is reported.
    sequence_events: bool,
    /// Whether the reader was told a log source.
    is_told: bool,
    partial: Partial,
    /// The most bytes of a line in parts.
    limit: usize,
    /// Offset in the stream of the buffer at hand.
    offset: u64,
    /// What tells whether there is memory, if it is asked of each record.
    memory_check: Option<fn(usize) -> bool>,
    /// Bytes of the largest record so far that there was memory for.
    largest: usize,
}

/// Makes a [`Scanner`] with other than the usual settings.
#[derive(Clone, Debug)]
pub struct ScannerBuilder {
    detector: Detector,
    format: Format,
    record_limit: usize,
    correlator: CorrelatorBuilder,
    sequences: bool,
    filter: bool,
    events: bool,
    matched_events: bool,
    sequence_events: bool,
    log_source: Option<LogSource>,
    host: Option<Box<[u8]>>,
    join: bool,
    memory_check: Option<fn(usize) -> bool>,
}

impl ScannerBuilder {
    /// The host of records that do not name one: auditd's by default, or what
    /// is left of a line whose header a collector has cut off. It may be known
    /// from where the log was found.
    ///
    /// # Example
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use t1053::{Detector, Report, Scanner};
    ///
    /// let log = br#"type=PATH msg=audit(1.1:1): name="/etc/cron.d/x" nametype=CREATE"#;
    /// let detector = Detector::new();
    /// let mut scanner = Scanner::builder(&detector).host("ws1").build()?;
    /// let mut hosts = Vec::new();
    /// let mut report = |report: Report<'_>| {
    ///     if let Report::Match(found) = report {
    ///         hosts.extend(found.found.event().host.map(<[u8]>::to_vec));
    ///     }
    ///     ControlFlow::Continue(())
    /// };
    /// scanner.feed(log, &mut report);
    /// scanner.finish(&mut report);
    /// assert_eq!(hosts[0], b"ws1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn host(mut self, host: impl AsRef<[u8]>) -> ScannerBuilder {
        self.host = Some(host.as_ref().into());
        self
    }

    /// Whether records that can match nothing are told by a search of their
    /// bytes and not read; they are by default. Without it every record is
    /// read, so that all unreadable ones are found and all events counted,
    /// at the cost of several times the time.
    #[must_use]
    pub fn filter(mut self, filter: bool) -> ScannerBuilder {
        self.filter = filter;
        self
    }

    /// Whether every event of every kind is reported as [`Report::Event`],
    /// matched or not. Every record is read then, whatever
    /// [`filter`](ScannerBuilder::filter) says.
    #[must_use]
    pub fn events(mut self, events: bool) -> ScannerBuilder {
        self.events = events;
        self
    }

    /// Whether each event that matches is reported once more, with all that
    /// it matches by itself, as [`Report::MatchedEvent`]: for its verdict. A
    /// sequence is of several events and no part of it.
    ///
    /// # Example
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use t1053::{Detector, Report, Scanner};
    ///
    /// let line = br#"{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\Windows\\System32\\schtasks.exe","CommandLine":"schtasks /create /tn Up /tr C:\\Users\\Public\\p.exe /ru SYSTEM /sc minute"}"#;
    /// let builder = Scanner::builder(&Detector::new());
    /// let mut scanner = builder.matched_events(true).build()?;
    /// let mut alerts = Vec::new();
    /// scanner.record(line, |report| {
    ///     if let Report::MatchedEvent(event) = report {
    ///         let verdict = event.matches.verdict().unwrap();
    ///         alerts.push(verdict.to_string());
    ///     }
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!(alerts.len(), 1);
    /// assert!(alerts[0].starts_with(r"high: creates task \Up, C:\Users\Public\p.exe"));
    /// # Ok::<(), t1053::BuildError>(())
    /// ```
    #[must_use]
    pub fn matched_events(mut self, matched_events: bool) -> ScannerBuilder {
        self.matched_events = matched_events;
        self
    }

    /// Whether records that say one thing together are joined to one event, as
    /// they are by default: the records of an audit event (SYSCALL, EXECVE,
    /// CWD, PATH, ..) to a new process, or to what happened to files, and the
    /// parts of a PowerShell script (4104) to the script. Each record is looked
    /// at by itself all the same. Without it, an auditd log matches only what
    /// is asked of audit records.
    ///
    /// Matches of a joined event are reported when the event is over: with its
    /// last record, with the next one, or when
    /// [`flush_pending`](Scanner::flush_pending) says so. A scanner that joins
    /// holds at most 1,024 audit events that are not over, of 16 MiB together,
    /// 256 scripts, of 16 MiB together, and 1 MiB of processes.
    ///
    /// # Example
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use t1053::{Detector, Report, Scanner};
    ///
    /// let log = r#"type=SYSCALL msg=audit(1700000000.042:77): arch=c000003e syscall=59 success=yes exit=0 items=1 ppid=31 pid=32 uid=0 exe="/usr/bin/at"
    /// type=EXECVE msg=audit(1700000000.042:77): argc=2 a0="at" a1="now"
    /// type=PATH msg=audit(1700000000.042:77): item=0 name="/usr/bin/at" nametype=NORMAL
    /// "#;
    /// let detector = Detector::builder()
    ///     .enable("linux_at_application_execution".parse()?)
    ///     .build()?;
    /// for (join, expected) in [(true, &[0, 1, 2][..]), (false, &[])] {
    ///     let mut scanner = Scanner::builder(&detector).join(join).build()?;
    ///     let mut records: Vec<u64> = Vec::new();
    ///     let mut report = |report: Report<'_>| {
    ///         if let Report::Match(found) = report {
    ///             records.extend(found.joined);
    ///         }
    ///         ControlFlow::Continue(())
    ///     };
    ///     scanner.feed(log.as_bytes(), &mut report);
    ///     scanner.finish(&mut report);
    ///     assert_eq!(records, expected);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn join(mut self, join: bool) -> ScannerBuilder {
        self.join = join;
        self
    }

    /// The log source of records that do not say themselves what they are,
    /// for rules about logs such as a proxy's; see
    /// [`Reader::tell`](crate::record::Reader::tell).
    #[must_use]
    pub fn log_source(mut self, log_source: LogSource) -> ScannerBuilder {
        self.log_source = Some(log_source);
        self
    }

    /// The format of all records, where it is known. By default each record
    /// tells its own.
    #[must_use]
    pub fn format(mut self, format: Format) -> ScannerBuilder {
        self.format = format;
        self
    }

    /// The most bytes that a record may have; a larger one is counted and
    /// reported as unreadable, and never held in memory.
    /// [`Scanner::DEFAULT_RECORD_LIMIT`] where this is not called; at least
    /// [`Scanner::LEAST_RECORD_LIMIT`].
    #[must_use]
    pub fn record_limit(mut self, bytes: usize) -> ScannerBuilder {
        self.record_limit = bytes;
        self
    }

    /// How many keys sequences remember; see
    /// [`CorrelatorBuilder::capacity`].
    #[must_use]
    pub fn sequence_capacity(mut self, keys: usize) -> ScannerBuilder {
        self.correlator = self.correlator.capacity(keys);
        self
    }

    /// How many events of each step of a sequence are remembered for each
    /// key; see [`CorrelatorBuilder::depth`].
    #[must_use]
    pub fn sequence_depth(mut self, halves: usize) -> ScannerBuilder {
        self.correlator = self.correlator.depth(halves);
        self
    }

    /// What the keys of sequences are hashed with; see
    /// [`CorrelatorBuilder::seed`].
    #[must_use]
    pub fn sequence_seed(mut self, seed: [u8; 16]) -> ScannerBuilder {
        self.correlator = self.correlator.seed(seed);
        self
    }

    /// The scanner.
    ///
    /// # Errors
    ///
    /// A setting is out of range, or there is no memory for the sequences.
    pub fn build(self) -> Result<Scanner, BuildError> {
        let limits = Scanner::LEAST_RECORD_LIMIT..=usize::MAX;
        Reason::check("record_limit", self.record_limit, limits)?;
        let has_own = self.sequences && !self.sequence_events;
        let correlator = match has_own {
            true => self.correlator.clone().build()?,
            false => Correlator::off(&self.detector),
        };
        Ok(self.with(correlator))
    }

    fn with(self, correlator: Correlator) -> Scanner {
        let detector = self.detector;
        let wanted = match self.events {
            true => EventKinds::ALL,
            false => detector.kinds(),
        };
        let made = match self.events {
            true => EventKinds::ALL,
            false => detector.joined_kinds(),
        };
        let joins = self.join && made != EventKinds::NONE;
        let audit: EventKinds = AUDIT_KINDS.into_iter().collect();
        let joins_audit = joins && made.intersects(JOINED_KINDS);
        let mut reader = Reader::wanting(match joins_audit {
            true => wanted.union(audit),
            false => wanted,
        });
        reader.ask_for(detector.member_names());
        let is_told = self.log_source.is_some();
        let is_of_kind = |source: &LogSource| source.kind().is_some();
        let has_marks = !self.log_source.as_ref().is_some_and(is_of_kind);
        if let Some(log_source) = self.log_source {
            reader.tell(log_source);
        }
        let joiner = joins.then(|| Joiner::new(made, self.host.as_deref()));
        Scanner {
            work: Work {
                format: self.format,
                reader: reader.merging_rows().on_host(self.host),
                wanted,
                joiner,
                scratch: Scratch::growing(&detector),
                correlator,
                counts: ScanCounts::default(),
                hits: detector.detections().map(|_| 0).collect(),
                pace: Pace::default(),
                // Records whose kind is told may have no mark of it.
                filter: (self.filter && !self.events && has_marks)
                    .then(|| detector.filter(joins)),
                events: self.events,
                matched_events: self.matched_events,
                sequence_events: self.sequence_events,
                is_told,
                partial: Partial::default(),
                limit: self.record_limit,
                offset: 0,
                memory_check: self.memory_check,
                largest: 0,
            },
            framer: Framer::new(self.format, self.record_limit),
            limit: self.record_limit,
            encoding: Encoding::Unknown,
            utf16: Utf16::default(),
            transcoded: Vec::new(),
            carry: Vec::new(),
            passing_over: false,
            stopped: false,
        }
    }
}

/// Counts on, to the highest number there is and no further.
fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}

/// How many of a stream's first records are looked at that the filter passes
/// over: they tell what it is made of. Of the rest few are, as a log may change
/// in the middle.
const SAMPLED: u64 = 64;

/// The first line with its end, or what there is of it, and what follows.
fn split_line(chunk: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', chunk);
    let end = end.map_or(chunk.len(), |at| at.saturating_add(1));
    chunk.split_at_checked(end).unwrap_or((chunk, b""))
}

/// How a report is taken.
type Sink<'s> = dyn FnMut(Report<'_>) -> ControlFlow<()> + 's;

impl Scanner {
    /// The default limit on the size of a record: 16 MiB.
    pub const DEFAULT_RECORD_LIMIT: usize = 16 << 20;

    /// The least limit on the size of a record: 1 KiB. No record that
    /// matters is shorter than a name that tells its format.
    pub const LEAST_RECORD_LIMIT: usize = 1 << 10;

    /// A scanner with the usual settings.
    pub fn new(detector: &Detector) -> Scanner {
        Scanner::builder(detector).with(Correlator::new(detector))
    }

    /// A builder for other settings.
    pub fn builder(detector: &Detector) -> ScannerBuilder {
        ScannerBuilder {
            detector: detector.clone(),
            format: Format::Auto,
            record_limit: Scanner::DEFAULT_RECORD_LIMIT,
            correlator: Correlator::builder(detector),
            sequences: true,
            filter: true,
            events: false,
            matched_events: false,
            sequence_events: false,
            join: true,
            log_source: None,
            host: None,
            memory_check: None,
        }
    }

    /// What was seen so far.
    pub fn counts(&self) -> &ScanCounts {
        &self.work.counts
    }

    /// How many matches each exclusion has silenced so far, in the order of
    /// [`Detector::exclusions`]; see [`Scratch::excluded`].
    pub fn excluded(&self) -> &[u64] {
        self.work.scratch.excluded()
    }

    /// How many matches of each detection were reported so far, by their place
    /// among [`Detector::detections`]. Their sum is
    /// [`ScanCounts::matches`].
    ///
    /// # Example
    ///
    /// ```
    /// use std::ops::ControlFlow;
    ///
    /// use t1053::{Detector, Scanner};
    ///
    /// let detector = Detector::new();
    /// let mut scanner = Scanner::new(&detector);
    /// let line = br#"{"EventID":4698,"Channel":"Security"}"#;
    /// let mut indices = Vec::new();
    /// let _ = scanner.record(line, |report| {
    ///     if let t1053::Report::Match(found) = report {
    ///         indices.push(found.found.index());
    ///     }
    ///     ControlFlow::Continue(())
    /// });
    /// assert!(indices.iter().all(|index| scanner.hits()[*index] > 0));
    /// assert_eq!(scanner.hits().len(), detector.detections().len());
    /// ```
    pub fn hits(&self) -> &[u64] {
        &self.work.hits
    }

    /// Scans the next bytes of the stream, in a chunk of any size. A record
    /// that does not end in them is kept for the next call.
    ///
    /// `sink` takes each match and each unreadable record, and may stop the
    /// scan: then this returns `Break`, the rest of the chunk is dropped,
    /// and further chunks are too until [`reset`](Scanner::reset).
    pub fn feed(
        &mut self,
        chunk: &[u8],
        mut sink: impl FnMut(Report<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.take(chunk, false, &mut sink)
    }

    /// Takes an event that the caller has built: as a record of its own,
    /// counted as read.
    pub fn event(
        &mut self,
        event: &Event<'_>,
        mut sink: impl FnMut(Report<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.alone(0, |work| work.event(event, &mut sink))
    }

    /// Counts a record as unreadable whose bytes the caller could not get,
    /// from a container that is broken in one place, say; returns its
    /// number. What was wrong is the caller's to tell.
    pub fn lost(&mut self) -> u64 {
        let counts = &mut self.work.counts;
        let number = counts.records;
        add(&mut counts.records, 1);
        add(&mut counts.unreadable, 1);
        number
    }

    fn alone(
        &mut self,
        bytes: usize,
        work: impl FnOnce(&mut Work) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.stopped {
            return ControlFlow::Break(());
        }
        add(&mut self.work.counts.bytes, bytes as u64);
        let result = work(&mut self.work);
        self.stopped = result.is_break();
        debug_assert!(self.work.counts.is_sum(), "{:?}", self.work.counts);
        result
    }

    /// Ends the stream: what was kept is scanned as its last record, and no
    /// more records of an audit event are waited for.
    ///
    /// Another stream may follow, such as the next file of the same log, in
    /// an encoding of its own. Sequences are found across both; counts,
    /// record numbers and offsets go on.
    pub fn finish(
        &mut self,
        mut sink: impl FnMut(Report<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut result = self.take(b"", true, &mut sink);
        if result.is_continue() {
            result = self.alone(0, |work| work.flush(None, &mut sink));
        }
        // Of UTF-16 they differ.
        self.work.offset = self.work.counts.bytes;
        result
    }

    /// Forgets the stream, its counts and its sequences; keeps the memory.
    pub fn reset(&mut self) {
        self.begin_stream();
        self.work.partial.clear();
        self.stopped = false;
        self.work.correlator.clear();
        if let Some(joiner) = &mut self.work.joiner {
            joiner.clear();
        }
        self.work.counts = ScanCounts::default();
        self.work.hits.fill(0);
        self.work.pace = Pace::default();
        self.work.scratch.forget_excluded();
        self.work.offset = 0;
    }

    fn take(
        &mut self,
        chunk: &[u8],
        at_end: bool,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        if self.stopped {
            return ControlFlow::Break(());
        }
        add(&mut self.work.counts.bytes, chunk.len() as u64);
        let mut result = self.decode(chunk, at_end, sink);
        if at_end && result.is_continue() {
            result = self.work.left(sink);
        }
        self.stopped = result.is_break();
        // Here, so that every test and every target of fuzzing asks.
        debug_assert!(self.work.counts.is_sum(), "{:?}", self.work.counts);
        if at_end {
            self.begin_stream();
        }
        result
    }

    /// Makes ready for the first byte of a stream.
    fn begin_stream(&mut self) {
        self.encoding = Encoding::Unknown;
        self.utf16 = Utf16::default();
        self.carry.clear();
        self.passing_over = false;
        self.work.reader.forget_rows();
        self.framer = Framer::new(self.work.format, self.limit);
    }

    /// Finds the records in the carry and a chunk. Only the record that a
    /// chunk cuts is copied: the carry is completed line by line until it is
    /// used up, the rest is scanned where it stands.
    fn frame(
        &mut self,
        chunk: &[u8],
        at_end: bool,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let mut chunk = self.pass_over(chunk, at_end);
        let mut carry = core::mem::take(&mut self.carry);
        let mut result = ControlFlow::Continue(());
        while result.is_continue()
            && !carry.is_empty()
            && (!chunk.is_empty() || at_end)
        {
            // Of a long line, no more than a record may have.
            let (line, _) = split_line(chunk);
            let most = line.len().min(self.limit.saturating_add(1));
            let (piece, rest) =
                chunk.split_at_checked(most).unwrap_or((chunk, b""));
            if !memory::append(&mut carry, piece) {
                result = self.give_up(carry.len(), sink);
                carry = Vec::new();
                chunk = self.pass_over(chunk, at_end);
                continue;
            }
            let is_last = at_end && rest.is_empty();
            let (used, outcome) = self.records(&carry, is_last, sink);
            carry.drain(..used);
            chunk = self.pass_over(rest, at_end);
            result = outcome;
            if is_last {
                break;
            }
        }
        if result.is_continue() && carry.is_empty() {
            let (used, outcome) = self.records(chunk, at_end, sink);
            result = outcome;
            let left = chunk.get(used..).unwrap_or_default();
            if !memory::append(&mut carry, left) && result.is_continue() {
                result = self.give_up(left.len(), sink);
            }
        }
        self.carry = carry;
        result
    }

    /// Takes the record that a chunk cuts as unreadable, for want of memory to
    /// keep what there is of it: so many bytes. The rest of its line is passed
    /// over.
    fn give_up(
        &mut self,
        kept: usize,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let offset = self.work.offset;
        add(&mut self.work.offset, kept as u64);
        self.framer.give_up();
        self.passing_over = true;
        self.work.refuse(RecordErrorKind::NoMemory, offset, sink)
    }

    /// What follows the line that is passed over, if one is.
    fn pass_over<'c>(&mut self, chunk: &'c [u8], at_end: bool) -> &'c [u8] {
        if !self.passing_over {
            return chunk;
        }
        let (over, rest) = split_line(chunk);
        add(&mut self.work.offset, over.len() as u64);
        self.passing_over = !over.ends_with(b"\n") && !at_end;
        rest
    }

    /// Scans the complete records at the beginning of a buffer; returns how
    /// many bytes are done with.
    fn records(
        &mut self,
        buffer: &[u8],
        at_end: bool,
        sink: &mut Sink<'_>,
    ) -> (usize, ControlFlow<()>) {
        let mut from = 0;
        let mut result = ControlFlow::Continue(());
        while result.is_continue() {
            let offset = self.work.offset;
            let place = |at: usize| offset.saturating_add(at as u64);
            match self.framer.next(buffer, from, at_end) {
                Frame::More => break,
                Frame::Blank(next) => from = next,
                Frame::Record(range, opening, next) => {
                    let record = buffer.get(range.clone()).unwrap_or_default();
                    let at = place(range.start);
                    result = self.work.record(record, opening, at, sink);
                    from = next;
                }
                Frame::Row(range, next) => {
                    let row = buffer.get(range.clone()).unwrap_or_default();
                    let at = place(range.start);
                    let table = self.framer.table();
                    debug_assert!(table.is_some(), "a row of no table");
                    let framed = Framed::Record(Opening::Other);
                    let framed = table.map_or(framed, Framed::Row);
                    result = self.work.row(framed, row, at, sink);
                    from = next;
                }
                Frame::TooLarge(start, next) => {
                    let kind = RecordErrorKind::TooLarge;
                    result = self.work.refuse(kind, place(start), sink);
                    from = next;
                }
                Frame::TooLargeStill => {
                    let kind = RecordErrorKind::TooLarge;
                    result = self.work.refuse(kind, place(from), sink);
                    self.passing_over = true;
                    from = buffer.len();
                }
            }
            if self.passing_over {
                break;
            }
        }
        add(&mut self.work.offset, from as u64);
        (from, result)
    }
}

impl Work {
    fn record(
        &mut self,
        record: &[u8],
        opening: Opening,
        offset: u64,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let part = Part::of(record);
        self.whole_before(part, sink)?;
        let at = self.next(record, offset);
        let Some(part) = part else {
            return self.whole(record, opening, at, sink);
        };
        if !part.is_last {
            return match self.partial.keep(part, at, self.limit) {
                Ok(()) => {
                    // It is told of with the last part.
                    add(&mut self.counts.uninteresting, 1);
                    ControlFlow::Continue(())
                }
                Err(kind) => self.unreadable(kind, at.number, offset, sink),
            };
        }
        match self.partial.take(part, at) {
            Ok(Some(taken)) => self.taken(taken, sink),
            Ok(None) => self.whole(record, opening, at, sink),
            Err(kind) => self.unreadable(kind, at.number, offset, sink),
        }
    }

    /// Takes a line that came in parts.
    fn taken(&mut self, taken: Taken, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let opening = Opening::of(self.format, &taken.line);
        let result = self.whole(&taken.line, opening, taken.at, sink);
        self.partial.give_back(taken);
        result
    }

    /// Takes what is left of lines whose last part never came.
    fn left(&mut self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        while let Some(left) = self.partial.left() {
            self.kept(left, sink)?;
        }
        ControlFlow::Continue(())
    }

    /// Takes the lines that were kept as parts and are whole if this comes
    /// next.
    fn whole_before(
        &mut self,
        next: Option<Part<'_>>,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        while let Some(whole) = self.partial.whole_before(next) {
            self.kept(whole, sink)?;
        }
        ControlFlow::Continue(())
    }

    /// Takes a line that was kept, as the last record that it is of. That was
    /// counted as one that is told of with another.
    fn kept(&mut self, taken: Taken, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let counts = &mut self.counts;
        counts.uninteresting = counts.uninteresting.saturating_sub(1);
        self.taken(taken, sink)
    }

    /// Takes a record that is whole, and whose last part stands there.
    fn whole(
        &mut self,
        record: &[u8],
        opening: Opening,
        at: At,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let turn = self.pace.turn(at.offset);
        let handling = match &self.filter {
            Some(filter) if turn.is_asked => {
                filter.judge(record, opening, self.is_told)
            }
            _ => Handling::Read,
        };
        let framed = Framed::Record(opening);
        let held = match handling {
            Handling::Read => None,
            Handling::PassOver => Some(None),
            Handling::Hold(kind) => Some(Some(kind)),
        };
        if let Some(kind) = held {
            self.pace.ruled_out();
            let is_looked_at = turn.is_sampled || at.number < SAMPLED;
            let has_memory =
                (kind.is_none() && !is_looked_at) || self.has_memory(record);
            let sample = (is_looked_at && has_memory)
                .then(|| self.sample(framed, record));
            let is_disguised = match sample {
                Some(Sample::NotUnderstood) => {
                    return self.not_understood(at, record, sink);
                }
                Some(Sample::Disguised) => true,
                Some(Sample::Understood) | None => false,
            };
            // What cannot be held is lost, and told of below.
            if !is_disguised
                && (kind.is_none() || has_memory)
                && self.hold(record, at.number, kind)
            {
                add(&mut self.counts.filtered, 1);
                return self.give_joined(sink);
            }
        }
        self.read(framed, record, at, sink)?;
        self.end_by(record);
        self.give_joined(sink)
    }

    /// Counts one record more, and gives it its number.
    fn next(&mut self, record: &[u8], offset: u64) -> At {
        let number = self.counts.records;
        add(&mut self.counts.records, 1);
        At { number, offset, length: record.len() as u64 }
    }

    /// Takes a row of a table. It is not filtered: its quotes stand where
    /// those of no other format do.
    fn row(
        &mut self,
        framed: Framed<'_>,
        row: &[u8],
        offset: u64,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let at = self.next(row, offset);
        self.read(framed, row, at, sink)?;
        self.give_joined(sink)
    }

    /// Reads a record, or a row of a table.
    fn read(
        &mut self,
        framed: Framed<'_>,
        record: &[u8],
        at: At,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let At { number, offset, length } = at;
        if !self.has_memory(record) {
            let kind = RecordErrorKind::NoMemory;
            return self.unreadable(kind, number, offset, sink);
        }
        let source = Source { offset, length, bytes: record };
        let wanted = self.wanted;
        let Parts { reader, joiner, mut outlet } = self.parts(sink);
        let place = Place { record: number, ..Place::default() };
        let mut events = 0_u32;
        let reading = match joiner {
            None => {
                let take = |item: Option<u32>, event: &Event<'_>| {
                    events = events.saturating_add(1);
                    outlet.take(Place { item, ..place }, source, event);
                };
                reader.read_framed(framed, record, take)
            }
            Some(joiner) => {
                let take = |item: Option<u32>,
                            event: &Event<'_>,
                            details: AuditDetails| {
                    let sink = &mut |records: &[u64], event: &Event<'_>| {
                        outlet.take_joined(records, event);
                    };
                    let is_told = joiner.observe(event, details, number, sink);
                    if wanted.contains(event.kind()) {
                        events = events.saturating_add(1);
                        let place = Place { item, ..place };
                        outlet.take_piece(is_told, place, source, event);
                    }
                };
                let reading = reader.read_joining(framed, record, take);
                joiner.end_record(&mut |records, event| {
                    outlet.take_joined(records, event);
                });
                reading
            }
        };
        let mut result = outlet.result;
        let counts = &mut self.counts;
        counts.correlator = self.correlator.counts();
        if reading.is_ok_and(|reading| reading.is_disguised) {
            self.pace.pass_by();
        }
        match reading {
            Ok(_) if events > 0 => add(&mut counts.read, 1),
            Ok(reading) if reading.is_understood() => {
                add(&mut counts.uninteresting, 1);
            }
            Ok(_) if result.is_continue() => {
                result = self.not_understood(at, record, sink);
            }
            Ok(_) => add(&mut counts.not_understood, 1),
            Err(error) => {
                add(&mut counts.unreadable, 1);
                if result.is_continue() {
                    let unreadable =
                        Unreadable { record: number, offset, error };
                    result = sink(Report::Unreadable(&unreadable));
                }
            }
        }
        result
    }

    /// What a record is that the filter ruled out. What cannot be read was
    /// not looked for here.
    fn sample(&mut self, framed: Framed<'_>, record: &[u8]) -> Sample {
        match self.reader.read_framed(framed, record, |_, _| {}) {
            Ok(reading) if reading.is_disguised => Sample::Disguised,
            Ok(reading) if !reading.is_understood() => Sample::NotUnderstood,
            Ok(_) | Err(_) => Sample::Understood,
        }
    }

    fn not_understood(
        &mut self,
        at: At,
        bytes: &[u8],
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        add(&mut self.counts.not_understood, 1);
        let At { number: record, offset, .. } = at;
        let what = NotUnderstood { record, offset, bytes };
        sink(Report::NotUnderstood(&what))
    }

    fn event(
        &mut self,
        event: &Event<'_>,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let record = self.counts.records;
        add(&mut self.counts.records, 1);
        add(&mut self.counts.read, 1);
        let Parts { joiner, mut outlet, .. } = self.parts(sink);
        let place = Place { record, ..Place::default() };
        let is_told = joiner.is_some_and(|joiner| {
            let details = AuditDetails::default();
            let sink = &mut |records: &[u64], event: &Event<'_>| {
                outlet.take_joined(records, event);
            };
            joiner.observe(event, details, record, sink)
        });
        outlet.take_piece(is_told, place, Source::default(), event);
        let result = outlet.result;
        self.counts.correlator = self.correlator.counts();
        result?;
        self.give_joined(sink)
    }

    /// Takes a record that is not looked into: as unreadable.
    fn refuse(
        &mut self,
        kind: RecordErrorKind,
        offset: u64,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let At { number, offset, .. } = self.next(b"", offset);
        self.unreadable(kind, number, offset, sink)
    }

    /// Reports a record that has its number as unreadable.
    fn unreadable(
        &mut self,
        kind: RecordErrorKind,
        record: u64,
        offset: u64,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        add(&mut self.counts.unreadable, 1);
        let error = RecordError::new(kind, 0);
        sink(Report::Unreadable(&Unreadable { record, offset, error }))
    }
}

/// What a record is that the filter ruled out.
enum Sample {
    /// Of a shape that is known, or not to be read.
    Understood,
    /// Of one that is spelled otherwise, or encoded: the filter does not know
    /// it.
    Disguised,
    NotUnderstood,
}

/// What a record goes through, each part by itself.
struct Parts<'w, 's> {
    reader: &'w mut Reader,
    joiner: Option<&'w mut Joiner>,
    outlet: Outlet<'w, 's>,
}

/// Where events go, to be matched and reported.
struct Outlet<'o, 's> {
    counts: &'o mut ScanCounts,
    hits: &'o mut [u64],
    scratch: &'o mut Scratch,
    correlator: &'o mut Correlator,
    events: bool,
    /// Whether all matches of an event are reported together, too.
    matched_events: bool,
    /// Whether an event of a sequence is reported.
    sequence_events: bool,
    /// Whether the scan goes on.
    result: ControlFlow<()>,
    sink: &'o mut Sink<'s>,
}

impl Outlet<'_, '_> {
    fn take(
        &mut self,
        place: Place<'_>,
        source: Source<'_>,
        event: &Event<'_>,
    ) {
        let Outlet { counts, hits, scratch, correlator, result, sink, .. } =
            self;
        let Place { record, item, joined, .. } = place;
        if self.events && result.is_continue() {
            let event = RecordEvent { record, item, joined, source, event };
            *result = sink(Report::Event(&event));
        }
        counts.events.count(event.kind());
        let matches = correlator.observe(event, scratch, |found| {
            if result.is_continue() {
                add(&mut counts.matches, 1);
                if let Some(hits) = hits.get_mut(found.index()) {
                    add(hits, 1);
                }
                let found = *found;
                let found =
                    RecordMatch { record, item, joined, source, found };
                *result = sink(Report::Match(&found));
            }
        });
        let scratch = matches.scratch();
        if self.sequence_events && result.is_continue() && scratch.is_part() {
            let event =
                SequenceEvent { record, item, source, joined, event, scratch };
            *result = sink(Report::SequenceEvent(&event));
        }
        if self.matched_events && result.is_continue() && !matches.is_empty() {
            let event = MatchedEvent { record, item, joined, source, matches };
            *result = sink(Report::MatchedEvent(&event));
        }
    }

    /// Takes an event that may be a piece of another, which tells its jobs
    /// then: one event is one alert.
    fn take_piece(
        &mut self,
        is_told: bool,
        place: Place<'_>,
        source: Source<'_>,
        event: &Event<'_>,
    ) {
        self.scratch.pass_over_jobs(is_told);
        self.take(place, source, event);
        self.scratch.pass_over_jobs(false);
    }

    /// Takes an event that was joined from records of some numbers, none of
    /// which is at hand.
    fn take_joined(&mut self, records: &[u64], event: &Event<'_>) {
        self.take(Place::of_joined(records), Source::default(), event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a scan of a stream shows of its records: where the unreadable
    /// ones begin, and how many there are of all.
    fn scanned(
        builder: ScannerBuilder,
        stream: &[u8],
        chunk: usize,
    ) -> (Vec<(u64, u64)>, ScanCounts) {
        let mut scanner = builder.build().unwrap();
        let mut unreadable = Vec::new();
        let mut sink = |report: Report<'_>| {
            if let Report::Unreadable(it) = report {
                unreadable.push((it.record, it.offset));
            }
            ControlFlow::Continue(())
        };
        for chunk in stream.chunks(chunk) {
            let _ = scanner.feed(chunk, &mut sink);
        }
        let _ = scanner.finish(&mut sink);
        (unreadable, scanner.counts().clone())
    }

    /// Scans a stream in chunks of every size up to its own; all must agree.
    fn every_way(
        format: Format,
        limit: usize,
        stream: &[u8],
    ) -> (Vec<(u64, u64)>, ScanCounts) {
        let detector = Detector::published();
        let builder = || {
            let builder = Scanner::builder(&detector).format(format);
            builder.record_limit(limit)
        };
        let whole = scanned(builder(), stream, usize::MAX);
        for chunk in 1..=stream.len().clamp(1, 200) {
            let cut = scanned(builder(), stream, chunk);
            assert_eq!(cut, whole, "in chunks of {chunk}");
        }
        whole
    }

    fn records(stream: &str) -> u64 {
        every_way(Format::Auto, 1 << 20, stream.as_bytes()).1.records
    }

    const EVENT: &str = "<Event><System><Provider Name='A'/>\
        <EventID>7</EventID></System></Event>";

    #[test]
    fn lines() {
        assert_eq!(records(""), 0);
        assert_eq!(records("\n\r\n \n"), 0);
        assert_eq!(records("{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":3}"), 3);
        assert_eq!(records("\u{feff}{\"a\":1}\n"), 1);
        assert_eq!(records("type=EOE msg=audit(1.1:1):\nnoise\n"), 2);
    }

    #[test]
    fn printed_json() {
        let one = "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n";
        assert_eq!(records(one), 1);
        assert_eq!(records(&format!("{one}{one}")), 2);
        assert_eq!(records("[\n  {\n    \"a\": 1\n  },\n  {\n  }\n]\n"), 2);
        assert_eq!(records("[\n{\"a\":1},\n{\"a\":2}\n]\n"), 2);
        // One that is cut does not swallow the next.
        assert_eq!(records(&format!("{{\n  \"a\":\n{one}")), 2);
    }

    /// The numbers in the records of a stream that the framer finds, each
    /// record read as JSON; the stream cut into chunks of every size.
    fn numbers(stream: &str) -> Vec<String> {
        every_way(Format::Auto, 1 << 20, stream.as_bytes());
        every_way(Format::Json, 1 << 20, stream.as_bytes());
        let mut framer = Framer::new(Format::Auto, 1 << 20);
        let (mut from, mut numbers) = (0, Vec::new());
        loop {
            match framer.next(stream.as_bytes(), from, true) {
                Frame::Blank(next) => from = next,
                Frame::Record(record, _, next) | Frame::Row(record, next) => {
                    let text = stream.get(record).unwrap();
                    let text = match text.parse::<serde_json::Value>() {
                        Ok(value) => value["n"].to_string(),
                        Err(error) => format!("{error}: {text}"),
                    };
                    numbers.push(text);
                    from = next;
                }
                Frame::More => return numbers,
                frame => panic!("{frame:?}"),
            }
        }
    }

    /// Every way in which programs write a list of objects.
    #[test]
    fn elements_of_an_array_are_read_however_it_is_spread_over_lines() {
        for stream in [
            // A line an element, as mongoexport writes.
            "[\n{\"n\":1},\n{\"n\":2},\n{\"n\":3}\n]\n",
            "[{\"n\":1},\n{\"n\":2},\n{\"n\":3}]\n",
            "[ {\"n\":1}\r\n, {\"n\":2}\r\n, {\"n\":3}\r\n]\r\n",
            // json.dump(indent=2), jq, ConvertTo-Json, chainsaw.
            "[\n  {\n    \"n\": 1\n  },\n  {\n    \"n\": 2\n  },\n  \
             {\n    \"n\": 3\n  }\n]\n",
            "[\n{\n\"n\": 1\n},\n{\n\"n\": 2\n},\n{\n\"n\": 3\n}]",
            "[{\n  \"n\": 1\n}, {\n  \"n\": 2\n}, {\n  \"n\": 3}]",
            "[{\n \"n\": 1,\n \"x\": {\n }\n},{\n \"n\":\n  2},\n\
             {\"n\":3}]",
            // A comma behind each line, or before.
            "{\"n\":1},\n{\"n\":2} , \n{\"n\":3},\n",
            "{\"n\":1}\n,{\"n\":2}\n,{\"n\":3}\n",
            "{ \"n\": 1\n, \"x\": [ 1\n, 2 ]\n}\n{\"n\":2}\n{\"n\":3}",
            // Objects back to back.
            "{\n \"n\": 1\n}{\n \"n\": 2\n} {\n \"n\": 3\n}",
            // RFC 7464.
            "\u{1e}{\"n\":1}\n\u{1e}{\"n\":2}\n\u{1e}{\n\"n\":3}\n",
        ] {
            assert_eq!(numbers(stream), ["1", "2", "3"], "{stream}");
        }
    }

    #[test]
    fn brackets_count_outside_of_strings_whatever_the_indentation() {
        for object in [
            "{ \"n\": 1,\n  \"a\": \"}\" }",
            "{\n\"n\": 1,\n\"a\": {\n\"b\": [\n{\n}\n]\n}\n}",
            "{\n  \"n\": 1,\n\"a\": true,\n  \"b\": null\n}",
            "{\n\t\"a\": \"\\\"}\\\\\",\n\t\"n\": 1 }",
            "  {\n\"n\"\n:\n1\n}",
            "{\"a\": [\n{\"b\": 1},\n{\"b\": 2}\n], \"n\": 1}",
            "{\"a\": -1.5e+3,\n\"n\": 1,\n}".trim_end_matches(",\n}"),
        ] {
            let object = if object.ends_with('}') {
                object.to_owned()
            } else {
                format!("{object}\n}}")
            };
            let stream = format!("{object}\n{{\"n\":2}}\n{object}{object}");
            let found = numbers(&stream);
            assert_eq!(found, ["1", "2", "1", "1"], "{stream}");
        }
        let deep = 60;
        let (open, close) = ("{\"a\":\n[".repeat(deep), "]\n}".repeat(deep));
        let stream = format!("{open}\n{close}\n{{\"n\":2}}");
        assert_eq!(numbers(&stream), ["null", "2"]);
    }

    #[test]
    fn cut_object_swallows_no_record_after_it() {
        let one = "{\"n\":1}\n";
        let printed = "{\n  \"n\": 1,\n  \"a\": {\n    \"b\": \"c\"\n  }\n}\n";
        let list = "{\"v\":[\n{\"n\":1},\n";
        for cut in ["{\"a\":1", "{\"a\":\"x", "{\"a\":[1,", "{\"a\":", "{"] {
            for record in [one, printed] {
                let stream = format!("{cut}\n{record}{record}");
                let found = numbers(&stream);
                assert_eq!(found.len(), 3, "{stream}");
                assert_eq!(found[1..], ["1", "1"], "{stream}");
            }
        }
        for length in 1..printed.len() - 2 {
            let cut = printed.get(..length).unwrap();
            let stream = format!("{}\n{printed}{one}", cut.trim_end());
            let found = numbers(&stream);
            assert!(found.ends_with(&["1".into(), "1".into()]), "{stream}");
        }
        assert_eq!(numbers(&format!("{list}{one}"))[1..], ["1", "1"]);
    }

    /// What begins with a bracket and is no list stays one record.
    #[test]
    fn lines_in_brackets_are_no_arrays() {
        assert_eq!(records("[INFO] {\"a\":1}\n[1,2]\n[]\n"), 3);
        assert_eq!(records("[   12.5] audit: type=1302 x\n[{\"a\":1}]\n"), 2);
        assert_eq!(records("[{app}] started\n{\"a\":1}\n"), 2);
        assert_eq!(records("[{\"a\":[1]},{\"a\":2}]\n[\n]\n"), 1);
    }

    #[test]
    fn elements_of_what_is_over_the_limit_are_read() {
        let element = format!("{{\"n\":\"{}\"}}", "x".repeat(100));
        let elements = vec![element; 30].join(",");
        let array = format!("[{elements}]\n{{\"n\":1}}\n");
        let (_, counts) = every_way(Format::Auto, 1024, array.as_bytes());
        assert_eq!((counts.records, counts.unreadable), (31, 0));
        let printed = elements.replace(",{", ",\n    {");
        for (open, close, records) in [
            ("{\"records\":[", "]}", 32),
            ("{\n  \"records\": [\n    ", "\n  ]\n}", 33),
            ("{\"records\":[\n", "\n]}", 33),
        ] {
            let stream = format!("{open}{printed}{close}\n{{\"n\":1}}\n");
            let (unreadable, counts) =
                every_way(Format::Auto, 1024, stream.as_bytes());
            // The beginning of the object and its end are unreadable; the
            // end may stand behind the last element.
            let counted = (counts.records, counts.unreadable);
            assert_eq!(counted, (records, 2), "{open}");
            assert_eq!(unreadable[0], (0, 0), "{open}");
        }
        let joined = "{\"n\":12345}".repeat(200);
        let (_, counts) = every_way(Format::Auto, 1024, joined.as_bytes());
        assert_eq!((counts.records, counts.unreadable), (200, 0));
    }

    /// A container's runtime cuts long lines.
    #[test]
    fn parts_of_a_containers_line_are_one_record() {
        let line = "type=PATH msg=audit(1.1:1): item=1 name=\"/etc/cron.d/x\" nametype=CREATE";
        let (first, rest) = line.split_at(50);
        let (second, third) = rest.split_at(5);
        let stream = format!(
            "2026-11-25T10:00:00.1Z stdout P {first}\n2026-11-25T10:00:00.1Z stderr F x\n2026-11-25T10:00:00.1Z stdout P {second}\n2026-11-25T10:00:00.2Z stdout F {third}\n2026-11-25T10:00:00.2Z stdout F {line}\n"
        );
        let (_, counts) = every_way(Format::Auto, 1 << 20, stream.as_bytes());
        assert_eq!((counts.records, counts.read), (5, 2));
        // What is longer than a record may be is told of.
        let long = "2026-11-25T10:00:00.1Z stdout P x\n".repeat(2000);
        let (unreadable, counts) =
            every_way(Format::Auto, 1 << 10, &long.as_bytes()[..34 * 1200]);
        assert_eq!(counts.unreadable as usize, unreadable.len());
        assert!(counts.unreadable > 0);
        // So is a line that never ends.
        let cut = format!("2026-11-25T10:00:00.1Z stdout P {line}\n");
        let (_, counts) = every_way(Format::Auto, 1 << 20, cut.as_bytes());
        assert_eq!((counts.records, counts.read), (1, 1));
    }

    /// Docker's parts have no mark, but the last one ends with a line feed.
    #[test]
    fn parts_of_a_line_of_dockers_are_one_record() {
        let line = "type=PATH msg=audit(1.1:1): item=1 name=\\\"/etc/cron.d/x\\\" nametype=CREATE";
        let docker = |text: &str, stream: &str| {
            format!(
                "{{\"log\":\"{text}\",\"stream\":\"{stream}\",\"time\":\"2026-11-25T10:00:00.1Z\"}}\n"
            )
        };
        let (first, rest) = line.split_at(50);
        let (second, third) = rest.split_at(5);
        let stream = [
            docker(first, "stdout"),
            docker("x\\n", "stderr"),
            docker(second, "stdout"),
            docker(&format!("{third}\\n"), "stdout"),
            // Written without line feeds, each is a line.
            docker(line, "stdout"),
            docker(line, "stderr"),
            docker(line, "stdout"),
            "x\n".to_owned(),
            docker(line, "stdout"),
        ];
        let stream = stream.concat();
        let (_, counts) = every_way(Format::Auto, 1 << 20, stream.as_bytes());
        assert_eq!((counts.records, counts.read), (9, 5));
        // What was cut for its length is a part whatever follows.
        let padding = "x".repeat(16 * 1024 - line.len());
        let long = format!("{line} {padding}");
        let stream = [docker(&long, "stdout"), docker(line, "stdout")];
        let stream = stream.concat();
        let (_, counts) = every_way(Format::Auto, 1 << 20, stream.as_bytes());
        assert_eq!((counts.records, counts.read), (2, 1));
    }

    #[test]
    fn record_that_is_whole_is_told_of_at_once() {
        let record = br#"{"log":"type=PATH msg=audit(1.1:1): item=1 name=\"/etc/cron.d/x\" nametype=CREATE","stream":"stdout","time":"2026-11-25T10:00:00.1Z"}"#;
        let mut scanner = Scanner::new(&Detector::new());
        let mut matches = 0;
        let _ = scanner.record(record, |report| {
            matches += u32::from(matches!(report, Report::Match(_)));
            ControlFlow::Continue(())
        });
        assert!(matches > 0);
        assert_eq!(scanner.counts().read, 1);
    }

    /// Hayabusa writes a row for each rule that matched an event.
    #[test]
    fn rows_of_one_event_are_read_once() {
        let row = |rule: &str, number: u32| {
            format!(
                r#"{{"Timestamp":"2024-02-03 04:05:06.000 +00:00","RuleTitle":"{rule}","Computer":"h","Channel":"Sec","EventID":4688,"RecordID":{number},"Details":"Cmdline: schtasks /create"}}"#
            )
        };
        let rows = [row("a", 1), row("b", 1), row("a", 2), row("c", 1)];
        let detector = Detector::new();
        let scanner = Scanner::builder(&detector).filter(false);
        let mut scanner = scanner.build().unwrap();
        for _ in 0..2 {
            let mut sink = |_: Report<'_>| ControlFlow::Continue(());
            let _ = scanner.feed(rows.join("\n").as_bytes(), &mut sink);
            let _ = scanner.finish(&mut sink);
            let counts = scanner.counts();
            assert_eq!((counts.read, counts.uninteresting), (2, 2));
            // What was read before a reset does not count.
            scanner.reset();
        }
    }

    #[test]
    fn a_zero_byte_may_end_a_message() {
        assert_eq!(records("{\"a\":1}\0{\"a\":2}\0\n{\"a\":3}\0"), 3);
    }

    /// Syslog over TCP: the length stands before each message.
    #[test]
    fn octet_counted_messages_are_records() {
        let message = |text: &str| {
            let text = format!("<13>1 2026-01-31T10:38:34Z h a - - - {text}");
            format!("{} {text}", text.len())
        };
        let one = message("{\"a\":1}");
        assert_eq!(records(&one.repeat(3)), 3);
        assert_eq!(records(&format!("{one}\n{one}\r\n{one}")), 3);
        let two = message("{\"a\":1}\n");
        assert_eq!(records(&two.repeat(2)), 2);
        // A message may have lines, in a stream that counts from its start.
        let lines = message("a\n{\"a\":1}\nb");
        assert_eq!(records(&lines.repeat(3)), 3);
        assert_eq!(records(&format!("{lines}\n{lines}")), 2);
        assert_eq!(records(&format!("x\n{lines}{lines}")), 6);
        // A length that is wrong takes no other record along.
        for wrong in ["99", "1", "0", "60", "100000000", "99999999999999"] {
            let line = format!("{wrong} <13>1 - h a - - - x\n");
            let stream = format!("{line}{}{line}", "{\"a\":1}\n".repeat(9));
            assert_eq!(records(&stream), 11, "{wrong}");
        }
    }

    #[test]
    fn elements() {
        assert_eq!(records(&format!("{EVENT}\n{EVENT}\n")), 2);
        assert_eq!(records(&format!("{EVENT}{EVENT}")), 2);
        assert_eq!(records(&format!("{EVENT} {EVENT} \n{EVENT}\n")), 3);
        assert_eq!(records(&format!("{EVENT}  </Event>\n")), 2);
        let broken = EVENT.replace("><", ">\n<");
        assert_eq!(records(&format!("{broken}\n{broken}")), 2);
        let head = "<?xml version=\"1.0\"?>\n<Events>\n";
        assert_eq!(records(&format!("{head}{EVENT}\n</Events>\n")), 1);
        let cut = "<Event><System>\n";
        assert_eq!(records(&format!("{cut}{EVENT}\nnoise\n{EVENT}")), 4);
        // Nor does what is passed over, when it is cut.
        for cut in ["<?xml version", "<Events", "</Events", "<!-- note"] {
            let stream = format!("{cut}\n{EVENT}\n{cut}\n\n{EVENT}\n");
            assert_eq!(records(&stream), 4, "{cut}");
        }
        assert_eq!(records(&format!("<!-- a\n<EventLog> -->\n{EVENT}")), 1);
    }

    #[test]
    fn text_blocks() {
        let block = |id| {
            format!(
                "01/31/2026 10:38:34.049 PM\nLogName=Security\n\
                 EventCode={id}\nMessage=Something.\n\nSubject:\n\tA\n\n",
            )
        };
        let stream = format!("{}{}", block(1), block(2));
        assert_eq!(records(&stream), 2);
        assert_eq!(records(&stream.replace("01/31", "12/31")), 2);
        let short = stream.replace("/2026", "/26");
        assert_eq!(records(&short), 2);
        // As far as a date may go, the first line tells what it is.
        let long = format!("01/31/2026 10:38:34 PM{:30}x\nnoise\n", "");
        assert_eq!(records(&long), 1);
    }

    #[test]
    fn what_is_too_large_is_passed_over() {
        let long = "x".repeat(5000);
        let stream = format!("{{\"a\":\"{long}\"}}\n{{\"a\":1}}\n{long}");
        let (unreadable, counts) =
            every_way(Format::Auto, 2000, stream.as_bytes());
        assert_eq!(counts.records, 3);
        assert_eq!(counts.unreadable, 2);
        let offsets: Vec<u64> =
            unreadable.iter().map(|report| report.1).collect();
        assert_eq!(offsets, [0, 5017]);
    }

    /// What tells the end of a record may stand beyond the limit, when the
    /// record does not.
    #[test]
    fn the_limit_is_of_the_record_alone() {
        let block = |length: usize| {
            let start =
                "01/31/2026 10:38:34 PM\nLogName=A\nEventCode=1\nMessage=";
            format!("{start}{:x<1$}\n", "", length - start.len())
        };
        let event = |length: usize| EVENT.replace("7", &"7".repeat(length));
        let object =
            |length: usize| format!("{{\n \"{:x<1$}\"\n}}", "", length);
        for length in [1000, 1022, 1023, 1024, 1025, 1026, 1055, 1056, 1060] {
            let over = u64::from(length > 1024) * 2;
            let stream = block(length).repeat(2);
            let (_, counts) = every_way(Format::Auto, 1024, stream.as_bytes());
            let found = (counts.records, counts.unreadable);
            assert_eq!(found, (2, over), "{length}");
            let one = event(length + 1 - EVENT.len());
            let stream = format!("{one}\n{one}");
            let (_, counts) = every_way(Format::Auto, 1024, stream.as_bytes());
            let found = (counts.records, counts.unreadable);
            assert_eq!(found, (2, over), "{length}");
            let one = object(length - 6);
            let stream = format!("{one}\n{one}");
            every_way(Format::Auto, 1024, stream.as_bytes());
        }
    }

    #[test]
    fn whole_records_have_the_same_limit_and_numbers() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1024));
        let detector = Detector::published();
        let mut scanner =
            Scanner::builder(&detector).record_limit(1024).build().unwrap();
        let mut unreadable = Vec::new();
        let mut sink = |report: Report<'_>| {
            if let Report::Unreadable(it) = report {
                unreadable.push((it.record, it.offset, it.error.reason()));
            }
            ControlFlow::Continue(())
        };
        assert_eq!(scanner.lost(), 0);
        let _ = scanner.record(b"{}", &mut sink);
        let _ = scanner.record(long.as_bytes(), &mut sink);
        assert_eq!(scanner.lost(), 3);
        let most = long.replacen("xxxxxxxx", "", 1);
        assert_eq!(most.len(), 1024);
        let _ = scanner.record(most.as_bytes(), &mut sink);
        let _ = scanner.feed(long.as_bytes(), &mut sink);
        let _ = scanner.finish(&mut sink);
        let over = "record is over the size limit";
        assert_eq!(unreadable, [(2, 2, over), (5, 2058, over)]);
        let counts = scanner.counts();
        assert_eq!((counts.records, counts.unreadable), (6, 4));
        assert_eq!(counts.not_understood, 2);
    }

    #[test]
    fn utf16() {
        let text = "\u{feff}{\"a\":1}\n{\"é\":\"😀\"}\n{";
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let stream: Vec<u8> =
                text.encode_utf16().flat_map(to_bytes).collect();
            let (unreadable, counts) = every_way(Format::Auto, 2000, &stream);
            assert_eq!((counts.records, counts.unreadable), (3, 1));
            assert_eq!(unreadable.first().map(|report| report.0), Some(2));
        }
    }

    #[test]
    fn finished_scanner_takes_another_stream() {
        let detector = Detector::published();
        let mut scanner = Scanner::new(&detector);
        let sink = |_: Report<'_>| ControlFlow::Continue(());
        let utf16: Vec<u8> = "\u{feff}{\"a\":1}\n{\"a\":2"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let streams: [&[u8]; 5] =
            [b"{\"a\":1}\n[{\"a\":2},", &utf16, b"{\n", b"\xFF", b"{}\n"];
        let mut records = 0;
        for stream in streams {
            let whole = scanned(Scanner::builder(&detector), stream, 1).1;
            let _ = scanner.feed(stream, sink);
            let _ = scanner.finish(sink);
            records += whole.records;
            assert_eq!(scanner.counts().records, records);
        }
        assert_eq!(records, 7);
    }

    #[test]
    fn a_sink_may_stop() {
        let mut scanner = Scanner::new(&Detector::published());
        let mut calls = 0;
        let result = scanner.feed(b"x\ny\nz\n", |_| {
            calls += 1;
            ControlFlow::Break(())
        });
        assert!(result.is_break());
        assert!(scanner.feed(b"x\n", |_| panic!("called")).is_break());
        assert_eq!((calls, scanner.counts().records), (1, 1));
        scanner.reset();
        assert_eq!(scanner.counts(), &ScanCounts::default());
    }

    /// What a scan says of detections and bad records.
    fn said(scan: impl FnOnce(&mut Scanner, &mut Sink<'_>)) -> Vec<String> {
        let mut said = Vec::new();
        scan(&mut Scanner::new(&Detector::new()), &mut |report| {
            said.push(match report {
                Report::Match(found) => found.found.message().to_string(),
                Report::Unreadable(bad) => bad.error.to_string(),
                other => format!("{other:?}"),
            });
            ControlFlow::Continue(())
        });
        said
    }

    /// As agents on Windows hold them: with a byte order mark and without.
    #[test]
    fn utf_16_is_scanned_as_its_utf_8_form() {
        let records = [
            r#"{"EventID":4698,"Channel":"Security","Computer":"é😀","TaskName":"\\x"}"#,
            r#"<Event><System><EventID>4699</EventID><Channel>Security</Channel></System><EventData><Data Name="TaskName">\x</Data></EventData></Event>"#,
            "no record",
        ];
        let expected = said(|scanner, sink| {
            for record in records {
                let _ = scanner.record(record.as_bytes(), &mut *sink);
            }
        });
        assert!(expected.len() > 2, "{expected:?}");
        let byte_orders: [fn(u16) -> [u8; 2]; 2] =
            [u16::to_le_bytes, u16::to_be_bytes];
        for bytes in byte_orders {
            for mark in ["\u{FEFF}", ""] {
                let encoded = |text: &str| -> Vec<u8> {
                    let text = [mark, text].concat();
                    text.encode_utf16().flat_map(bytes).collect()
                };
                let alone = said(|scanner, sink| {
                    for record in records {
                        let _ = scanner.record(&encoded(record), &mut *sink);
                    }
                });
                assert_eq!(alone, expected);
                let stream = encoded(&records.join("\n"));
                for size in 1..6 {
                    let streamed = said(|scanner, sink| {
                        for chunk in stream.chunks(size) {
                            let _ = scanner.feed(chunk, &mut *sink);
                        }
                        let _ = scanner.finish(&mut *sink);
                    });
                    assert_eq!(streamed, expected, "{size} {mark:?}");
                }
            }
        }
    }

    #[test]
    fn stream_after_another_has_its_own_encoding_and_the_same_sequences() {
        let utf16 = |text: &str| -> Vec<u8> {
            let units = core::iter::once(0xFEFF).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        };
        let event = |id: u32, time: &str| {
            format!(
                r#"{{"EventID":{id},"Channel":"Security","Computer":"A","TaskName":"\\x","TimeCreated":"2024-05-01T10:00:{time}Z"}}"#
            )
        };
        let (created, deleted) = (event(4698, "00"), event(4699, "09"));
        let bad = "no record";
        for first in [created.clone().into_bytes(), utf16(&created)] {
            for second in [deleted.clone().into_bytes(), utf16(&deleted)] {
                let mut scanner = Scanner::new(&Detector::published());
                let (mut sequences, mut offsets) = (Vec::new(), Vec::new());
                for stream in [&first[..], &second, bad.as_bytes()] {
                    let mut sink = |report: Report<'_>| {
                        match report {
                            Report::Match(it) => sequences.extend(
                                it.found.other_time().map(|_| it.record),
                            ),
                            Report::Unreadable(it) => offsets.push(it.offset),
                            _ => {}
                        }
                        ControlFlow::Continue(())
                    };
                    let _ = scanner.feed(stream, &mut sink);
                    let _ = scanner.finish(&mut sink);
                }
                assert_eq!(sequences, [1]);
                let before = first.len() + second.len();
                assert_eq!(offsets, [before as u64]);
            }
        }
    }

    /// A record that a shape knows, and one that none does.
    const KNOWN: &str = "{\"EventID\":4624,\"Channel\":\"Security\"}\n";
    const UNKNOWN: &str = "{\"level\":\"info\",\"msg\":\"started\"}\n";

    #[test]
    fn records_of_no_known_shape_are_counted_apart_and_told() {
        for (filter, known, unknown) in
            [(true, 3, 100), (true, 0, 5), (false, 3, 100)]
        {
            let stream = UNKNOWN.repeat(unknown) + &KNOWN.repeat(known);
            let mut scanner = Scanner::builder(&Detector::published())
                .filter(filter)
                .build()
                .unwrap();
            let mut told = Vec::new();
            let mut sink = |report: Report<'_>| {
                if let Report::NotUnderstood(what) = report {
                    assert_eq!(what.bytes, UNKNOWN.trim_end().as_bytes());
                    let offset = UNKNOWN.len() as u64 * what.record;
                    assert_eq!(what.offset, offset);
                    told.push(what.record);
                }
                ControlFlow::Continue(())
            };
            let _ = scanner.feed(stream.as_bytes(), &mut sink);
            let _ = scanner.finish(&mut sink);
            let counts = scanner.counts();
            // Of those that the filter passes over, the first 64.
            let looked_at = if filter { unknown.min(64) } else { unknown };
            assert_eq!(counts.not_understood, looked_at as u64);
            assert_eq!(told.len(), looked_at);
            let sum = counts.read + counts.filtered + counts.uninteresting;
            let sum = sum + counts.not_understood + counts.unreadable;
            assert_eq!(sum, counts.records);
        }
    }

    #[test]
    fn every_event_is_reported_where_that_is_asked() {
        let process = "{\"EventID\":4688,\"Channel\":\"Security\",\
            \"NewProcessName\":\"C:\\\\a.exe\"}\n";
        let module = "{\"EventID\":7,\
            \"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\
            \"ImageLoaded\":\"x\"}\n";
        let stream = [process, UNKNOWN, module].concat();
        for (events, expected) in [(true, &[0, 2][..]), (false, &[])] {
            let mut scanner = Scanner::builder(&Detector::published())
                .events(events)
                .build()
                .unwrap();
            let mut records = Vec::new();
            let mut sink = |report: Report<'_>| {
                if let Report::Event(read) = report {
                    records.push(read.record);
                }
                ControlFlow::Continue(())
            };
            let _ = scanner.feed(stream.as_bytes(), &mut sink);
            let _ = scanner.finish(&mut sink);
            assert_eq!(records, expected);
        }
    }

    /// Behind a header an event of several lines is one record; one that is
    /// cut swallows no line that begins another.
    #[test]
    fn an_event_of_several_lines_behind_a_header_is_one_record() {
        let event = EVENT.replace("<System>", "\n <System>\n");
        for header in ["Feb  3 04:05:06 h x: ", "<14>1 - h x - - - \u{feff}"] {
            let stream = format!("{header}{event}\nnoise\n{header}{event}");
            assert_eq!(records(&stream), 3, "{stream}");
        }
        let header = "Feb  3 04:05:06 h x: ";
        let (cut, _) = event.split_once("<EventID>").unwrap();
        for next in [
            format!("{header}y\n"),
            format!("{header}{EVENT}\n"),
            format!("{EVENT}\n"),
            "type=EOE msg=audit(1.1:1):\n".to_owned(),
            "{\"a\":1}\n".to_owned(),
            "a MSWinEventLog\t1\n".to_owned(),
            format!("a {EVENT}\n").replace("</Event>", ""),
        ] {
            let stream = format!("{header}{cut}\n{next}");
            assert_eq!(records(&stream), 2, "{stream}");
        }
        // What is never closed takes its own line and no more.
        let lines = "x\n".repeat(200_000);
        let stream = format!("{header}{cut}\n{lines}");
        let builder = Scanner::builder(&Detector::published());
        let (_, counts) = scanned(builder, stream.as_bytes(), 1 << 16);
        assert_eq!(counts.records, 200_000 + 3);
    }
}

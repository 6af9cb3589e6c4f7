/*!
The findings of one input, and what takes them from a scanner.
*/

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::hash::Hasher;
use std::ops::Range;
use std::sync::Arc;

use frontend::verdicts::{Seen, Verdicts};
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};
use t1053::event::{Event, EventKind, Field, Value};
use t1053::{
    Detector, Evidence, Finding as FindingLine, JobReader, Keep, KeptFinding,
    KeptQuote, MatchedEvent, Place, Quote, RecordEvent, RecordMatch, Report,
    ScanCounts, Scanner, Source, Timestamp, VerdictFinding,
};

use crate::event::Span;
use crate::numbers;

/// Unreadable records kept one by one for each input; the rest is counted.
const MOST_UNREADABLE: usize = 1000;

/// The same of records of no shape that is known: there are many where there is
/// one, and they are alike.
const MOST_NOT_UNDERSTOOD: usize = 16;

/// Bytes that are told of such a record.
const HEAD: usize = 80;

/// Findings, and bytes of them, that are given away before their input ends:
/// what is found of 4 MiB may be 100 times as large.
const LARGE: usize = 4096;
const LARGE_BYTES: usize = 1 << 22;

/// The findings of one input.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Part {
    path: Option<Arc<str>>,
    /// The same for all parts, which whoever saves them says once.
    #[serde(skip)]
    keep: Arc<Keep>,
    rows: Vec<Row>,
    pieces: Vec<Piece>,
    /// Of each row, the values of the fields that are kept, and the record if
    /// that is.
    kept: Vec<Option<Span>>,
    /// Of rows whose detection has a grouping, the values of its fields.
    identities: Vec<Option<Span>>,
    /// Hosts, users, messages, values.
    buffer: Vec<u8>,
    patterns: Vec<Box<str>>,
    /// Numbers of records that events were joined from.
    joined: Vec<u64>,
    /// What its events mean, where that is asked for.
    #[serde(skip)]
    pub(crate) verdicts: Verdicts,
    /// The same as NDJSON, where that is asked for.
    #[serde(skip)]
    pub(crate) verdict_lines: String,
    /// The jobs that its events speak of, where those are asked for.
    #[serde(skip)]
    pub(crate) jobs: Vec<JobRow>,
}

/// What is taken of events besides matches.
#[derive(Clone, Default)]
pub(crate) struct Taking {
    /// Verdicts.
    pub(crate) judging: Option<Judging>,
    /// The jobs that events speak of, matched or not.
    pub(crate) jobs: bool,
    /// What is kept of events that match.
    pub(crate) keep: Arc<Keep>,
}

/// How verdicts are taken.
#[derive(Clone, Copy)]
pub(crate) struct Judging {
    /// Place of the least severity that is shown.
    pub(crate) least: usize,
    /// Whether each is kept as a line of NDJSON, too.
    pub(crate) lines: bool,
}

/// What an event says of one job.
pub(crate) struct JobRow {
    pub(crate) record: u64,
    pub(crate) item: Option<u32>,
    /// Numbers of the records that its event was joined from.
    pub(crate) joined: Vec<u64>,
    pub(crate) event: EventKind,
    pub(crate) time: Option<Timestamp>,
    pub(crate) host: Option<String>,
    pub(crate) user: Option<String>,
    /// Each value with its field.
    pub(crate) facts: Vec<(Field, String)>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    record: u64,
    item: Option<u32>,
    detection: u32,
    #[serde(with = "numbers::time")]
    time: Option<Timestamp>,
    #[serde(with = "numbers::time")]
    other_time: Option<Timestamp>,
    host: Option<Span>,
    user: Option<Span>,
    message: Span,
    #[serde(with = "numbers::kind")]
    event: EventKind,
    /// Where its record stands in the input.
    offset: u64,
    length: u64,
    /// Where its pieces of evidence end.
    end: usize,
    /// Where the records are that its event was joined from.
    joined: Range<usize>,
    /// Where the values are that make it identical with others.
    identity: Range<usize>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Piece {
    #[serde(with = "numbers::field")]
    field: Field,
    start: u32,
    end: u32,
    value: Span,
    pattern: u32,
    /// Also a place among the patterns.
    member: u32,
}

/// A finding in a part, borrowed.
#[derive(Clone, Copy)]
pub(crate) struct Finding<'p> {
    pub(crate) part: &'p Part,
    row: &'p Row,
    pieces: &'p [Piece],
    kept: &'p [Option<Span>],
}

impl Part {
    fn empty(
        path: Option<Arc<str>>,
        judging: Option<Judging>,
        keep: Arc<Keep>,
    ) -> Part {
        let least = judging.map_or(0, |judging| judging.least);
        let verdicts = Verdicts::new(least);
        Part { path, keep, verdicts, ..Part::default() }
    }

    /// The name of its input.
    pub(crate) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Says what is kept of each finding, which is not saved with a part;
    /// false where there is not as much, or a detection is none of so many.
    pub(crate) fn restore(
        &mut self,
        keep: Arc<Keep>,
        detections: usize,
    ) -> bool {
        self.keep = keep;
        let kept = self.rows.len().checked_mul(kept_of(&self.keep));
        let mut rows = self.rows.iter();
        kept == Some(self.kept.len())
            && rows.all(|row| (row.detection as usize) < detections)
            && (0..narrow(self.len())).all(|row| self.get(row).is_some())
    }

    /// How many findings there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, row: u32) -> Option<Finding<'_>> {
        let at = row as usize;
        let from = match at.checked_sub(1) {
            Some(before) => self.rows.get(before)?.end,
            None => 0,
        };
        let row = self.rows.get(at)?;
        let pieces = self.pieces.get(from..row.end)?;
        let each = kept_of(&self.keep);
        let kept = at.saturating_mul(each);
        let kept = self.kept.get(kept..kept.saturating_add(each))?;
        Some(Finding { part: self, row, pieces, kept })
    }
}

/// Copies findings into parts of their own, without what the others in their
/// parts hold.
pub(crate) struct Copier<'p> {
    parts: Vec<Part>,
    /// The part that is copied from, and where its values are in the copy.
    from: Option<&'p Part>,
    spans: HashMap<Span, Span>,
}

impl<'p> Copier<'p> {
    pub(crate) fn new() -> Copier<'p> {
        Copier { parts: Vec::new(), from: None, spans: HashMap::new() }
    }

    /// Copies a finding of which the copy is to have a detection's number.
    pub(crate) fn copy(&mut self, found: &Finding<'p>, detection: u32) {
        let from = found.part;
        if !self.from.is_some_and(|part| std::ptr::eq(part, from)) {
            self.from = Some(from);
            self.spans.clear();
            self.parts.push(Part {
                path: from.path.clone(),
                keep: from.keep.clone(),
                patterns: from.patterns.clone(),
                ..Part::default()
            });
        }
        let Some(part) = self.parts.last_mut() else { return };
        let spans = &mut self.spans;
        let buffer = &mut part.buffer;
        let mut span = |span: Span| {
            *spans
                .entry(span)
                .or_insert_with(|| Span::push(buffer, span.of(&from.buffer)))
        };
        let pieces = found
            .pieces
            .iter()
            .map(|piece| Piece { value: span(piece.value), ..piece.clone() });
        part.pieces.extend(pieces);
        let kept = found.kept.iter().map(|value| value.map(&mut span));
        part.kept.extend(kept);
        let start = part.joined.len();
        part.joined.extend_from_slice(found.joined());
        let own = part.identities.len();
        let values = from.identities.get(found.row.identity.clone());
        let values = values.unwrap_or_default().iter();
        let values = values.map(|value| value.map(&mut span));
        part.identities.extend(values);
        let row = found.row;
        part.rows.push(Row {
            detection,
            host: row.host.map(&mut span),
            user: row.user.map(&mut span),
            message: span(row.message),
            end: part.pieces.len(),
            joined: start..part.joined.len(),
            identity: own..part.identities.len(),
            ..row.clone()
        });
    }

    pub(crate) fn finish(self) -> Vec<Part> {
        self.parts
    }
}

/// How many values are kept of an event.
fn kept_of(keep: &Keep) -> usize {
    keep.fields().len().saturating_add(usize::from(keep.raw()))
}

impl<'p> Finding<'p> {
    pub(crate) fn path(&self) -> Option<&'p str> {
        self.part.path.as_deref()
    }

    pub(crate) fn record(&self) -> u64 {
        self.row.record
    }

    pub(crate) fn item(&self) -> Option<u32> {
        self.row.item
    }

    /// The records that its event was joined from.
    pub(crate) fn joined(&self) -> &'p [u64] {
        let joined = self.part.joined.get(self.row.joined.clone());
        joined.unwrap_or_default()
    }

    pub(crate) fn detection(&self) -> usize {
        self.row.detection as usize
    }

    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.row.time
    }

    pub(crate) fn other_time(&self) -> Option<Timestamp> {
        self.row.other_time
    }

    pub(crate) fn host(&self) -> Option<&'p [u8]> {
        self.row.host.map(|it| it.of(&self.part.buffer))
    }

    pub(crate) fn user(&self) -> Option<&'p [u8]> {
        self.row.user.map(|it| it.of(&self.part.buffer))
    }

    pub(crate) fn message(&self) -> &'p str {
        // Pushed as a string.
        let bytes = self.row.message.of(&self.part.buffer);
        str::from_utf8(bytes).unwrap_or_default()
    }

    pub(crate) fn event(&self) -> EventKind {
        self.row.event
    }

    /// Where its record begins in the input.
    pub(crate) fn offset(&self) -> u64 {
        self.row.offset
    }

    /// How many bytes that has.
    pub(crate) fn length(&self) -> u64 {
        self.row.length
    }

    /// The fields that are kept, with their values.
    pub(crate) fn fields(
        &self,
    ) -> impl Iterator<Item = (Field, Value<'p>)> + use<'p> {
        let part = self.part;
        let fields = part.keep.fields().iter().copied();
        fields.zip(
            self.kept
                .iter()
                .map(|value| value.map(|value| value.of(&part.buffer))),
        )
    }

    /// The values of the fields of its detection's grouping, where that has
    /// one.
    pub(crate) fn identity(
        &self,
    ) -> impl Iterator<Item = Value<'p>> + use<'p> {
        let part = self.part;
        let values = part.identities.get(self.row.identity.clone());
        let values = values.unwrap_or_default().iter();
        values.map(|value| value.map(|value| value.of(&part.buffer)))
    }

    /// The record, where it is kept and there is one.
    pub(crate) fn raw(&self) -> Option<&'p [u8]> {
        let raw = self.kept.get(self.part.keep.fields().len())?;
        let raw = raw.map(|raw| raw.of(&self.part.buffer));
        raw.filter(|raw| !raw.is_empty())
    }

    /// An id that is the same for the same finding, wherever its record stood:
    /// 128 bits of SipHash-1-3 with a key of zeros.
    ///
    /// Hashed are, each with its length before it as eight bytes of least
    /// significance first: the detection's name, both times as ticks, the
    /// earlier first (empty where unknown), the host in lower case, and the
    /// message. Of one event also its kind, the user in lower case, and of
    /// each piece of evidence the field's name and its value: of several
    /// events these are of the one that came last, and which one does, is up
    /// to who brings them.
    pub(crate) fn id(&self, detection: &str) -> [u8; 16] {
        let mut hasher = SipHasher13::new();
        let mut write = |bytes: &[u8]| {
            hasher.write(&(bytes.len() as u64).to_le_bytes());
            hasher.write(bytes);
        };
        write(detection.as_bytes());
        let mut times = [self.other_time(), self.time()]
            .map(|time| time.map(Timestamp::ticks));
        times.sort_unstable();
        for time in times {
            let ticks = time.map(i64::to_le_bytes);
            write(ticks.as_ref().map_or(&[][..], |ticks| &ticks[..]));
        }
        let lower = |name: Option<&[u8]>| {
            name.unwrap_or_default().to_ascii_lowercase()
        };
        write(&lower(self.host()));
        write(self.message().as_bytes());
        if self.other_time().is_some() {
            return hasher.finish128().as_bytes();
        }
        write(self.event().name().as_bytes());
        write(&lower(self.user()));
        for piece in self.evidence() {
            write(piece.name().as_bytes());
            write(piece.value);
        }
        hasher.finish128().as_bytes()
    }

    /// The finding, to be rendered; what makes it identical with others, its
    /// evidence and its fields are the caller's to collect.
    pub(crate) fn kept(
        &self,
        detector: &'p Detector,
        identity: &'p [Value<'p>],
        evidence: &'p [Evidence<'p>],
        fields: &'p [(Field, Value<'p>)],
    ) -> Option<KeptFinding<'p>> {
        let quote = (!self.part.keep.is_empty()).then(|| KeptQuote {
            event: self.event(),
            offset: self.offset(),
            length: self.length(),
            fields,
            raw: self.part.keep.raw().then(|| self.raw().unwrap_or_default()),
        });
        let (path, record, item) = (self.path(), self.record(), self.item());
        Some(KeptFinding {
            place: Place { path, record, item, joined: self.joined() },
            detection: detector.detection(self.detection())?,
            time: self.time(),
            host: self.host(),
            user: self.user(),
            message: self.message(),
            identity,
            evidence,
            quote,
        })
    }

    pub(crate) fn evidence(
        &self,
    ) -> impl ExactSizeIterator<Item = Evidence<'p>> + use<'p> {
        let part = self.part;
        self.pieces.iter().map(move |piece| {
            let value = piece.value.of(&part.buffer);
            let range = piece.start as usize..piece.end as usize;
            let name = |place: u32| {
                let name = part.patterns.get(place as usize);
                name.map_or("", |name| &**name)
            };
            Evidence {
                field: piece.field,
                text: value.get(range.clone()).unwrap_or_default(),
                range,
                value,
                member: name(piece.member),
                pattern: name(piece.pattern),
            }
        })
    }
}

/// A record that could not be read, or was not understood: its path, number
/// and offset; why, or how it begins; and whether it was read.
pub(crate) type Bad = (Option<String>, u64, u64, String, bool);

/// Takes what a scanner reports.
pub(crate) struct Collector {
    /// Records and bytes that the scanner was given before this input.
    records_before: u64,
    bytes_before: u64,
    judging: Option<Judging>,
    reader: Option<JobReader>,
    part: Part,
    bad: Vec<Bad>,
    /// How many of these were not understood, and those given away before.
    not_understood: usize,
    patterns: HashMap<Box<str>, u32>,
    /// Values of the record at hand that are already kept.
    recent: Vec<Span>,
    recent_record: Option<u64>,
    message: String,
}

impl Collector {
    /// `before` is what the scanner has seen of other inputs.
    pub(crate) fn new(
        path: Option<Arc<str>>,
        before: &ScanCounts,
        taking: Taking,
    ) -> Collector {
        Collector {
            records_before: before.records,
            bytes_before: before.bytes,
            judging: taking.judging,
            reader: taking.jobs.then(JobReader::new),
            part: Part::empty(path, taking.judging, taking.keep),
            bad: Vec::new(),
            not_understood: 0,
            patterns: HashMap::new(),
            recent: Vec::new(),
            recent_record: None,
            message: String::new(),
        }
    }

    pub(crate) fn take(&mut self, report: Report<'_>) {
        match report {
            Report::Match(found) => {
                self.found(found);
                self.pair(found);
            }
            Report::MatchedEvent(event) => self.judged(event),
            Report::Event(event) => self.jobs(event),
            Report::Unreadable(it) => {
                self.unreadable(it.record, it.offset, || it.error.to_string());
            }
            Report::NotUnderstood(it)
                if self.not_understood < MOST_NOT_UNDERSTOOD =>
            {
                self.not_understood = self.not_understood.saturating_add(1);
                let head = it.bytes.get(..HEAD).unwrap_or(it.bytes);
                let head = String::from_utf8_lossy(head).into_owned();
                self.bad(it.record, it.offset, head, true);
            }
            _ => {}
        }
    }

    /// Counts a record that a scanner could not be given, and keeps why.
    pub(crate) fn lost(&mut self, scanner: &mut Scanner, reason: String) {
        let (record, offset) = (scanner.lost(), scanner.counts().bytes);
        self.unreadable(record, offset, || reason);
    }

    fn unreadable(
        &mut self,
        record: u64,
        offset: u64,
        reason: impl FnOnce() -> String,
    ) {
        if self.bad.len() < MOST_UNREADABLE {
            self.bad(record, offset, reason(), false);
        }
    }

    fn bad(&mut self, record: u64, offset: u64, what: String, is_read: bool) {
        let path = self.part.path.as_deref().map(str::to_owned);
        let record = record.saturating_sub(self.records_before);
        let offset = offset.saturating_sub(self.bytes_before);
        self.bad.push((path, record, offset, what, is_read));
    }

    /// Whether nothing was found since the last call of `drain`.
    pub(crate) fn is_empty(&self) -> bool {
        let Part { rows, verdict_lines, jobs, .. } = &self.part;
        rows.is_empty()
            && verdict_lines.is_empty()
            && jobs.is_empty()
            && self.bad.is_empty()
    }

    /// Whether as much was found as is worth giving away.
    pub(crate) fn is_large(&self) -> bool {
        let Part { rows, buffer, verdict_lines, .. } = &self.part;
        rows.len() >= LARGE
            || buffer.len().saturating_add(verdict_lines.len()) >= LARGE_BYTES
    }

    /// What was found since the last call.
    pub(crate) fn drain(&mut self) -> (Part, Vec<Bad>) {
        let path = self.part.path.clone();
        self.patterns.clear();
        self.recent.clear();
        self.recent_record = None;
        let next = Part::empty(path, self.judging, self.part.keep.clone());
        let part = std::mem::replace(&mut self.part, next);
        (part, std::mem::take(&mut self.bad))
    }

    fn found(&mut self, report: &RecordMatch<'_>) {
        let found = &report.found;
        let event = found.event();
        if self.recent_record != Some(report.record) {
            self.recent_record = Some(report.record);
            self.recent.clear();
        }
        let host = event.host.map(|it| self.store(it));
        let user = event.user.map(|it| self.store(it));
        let mut message = std::mem::take(&mut self.message);
        message.clear();
        let _ = write!(message, "{}", found.message());
        let kept = self.store(message.as_bytes());
        self.message = message;
        found.each_evidence(|evidence| {
            let piece = Piece {
                field: evidence.field,
                start: narrow(evidence.range.start),
                end: narrow(evidence.range.end),
                value: self.store(evidence.value),
                pattern: self.pattern(evidence.pattern),
                member: self.pattern(evidence.member),
            };
            self.part.pieces.push(piece);
        });
        let keep = self.part.keep.clone();
        for field in keep.fields() {
            let value = found.value(*field).map(|value| self.store(value));
            self.part.kept.push(value);
        }
        if keep.raw() {
            let raw = self.store(report.source.bytes);
            self.part.kept.push(Some(raw));
        }
        let own = self.part.identities.len();
        for field in found.grouping().map_or(&[][..], |of| &of.fields) {
            let value = found.value(*field).map(|value| self.store(value));
            self.part.identities.push(value);
        }
        let Source { offset, length, .. } = self.source(report.source);
        let before = self.records_before;
        let start = self.part.joined.len();
        let joined = report.joined.iter();
        let joined = joined.map(|record| record.saturating_sub(before));
        self.part.joined.extend(joined);
        self.part.rows.push(Row {
            event: event.kind(),
            offset,
            length,
            record: report.record.saturating_sub(self.records_before),
            item: report.item,
            detection: narrow(report.found.index()),
            time: event.time,
            other_time: found.other_time(),
            host,
            user,
            message: kept,
            end: self.part.pieces.len(),
            joined: start..self.part.joined.len(),
            identity: own..self.part.identities.len(),
        });
    }

    /// Takes a match of a sequence, which has no verdict to be part of, and is
    /// shown beside them at its own severity.
    fn pair(&mut self, report: &RecordMatch<'_>) {
        let found = &report.found;
        let (Some(judging), Some(_)) = (self.judging, found.other_time())
        else {
            return;
        };
        let severity = found.detection().severity.name();
        let line = found.message().to_string();
        let (place, event) = (report.place(None), found.event());
        let (keep, source) =
            (self.part.keep.clone(), self.source(report.source));
        self.show(judging, severity, &line, place, event, |text, place| {
            let quote = Quote::of(&keep, source);
            writeln!(text, "{}", FindingLine { place, found, quote })
        });
    }

    /// Takes the jobs that an event speaks of.
    fn jobs(&mut self, report: &RecordEvent<'_>) {
        let Some(reader) = &mut self.reader else { return };
        let event = report.event;
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let before = self.records_before;
        let joined = report.joined.iter();
        let joined = joined.map(|record| record.saturating_sub(before));
        let jobs = reader.read(event).map(|job| JobRow {
            record: report.record.saturating_sub(before),
            item: report.item,
            joined: joined.clone().collect(),
            event: event.kind(),
            time: event.time,
            host: event.host.map(text),
            user: event.user.map(text),
            facts: job.values().map(|(of, it)| (of, text(it))).collect(),
        });
        self.part.jobs.extend(jobs);
    }

    /// Takes what all that an event matches means.
    fn judged(&mut self, event: &MatchedEvent<'_>) {
        let (Some(judging), Some(verdict)) =
            (self.judging, event.matches.verdict())
        else {
            return;
        };
        let severity = verdict.severity().name();
        let line = verdict.to_string();
        let (keep, source) =
            (self.part.keep.clone(), self.source(event.source));
        let (place, event) = (event.place(None), verdict.event());
        self.show(judging, severity, &line, place, event, |text, place| {
            let (verdict, quote) = (&verdict, Quote::of(&keep, source));
            writeln!(text, "{}", VerdictFinding { place, verdict, quote })
        });
    }

    /// Shows what is said of an event in the table, and where that is asked
    /// for, as `write` has it among the lines of NDJSON. The place is that in
    /// the scanner's stream.
    fn show(
        &mut self,
        judging: Judging,
        severity: &str,
        line: &str,
        place: Place<'_>,
        event: &Event<'_>,
        write: impl FnOnce(&mut String, Place<'_>) -> fmt::Result,
    ) {
        let part = &mut self.part;
        let path = part.path.as_deref();
        let record = place.record.saturating_sub(self.records_before);
        part.verdicts.add(&Seen {
            severity,
            line,
            path: path.unwrap_or("-"),
            record,
            time: event.time.map(Timestamp::ticks),
            host: event.host,
        });
        if judging.lines && part.verdicts.shows(severity) {
            let before = self.records_before;
            let joined = place.joined.iter();
            let joined: Vec<u64> =
                joined.map(|record| record.saturating_sub(before)).collect();
            let place = Place { path, record, joined: &joined, ..place };
            // Writing to a string does not fail.
            let _ = write(&mut part.verdict_lines, place);
        }
    }

    /// A record in its input.
    fn source<'s>(&self, mut source: Source<'s>) -> Source<'s> {
        source.offset = source.offset.saturating_sub(self.bytes_before);
        source
    }

    /// Keeps bytes, once for each record.
    fn store(&mut self, bytes: &[u8]) -> Span {
        let buffer = &mut self.part.buffer;
        let mut recent = self.recent.iter().copied();
        if let Some(kept) = recent.find(|it| it.of(buffer) == bytes) {
            return kept;
        }
        let span = Span::push(buffer, bytes);
        self.recent.push(span);
        span
    }

    fn pattern(&mut self, pattern: &str) -> u32 {
        if let Some(known) = self.patterns.get(pattern) {
            return *known;
        }
        let place = narrow(self.part.patterns.len());
        self.part.patterns.push(pattern.into());
        self.patterns.insert(pattern.into(), place);
        place
    }
}

pub(crate) fn narrow(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

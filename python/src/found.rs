/*!
What was found, kept in Rust: Python objects are made only of the findings
that someone looks at.
*/

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use frontend::screen;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use t1053::event::Field;
use t1053::rule::Detection;
use t1053::{
    Detector, Evidence, KeptFinding, Place, RecordMatch, Report, ScanCounts,
    Scanner, Timestamp,
};

use crate::arrow_out;
use crate::error::{guarded, internal};
use crate::event::Span;

/// Unreadable records kept one by one for each input; the rest is counted.
const MOST_UNREADABLE: usize = 1000;

/// Fewer lines than these are not worth a thread.
const FEWEST_LINES: usize = 4096;

/// The findings of one input.
#[derive(Default)]
pub(crate) struct Part {
    path: Option<Arc<str>>,
    rows: Vec<Row>,
    pieces: Vec<Piece>,
    /// Hosts, users, messages, values.
    buffer: Vec<u8>,
    patterns: Vec<Box<str>>,
}

struct Row {
    record: u64,
    item: Option<u32>,
    detection: u32,
    time: Option<Timestamp>,
    other_time: Option<Timestamp>,
    host: Option<Span>,
    user: Option<Span>,
    message: Span,
    /// Where its pieces of evidence end.
    end: usize,
}

struct Piece {
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
}

impl Part {
    fn get(&self, row: u32) -> Option<Finding<'_>> {
        let row = row as usize;
        let from = match row.checked_sub(1) {
            Some(before) => self.rows.get(before)?.end,
            None => 0,
        };
        let row = self.rows.get(row)?;
        let pieces = self.pieces.get(from..row.end)?;
        Some(Finding { part: self, row, pieces })
    }
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

    pub(crate) fn detection(&self) -> usize {
        self.row.detection as usize
    }

    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.row.time
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

/// A record that could not be read: its path, number and offset, and why.
pub(crate) type Unreadable = (Option<String>, u64, u64, String);

/// Takes what a scanner reports.
pub(crate) struct Collector {
    /// Records and bytes that the scanner was given before this input.
    records_before: u64,
    bytes_before: u64,
    part: Part,
    unreadable: Vec<Unreadable>,
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
    ) -> Collector {
        Collector {
            records_before: before.records,
            bytes_before: before.bytes,
            part: Part { path, ..Part::default() },
            unreadable: Vec::new(),
            patterns: HashMap::new(),
            recent: Vec::new(),
            recent_record: None,
            message: String::new(),
        }
    }

    pub(crate) fn take(&mut self, report: Report<'_>) {
        match report {
            Report::Match(found) => self.found(found),
            Report::Unreadable(it) => {
                self.unreadable(it.record, it.offset, || it.error.to_string());
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
        if self.unreadable.len() < MOST_UNREADABLE {
            let path = self.part.path.as_deref().map(str::to_owned);
            let record = record.saturating_sub(self.records_before);
            let offset = offset.saturating_sub(self.bytes_before);
            self.unreadable.push((path, record, offset, reason()));
        }
    }

    /// What was found since the last call.
    pub(crate) fn drain(&mut self) -> (Part, Vec<Unreadable>) {
        let path = self.part.path.clone();
        self.patterns.clear();
        self.recent.clear();
        self.recent_record = None;
        let next = Part { path, ..Part::default() };
        let part = std::mem::replace(&mut self.part, next);
        (part, std::mem::take(&mut self.unreadable))
    }

    fn found(&mut self, report: &RecordMatch<'_>) {
        let found = &report.found;
        let event = found.event();
        if self.recent_record != Some(report.record) {
            self.recent_record = Some(report.record);
            self.recent.clear();
        }
        let host = event.host.map(|it| self.keep(it));
        let user = event.user.map(|it| self.keep(it));
        let mut message = std::mem::take(&mut self.message);
        message.clear();
        let _ = write!(message, "{}", found.message());
        let kept = self.keep(message.as_bytes());
        self.message = message;
        found.each_evidence(|evidence| {
            let piece = Piece {
                field: evidence.field,
                start: narrow(evidence.range.start),
                end: narrow(evidence.range.end),
                value: self.keep(evidence.value),
                pattern: self.pattern(evidence.pattern),
                member: self.pattern(evidence.member),
            };
            self.part.pieces.push(piece);
        });
        self.part.rows.push(Row {
            record: report.record.saturating_sub(self.records_before),
            item: report.item,
            detection: narrow(report.found.index()),
            time: event.time,
            other_time: found.other_time(),
            host,
            user,
            message: kept,
            end: self.part.pieces.len(),
        });
    }

    /// Keeps bytes, once for each record.
    fn keep(&mut self, bytes: &[u8]) -> Span {
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

fn narrow(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// Findings, in order; shared and never changed.
#[pyclass(frozen, module = "t1053._t1053")]
pub(crate) struct Found {
    detector: Detector,
    parts: Arc<[Arc<Part>]>,
    /// Part and row of each finding.
    rows: Vec<(u32, u32)>,
}

impl Found {
    pub(crate) fn new(detector: &Detector, parts: Vec<Part>) -> Found {
        let parts: Arc<[Arc<Part>]> =
            parts.into_iter().map(Arc::new).collect();
        let rows = parts.iter().enumerate().flat_map(|(index, part)| {
            (0..narrow(part.rows.len())).map(move |row| (narrow(index), row))
        });
        let rows = rows.collect();
        Found { detector: detector.clone(), parts, rows }
    }

    pub(crate) fn detector(&self) -> &Detector {
        &self.detector
    }

    pub(crate) fn get(&self, at: usize) -> Option<Finding<'_>> {
        let (part, row) = *self.rows.get(at)?;
        self.parts.get(part as usize)?.get(row)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Finding<'_>> {
        (0..self.rows.len()).filter_map(|at| self.get(at))
    }

    pub(crate) fn picked(&self, rows: Vec<(u32, u32)>) -> Found {
        let (detector, parts) = (self.detector.clone(), self.parts.clone());
        Found { detector, parts, rows }
    }
}

#[pymethods]
impl Found {
    fn __len__(&self) -> usize {
        self.rows.len()
    }

    /// The findings at these places.
    fn pick(&self, places: Vec<usize>) -> PyResult<Found> {
        guarded(|| {
            let row = |at: usize| self.rows.get(at).copied();
            let rows: Option<Vec<_>> = places.into_iter().map(row).collect();
            let rows = rows.ok_or_else(|| PyIndexError::new_err("match"))?;
            Ok(self.picked(rows))
        })
    }

    /// All findings of several, which one detector made.
    #[staticmethod]
    fn concat(all: Vec<PyRef<'_, Found>>, none: &Found) -> PyResult<Found> {
        guarded(|| {
            let detector = all.first().map_or(none, |it| it).detector.clone();
            let mut parts: Vec<Arc<Part>> = Vec::new();
            let mut rows = Vec::new();
            for found in &all {
                let before = narrow(parts.len());
                parts.extend(found.parts.iter().cloned());
                let moved = found.rows.iter();
                rows.extend(
                    moved.map(|(part, row)| {
                        (part.saturating_add(before), *row)
                    }),
                );
            }
            Ok(Found { detector, parts: parts.into(), rows })
        })
    }

    /// One finding: path, record, item, detection, ticks, other ticks, host,
    /// user, message, evidence.
    fn row<'py>(
        &self,
        py: Python<'py>,
        at: usize,
    ) -> PyResult<Bound<'py, PyTuple>> {
        guarded(|| {
            let found = self.get(at);
            let found = found.ok_or_else(|| PyIndexError::new_err("match"))?;
            let evidence = found.evidence().map(|it| {
                let value = PyBytes::new(py, it.value);
                let field = PyString::intern(py, it.name());
                let (start, end) = (it.range.start, it.range.end);
                (field, start, end, it.pattern, value)
            });
            let evidence = PyTuple::new(py, evidence)?;
            (
                found.path(),
                found.record(),
                found.item(),
                found.detection(),
                found.time().map(Timestamp::ticks),
                found.row.other_time.map(Timestamp::ticks),
                found.host().map(String::from_utf8_lossy),
                found.user().map(String::from_utf8_lossy),
                found.message(),
                evidence,
            )
                .into_pyobject(py)
        })
    }

    /// The findings as NDJSON, as the Rust example writes it.
    fn ndjson<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| {
            let texts = py.detach(|| self.lines())?;
            let length = texts.iter().map(Vec::len).sum();
            PyBytes::new_with(py, length, |mut all| {
                // The room is exactly that of all texts.
                texts.iter().try_for_each(|it| Ok(all.write_all(it)?))
            })
        })
    }

    /// By detection that was found: its place in the detector, how often,
    /// first and last ticks, hosts, and the first few findings.
    fn summary<'py>(
        &self,
        py: Python<'py>,
        examples: usize,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        guarded(|| {
            let groups = py.detach(|| self.groups(examples));
            let rows = groups.into_iter().enumerate();
            let rows = rows.filter(|(_, group)| group.count > 0);
            rows.map(|(detection, group)| {
                let hosts = group.hosts.into_iter();
                let hosts = hosts.map(String::from_utf8_lossy);
                (
                    detection,
                    group.count,
                    group.first.map(Timestamp::ticks),
                    group.last.map(Timestamp::ticks),
                    PyTuple::new(py, hosts)?,
                    group.examples,
                )
                    .into_pyobject(py)
            })
            .collect()
        })
    }

    /// A table of the detections found, as text, and how many they are.
    fn table(
        &self,
        py: Python<'_>,
        width: usize,
        colour: bool,
    ) -> PyResult<(String, usize)> {
        guarded(|| {
            py.detach(|| {
                let groups = self.groups(1).into_iter();
                let rows = groups.zip(self.detector.detections());
                let rows: Vec<screen::Row> = rows
                    .filter_map(|(group, detection)| {
                        let first = self.get(*group.examples.first()?)?;
                        Some(group.row(detection, first))
                    })
                    .collect();
                let count = rows.len();
                Ok((screen::found(rows, width, colour), count))
            })
        })
    }

    /// Each column as a list.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| {
            let columns = PyDict::new(py);
            let text = |it: Option<&[u8]>| {
                it.map(|it| String::from_utf8_lossy(it).into_owned())
            };
            let all: Vec<Finding<'_>> = self.iter().collect();
            let all = || all.iter();
            let ticks = |it: &Finding<'_>| it.time().map(Timestamp::ticks);
            for (name, column) in [
                ("path", PyList::new(py, all().map(Finding::path))?),
                ("record", PyList::new(py, all().map(Finding::record))?),
                ("item", PyList::new(py, all().map(Finding::item))?),
                ("detection", PyList::new(py, all().map(Finding::detection))?),
                ("ticks", PyList::new(py, all().map(ticks))?),
                ("host", PyList::new(py, all().map(|it| text(it.host())))?),
                ("user", PyList::new(py, all().map(|it| text(it.user())))?),
                ("message", PyList::new(py, all().map(Finding::message))?),
            ] {
                columns.set_item(name, column)?;
            }
            Ok(columns)
        })
    }

    /// The evidence of each finding, as the JSON has it.
    fn evidence<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Vec<Vec<Bound<'py, PyDict>>>> {
        guarded(|| {
            let names = ["field", "start", "end", "text", "pattern"];
            let names = names.map(|it| PyString::intern(py, it));
            let [field, start, end, text, pattern] = &names;
            let piece = |it: Evidence<'_>| {
                let piece = PyDict::new(py);
                piece.set_item(field, PyString::intern(py, it.name()))?;
                piece.set_item(start, it.range.start)?;
                piece.set_item(end, it.range.end)?;
                piece.set_item(text, String::from_utf8_lossy(it.text))?;
                piece.set_item(pattern, it.pattern)?;
                Ok(piece)
            };
            self.iter().map(|it| it.evidence().map(piece).collect()).collect()
        })
    }

    /// The findings as an Arrow stream in a capsule.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        // Other schemas than ours are for the consumer to cast to.
        let _ = requested_schema;
        guarded(|| arrow_out::stream(py, self))
    }

    /// The schema of that stream.
    fn __arrow_c_schema__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| arrow_out::schema_capsule(py))
    }
}

#[derive(Default)]
struct Group<'f> {
    count: usize,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    hosts: BTreeSet<&'f [u8]>,
    examples: Vec<usize>,
}

impl Group<'_> {
    /// The group as a row of a table, with its first finding.
    fn row(&self, detection: &Detection, first: Finding<'_>) -> screen::Row {
        let time = |time: Timestamp| time.to_string();
        let host = |host: &&[u8]| String::from_utf8_lossy(host).into_owned();
        screen::Row {
            slug: detection.slug.to_string(),
            kind: detection.kind.to_string(),
            risk: detection.risk.map(|risk| risk.score),
            count: self.count as u64,
            first_seen: self.first.map(time),
            last_seen: self.last.map(time),
            hosts: self.hosts.iter().map(host).collect(),
            path: first.path().unwrap_or("-").to_string(),
            record: first.record(),
            message: first.message().to_string(),
        }
    }
}

impl Found {
    /// The lines of NDJSON, in order, in a piece for each core.
    fn lines(&self) -> PyResult<Vec<Vec<u8>>> {
        if self.rows.len() <= FEWEST_LINES {
            return Ok(vec![self.piece(0..self.rows.len())]);
        }
        let cores = thread::available_parallelism().map_or(1, |it| it.get());
        let each = self.rows.len().div_ceil(cores).max(FEWEST_LINES);
        let starts = (0..self.rows.len()).step_by(each);
        thread::scope(|scope| {
            let pieces: Vec<_> = starts
                .map(|at| {
                    scope
                        .spawn(move || self.piece(at..at.saturating_add(each)))
                })
                .collect();
            let texts = pieces
                .into_iter()
                .map(|it| it.join().map_err(|panic| internal(panic.as_ref())));
            texts.collect()
        })
    }

    fn piece(&self, places: Range<usize>) -> Vec<u8> {
        let mut text = Vec::new();
        let mut pieces = Vec::new();
        for found in places.filter_map(|at| self.get(at)) {
            pieces.clear();
            pieces.extend(found.evidence());
            let detection = self.detector.detection(found.detection());
            let Some(detection) = detection else { continue };
            let kept = KeptFinding {
                place: Place {
                    path: found.path(),
                    record: found.record(),
                    item: found.item(),
                },
                detection,
                time: found.time(),
                host: found.host(),
                user: found.user(),
                message: found.message(),
                evidence: &pieces,
            };
            // Writing to memory cannot fail.
            let _ = writeln!(text, "{kept}");
        }
        text
    }

    fn groups(&self, examples: usize) -> Vec<Group<'_>> {
        let mut groups = Vec::new();
        groups.resize_with(self.detector.detections().len(), Group::default);
        for (at, found) in self.iter().enumerate() {
            let Some(group) = groups.get_mut(found.detection()) else {
                continue;
            };
            group.count = group.count.saturating_add(1);
            if group.examples.len() < examples {
                group.examples.push(at);
            }
            group.hosts.extend(found.host());
            if let Some(time) = found.time() {
                let first = group.first.map_or(time, |it| it.min(time));
                let last = group.last.map_or(time, |it| it.max(time));
                (group.first, group.last) = (Some(first), Some(last));
            }
        }
        groups
    }
}

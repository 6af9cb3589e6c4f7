/*!
What was found, kept in Rust: Python objects are made only of the findings
that someone looks at.
*/

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use frontend::verdicts::Verdicts;
use pyo3::exceptions::{PyIndexError, PyKeyError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use t1053::{Detector, Keep, Timestamp};

use crate::arrow_out;
use crate::csv;
use crate::detector::Program;
use crate::error::{guarded, internal};
use crate::grouping::{self, Reached};
use crate::part::{Copier, Finding, JobRow, Part, narrow};
use crate::saved;

/// Fewer lines than these are not worth a thread.
const FEWEST_LINES: usize = 4096;

/// Findings, in order; shared and never changed.
#[pyclass(frozen, module = "t1053._t1053")]
pub(crate) struct Found {
    detector: Detector,
    keep: Arc<Keep>,
    parts: Arc<[Arc<Part>]>,
    /// Part and row of each finding.
    rows: Vec<(u32, u32)>,
}

impl Found {
    pub(crate) fn new(
        detector: &Detector,
        keep: Arc<Keep>,
        parts: Vec<Part>,
    ) -> Found {
        let parts: Arc<[Arc<Part>]> =
            parts.into_iter().map(Arc::new).collect();
        let rows = parts.iter().enumerate().flat_map(|(index, part)| {
            (0..narrow(part.len())).map(move |row| (narrow(index), row))
        });
        let rows = rows.collect();
        Found { detector: detector.clone(), keep, parts, rows }
    }

    pub(crate) fn get(&self, at: usize) -> Option<Finding<'_>> {
        let (part, row) = *self.rows.get(at)?;
        self.parts.get(part as usize)?.get(row)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Finding<'_>> {
        (0..self.rows.len()).filter_map(|at| self.get(at))
    }

    /// Calls `visit` with the verdicts of each input.
    pub(crate) fn each_verdicts(&self, visit: impl FnMut(&Verdicts)) {
        self.parts.iter().map(|part| &part.verdicts).for_each(visit);
    }

    /// A finding that Python asks for.
    fn at(&self, at: usize) -> PyResult<Finding<'_>> {
        self.get(at).ok_or_else(|| PyIndexError::new_err("match"))
    }

    /// The values of the field that stands at a place of what is kept.
    fn values_of(&self, place: usize) -> Vec<Option<Cow<'_, str>>> {
        let values = self.iter().map(|found| {
            let (_, value) = found.fields().nth(place)?;
            value.map(String::from_utf8_lossy)
        });
        values.collect()
    }

    /// All findings in parts of their own, each with the number of detection
    /// that is told; an error where none is.
    fn copied<'f>(
        &'f self,
        number: impl Fn(&Finding<'f>) -> Option<u32>,
    ) -> PyResult<Vec<Part>> {
        let mut copier = Copier::new();
        for found in self.iter() {
            let number = number(&found);
            let number =
                number.ok_or_else(|| PyIndexError::new_err("detection"))?;
            copier.copy(&found, number);
        }
        Ok(copier.finish())
    }

    fn id(&self, found: &Finding<'_>) -> String {
        let detection = self.detector.detection(found.detection());
        let slug = detection.map_or("", |detection| &*detection.slug);
        let number = u128::from_be_bytes(found.id(slug));
        format!("{number:032x}")
    }

    pub(crate) fn picked(&self, rows: Vec<(u32, u32)>) -> Found {
        let (detector, keep) = (self.detector.clone(), self.keep.clone());
        Found { detector, keep, parts: self.parts.clone(), rows }
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
            let first = all.first().map_or(none, |first| first);
            let (detector, keep) =
                (first.detector.clone(), first.keep.clone());
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
            Ok(Found { detector, keep, parts: parts.into(), rows })
        })
    }

    /// What is kept of events, as it was asked for.
    fn keep(&self) -> String {
        saved::text(&self.keep)
    }

    /// The same findings of a detector in which each detection has another
    /// number, which stands at the place of its own.
    fn moved(&self, program: &Program, numbers: Vec<u32>) -> PyResult<Found> {
        guarded(|| {
            let of = |found: &Finding<'_>| numbers.get(found.detection());
            let parts = self.copied(|found| of(found).copied())?;
            Ok(Found::new(&program.detector, self.keep.clone(), parts))
        })
    }

    /// All of it as bytes, without the detector.
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| {
            let saved = py.detach(|| {
                let number = |found: &Finding<'_>| narrow(found.detection());
                let parts = self.copied(|found| Some(number(found)))?;
                saved::save(&self.keep, &parts)
            })?;
            Ok(PyBytes::new(py, &saved))
        })
    }

    /// What was saved, of an equal detector.
    #[staticmethod]
    fn load(program: &Program, bytes: &[u8]) -> PyResult<Found> {
        guarded(|| {
            let detections = program.detector.detections().len();
            let (keep, parts) = saved::load(bytes, detections)?;
            Ok(Found::new(&program.detector, keep, parts))
        })
    }

    /// The id of each finding, 32 hexadecimal digits.
    fn ids(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        guarded(|| {
            Ok(py.detach(|| self.iter().map(|it| self.id(&it)).collect()))
        })
    }

    /// Identical findings as one; see `grouping::groups`.
    fn grouped(
        &self,
        py: Python<'_>,
        seconds: u32,
    ) -> PyResult<Vec<grouping::Group>> {
        guarded(|| {
            py.detach(|| {
                Ok(grouping::groups(&self.detector, self.iter(), seconds))
            })
        })
    }

    /// The lines of NDJSON with identical findings as one.
    fn ndjson_grouped<'py>(
        &self,
        py: Python<'py>,
        seconds: u32,
    ) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| {
            let text = py.detach(|| {
                grouping::lines(&self.detector, self.iter(), seconds)
            });
            Ok(PyBytes::new(py, text.as_bytes()))
        })
    }

    /// Hosts and users that have reached a risk; see `grouping::risk`.
    fn risk(
        &self,
        py: Python<'_>,
        points: u32,
        seconds: u32,
    ) -> PyResult<Vec<Reached>> {
        guarded(|| {
            py.detach(|| {
                Ok(grouping::risk(
                    &self.detector,
                    self.iter(),
                    points,
                    seconds,
                ))
            })
        })
    }

    /// What is kept of the event of a finding: its kind, offset and length of
    /// its record, each field that is kept with its value, the record, and the
    /// finding's id.
    fn quote<'py>(
        &self,
        py: Python<'py>,
        at: usize,
    ) -> PyResult<Bound<'py, PyTuple>> {
        guarded(|| {
            let found = self.at(at)?;
            let fields = PyDict::new(py);
            for (field, value) in found.fields() {
                let value = value.map(String::from_utf8_lossy);
                fields.set_item(PyString::intern(py, field.name()), value)?;
            }
            let raw = found.raw().map(|raw| PyBytes::new(py, raw));
            let (offset, length) = (found.offset(), found.length());
            let id = self.id(&found);
            (found.event().name(), offset, length, fields, raw, id)
                .into_pyobject(py)
        })
    }

    /// The columns that tell of the event, in their order; none where nothing
    /// is kept of it.
    fn kept_columns<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| {
            let columns = PyDict::new(py);
            if self.keep.is_empty() {
                return Ok(columns);
            }
            let all: Vec<Finding<'_>> = self.iter().collect();
            let all = || all.iter();
            let kind = |found: &Finding<'_>| found.event().name();
            columns.set_item("event", PyList::new(py, all().map(kind))?)?;
            let offsets = PyList::new(py, all().map(Finding::offset))?;
            columns.set_item("offset", offsets)?;
            let lengths = PyList::new(py, all().map(Finding::length))?;
            columns.set_item("length", lengths)?;
            for (place, field) in self.keep.fields().iter().enumerate() {
                let values = PyList::new(py, self.values_of(place))?;
                columns.set_item(arrow_out::column(*field), values)?;
            }
            if self.keep.raw() {
                let raw = all().map(Finding::raw);
                let raw = raw.map(|raw| raw.map(String::from_utf8_lossy));
                let raw: Vec<_> = raw.collect();
                columns.set_item("raw", PyList::new(py, raw)?)?;
            }
            Ok(columns)
        })
    }

    /// The values of a field that is kept; none of one that is not.
    fn kept_values<'py>(
        &self,
        py: Python<'py>,
        name: &str,
    ) -> PyResult<Option<Bound<'py, PyList>>> {
        guarded(|| {
            let mut fields = self.keep.fields().iter();
            let place = fields.position(|field| field.name() == name);
            let values = place.map(|place| self.values_of(place));
            values.map(|values| PyList::new(py, values)).transpose()
        })
    }

    /// One finding: path, record, item, detection, ticks, other ticks, host,
    /// user, message, evidence, records that the event was joined from.
    fn row<'py>(
        &self,
        py: Python<'py>,
        at: usize,
    ) -> PyResult<Bound<'py, PyTuple>> {
        guarded(|| {
            let found = self.at(at)?;
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
                found.other_time().map(Timestamp::ticks),
                found.host().map(String::from_utf8_lossy),
                found.user().map(String::from_utf8_lossy),
                found.message(),
                evidence,
                PyTuple::new(py, found.joined())?,
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

    /// The findings as CSV; see `csv::table`.
    fn csv<'py>(
        &self,
        py: Python<'py>,
        formulas: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| {
            let text = py.detach(|| {
                csv::table(&self.detector, &self.keep, self.iter(), formulas)
            });
            Ok(PyBytes::new(py, text.as_bytes()))
        })
    }

    /// The jobs that events speak of, where those were taken: path, record,
    /// item, kind of event, ticks, host, user, each field's values, and the
    /// records that the event was joined from.
    fn jobs<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        guarded(|| {
            let parts = self.parts.iter();
            let rows = parts.flat_map(|part| {
                part.jobs.iter().map(|row| (part.path(), row))
            });
            let tuple = |(path, row): (Option<&str>, &JobRow)| {
                let facts = row.facts.iter();
                let facts = facts.map(|(of, value)| (*of, value.as_str()));
                (
                    path,
                    row.record,
                    row.item,
                    row.event.name(),
                    row.time.map(Timestamp::ticks),
                    row.host.as_deref(),
                    row.user.as_deref(),
                    crate::verdict::facts(py, facts)?,
                    PyTuple::new(py, &row.joined)?,
                )
                    .into_pyobject(py)
            };
            rows.map(tuple).collect()
        })
    }

    /// The verdicts of the events behind all findings, where they were taken:
    /// lines of NDJSON, a piece for each input.
    fn verdict_lines<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        let lines = self.parts.iter().map(|part| &part.verdict_lines);
        lines.map(|lines| PyBytes::new(py, lines.as_bytes())).collect()
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

    /// The columns that are named, each as a list.
    fn columns<'py>(
        &self,
        py: Python<'py>,
        names: Vec<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| {
            let columns = PyDict::new(py);
            let text = |it: Option<&[u8]>| {
                it.map(|it| String::from_utf8_lossy(it).into_owned())
            };
            let all: Vec<Finding<'_>> = self.iter().collect();
            let all = || all.iter();
            let ticks = |it: &Finding<'_>| it.time().map(Timestamp::ticks);
            for name in names {
                let column = match &*name {
                    "path" => PyList::new(py, all().map(Finding::path))?,
                    "record" => PyList::new(py, all().map(Finding::record))?,
                    "item" => PyList::new(py, all().map(Finding::item))?,
                    "detection" => {
                        PyList::new(py, all().map(Finding::detection))?
                    }
                    "ticks" => PyList::new(py, all().map(ticks))?,
                    "host" => {
                        PyList::new(py, all().map(|it| text(it.host())))?
                    }
                    "user" => {
                        PyList::new(py, all().map(|it| text(it.user())))?
                    }
                    "message" => PyList::new(py, all().map(Finding::message))?,
                    _ => return Err(PyKeyError::new_err(name)),
                };
                columns.set_item(name, column)?;
            }
            Ok(columns)
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
        guarded(|| {
            arrow_out::stream(py, &self.detector, &self.keep, self.iter())
        })
    }

    /// The schema of that stream.
    fn __arrow_c_schema__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| arrow_out::schema_capsule(py, &self.keep))
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
        let (mut pieces, mut fields) = (Vec::new(), Vec::new());
        for found in places.filter_map(|at| self.get(at)) {
            pieces.clear();
            pieces.extend(found.evidence());
            fields.clear();
            fields.extend(found.fields());
            let kept = found.kept(&self.detector, &[], &pieces, &fields);
            let Some(kept) = kept else { continue };
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

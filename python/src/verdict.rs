/*!
Verdicts and jobs of single events and records.
*/

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyMapping};
use t1053::event::{Event, EventKind, Field};
use t1053::record::Reader;
use t1053::{Detector, Format, Job, JobReader, Scratch, Verdict};

use crate::error::guarded;
use crate::event::Events;
use crate::record;

/// Lends the events of an event of the package's classes, of a record as a
/// dictionary, or of one as bytes; returns why the record cannot be read, if
/// it cannot.
fn each(
    item: &Bound<'_, PyAny>,
    mut take: impl FnMut(&Event<'_>) -> PyResult<()>,
) -> PyResult<Option<String>> {
    let mut raw = Vec::new();
    let is_record =
        item.is_instance_of::<PyDict>() || item.is_instance_of::<PyMapping>();
    if is_record {
        if !record::write(item, &mut raw, 0)? {
            return Ok(Some(record::TOO_DEEP.to_owned()));
        }
    } else if let Ok(bytes) = item.extract::<Vec<u8>>() {
        raw = bytes;
    } else {
        let mut events = Events::default();
        events.push(item)?;
        let mut result = Ok(());
        events.each(|event| {
            if result.is_ok() {
                result = take(event);
            }
        });
        return result.map(|()| None);
    }
    let mut result = Ok(());
    let read = Reader::new().read(Format::Auto, &raw, |_, event| {
        if result.is_ok() {
            result = take(event);
        }
    });
    result?;
    Ok(read.err().map(|error| error.to_string()))
}

/// A dictionary as the line that it would be in a log, where it is a record of
/// some collector by what it holds: it is read as one, and not by the names of
/// its columns.
#[pyfunction]
pub(crate) fn record_line<'py>(
    item: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    guarded(|| {
        let mut raw = Vec::new();
        if !record::write(item, &mut raw, 0)? {
            return Ok(None);
        }
        let mut is_event = false;
        let read = Reader::new().read(Format::Json, &raw, |_, event| {
            is_event |= event.kind() != EventKind::Generic;
        });
        let is_other =
            read.is_ok_and(|read| read.others > read.not_understood);
        let is_record = is_event || is_other;
        Ok(is_record.then(|| PyBytes::new(item.py(), &raw)))
    })
}

/// What is said of a job: each field's name and its values.
fn told<'py>(py: Python<'py>, job: Job<'_>) -> PyResult<Bound<'py, PyDict>> {
    let text = |value| String::from_utf8_lossy(value);
    facts(py, job.values().map(|(field, value)| (field, text(value))))
}

/// Values by their fields' names, in their order.
pub(crate) fn facts<'py>(
    py: Python<'py>,
    values: impl Iterator<Item = (Field, impl AsRef<str>)>,
) -> PyResult<Bound<'py, PyDict>> {
    let facts = PyDict::new(py);
    for (field, value) in values {
        let text = value.as_ref();
        match facts.get_item(field.name())? {
            Some(values) => {
                values.call_method1("append", (text,))?;
            }
            None => facts.set_item(field.name(), [text])?,
        }
    }
    Ok(facts)
}

fn described<'py>(
    py: Python<'py>,
    verdict: &Verdict<'_>,
) -> PyResult<Bound<'py, PyDict>> {
    let said = PyDict::new(py);
    said.set_item("severity", verdict.severity().name())?;
    said.set_item("line", verdict.to_string())?;
    let id: String =
        verdict.id().iter().map(|byte| format!("{byte:02x}")).collect();
    said.set_item("id", id)?;
    let traits = verdict.traits().map(|one| one.slug.as_ref());
    said.set_item("traits", traits.collect::<Vec<&str>>())?;
    let all = verdict.matches().map(|one| one.index());
    said.set_item("matches", all.collect::<Vec<usize>>())?;
    let jobs = verdict.jobs().map(|job| told(py, job));
    said.set_item("jobs", jobs.collect::<PyResult<Vec<_>>>()?)?;
    said.set_item("is_expected", verdict.is_expected())?;
    let event = verdict.event();
    said.set_item("event", event.kind().name())?;
    said.set_item("ticks", event.time.map(|time| time.ticks()))?;
    said.set_item("host", event.host.map(String::from_utf8_lossy))?;
    said.set_item("user", event.user.map(String::from_utf8_lossy))?;
    Ok(said)
}

/// The verdict of each event that an item holds, and why it cannot be read,
/// if it cannot.
pub(crate) fn verdicts<'py>(
    item: &Bound<'py, PyAny>,
    detector: &Detector,
) -> PyResult<(Vec<Bound<'py, PyDict>>, Option<String>)> {
    guarded(|| {
        let mut scratch = Scratch::new(detector);
        let mut found = Vec::new();
        let lost = each(item, |event| {
            let matches = detector.evaluate(event, &mut scratch);
            if let Some(verdict) = matches.verdict() {
                found.push(described(item.py(), &verdict)?);
            }
            Ok(())
        })?;
        Ok((found, lost))
    })
}

/// The jobs that each event of an item speaks of, and why it cannot be read,
/// if it cannot.
#[pyfunction]
pub(crate) fn jobs_of<'py>(
    item: &Bound<'py, PyAny>,
) -> PyResult<(Vec<Bound<'py, PyDict>>, Option<String>)> {
    guarded(|| {
        let mut reader = JobReader::new();
        let mut found = Vec::new();
        let lost = each(item, |event| {
            for job in reader.read(event) {
                found.push(told(item.py(), job)?);
            }
            Ok(())
        })?;
        Ok((found, lost))
    })
}

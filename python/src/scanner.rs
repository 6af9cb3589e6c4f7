/*!
Streams: records, lines and events in batches, findings as they come.
*/

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{
    PyByteArray, PyBytes, PyDict, PyMapping, PyString, PyTuple,
};
use t1053::event::Event;
use t1053::record::Reader;
use t1053::{Detector, Format, Keep, Restored, Scanner, Timestamp};

use crate::arrow_in::Table;
use crate::detector::Program;
use crate::error::{InternalError, StateError, guarded};
use crate::event::{Events, Span, text_bytes};
use crate::found::Found;
use crate::part::{Bad, Collector, Part};
use crate::record;
use crate::scan::{How, Seen, Settings};

/// Bytes that are worked on at a time, between looks for signals.
const CHUNK: usize = 1 << 22;

/// One stream. Threads that share one take turns.
#[pyclass(frozen, module = "t1053._t1053")]
pub(crate) struct Stream {
    detector: Detector,
    keep: Arc<Keep>,
    state: Mutex<State>,
}

struct State {
    scanner: Scanner,
    collector: Collector,
}

impl State {
    fn feed(&mut self, bytes: &[u8]) {
        let State { scanner, collector } = self;
        let _ = scanner.feed(bytes, |report| {
            collector.take(report);
            ControlFlow::Continue(())
        });
    }

    fn record(&mut self, bytes: &[u8]) {
        let State { scanner, collector } = self;
        let _ = scanner.record(bytes, |report| {
            collector.take(report);
            ControlFlow::Continue(())
        });
    }

    fn lost(&mut self, reason: &str) {
        let State { scanner, collector } = self;
        collector.lost(scanner, reason.to_owned());
    }

    fn events(&mut self, events: &Events) {
        let State { scanner, collector } = self;
        events.each(|event| {
            let _ = scanner.event(event, |report| {
                collector.take(report);
                ControlFlow::Continue(())
            });
        });
    }

    fn flush(&mut self, before: Timestamp) {
        let State { scanner, collector } = self;
        let _ = scanner.flush_pending(before, |report| {
            collector.take(report);
            ControlFlow::Continue(())
        });
    }

    fn finish(&mut self) {
        let State { scanner, collector } = self;
        let _ = scanner.finish(|report| {
            collector.take(report);
            ControlFlow::Continue(())
        });
    }
}

/// A batch of items, out of Python's reach.
#[derive(Default)]
struct Batch {
    steps: Vec<Step>,
    buffer: Vec<u8>,
}

enum Step {
    /// Part of the stream.
    Feed(Span),
    Record(Span),
    Events(Events),
    /// A record that cannot be written down.
    Lost(&'static str),
}

impl Batch {
    /// Adds an item: text is a line of the stream, text in a tuple a whole
    /// record, a mapping a record too, anything else an event.
    fn push(&mut self, item: &Bound<'_, PyAny>) -> PyResult<()> {
        let start = self.buffer.len();
        let line: Option<Bound<'_, PyBytes>> =
            if let Ok(text) = item.cast::<PyString>() {
                Some(text_bytes(text)?)
            } else {
                item.cast::<PyBytes>().ok().cloned()
            };
        if let Some(line) = line {
            self.line(line.as_bytes());
            self.feed(start);
        } else if let Ok(bytes) = item.cast::<PyByteArray>() {
            self.line(&bytes.to_vec());
            self.feed(start);
        } else if let Ok(whole) = item.cast::<PyTuple>() {
            let text = whole.get_item(0)?;
            match text.cast::<PyString>() {
                Ok(text) => {
                    let bytes = text_bytes(text)?;
                    self.buffer.extend_from_slice(bytes.as_bytes());
                }
                Err(_) => {
                    let bytes: PyBackedBytes = text.extract()?;
                    self.buffer.extend_from_slice(&bytes);
                }
            }
            let span = Span::since(&self.buffer, start);
            self.steps.push(Step::Record(span));
        } else if item.is_instance_of::<PyDict>()
            || item.is_instance_of::<PyMapping>()
        {
            if record::write(item, &mut self.buffer, 0)? {
                let span = Span::since(&self.buffer, start);
                self.steps.push(Step::Record(span));
            } else {
                self.buffer.truncate(start);
                self.steps.push(Step::Lost(record::TOO_DEEP));
            }
        } else {
            if !matches!(self.steps.last(), Some(Step::Events(_))) {
                self.steps.push(Step::Events(Events::default()));
            }
            if let Some(Step::Events(events)) = self.steps.last_mut() {
                events.push(item)?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) {
        self.buffer.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            self.buffer.push(b'\n');
        }
    }

    fn feed(&mut self, start: usize) {
        let span = Span::since(&self.buffer, start);
        self.steps.push(Step::Feed(span));
    }
}

type Given = (Found, Vec<Bad>);

impl Stream {
    /// Works on the stream without holding the interpreter, and gives what
    /// was found.
    fn work(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut State) + Send,
    ) -> PyResult<Given> {
        let (part, unreadable) = self.part(py, work)?;
        let keep = self.keep.clone();
        Ok((Found::new(&self.detector, keep, vec![part]), unreadable))
    }

    fn part(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut State) + Send,
    ) -> PyResult<(Part, Vec<Bad>)> {
        guarded(|| {
            let done = py.detach(|| {
                let mut state = self.state.lock().ok()?;
                work(&mut state);
                Some(state.collector.drain())
            });
            done.ok_or_else(broken)
        })
    }
}

fn broken() -> PyErr {
    InternalError::new_err("this stream ended with a defect in t1053")
}

#[pymethods]
impl Stream {
    #[new]
    fn new(
        program: &Program,
        path: Option<String>,
        how: How,
    ) -> PyResult<Stream> {
        guarded(|| {
            let detector = program.detector.clone();
            let settings = Settings::new(program, how)?;
            let (scanner, taking) = (settings.scanner()?, settings.taking);
            let keep = taking.keep.clone();
            let path = path.map(Arc::from);
            let before = scanner.counts();
            let collector = Collector::new(path, before, taking);
            let state = Mutex::new(State { scanner, collector });
            Ok(Stream { detector, keep, state })
        })
    }

    /// Scans the next bytes of the stream.
    fn feed(&self, py: Python<'_>, bytes: PyBackedBytes) -> PyResult<Given> {
        let mut parts = Vec::new();
        let mut unreadable = Vec::new();
        // At least once, so that what came before is given too.
        let none: &[u8] = b"";
        let chunks = bytes.chunks(CHUNK);
        for chunk in chunks.chain(bytes.is_empty().then_some(none)) {
            let (part, bad) = self.part(py, |state| state.feed(chunk))?;
            parts.push(part);
            unreadable.extend(bad);
            py.check_signals()?;
        }
        let keep = self.keep.clone();
        Ok((Found::new(&self.detector, keep, parts), unreadable))
    }

    /// Scans one record whose borders are known.
    fn record(&self, py: Python<'_>, bytes: PyBackedBytes) -> PyResult<Given> {
        self.work(py, |state| state.record(&bytes))
    }

    /// Scans a batch of lines, dictionaries and events.
    fn take(
        &self,
        py: Python<'_>,
        items: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<Given> {
        let batch = guarded(|| {
            let mut batch = Batch::default();
            for item in &items {
                batch.push(item)?;
            }
            Ok(batch)
        })?;
        self.work(py, |state| {
            for step in &batch.steps {
                match step {
                    Step::Feed(span) => state.feed(span.of(&batch.buffer)),
                    Step::Record(span) => state.record(span.of(&batch.buffer)),
                    Step::Events(events) => state.events(events),
                    Step::Lost(reason) => state.lost(reason),
                }
            }
        })
    }

    /// Scans the next batch of a table; false when there is none.
    fn table(&self, py: Python<'_>, table: &Table) -> PyResult<Option<Given>> {
        let Some(rows) = guarded(|| py.detach(|| table.next()))? else {
            return Ok(None);
        };
        let given = self.work(py, |state| {
            rows.each(|row| match row {
                crate::arrow_in::Row::Record(bytes) => state.record(bytes),
                crate::arrow_in::Row::Events(events) => state.events(events),
            });
        })?;
        Ok(Some(given))
    }

    /// Ends the audit events that began before a time, in ticks.
    fn flush(&self, py: Python<'_>, before: i64) -> PyResult<Given> {
        let before = Timestamp::from_ticks(before);
        self.work(py, |state| state.flush(before))
    }

    /// Ends the stream: what was kept of it is its last record.
    fn finish(&self, py: Python<'_>) -> PyResult<Given> {
        self.work(py, State::finish)
    }

    /// Forgets the stream, its counts and its sequences.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, |state| state.scanner.reset()).map(drop)
    }

    /// All that is known of the stream, as bytes.
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| {
            let state = py.detach(|| {
                let state = self.state.lock().ok()?;
                Some(state.scanner.save())
            });
            Ok(PyBytes::new(py, &state.ok_or_else(broken)?))
        })
    }

    /// Takes over what was saved; gives how many rules and keys were taken
    /// over, and how many were dropped.
    fn restore(
        &self,
        py: Python<'_>,
        state: PyBackedBytes,
    ) -> PyResult<(u64, u64, u64, u64)> {
        guarded(|| {
            let restored = py.detach(|| {
                let mut own = self.state.lock().ok()?;
                Some(own.scanner.restore(&state))
            });
            let restored = restored
                .ok_or_else(broken)?
                .map_err(|error| StateError::new_err(error.to_string()))?;
            let Restored { rules, keys, .. } = restored;
            let Restored { dropped_rules, dropped_keys, .. } = restored;
            Ok((rules, keys, dropped_rules, dropped_keys))
        })
    }

    /// What was seen so far.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| {
            let seen = py.detach(|| {
                let state = self.state.lock().ok()?;
                Some(Seen::of(&state.scanner))
            });
            seen.ok_or_else(broken)?.dict(py, &self.detector)
        })
    }
}

/// Why a detection matches an event, or the events of a record, or does not:
/// a text for each event. And why a record cannot be read.
#[pyfunction]
pub(crate) fn explain(
    program: &Program,
    slug: &str,
    item: &Bound<'_, PyAny>,
) -> PyResult<(Vec<String>, Option<String>)> {
    guarded(|| {
        let mut batch = Batch::default();
        batch.push(item)?;
        let mut texts = Vec::new();
        let mut unreadable = None;
        let mut add = |event: &Event<'_>| {
            let explained = program.detector.explain(slug, event);
            texts.extend(explained.map(|it| it.to_string()));
        };
        for step in &batch.steps {
            match step {
                Step::Feed(span) | Step::Record(span) => {
                    let bytes = span.of(&batch.buffer);
                    let mut reader = Reader::new();
                    let read = |_, event: &Event<'_>| add(event);
                    if let Err(error) = reader.read(Format::Auto, bytes, read)
                    {
                        unreadable = Some(error.to_string());
                    }
                }
                Step::Events(events) => events.each(&mut add),
                Step::Lost(reason) => unreadable = Some((*reason).into()),
            }
        }
        Ok((texts, unreadable))
    })
}

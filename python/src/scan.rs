/*!
Whole inputs, on all cores: each on one core, results in the order of the
inputs.
*/

use std::cmp::Reverse;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};
use t1053::event::EventKind;
use t1053::{BuildError, Detector, Format, ScanCounts, Scanner};

use crate::detector::Program;
use crate::error::{SourceError, guarded, internal};
use crate::found::{Collector, Found, Part, Unreadable};
use crate::input::{self, Chunk, Source};

/// How often signals are looked for and progress is shown.
const TICK: Duration = Duration::from_millis(50);

/// What became of an input.
#[derive(Default)]
struct Outcome {
    part: Part,
    unreadable: Vec<Unreadable>,
    counts: ScanCounts,
    /// Why it could not be read to its end.
    failure: Option<String>,
}

/// What a scan gives to Python: the findings, the counts, the records that
/// could not be read, and the inputs that could not, each with its place.
type Scanned<'py> =
    (Found, Bound<'py, PyDict>, Vec<Unreadable>, Vec<(usize, String)>);

/// How inputs are read.
#[derive(Clone, Copy)]
struct Settings<'s> {
    detector: &'s Detector,
    format: Format,
    record_limit: usize,
    filter: bool,
}

/// The same from Python: the name of the format, the limit on a record's
/// size, and whether records are filtered.
type How = (String, usize, bool);

impl Settings<'_> {
    fn new<'s>(detector: &'s Detector, how: &How) -> PyResult<Settings<'s>> {
        let (format, record_limit, filter) = how;
        let format = format_named(format)?;
        let (record_limit, filter) = (*record_limit, *filter);
        let settings = Settings { detector, format, record_limit, filter };
        settings
            .scanner()
            .map_err(|it| SourceError::new_err(it.to_string()))?;
        Ok(settings)
    }

    fn scanner(&self) -> Result<Scanner, BuildError> {
        Scanner::builder(self.detector)
            .format(self.format)
            .record_limit(self.record_limit)
            .filter(self.filter)
            .build()
    }
}

/// A format by name.
pub(crate) fn format_named(name: &str) -> PyResult<Format> {
    name.parse().map_err(|error: t1053::record::UnknownFormat| {
        SourceError::new_err(error.to_string())
    })
}

/// Scans one input.
fn scan(
    settings: &Settings<'_>,
    path: Option<Arc<str>>,
    stop: &AtomicBool,
    read: impl FnOnce(&mut input::Take<'_>) -> io::Result<()>,
) -> Outcome {
    let mut scanner = match settings.scanner() {
        Ok(scanner) => scanner,
        Err(error) => {
            let failure = Some(error.to_string());
            return Outcome { failure, ..Outcome::default() };
        }
    };
    let mut collector = Collector::new(path);
    let read = read(&mut |chunk| {
        if stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        let report = |report: t1053::Report<'_>| {
            collector.take(report);
            ControlFlow::Continue(())
        };
        match chunk {
            Chunk::Stream(bytes) => scanner.feed(bytes, report),
            Chunk::Record(record) => scanner.record(record, report),
            Chunk::Broken(reason) => {
                collector.lost(&mut scanner, reason);
                ControlFlow::Continue(())
            }
        }
    });
    let _ = scanner.finish(|report| {
        collector.take(report);
        ControlFlow::Continue(())
    });
    let counts = scanner.counts().clone();
    let (part, unreadable) = collector.drain();
    let failure = read.err().map(|error| error.to_string());
    Outcome { part, unreadable, counts, failure }
}

/// Scans paths and bytes.
#[pyfunction]
#[pyo3(signature = (program, inputs, how, threads, progress))]
pub(crate) fn scan_inputs<'py>(
    py: Python<'py>,
    program: &Program,
    inputs: Vec<Bound<'py, PyAny>>,
    how: How,
    threads: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Scanned<'py>> {
    guarded(|| {
        let detector = &program.detector;
        let settings = Settings::new(detector, &how)?;
        let mut sources = Vec::with_capacity(inputs.len());
        for input in &inputs {
            sources.push(match input.cast::<PyBytes>() {
                Ok(bytes) => Source::Bytes(bytes.extract::<PyBackedBytes>()?),
                Err(_) => Source::File(input.extract::<PathBuf>()?),
            });
        }
        let outcomes =
            py.detach(|| scan_all(&settings, &sources, threads, progress))?;
        let mut counts = ScanCounts::default();
        let mut parts = Vec::with_capacity(outcomes.len());
        let mut unreadable = Vec::new();
        let mut failures = Vec::new();
        for (index, outcome) in outcomes.into_iter().enumerate() {
            counts.add(&outcome.counts);
            parts.push(outcome.part);
            unreadable.extend(outcome.unreadable);
            failures.extend(outcome.failure.map(|it| (index, it)));
        }
        let found = Found::new(detector, parts);
        Ok((found, counts_dict(py, &counts)?, unreadable, failures))
    })
}

/// Scans on several threads, while this one looks for signals and shows
/// progress.
fn scan_all(
    settings: &Settings<'_>,
    sources: &[Source],
    threads: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<Outcome>> {
    let sizes: Vec<u64> = sources.iter().map(Source::size).collect();
    let total: u64 = sizes.iter().sum();
    // The largest first: then no core is left with a large one at the end.
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|at| Reverse(sizes.get(*at)));
    let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
    let stop = AtomicBool::new(false);
    let threads = match threads {
        0 => thread::available_parallelism().map_or(1, |it| it.get()),
        threads => threads,
    };
    let (send, receive) = channel();
    let work = |send: Sender<(usize, thread::Result<Outcome>)>| {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(index) = order.get(at).copied() else { return };
            let Some(source) = sources.get(index) else { return };
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                scan(settings, source.name(), &stop, |take| {
                    source.each_chunk(&done, take)
                })
            }));
            if send.send((index, outcome)).is_err() {
                return;
            }
        }
    };
    let mut outcomes = Vec::new();
    outcomes.resize_with(sources.len(), Outcome::default);
    let mut result = Ok(());
    thread::scope(|scope| {
        for _ in 0..threads.min(sources.len()) {
            let send = send.clone();
            scope.spawn(|| work(send));
        }
        drop(send);
        let mut ticked = Instant::now();
        loop {
            match receive.recv_timeout(TICK) {
                Ok((index, Ok(outcome))) => {
                    if let Some(slot) = outcomes.get_mut(index) {
                        *slot = outcome;
                    }
                }
                Ok((_, Err(panic))) => {
                    stop.store(true, Ordering::Relaxed);
                    result = Err(internal(panic.as_ref()));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if result.is_ok() && ticked.elapsed() >= TICK {
                ticked = Instant::now();
                result = tick(progress.as_ref(), &done, total);
                stop.store(result.is_err(), Ordering::Relaxed);
            }
        }
    });
    result?;
    tick(progress.as_ref(), &done, total)?;
    Ok(outcomes)
}

fn tick(
    progress: Option<&Py<PyAny>>,
    done: &AtomicU64,
    total: u64,
) -> PyResult<()> {
    Python::attach(|py| {
        py.check_signals()?;
        if let Some(progress) = progress {
            progress.call1(py, (done.load(Ordering::Relaxed), total))?;
        }
        Ok(())
    })
}

/// Scans an object with a `read` method.
#[pyfunction]
pub(crate) fn scan_reader<'py>(
    py: Python<'py>,
    program: &Program,
    reader: Py<PyAny>,
    path: Option<String>,
    how: How,
) -> PyResult<Scanned<'py>> {
    guarded(|| {
        let detector = &program.detector;
        let settings = Settings::new(detector, &how)?;
        let mut source = Object { reader, rest: Vec::new(), error: None };
        let path = path.map(Arc::from);
        let outcome = py.detach(|| {
            let stop = AtomicBool::new(false);
            scan(&settings, path, &stop, |take| {
                input::each_chunk(&mut source, take)
            })
        });
        if let Some(error) = source.error {
            return Err(error);
        }
        let counts = counts_dict(py, &outcome.counts)?;
        let found = Found::new(detector, vec![outcome.part]);
        let failures = outcome.failure.map(|it| (0, it));
        let failures = failures.into_iter().collect();
        Ok((found, counts, outcome.unreadable, failures))
    })
}

/// Reads from a Python object.
struct Object {
    reader: Py<PyAny>,
    /// What it gave beyond what was asked for, as text objects may.
    rest: Vec<u8>,
    error: Option<PyErr>,
}

impl Read for Object {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            let read = Python::attach(|py| {
                py.check_signals()?;
                let read = self.reader.bind(py);
                let read = read.call_method1("read", (buffer.len(),))?;
                if let Ok(text) = read.cast::<pyo3::types::PyString>() {
                    let bytes = crate::event::text_bytes(text)?;
                    return Ok(bytes.as_bytes().to_vec());
                }
                if read.is_none() {
                    return Ok(Vec::new());
                }
                Ok(read.extract::<PyBackedBytes>()?.to_vec())
            });
            match read {
                Ok(bytes) => self.rest = bytes,
                Err(error) => {
                    self.error = Some(error);
                    return Err(io::Error::other("the object's own error"));
                }
            }
        }
        let count = self.rest.len().min(buffer.len());
        let (now, later) =
            self.rest.split_at_checked(count).unwrap_or_default();
        if let Some(room) = buffer.get_mut(..count) {
            room.copy_from_slice(now);
        }
        self.rest = later.to_vec();
        Ok(count)
    }
}

/// Counts as a dictionary.
pub(crate) fn counts_dict<'py>(
    py: Python<'py>,
    counts: &ScanCounts,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, count) in [
        ("bytes", counts.bytes),
        ("records", counts.records),
        ("read", counts.read),
        ("filtered", counts.filtered),
        ("uninteresting", counts.uninteresting),
        ("unreadable", counts.unreadable),
        ("matches", counts.matches),
        ("forgotten", counts.correlator.evicted),
        ("untimed", counts.correlator.untimed),
    ] {
        dict.set_item(name, count)?;
    }
    let events = PyDict::new(py);
    for kind in EventKind::ALL {
        let count = counts.events(*kind);
        if count > 0 {
            events.set_item(kind.name(), count)?;
        }
    }
    dict.set_item("events", events)?;
    Ok(dict)
}

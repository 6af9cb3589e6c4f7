/*!
Whole inputs, on all cores: each on one core, results in the order of the
inputs.
*/

use std::cell::RefCell;
use std::cmp::Reverse;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use frontend::cores::{self, Idle};
use frontend::input::Chunk;
use frontend::magic::Foreign;
use frontend::screen::{self, Troubles};
use frontend::verdicts;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};
use t1053::event::EventKind;
use t1053::{
    BuildError, Config, Detector, Format, Keep, Report, ScanCounts, Scanner,
};

use crate::detector::Program;
use crate::error::{FieldError, SettingError, SourceError, guarded, internal};
use crate::found::Found;
use crate::input::Source;
use crate::part::{Bad, Collector, Judging, Part, Taking};

/// How often signals are looked for and progress is shown.
const TICK: Duration = Duration::from_millis(50);

/// What became of an input.
#[derive(Default)]
pub(crate) struct Outcome {
    /// What was found and not taken before.
    pub(crate) part: Part,
    pub(crate) unreadable: Vec<Bad>,
    /// Of its scanner so far: of all inputs that it was given.
    pub(crate) seen: Seen,
    /// Why it could not be read to its end.
    pub(crate) failure: Option<String>,
    /// What an object raised that was to be read.
    pub(crate) error: Option<PyErr>,
    pub(crate) told: Told,
}

/// What a scanner has seen, and how many matches each exclusion silenced.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    counts: ScanCounts,
    excluded: Vec<u64>,
}

impl Seen {
    pub(crate) fn of(scanner: &Scanner) -> Seen {
        let excluded = scanner.excluded().to_vec();
        Seen { counts: scanner.counts().clone(), excluded }
    }

    /// Adds what another scanner of the same detector has seen.
    pub(crate) fn add(&mut self, other: &Seen) {
        self.counts.add(&other.counts);
        let most = self.excluded.len().max(other.excluded.len());
        self.excluded.resize(most, 0);
        for (count, more) in self.excluded.iter_mut().zip(&other.excluded) {
            *count = count.saturating_add(*more);
        }
    }

    /// The members of `t1053.Counts`.
    pub(crate) fn dict<'py>(
        &self,
        py: Python<'py>,
        detector: &Detector,
    ) -> PyResult<Bound<'py, PyDict>> {
        let dict = counts_dict(py, &self.counts)?;
        let excluded = PyDict::new(py);
        let exclusions = detector.exclusions().iter();
        for (exclusion, count) in exclusions.zip(&self.excluded) {
            if *count == 0 {
                continue;
            }
            let name = exclusion.name();
            // Several may have one name.
            let known = excluded.get_item(name)?;
            let known = known.map_or(Ok(0), |known| known.extract::<u64>())?;
            excluded.set_item(name, known.saturating_add(*count))?;
        }
        dict.set_item("excluded", excluded)?;
        Ok(dict)
    }
}

/// What the command line tells of inputs, and the exit status for it.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) lines: Vec<String>,
    pub(crate) status: u8,
}

/// The exit status where an input holds nothing that can be read, and where
/// it cannot be opened or read to its end.
const UNREADABLE: u8 = 1;
const UNUSABLE: u8 = 2;

/// What a scan gives to Python: the findings, the counts, the records that
/// could not be read, and the inputs that could not, each with its place; and
/// for the command line, lines to tell and an exit status.
type Scanned<'py> = (
    Found,
    Bound<'py, PyDict>,
    Vec<Bad>,
    Vec<(usize, String)>,
    (Vec<String>, u8),
);

/// How inputs are read.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) detector: Detector,
    config: Config,
    format: Format,
    record_limit: usize,
    filter: bool,
    join: bool,
    memory: Memory,
    pub(crate) taking: Taking,
    host: Option<String>,
}

/// How many keys sequences remember, and how many halves for each, where
/// the caller says so.
type Memory = (Option<usize>, Option<usize>);

/// The same from Python: the name of the format, the limit on a record's
/// size, whether records are filtered and joined, the memory of sequences;
/// where verdicts are taken, the least severity and whether they are kept as
/// NDJSON; whether nothing is detected, and the jobs of all events are taken;
/// the host of records that name none; and what is kept of events that match.
pub(crate) type How = (
    String,
    usize,
    bool,
    bool,
    Memory,
    Option<(String, bool)>,
    bool,
    Option<String>,
    String,
);

impl Settings {
    pub(crate) fn new(program: &Program, how: How) -> PyResult<Settings> {
        let Program { detector, config, .. } = program;
        let (format, record_limit, filter, join, ..) = how;
        let (.., memory, judging, jobs, host, keep) = how;
        let format = format_named(&format)?;
        let judging = judging.map(|(least, lines)| {
            let least = verdicts::rank(&least).ok_or_else(|| {
                SettingError::new_err(verdicts::unknown(&least))
            })?;
            PyResult::Ok(Judging { least, lines })
        });
        let keep = keep
            .parse::<Keep>()
            .map_err(|error| FieldError::new_err(error.to_string()));
        let keep = Arc::new(keep?);
        Ok(Settings {
            detector: detector.clone(),
            config: config.clone(),
            format,
            record_limit,
            filter,
            join,
            memory,
            host,
            taking: Taking { judging: judging.transpose()?, jobs, keep },
        })
    }

    /// A scanner, or which setting is out of range.
    pub(crate) fn scanner(&self) -> PyResult<Scanner> {
        let (capacity, depth) = self.memory;
        let error =
            |error: BuildError| SettingError::new_err(error.to_string());
        let mut builder = match self.taking.jobs {
            true => {
                let none = Detector::builder().without_builtin().build();
                Scanner::builder(&none.map_err(error)?).events(true)
            }
            false => Scanner::builder(&self.detector),
        };
        // What the call says comes before what the configuration does.
        builder = self.config.for_scanner(builder);
        if self.format != Format::Auto {
            builder = builder.format(self.format);
        }
        if self.record_limit != Scanner::DEFAULT_RECORD_LIMIT {
            builder = builder.record_limit(self.record_limit);
        }
        builder = builder
            .filter(self.filter)
            .matched_events(self.taking.judging.is_some())
            .sequence_seed(seed());
        if !self.join {
            builder = builder.join(false);
        }
        if let Some(host) = &self.host {
            builder = builder.host(host);
        }
        if let Some(keys) = capacity {
            builder = builder.sequence_capacity(keys);
        }
        if let Some(halves) = depth {
            builder = builder.sequence_depth(halves);
        }
        builder.build().map_err(error)
    }
}

/// Random bytes. The standard library asks the system for the keys of its
/// hash tables, and a hash with those tells nothing of them.
fn seed() -> [u8; 16] {
    let mut seed = [0; 16];
    for half in seed.chunks_mut(8) {
        let hash = RandomState::new().hash_one(half.len());
        half.copy_from_slice(&hash.to_le_bytes());
    }
    seed
}

/// A format by name.
pub(crate) fn format_named(name: &str) -> PyResult<Format> {
    name.parse().map_err(|error: t1053::record::UnknownFormat| {
        SourceError::new_err(error.to_string())
    })
}

/// Takes findings, and records that could not be read, before the input they
/// are in ends.
pub(crate) type Flush<'f> =
    &'f mut dyn FnMut(Part, Vec<Bad>) -> ControlFlow<()>;

/// Takes what a scanner reports of one input.
struct Taker<'f> {
    collector: Collector,
    flush: Option<Flush<'f>>,
    troubles: Troubles,
    /// What the scanner had seen before.
    before: ScanCounts,
}

impl Taker<'_> {
    fn report(&mut self, report: Report<'_>) -> ControlFlow<()> {
        if let Report::NotUnderstood(what) = &report {
            let record = what.record.saturating_sub(self.before.records);
            let offset = what.offset.saturating_sub(self.before.bytes);
            self.troubles.add_unknown(record, offset, what.bytes);
        }
        if let Report::Unreadable(unreadable) = &report {
            let error = &unreadable.error;
            let (record, offset) = (unreadable.record, unreadable.offset);
            self.trouble(error.reason(), record, offset, error);
        }
        self.collector.take(report);
        match self.collector.is_large() {
            true => self.flush(),
            false => ControlFlow::Continue(()),
        }
    }

    /// Gives away what there is, if anything is and anyone takes it.
    fn flush(&mut self) -> ControlFlow<()> {
        match &mut self.flush {
            Some(flush) if !self.collector.is_empty() => {
                let (part, unreadable) = self.collector.drain();
                flush(part, unreadable)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    /// Counts a record that the scanner could not be given.
    fn broken(&mut self, scanner: &mut Scanner, reason: String) {
        let ScanCounts { records, bytes, .. } = *scanner.counts();
        self.trouble(&reason, records, bytes, &reason);
        self.collector.lost(scanner, reason);
    }

    fn trouble(
        &mut self,
        reason: &str,
        record: u64,
        offset: u64,
        error: &dyn std::fmt::Display,
    ) {
        let record = record.saturating_sub(self.before.records);
        let offset = offset.saturating_sub(self.before.bytes);
        self.troubles.add(reason, record, offset, || error.to_string());
    }
}

/// What the threads of a scan share.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) stop: AtomicBool,
    /// Bytes read.
    pub(crate) done: AtomicU64,
    /// Cores that have no stream to scan, and may help with another.
    pub(crate) idle: Idle,
}

impl Run {
    /// Of as many threads as are asked for; and how many begin a stream.
    pub(crate) fn of_threads(threads: usize, streams: usize) -> (Run, usize) {
        let threads = thread_count(threads);
        let begin = threads.min(streams);
        let idle = threads.saturating_sub(begin);
        let idle = Idle::new(AtomicUsize::new(idle));
        (Run { idle, ..Run::default() }, begin)
    }

    /// A thread has no more streams to begin.
    pub(crate) fn is_idle(&self) {
        self.idle.fetch_add(1, Ordering::Relaxed);
    }
}

/// Scans one input to its end; what sequences remember of it stays.
pub(crate) fn scan(
    scanner: &mut Scanner,
    taking: Taking,
    source: &Source,
    run: &Run,
    flush: Option<Flush<'_>>,
) -> Outcome {
    let path = source.name();
    let Run { stop, done, idle } = run;
    let before = scanner.counts().clone();
    let taker = RefCell::new(Taker {
        collector: Collector::new(path.clone(), &before, taking),
        flush,
        troubles: Troubles::default(),
        before,
    });
    let mut report = |report: Report<'_>| taker.borrow_mut().report(report);
    let mut head = Vec::new();
    let read = match source.for_many() {
        Some(file) => {
            cores::feed(&file, idle, scanner, &mut report, &mut |bytes| {
                screen::keep_head(&mut head, bytes);
                done.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                if stop.load(Ordering::Relaxed) {
                    return ControlFlow::Break(());
                }
                taker.borrow_mut().flush()
            })
        }
        None => source.each_chunk(done, &mut |chunk| {
            if stop.load(Ordering::Relaxed) {
                return ControlFlow::Break(());
            }
            match chunk {
                Chunk::Stream(bytes) => {
                    screen::keep_head(&mut head, bytes);
                    scanner.feed(bytes, &mut report)?;
                    taker.borrow_mut().flush()
                }
                Chunk::Record(record) => scanner.record(record, &mut report),
                Chunk::Broken(reason) => {
                    taker.borrow_mut().broken(scanner, reason);
                    ControlFlow::Continue(())
                }
            }
        }),
    };
    let _ = scanner.finish(&mut report);
    let seen = Seen::of(scanner);
    let counts = &seen.counts;
    let Taker { mut collector, troubles, before, .. } = taker.into_inner();
    let (part, unreadable) = collector.drain();
    let name = path.as_deref().unwrap_or("-");
    let records = counts.records.saturating_sub(before.records);
    let unread = counts.unreadable.saturating_sub(before.unreadable);
    let (lines, hopeless) = troubles.lines(name, &head, records, unread);
    let status = if hopeless { UNREADABLE } else { 0 };
    let mut told = Told { lines, status };
    let understood = counts.read.saturating_add(counts.uninteresting);
    let before_it = before.read.saturating_add(before.uninteresting);
    let understood = understood.saturating_sub(before_it);
    let filtered = counts.filtered.saturating_sub(before.filtered);
    if let Some((line, is_all)) =
        troubles.unknown_line(name, understood, filtered)
    {
        told.lines.push(line);
        told.status = if is_all { UNREADABLE } else { told.status };
    }
    let (error, failure) = match read {
        Err(error) if error.get_ref().is_some_and(|it| it.is::<PyErr>()) => {
            let error = error.into_inner().map(|it| it.downcast::<PyErr>());
            (error.and_then(Result::ok).map(|error| *error), None)
        }
        read => (None, read.err()),
    };
    let failure = failure.map(|error| {
        let inner = error.get_ref();
        let is_foreign = inner.is_some_and(|inner| inner.is::<Foreign>());
        told.status = if is_foreign { UNREADABLE } else { UNUSABLE };
        told.lines.push(format!("{}: {error}", screen::printable(name)));
        error.to_string()
    });
    Outcome { part, unreadable, seen, failure, error, told }
}

/// Scans paths and bytes: each as a stream of its own, or all together as one
/// in the order given.
#[pyfunction]
#[pyo3(signature = (program, inputs, how, threads, together, progress))]
pub(crate) fn scan_inputs<'py>(
    py: Python<'py>,
    program: &Program,
    inputs: Vec<Bound<'py, PyAny>>,
    how: How,
    threads: usize,
    together: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Scanned<'py>> {
    guarded(|| {
        let detector = &program.detector;
        let settings = Settings::new(program, how)?;
        // A setting out of range is an error before any input is opened.
        drop(settings.scanner()?);
        let sources = sources(&inputs)?;
        let streams = streams(sources.len(), together);
        let outcomes = py.detach(|| {
            scan_all(&settings, &sources, streams, threads, progress)
        })?;
        let mut seen = Seen::default();
        let mut parts = Vec::with_capacity(outcomes.len());
        let mut unreadable = Vec::new();
        let mut failures = Vec::new();
        let last = outcomes.len().saturating_sub(1);
        let mut told = Told::default();
        for (index, outcome) in outcomes.into_iter().enumerate() {
            // Together, those of the last are those of all.
            if !together || index == last {
                seen.add(&outcome.seen);
            }
            parts.push(outcome.part);
            unreadable.extend(outcome.unreadable);
            failures.extend(outcome.failure.map(|it| (index, it)));
            told.lines.extend(outcome.told.lines);
            told.status = told.status.max(outcome.told.status);
        }
        let keep = settings.taking.keep;
        let found = Found::new(detector, keep, parts);
        let counts = seen.dict(py, detector)?;
        let told = (told.lines, told.status);
        Ok((found, counts, unreadable, failures, told))
    })
}

/// The places of sources by streams, each of which is scanned by one core:
/// every source alone, or all together.
pub(crate) fn streams(sources: usize, together: bool) -> Vec<Vec<usize>> {
    match together {
        true => vec![(0..sources).collect()],
        false => (0..sources).map(|source| vec![source]).collect(),
    }
}

/// So many threads; 0 is one a core.
pub(crate) fn thread_count(threads: usize) -> usize {
    match threads {
        0 => thread::available_parallelism().map_or(1, NonZero::get),
        threads => threads,
    }
}

/// The sources that paths, bytes and `None`, which is standard input, are.
pub(crate) fn sources(inputs: &[Bound<'_, PyAny>]) -> PyResult<Vec<Source>> {
    let sources = inputs.iter().map(|input| {
        Ok(match input.cast::<PyBytes>() {
            Ok(bytes) => Source::Bytes(bytes.extract::<PyBackedBytes>()?),
            Err(_) if input.is_none() => Source::Standard,
            Err(_) => Source::File(input.extract::<PathBuf>()?),
        })
    });
    sources.collect()
}

/// Scans on several threads, while this one looks for signals and shows
/// progress.
fn scan_all(
    settings: &Settings,
    sources: &[Source],
    mut streams: Vec<Vec<usize>>,
    threads: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<Outcome>> {
    let sizes: Vec<u64> = sources.iter().map(Source::size).collect();
    let total: u64 = sizes.iter().sum();
    // The largest first: then no core is left with a large one at the end.
    let size = |source: &usize| sizes.get(*source).copied().unwrap_or(0);
    streams
        .sort_by_key(|stream| Reverse(stream.iter().map(size).sum::<u64>()));
    let next = AtomicUsize::new(0);
    let (run, threads) = Run::of_threads(threads, streams.len());
    let (send, receive) = channel();
    let work = |send: Sender<(usize, PyResult<Outcome>)>| {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(stream) = streams.get(at) else {
                return run.is_idle();
            };
            let mut scanner = match settings.scanner() {
                Ok(scanner) => scanner,
                // The memory was there for the first, and is not for this.
                Err(error) => {
                    let _ = send.send((at, Err(error)));
                    return;
                }
            };
            for &index in stream {
                let Some(source) = sources.get(index) else { return };
                let outcome = catch_unwind(AssertUnwindSafe(|| {
                    let taking = settings.taking.clone();
                    scan(&mut scanner, taking, source, &run, None)
                }));
                let outcome =
                    outcome.map_err(|panic| internal(panic.as_ref()));
                let panicked = outcome.is_err();
                if send.send((index, outcome)).is_err() || panicked {
                    return;
                }
            }
        }
    };
    let mut outcomes = Vec::new();
    outcomes.resize_with(sources.len(), Outcome::default);
    let mut result = Ok(());
    thread::scope(|scope| {
        for _ in 0..threads {
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
                Ok((_, Err(error))) => {
                    run.stop.store(true, Ordering::Relaxed);
                    result = Err(error);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if result.is_ok() && ticked.elapsed() >= TICK {
                ticked = Instant::now();
                result = tick(progress.as_ref(), &run.done, total);
                run.stop.store(result.is_err(), Ordering::Relaxed);
            }
        }
    });
    result?;
    tick(progress.as_ref(), &run.done, total)?;
    Ok(outcomes)
}

pub(crate) fn tick(
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
        let settings = Settings::new(program, how)?;
        let mut scanner = settings.scanner()?;
        let source = Source::Object(reader, path.map(Arc::from));
        let mut outcome = py.detach(|| {
            let taking = settings.taking.clone();
            scan(&mut scanner, taking, &source, &Run::default(), None)
        });
        if let Some(error) = outcome.error.take() {
            return Err(error);
        }
        let counts = outcome.seen.dict(py, detector)?;
        let keep = settings.taking.keep;
        let found = Found::new(detector, keep, vec![outcome.part]);
        let failures = outcome.failure.map(|it| (0, it));
        let failures = failures.into_iter().collect();
        let told = (outcome.told.lines, outcome.told.status);
        Ok((found, counts, outcome.unreadable, failures, told))
    })
}

/// Counts as a dictionary.
fn counts_dict<'py>(
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
        ("not_understood", counts.not_understood),
        ("unreadable", counts.unreadable),
        ("matches", counts.matches),
        ("forgotten", counts.correlator.evicted),
        ("expired", counts.correlator.expired),
        ("untimed", counts.correlator.untimed),
        ("ungrouped", counts.correlator.ungrouped),
        ("joined", counts.joins.joined),
        ("joins_incomplete", counts.joins.incomplete),
        ("joins_evicted", counts.joins.evicted),
        ("joins_late", counts.joins.late),
        ("joins_cut", counts.joins.cut),
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

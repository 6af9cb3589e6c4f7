/*!
What a scan finds, in batches as it goes on: memory does not grow with what is
found.

Inputs are read on several threads, and given in their order. A thread waits
where it is some batches, or some inputs, ahead of whoever takes them.
*/

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use t1053::{Detector, Keep, Scanner};

use crate::detector::Program;
use crate::error::{InternalError, guarded, internal};
use crate::found::Found;
use crate::input::Source;
use crate::part::{Bad, Part};
use crate::scan::{
    How, Outcome, Run, Seen, Settings, scan, sources, streams, tick,
};

/// How often signals are looked for and progress is shown.
const TICK: Duration = Duration::from_millis(50);

/// Batches that a stream may be ahead of whoever takes them. Each has a few
/// thousand findings at most.
const MOST_AHEAD: usize = 2;

/// Why an input ended: its place, why it could not be read to its end, lines
/// to tell and an exit status.
type Ended = (usize, Option<String>, Vec<String>, u8);

/// A batch: findings, records that could not be read, and the input that
/// ended with it, if one did.
type Batch = (Found, Vec<Bad>, Option<Ended>);

/// What a thread sends.
enum Sent {
    Part(Box<Part>, Vec<Bad>),
    /// The end of an input, by its place.
    End(usize, Box<Outcome>),
    Failed(PyErr),
}

/// A scan whose findings are taken batch by batch. Threads that share one
/// take turns.
#[pyclass(frozen, module = "t1053._t1053")]
pub(crate) struct Batches {
    detector: Detector,
    keep: Arc<Keep>,
    shared: Arc<Shared>,
    total: u64,
    state: Mutex<State>,
}

/// What the threads of a scan share with whoever takes its findings.
#[derive(Default)]
struct Shared {
    run: Run,
    turns: Mutex<Turns>,
    changed: Condvar,
}

/// Which streams are scanned.
#[derive(Default)]
struct Turns {
    /// How many were begun.
    begun: usize,
    /// How many were taken to their end.
    taken: usize,
}

#[derive(Default)]
struct State {
    /// What each stream that is not at its end sends, in their order.
    streams: VecDeque<Receiver<Sent>>,
    /// Of the streams that have ended, and of the one at hand.
    seen: Seen,
    current: Seen,
}

impl Shared {
    /// The next stream to scan, once it is not too far ahead; none where all
    /// were begun or the scan is given up.
    fn claim(&self, streams: usize, most_ahead: usize) -> Option<usize> {
        let mut turns = self.turns.lock().ok()?;
        loop {
            if self.run.stop.load(Ordering::Relaxed) || turns.begun >= streams
            {
                return None;
            }
            if turns.begun < turns.taken.saturating_add(most_ahead) {
                let at = turns.begun;
                turns.begun = at.saturating_add(1);
                return Some(at);
            }
            turns = self.changed.wait(turns).ok()?;
        }
    }

    fn is_taken(&self) {
        let turns = self.turns.lock();
        let mut turns = turns.unwrap_or_else(PoisonError::into_inner);
        turns.taken = turns.taken.saturating_add(1);
        self.changed.notify_all();
    }

    fn give_up(&self) {
        self.run.stop.store(true, Ordering::Relaxed);
        // Whoever waits has looked at the mark before, or does so now.
        drop(self.turns.lock());
        self.changed.notify_all();
    }
}

/// Scans the inputs of a stream one after the other, and sends what is found.
fn scan_stream(
    scanner: &mut Scanner,
    settings: &Settings,
    sources: &[Source],
    stream: &[usize],
    shared: &Shared,
    send: &SyncSender<Sent>,
) {
    for &index in stream {
        let Some(source) = sources.get(index) else { return };
        let mut flush = |part: Part, unreadable: Vec<Bad>| match send
            .send(Sent::Part(Box::new(part), unreadable))
        {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let scanned = catch_unwind(AssertUnwindSafe(|| {
            let taking = settings.taking.clone();
            scan(scanner, taking, source, &shared.run, Some(&mut flush))
        }));
        let (sent, is_last) = match scanned {
            Ok(outcome) => (Sent::End(index, Box::new(outcome)), false),
            Err(panic) => (Sent::Failed(internal(panic.as_ref())), true),
        };
        if send.send(sent).is_err() || is_last {
            return;
        }
    }
}

impl Batches {
    /// Begins a scan of streams, each of some sources.
    fn begin(
        settings: Settings,
        sources: Vec<Source>,
        streams: Vec<Vec<usize>>,
        threads: usize,
    ) -> Batches {
        let detector = settings.detector.clone();
        let keep = settings.taking.keep.clone();
        let total = sources.iter().map(Source::size).sum();
        let (run, threads) = Run::of_threads(threads, streams.len());
        let shared = Arc::new(Shared { run, ..Shared::default() });
        let (mut sends, mut receives) = (Vec::new(), VecDeque::new());
        for _ in &streams {
            let (send, receive) = sync_channel(MOST_AHEAD);
            sends.push(Mutex::new(Some(send)));
            receives.push_back(receive);
        }
        let work = Arc::new((settings, sources, streams, sends));
        for _ in 0..threads {
            let (work, shared) = (work.clone(), shared.clone());
            thread::spawn(move || {
                let (settings, sources, streams, sends) = &*work;
                let most_ahead = threads.saturating_mul(2);
                while let Some(at) = shared.claim(streams.len(), most_ahead) {
                    let send = sends.get(at).and_then(|send| {
                        send.lock().ok().and_then(|mut send| send.take())
                    });
                    let (Some(send), Some(stream)) = (send, streams.get(at))
                    else {
                        return;
                    };
                    match settings.scanner() {
                        Ok(mut scanner) => scan_stream(
                            &mut scanner,
                            settings,
                            sources,
                            stream,
                            &shared,
                            &send,
                        ),
                        // The memory was there for the first.
                        Err(error) => {
                            let _ = send.send(Sent::Failed(error));
                        }
                    }
                }
                shared.run.is_idle();
            });
        }
        let state = State { streams: receives, ..State::default() };
        let state = Mutex::new(state);
        Batches { detector, keep, shared, total, state }
    }

    /// What comes next within a tick: `None` where nothing did.
    fn receive(&self) -> PyResult<Option<Option<Sent>>> {
        let broken = || InternalError::new_err("a scan ended with a defect");
        let mut state = self.state.lock().map_err(|_| broken())?;
        let Some(stream) = state.streams.front() else {
            return Ok(Some(None));
        };
        match stream.recv_timeout(TICK) {
            Ok(sent) => {
                if let Sent::End(_, outcome) = &sent {
                    state.current = outcome.seen.clone();
                }
                Ok(Some(Some(sent)))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => {
                let State { streams, seen, current } = &mut *state;
                streams.pop_front();
                seen.add(current);
                *current = Seen::default();
                self.shared.is_taken();
                Ok(None)
            }
        }
    }
}

#[pymethods]
impl Batches {
    /// Scans paths, bytes and `None`, which is standard input: each as a
    /// stream of its own, or all together as one.
    #[new]
    fn new(
        program: &Program,
        inputs: Vec<Bound<'_, PyAny>>,
        how: How,
        threads: usize,
        together: bool,
    ) -> PyResult<Batches> {
        guarded(|| {
            let settings = Settings::new(program, how)?;
            // A setting out of range is an error before any input is opened.
            drop(settings.scanner()?);
            let sources = sources(&inputs)?;
            let streams = streams(sources.len(), together);
            Ok(Batches::begin(settings, sources, streams, threads))
        })
    }

    /// Scans an object with a `read` method.
    #[staticmethod]
    fn of_reader(
        program: &Program,
        reader: Py<PyAny>,
        path: Option<String>,
        how: How,
    ) -> PyResult<Batches> {
        guarded(|| {
            let settings = Settings::new(program, how)?;
            drop(settings.scanner()?);
            let source = Source::Object(reader, path.map(Arc::from));
            Ok(Batches::begin(settings, vec![source], vec![vec![0]], 1))
        })
    }

    /// The next batch; `None` where all is read.
    #[pyo3(signature = (progress=None))]
    fn next(
        &self,
        py: Python<'_>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Option<Batch>> {
        guarded(|| {
            let mut ticked = Instant::now();
            loop {
                let received = py.detach(|| self.receive());
                let received = received.inspect_err(|_| self.close())?;
                if received.is_none() || ticked.elapsed() >= TICK {
                    ticked = Instant::now();
                    let done = &self.shared.run.done;
                    let shown = tick(progress.as_ref(), done, self.total);
                    shown.inspect_err(|_| self.close())?;
                }
                let (part, unreadable, ended) = match received {
                    None => continue,
                    Some(None) => return Ok(None),
                    Some(Some(sent)) => match sent {
                        Sent::Part(part, unreadable) => {
                            (*part, unreadable, None)
                        }
                        Sent::End(at, outcome) => {
                            if let Some(error) = outcome.error {
                                self.close();
                                return Err(error);
                            }
                            let told = outcome.told;
                            let ended =
                                (at, outcome.failure, told.lines, told.status);
                            (outcome.part, outcome.unreadable, Some(ended))
                        }
                        Sent::Failed(error) => {
                            self.close();
                            return Err(error);
                        }
                    },
                };
                let keep = self.keep.clone();
                let found = Found::new(&self.detector, keep, vec![part]);
                return Ok(Some((found, unreadable, ended)));
            }
        })
    }

    /// What was seen of the inputs that were read to their end.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(|| {
            let seen = py.detach(|| {
                let state = self.state.lock();
                let state = state.unwrap_or_else(PoisonError::into_inner);
                let mut seen = state.seen.clone();
                seen.add(&state.current);
                seen
            });
            seen.dict(py, &self.detector)
        })
    }

    /// Gives the scan up: no more is read.
    fn close(&self) {
        self.shared.give_up();
        // Whoever sends learns that nobody takes it.
        if let Ok(mut state) = self.state.lock() {
            state.streams.clear();
        }
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        self.close();
    }
}

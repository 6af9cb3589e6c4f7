/*!
Typed events to matches.
*/

use core::ffi::c_void;
use core::mem::offset_of;
use core::ops::ControlFlow;
use std::sync::Arc;

use t1053::{Correlator, Scratch};

use crate::detection::Shared;
use crate::detector::t1053_detector;
use crate::event::{self, t1053_event};
use crate::found::{Evidence, Origin, Sink, t1053_on_match};
use crate::guard::{Turn, ended, guard, status};
use crate::pointer::{self, Growing};
use crate::reserve;
use crate::state::{self, t1053_restored, t1053_sequence_counts};
use crate::status::t1053_status;
use crate::verdict::{Judge, t1053_on_verdict};

/// Evaluates events that the caller builds. Make one for each thread: it is
/// memory to work in, and remembers the beginnings of sequences.
pub struct t1053_evaluator {
    turn: Turn<Work>,
}

pub(crate) struct Work {
    pub(crate) shared: Arc<Shared>,
    pub(crate) scratch: Scratch,
    correlator: Correlator,
    pub(crate) evidence: Evidence,
    judge: Judge,
    totals: Totals,
    /// Bytes of the longest value so far that there was memory for.
    longest: usize,
}

/// What an evaluator has done since it was made.
struct Totals {
    events: u64,
    matched_events: u64,
    /// Matches of each detection, by its index.
    hits: Box<[u64]>,
}

impl Totals {
    fn new(detections: usize) -> Totals {
        let hits = vec![0; detections].into();
        Totals { events: 0, matched_events: 0, hits }
    }

    /// Counts an event, and gives what counts its matches.
    fn event(&mut self) -> Tally<'_> {
        self.events = self.events.saturating_add(1);
        Tally { totals: self, has_matched: false }
    }
}

/// Counts the matches of one event.
struct Tally<'t> {
    totals: &'t mut Totals,
    has_matched: bool,
}

impl Tally<'_> {
    fn add(&mut self, detection: usize) {
        let Totals { matched_events, hits, .. } = &mut *self.totals;
        if !core::mem::replace(&mut self.has_matched, true) {
            *matched_events = matched_events.saturating_add(1);
        }
        if let Some(hits) = hits.get_mut(detection) {
            *hits = hits.saturating_add(1);
        }
    }
}

/// Bytes of the longest value for which all memory is there.
const USUAL_VALUE: usize = 64 << 10;

/// Bytes of memory that a longer value takes at most for each of its own: a
/// task definition is written once more without its escapes, in a list that
/// doubles as it grows.
const MEMORY_FOR_BYTE: usize = 3;

impl Work {
    /// Sees that there is memory for an event whose longest value has so many
    /// bytes.
    fn make_room(&mut self, longest: usize) -> Result<(), t1053_status> {
        if longest <= self.longest {
            return reserve::check(0);
        }
        reserve::check(longest.saturating_mul(MEMORY_FOR_BYTE))?;
        self.longest = longest;
        Ok(())
    }
}

impl t1053_evaluator {
    /// Its work, if nobody else is at it.
    pub(crate) fn with<R>(
        &self,
        body: impl FnOnce(&mut Work) -> Result<R, t1053_status>,
    ) -> Result<R, t1053_status> {
        self.turn.with(body)
    }
}

/// Makes an evaluator. `sequence_capacity` is how many keys of sequences (a
/// task on a host) it remembers, of about 160 bytes each: 1 to 1048576, or 0
/// for the usual 65536. The memory is reserved at once and touched only when
/// it is used. When there is no room for another key, one goes that no event
/// in order can complete any more, or else the oldest of the detection that
/// has the most.
///
/// T1053_OUT_OF_RANGE for a capacity that is not allowed, T1053_OUT_OF_MEMORY
/// when there is no memory for it. Writes `*evaluator`, which the caller frees
/// with t1053_evaluator_free(). Any thread. Allocates all that evaluation ever
/// needs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_new(
    detector: *const t1053_detector,
    sequence_capacity: usize,
    evaluator: *mut *mut t1053_evaluator,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let shared = &unsafe { pointer::shared(detector) }?.shared;
        // SAFETY: the caller gives a place for the result.
        let evaluator = unsafe { pointer::place(evaluator) }?;
        let made = made(shared, 0, sequence_capacity)?;
        evaluator.write(Box::into_raw(made));
        Ok(())
    })
}

/// A flag of t1053_evaluator_options: sequences and counts are not looked for,
/// and no memory is taken for them.
pub const T1053_EVALUATOR_NO_SEQUENCES: u32 = 1;

/// A flag of t1053_evaluator_options: memory for command lines, scripts and
/// task definitions is taken when an event first has one. It is 0.6 MB less to
/// begin with; t1053_evaluate() allocates for the first such events, and
/// T1053_OUT_OF_MEMORY where that cannot be had.
pub const T1053_EVALUATOR_GROWS: u32 = 2;

/// Settings of an evaluator. Set everything to zero first, then `struct_size`,
/// then what is to be other than usual.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_evaluator_options {
    /// `sizeof(t1053_evaluator_options)`.
    pub struct_size: usize,
    /// T1053_EVALUATOR_NO_SEQUENCES, T1053_EVALUATOR_GROWS, both, or 0;
    /// T1053_UNKNOWN_FLAG for any other bit.
    pub flags: u32,
    /// 0; keeps the struct without gaps.
    pub reserved: u32,
    /// As of t1053_evaluator_new().
    pub sequence_capacity: usize,
}

// SAFETY: as asked; numbers.
unsafe impl Growing for t1053_evaluator_options {
    const FIRST_SIZE: usize =
        offset_of!(t1053_evaluator_options, sequence_capacity)
            + size_of::<usize>();
}

/// Makes an evaluator with other than the usual settings; `options` may be
/// NULL. Else as t1053_evaluator_new().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_make(
    detector: *const t1053_detector,
    options: *const t1053_evaluator_options,
    evaluator: *mut *mut t1053_evaluator,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let shared = &unsafe { pointer::shared(detector) }?.shared;
        // SAFETY: the caller gives a place for the result.
        let evaluator = unsafe { pointer::place(evaluator) }?;
        let (mut flags, mut capacity) = (0, 0);
        if !options.is_null() {
            // SAFETY: the caller's options.
            let options = unsafe { pointer::grown(options) }?;
            (flags, capacity) = (options.flags, options.sequence_capacity);
        }
        let made = made(shared, flags, capacity)?;
        evaluator.write(Box::into_raw(made));
        Ok(())
    })
}

fn made(
    shared: &Arc<Shared>,
    flags: u32,
    capacity: usize,
) -> Result<Box<t1053_evaluator>, t1053_status> {
    let known = T1053_EVALUATOR_NO_SEQUENCES | T1053_EVALUATOR_GROWS;
    if flags & !known != 0 {
        return Err(t1053_status::T1053_UNKNOWN_FLAG);
    }
    let detector = &shared.detector;
    reserve::made(0, || {
        let turn = Turn::new(Work {
            shared: shared.clone(),
            scratch: match flags & T1053_EVALUATOR_GROWS {
                0 => Scratch::new(detector),
                _ => Scratch::growing(detector),
            },
            correlator: match flags & T1053_EVALUATOR_NO_SEQUENCES {
                0 => state::correlator(detector, capacity)?,
                _ => Correlator::off(detector),
            },
            evidence: Evidence::new(),
            judge: Judge::new(shared.detections.len()),
            totals: Totals::new(shared.detections.len()),
            longest: USUAL_VALUE,
        });
        Ok(Box::new(t1053_evaluator { turn }))
    })
}

/// Writes to `*bytes` how much memory an evaluator holds, besides its detector:
/// with its sequences, all that they ever will, of which they touch what their
/// keys need.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_memory(
    evaluator: *const t1053_evaluator,
    bytes: *mut usize,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        // SAFETY: the caller gives a place for the result.
        let bytes = unsafe { pointer::place(bytes) }?;
        evaluator.turn.with(|work| {
            let Work { scratch, correlator, evidence, judge, totals, .. } =
                &*work;
            let hits = size_of_val(&*totals.hits);
            let own = [size_of::<Work>(), scratch.memory_usage(), hits];
            let lists = [evidence.memory_usage(), judge.memory_usage()];
            let all = own.into_iter().chain(lists);
            let all = all.chain([correlator.memory_usage()]);
            bytes.write(all.fold(0, usize::saturating_add));
            Ok(())
        })
    })
}

/// Frees an evaluator; NULL is accepted. Within its own callback it does
/// nothing.
///
/// No other thread may be using the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_free(
    evaluator: *mut t1053_evaluator,
) {
    guard((), || {
        // SAFETY: NULL or a handle, by the caller's word.
        let idle = unsafe { pointer::shared(evaluator) };
        if idle.is_ok_and(|it| it.turn.is_idle()) {
            // SAFETY: made by `t1053_evaluator_new`, and given up.
            drop(unsafe { Box::from_raw(evaluator) });
        }
    });
}

/// Forgets the beginnings of sequences.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_reset(
    evaluator: *mut t1053_evaluator,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        evaluator.turn.with(|work| {
            work.correlator.clear();
            Ok(())
        })
    })
}

/// Finds the detections that an event matches, and the sequences that it
/// completes, and hands each to `on_match` in the order of their slugs,
/// sequences last.
///
/// T1053_STOPPED when the callback asked to stop; the next event is taken as
/// usual. One thread at a time. Does not allocate (but for a task definition
/// of more than 64 KiB of escaped text or 128 actions, once). Takes time in
/// proportion to the bytes of the values that detections look at.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluate(
    evaluator: *mut t1053_evaluator,
    event: *const t1053_event,
    on_match: t1053_on_match,
    user: *mut c_void,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        // SAFETY: the caller's event stays as it is during the call.
        let (event, longest) = unsafe { event::borrow_sized(event) }?;
        let on_match = on_match.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        evaluator.turn.with(|work| {
            work.make_room(longest)?;
            let Work { shared, scratch, correlator, evidence, totals, .. } =
                work;
            let mut sink = Sink { shared, evidence, on_match, user };
            let mut flow = ControlFlow::Continue(());
            let mut tally = totals.event();
            correlator.observe(&event, scratch, |found| {
                tally.add(found.index());
                sink.report_next(found, &mut flow);
            });
            ended(flow)
        })
    })
}

/// As t1053_evaluate(), and then hands `on_verdict` what all that the event
/// matches by itself means together; nothing where it matches nothing.
///
/// `on_match` may be NULL. Sequences are found and handed to it; being of
/// several events, they are no part of the verdict. T1053_STOPPED when a
/// callback asked to stop: when `on_match` did, there is no verdict. One
/// thread at a time. Does not allocate (but for what t1053_evaluate() does).
/// Takes the time of t1053_evaluate(), and a look at each match.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluate_verdict(
    evaluator: *mut t1053_evaluator,
    event: *const t1053_event,
    on_match: t1053_on_match,
    on_verdict: t1053_on_verdict,
    user: *mut c_void,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        // SAFETY: the caller's event stays as it is during the call.
        let (event, longest) = unsafe { event::borrow_sized(event) }?;
        let on_verdict =
            on_verdict.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        evaluator.turn.with(|work| {
            work.make_room(longest)?;
            let Work {
                shared,
                scratch,
                correlator,
                evidence,
                judge,
                totals,
                ..
            } = work;
            let mut tally = totals.event();
            let mut sink = on_match.map(|on_match| Sink {
                shared,
                evidence,
                on_match,
                user,
            });
            let mut flow = ControlFlow::Continue(());
            let matches = correlator.observe(&event, scratch, |found| {
                tally.add(found.index());
                if let Some(sink) = &mut sink {
                    sink.report_next(found, &mut flow);
                }
            });
            if let Some(verdict) = matches.verdict()
                && flow.is_continue()
            {
                let origin = Origin::default();
                flow = judge.tell(&verdict, origin, on_verdict, user);
            }
            ended(flow)
        })
    })
}

/// t1053_evaluate() without sequences: for many evaluators that share one
/// t1053_correlator. Hands the detections that the event matches by itself to
/// `on_match`, and writes `*is_part`: 1 if the event is part of a sequence or
/// a count, so that t1053_correlator_take() is to have it, or 0. What the
/// evaluator remembers itself stays as it is.
///
/// `*is_part` is written on T1053_STOPPED, too. Otherwise as t1053_evaluate().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluate_alone(
    evaluator: *mut t1053_evaluator,
    event: *const t1053_event,
    on_match: t1053_on_match,
    user: *mut c_void,
    is_part: *mut i32,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        // SAFETY: the caller's event stays as it is during the call.
        let (event, longest) = unsafe { event::borrow_sized(event) }?;
        let on_match = on_match.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        // SAFETY: the caller gives a place for the result.
        let is_part = unsafe { pointer::place(is_part) }?;
        evaluator.turn.with(|work| {
            work.make_room(longest)?;
            let Work { shared, scratch, evidence, totals, .. } = work;
            let mut sink = Sink { shared, evidence, on_match, user };
            let mut tally = totals.event();
            let mut flow = ControlFlow::Continue(());
            for found in shared.detector.evaluate(&event, scratch) {
                tally.add(found.index());
                sink.report_next(&found, &mut flow);
            }
            is_part.write(i32::from(scratch.is_part()));
            ended(flow)
        })
    })
}

/// Writes what the evaluator had to leave out of sequences to `*counts`,
/// whose `struct_size` the caller has set.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_counts(
    evaluator: *const t1053_evaluator,
    counts: *mut t1053_sequence_counts,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        evaluator.turn.with(|work| {
            let now = state::counts(
                work.correlator.counts(),
                work.correlator.keys(),
            );
            // SAFETY: the caller's struct, as long as it says.
            unsafe { pointer::give_grown(counts, now) }
        })
    })
}

/// What an evaluator has done since it was made.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_evaluator_totals {
    /// `sizeof(t1053_evaluator_totals)`, set by the caller.
    pub struct_size: usize,
    /// Events that were evaluated.
    pub events: u64,
    /// Events that something matched.
    pub matched_events: u64,
    /// Matches, sequences among them: what was handed to callbacks, and what
    /// one that asked to stop was not given any more.
    pub matches: u64,
}

// SAFETY: as asked; numbers.
unsafe impl Growing for t1053_evaluator_totals {
    const FIRST_SIZE: usize =
        offset_of!(t1053_evaluator_totals, matches) + size_of::<u64>();
}

/// Writes what an evaluator has done to `*totals`, whose `struct_size` the
/// caller has set. Events that a status other than T1053_OK and T1053_STOPPED
/// refused are not among it.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_total(
    evaluator: *const t1053_evaluator,
    totals: *mut t1053_evaluator_totals,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        evaluator.turn.with(|work| {
            let Totals { events, matched_events, hits } = &work.totals;
            let now = t1053_evaluator_totals {
                struct_size: size_of::<t1053_evaluator_totals>(),
                events: *events,
                matched_events: *matched_events,
                matches: hits
                    .iter()
                    .fold(0, |all, one| all.saturating_add(*one)),
            };
            // SAFETY: the caller's struct, as long as it says.
            unsafe { pointer::give_grown(totals, now) }
        })
    })
}

/// Writes to `*count` how many of an evaluator's matches are of the detection
/// at an index, since it was made: which detections fire, and which never do.
///
/// T1053_OUT_OF_RANGE where the detector has no such detection. One thread at
/// a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_hits(
    evaluator: *const t1053_evaluator,
    detection_index: usize,
    count: *mut u64,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        evaluator.turn.with(|work| {
            // SAFETY: as the caller's.
            unsafe {
                pointer::give_one(&work.totals.hits, detection_index, count)
            }
        })
    })
}

/// Writes what the evaluator remembers of sequences into `buffer`, as
/// t1053_correlator_save() does; t1053_correlator_restore() takes it, too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_save(
    evaluator: *const t1053_evaluator,
    buffer: *mut c_void,
    capacity: usize,
    needed: *mut usize,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        evaluator.turn.with(|work| {
            let correlator = &work.correlator;
            let held = correlator.memory_usage();
            let save = || correlator.save();
            // SAFETY: the caller gives `capacity` bytes, and a place.
            unsafe { state::give(held, save, buffer, capacity, needed) }
        })
    })
}

/// Takes over what t1053_evaluator_save() or t1053_correlator_save() wrote,
/// as t1053_correlator_restore() does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_restore(
    evaluator: *mut t1053_evaluator,
    state: *const c_void,
    state_len: usize,
    restored: *mut t1053_restored,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        evaluator.turn.with(|work| {
            let take = |state: &[u8]| work.correlator.restore(state);
            // SAFETY: the caller gives `state_len` bytes, and NULL or a
            // struct as long as it says.
            unsafe { state::take(state, state_len, restored, take) }
        })
    })
}

/// t1053_evaluate() without a callback: writes the indices in the detector
/// of what matches into `indices`, as many as `capacity` has room for.
///
/// Writes `*count`: how many there are, which may be more than fit, but is
/// never more than t1053_detector_count(). One thread at a time. Does not
/// allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluate_indices(
    evaluator: *mut t1053_evaluator,
    event: *const t1053_event,
    indices: *mut u32,
    capacity: usize,
    count: *mut usize,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        // SAFETY: the caller's event stays as it is during the call.
        let (event, longest) = unsafe { event::borrow_sized(event) }?;
        // SAFETY: the caller gives a place for the result.
        let count = unsafe { pointer::place(count) }?;
        if capacity > 0 {
            // SAFETY: the caller gives room for `capacity` of them.
            unsafe { pointer::place(indices) }?;
        }
        evaluator.turn.with(|work| {
            work.make_room(longest)?;
            let Work { scratch, correlator, totals, .. } = work;
            let mut tally = totals.event();
            let mut found = 0_usize;
            let mut add = |index: usize| {
                tally.add(index);
                if found < capacity {
                    // SAFETY: checked above; within the capacity.
                    unsafe { indices.add(found).write(index as u32) };
                }
                found = found.saturating_add(1);
            };
            correlator.observe(&event, scratch, |it| {
                add(it.index());
            });
            count.write(found);
            Ok(())
        })
    })
}

/// t1053_evaluate() of several events, one after the other: `events` is an
/// array of `count` pointers. `record` of a match is the place of its event in
/// it.
///
/// Writes `*done`: how many events were evaluated, also where the call ends
/// with one that is not: T1053_STOPPED where the callback asked to stop, any
/// other status for what is wrong with the event at that place. One thread at
/// a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluate_many(
    evaluator: *mut t1053_evaluator,
    events: *const *const t1053_event,
    count: usize,
    on_match: t1053_on_match,
    user: *mut c_void,
    done: *mut usize,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        // SAFETY: the caller gives `count` pointers.
        let events = unsafe { pointer::slice(events, count) }?;
        let on_match = on_match.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        // SAFETY: the caller gives a place for the result.
        let done = unsafe { pointer::place(done) }?;
        done.write(0);
        evaluator.turn.with(|work| {
            for (place, event) in (0_usize..).zip(events) {
                done.write(place);
                // SAFETY: the caller's event stays as it is during the call.
                let (event, longest) = unsafe { event::borrow_sized(*event) }?;
                work.make_room(longest)?;
                let Work {
                    shared, scratch, correlator, evidence, totals, ..
                } = &mut *work;
                let mut tally = totals.event();
                let mut sink = Sink { shared, evidence, on_match, user };
                let mut flow = ControlFlow::Continue(());
                let origin = Origin::at(place as u64);
                correlator.observe(&event, scratch, |found| {
                    tally.add(found.index());
                    if flow.is_continue() {
                        flow = sink.report(found, origin);
                    }
                });
                done.write(place.saturating_add(1));
                ended(flow)?;
            }
            Ok(())
        })
    })
}

/*!
Sequences over many evaluators, or many scanners.
*/

use core::ffi::c_void;
use core::ops::ControlFlow;

use t1053::{Correlator, Timestamp};

use crate::detector::t1053_detector;
use crate::evaluator::t1053_evaluator;
use crate::event::{self, t1053_event};
use crate::found::{Origin, Sink, t1053_on_match};
use crate::guard::{Turn, ended, guard, status};
use crate::pointer;
use crate::reserve;
use crate::sequence_event::t1053_sequence_event;
use crate::state::{self, t1053_restored, t1053_sequence_counts};
use crate::status::t1053_status;

/// Remembers the events of sequences and counts that many evaluators or
/// scanners have met: one for all of them, behind a lock of the caller's; or
/// one for each part of the events, where the parts are of different hosts.
pub struct t1053_correlator {
    turn: Turn<Correlator>,
}

/// Makes a correlator. `sequence_capacity` is as for t1053_evaluator_new().
///
/// T1053_OUT_OF_RANGE for a capacity that is not allowed, T1053_OUT_OF_MEMORY
/// when there is no memory for it. Writes `*correlator`, which the caller
/// frees with t1053_correlator_free(). Any thread. Allocates all that it will
/// ever need.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_new(
    detector: *const t1053_detector,
    sequence_capacity: usize,
    correlator: *mut *mut t1053_correlator,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let shared = &unsafe { pointer::shared(detector) }?.shared;
        // SAFETY: the caller gives a place for the result.
        let correlator = unsafe { pointer::place(correlator) }?;
        let made = reserve::made(0, || {
            let detector = &shared.detector;
            let made = state::correlator(detector, sequence_capacity)?;
            Ok(Box::new(t1053_correlator { turn: Turn::new(made) }))
        })?;
        correlator.write(Box::into_raw(made));
        Ok(())
    })
}

/// Frees a correlator; NULL is accepted. Within its own callback it does
/// nothing.
///
/// No other thread may be using the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_free(
    correlator: *mut t1053_correlator,
) {
    guard((), || {
        // SAFETY: NULL or a handle, by the caller's word.
        let idle = unsafe { pointer::shared(correlator) };
        if idle.is_ok_and(|it| it.turn.is_idle()) {
            // SAFETY: made by `t1053_correlator_new`, and given up.
            drop(unsafe { Box::from_raw(correlator) });
        }
    });
}

unsafe fn with(
    correlator: *const t1053_correlator,
    body: impl FnOnce(&mut Correlator) -> Result<(), t1053_status>,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let correlator = unsafe { pointer::shared(correlator) }?;
        correlator.turn.with(body)
    })
}

/// Takes in an event that t1053_evaluate_alone() has just evaluated with
/// `evaluator` and said to be part of something, and hands the sequences and
/// counts that it completes to `on_match`. The event is as it was then.
///
/// T1053_OTHER_DETECTOR where the evaluator is of another detector than the
/// correlator: nothing is taken. T1053_STOPPED when the callback asked to
/// stop; the event is taken all the same. One thread at a time, for both
/// handles. Does not allocate. Costs the same however much is remembered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_take(
    correlator: *mut t1053_correlator,
    evaluator: *mut t1053_evaluator,
    event: *const t1053_event,
    on_match: t1053_on_match,
    user: *mut c_void,
) -> t1053_status {
    let body = |correlator: &mut Correlator| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        // SAFETY: the caller's event stays as it is during the call.
        let event = unsafe { event::borrow(event) }?;
        let on_match = on_match.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        evaluator.with(|work| {
            let (shared, scratch) = (&work.shared, &work.scratch);
            let evidence = &mut work.evidence;
            let mut sink = Sink { shared, evidence, on_match, user };
            let mut flow = ControlFlow::Continue(());
            correlator.take(&event, scratch, |found| {
                sink.report_next(found, &mut flow);
            })?;
            ended(flow)
        })
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(correlator, body) }
}

/// Takes in an event that a scanner has just handed to `on_sequence_event` of
/// its options, and hands the sequences and counts that it completes to
/// `on_match`: with the record of this event, whichever scanners the others
/// came from. The scanner does not count them among its own matches.
///
/// T1053_OTHER_DETECTOR where the scanner is of another detector than the
/// correlator; T1053_STOPPED when the callback asked to stop: the event is
/// taken all the same, and the scan goes on unless `on_sequence_event` returns
/// that, too. Only within the callback that `event` was given to, and one
/// thread at a time for the correlator: a lock around this call is enough.
/// Does not allocate. Costs the same however much is remembered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_take_sequence_event(
    correlator: *mut t1053_correlator,
    event: *const t1053_sequence_event,
    on_match: t1053_on_match,
    user: *mut c_void,
) -> t1053_status {
    let body = |correlator: &mut Correlator| {
        // SAFETY: of the callback that we are in, by the caller's word.
        let event = unsafe { pointer::shared(event) }?;
        let on_match = on_match.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        let t1053_sequence_event { shared, keep, event, evidence } = event;
        evidence.with(|evidence| {
            let mut sink = Sink { shared, evidence, on_match, user };
            let mut flow = ControlFlow::Continue(());
            event.correlate(correlator, |found| {
                if flow.is_continue() {
                    let place = found.place(None);
                    let origin = Origin::of(place, found.source, keep);
                    flow = sink.report(&found.found, origin);
                }
            })?;
            ended(flow)
        })
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(correlator, body) }
}

/// Forgets all events, and sets the counts to zero; keeps the memory.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_reset(
    correlator: *mut t1053_correlator,
) -> t1053_status {
    let body = |correlator: &mut Correlator| {
        correlator.clear();
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(correlator, body) }
}

/// Forgets what happened before a time, in ticks of 100 nanoseconds since
/// 1970. Not needed for the sake of memory, which is bounded: for a host that
/// must not keep data for longer.
///
/// One thread at a time. Does not allocate. Takes time in proportion to what
/// is remembered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_expire(
    correlator: *mut t1053_correlator,
    before: i64,
) -> t1053_status {
    let body = |correlator: &mut Correlator| {
        correlator.expire(Timestamp::from_ticks(before));
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(correlator, body) }
}

/// Writes what the correlator had to leave out to `*counts`, whose
/// `struct_size` the caller has set.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_counts(
    correlator: *const t1053_correlator,
    counts: *mut t1053_sequence_counts,
) -> t1053_status {
    let body = |correlator: &mut Correlator| {
        let now = state::counts(correlator.counts(), correlator.keys());
        // SAFETY: the caller's struct, as long as it says.
        unsafe { pointer::give_grown(counts, now) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(correlator, body) }
}

/// t1053_correlator_counts() of one detection, by its index in the detector;
/// `keys` is that of all. All 0 for one that needs a single event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_counts_of(
    correlator: *const t1053_correlator,
    detection_index: usize,
    counts: *mut t1053_sequence_counts,
) -> t1053_status {
    let body = |correlator: &mut Correlator| {
        let of_it = correlator.counts_of(detection_index);
        let now = state::counts(of_it, correlator.keys());
        // SAFETY: the caller's struct, as long as it says.
        unsafe { pointer::give_grown(counts, now) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(correlator, body) }
}

/// Writes what the correlator remembers into `buffer`: the same bytes on every
/// platform, with a version and a checksum. What t1053_correlator_restore()
/// makes of them finds exactly what this one finds from here on.
///
/// Writes `*needed`: how many bytes there are, also on T1053_BUFFER_TOO_SMALL,
/// when nothing else is written. One thread at a time. Allocates, and takes
/// time, in proportion to what is remembered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_save(
    correlator: *const t1053_correlator,
    buffer: *mut c_void,
    capacity: usize,
    needed: *mut usize,
) -> t1053_status {
    let body = |correlator: &mut Correlator| {
        let (held, save) = (correlator.memory_usage(), || correlator.save());
        // SAFETY: the caller gives `capacity` bytes, and a place.
        unsafe { state::give(held, save, buffer, capacity, needed) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(correlator, body) }
}

/// Takes over what t1053_correlator_save() wrote, in place of what is
/// remembered and counted here. Where the detections are others, those that
/// are the same are taken over, and the rest dropped. `restored` may be NULL;
/// else its `struct_size` is set, and it tells what became of the state.
///
/// T1053_NOT_STATE, T1053_NEWER_STATE, T1053_TRUNCATED_STATE and
/// T1053_CORRUPT_STATE for bytes that are not what was saved: then everything
/// is as it was. One thread at a time. Allocates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_restore(
    correlator: *mut t1053_correlator,
    state: *const c_void,
    state_len: usize,
    restored: *mut t1053_restored,
) -> t1053_status {
    let body = |correlator: &mut Correlator| {
        let take = |state: &[u8]| correlator.restore(state);
        // SAFETY: the caller gives `state_len` bytes, and NULL or a struct as
        // long as it says.
        unsafe { state::take(state, state_len, restored, take) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(correlator, body) }
}

/// Writes to `*bytes` how much memory a correlator holds, besides its
/// detector: all that it ever will, of which it touches what its keys need.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_correlator_memory(
    correlator: *const t1053_correlator,
    bytes: *mut usize,
) -> t1053_status {
    let body = |correlator: &mut Correlator| {
        // SAFETY: the caller gives a place for the result.
        let bytes = unsafe { pointer::place(bytes) }?;
        bytes.write(correlator.memory_usage());
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(correlator, body) }
}

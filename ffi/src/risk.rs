/*!
The running risk of hosts and users.
*/

use core::ffi::{c_char, c_void};
use core::mem::offset_of;
use std::sync::Arc;

use t1053::{RiskReached, RiskTracker};

use crate::detection::{Shared, t1053_detection};
use crate::detector::t1053_detector;
use crate::found::{self, t1053_match};
use crate::guard::{Turn, guard, status};
use crate::pointer::{self, Growing, t1053_text};
use crate::reserve;
use crate::state::{self, t1053_restored};
use crate::status::t1053_status;

/// Adds up the published risk of what is found of each host and user within a
/// sliding time span, and tells when the sum reaches a threshold. Belongs to
/// one stream; matches of many evaluators may be given to one, behind a lock
/// of the caller's.
pub struct t1053_risk_tracker {
    turn: Turn<Work>,
}

struct Work {
    shared: Arc<Shared>,
    tracker: RiskTracker,
    /// Memory for the parts of one risk at a time.
    parts: Vec<t1053_risk_part>,
}

/// What a risk is inside of the library.
pub struct t1053_reached<'a>(&'a RiskReached<'a>);

/// What a detection adds to a risk. Members are never added: arrays are made
/// of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_risk_part {
    /// What is known of the detection; lives as long as the detector.
    pub detection: *const t1053_detection,
    /// Its index in the detector.
    pub detection_index: usize,
    /// When it was found last: ticks of 100 nanoseconds since 1970.
    pub time: i64,
    /// Its risk score.
    pub score: u32,
    /// 0; keeps the struct without gaps.
    pub reserved: u32,
}

/// A host or a user whose risk has reached the threshold. It and all that it
/// points to, but detections, lives for the callback only.
///
/// Only the library makes these; members may be added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_risk {
    /// Size of this struct in the library that is running.
    pub struct_size: usize,
    /// For t1053_risk_message() and t1053_risk_ndjson().
    pub reached: *const t1053_reached<'static>,
    /// What it is of: `host` or `user`.
    pub of: t1053_text,
    /// Its name, as the event has it.
    pub name: t1053_text,
    /// When the match happened that reached it: ticks of 100 nanoseconds
    /// since 1970.
    pub time: i64,
    /// What it is made of, in the order of detections.
    pub parts: *const t1053_risk_part,
    /// How many parts.
    pub parts_len: usize,
    /// The sum.
    pub score: u32,
    /// 0; keeps the struct without gaps.
    pub reserved: u32,
}

/// Takes a risk: `user` is what the caller gave with it. There is no
/// stopping: each risk is told once. Otherwise the rules of t1053_on_match
/// hold.
pub type t1053_on_risk =
    Option<unsafe extern "C" fn(user: *mut c_void, risk: *const t1053_risk)>;

/// What is remembered of hosts and users.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_risk_counts {
    /// `sizeof(t1053_risk_counts)`, set by the caller.
    pub struct_size: usize,
    /// Hosts and users that are remembered now.
    pub objects: u64,
    /// Those that were forgotten to make room.
    pub forgotten: u64,
}

// SAFETY: as asked; numbers.
unsafe impl Growing for t1053_risk_counts {
    const FIRST_SIZE: usize =
        offset_of!(t1053_risk_counts, forgotten) + size_of::<u64>();
}

/// Makes what adds up risk: `points` are the threshold, or 100 for 0;
/// `seconds` the time span, or a day for 0; `capacity` is how many hosts and
/// users are remembered, or 65536 for 0: when there are more, the one goes
/// that nothing was found of for longest, and is counted.
///
/// Writes `*tracker`, which the caller frees with t1053_risk_tracker_free().
/// Any thread. Memory grows with the hosts and users, about 150 bytes each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_risk_tracker_new(
    detector: *const t1053_detector,
    points: u32,
    seconds: u32,
    capacity: usize,
    tracker: *mut *mut t1053_risk_tracker,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let shared = &unsafe { pointer::shared(detector) }?.shared;
        // SAFETY: the caller gives a place for the result.
        let place = unsafe { pointer::place(tracker) }?;
        let made = reserve::made(0, || {
            let new = RiskTracker::new(&shared.detector);
            let mut tracker = new.seed(state::seed());
            if points != 0 {
                tracker = tracker.threshold(points);
            }
            if seconds != 0 {
                tracker = tracker.within(seconds);
            }
            if capacity != 0 {
                tracker = tracker.capacity(capacity);
            }
            let shared = shared.clone();
            let turn = Turn::new(Work { shared, tracker, parts: Vec::new() });
            Ok(Box::new(t1053_risk_tracker { turn }))
        })?;
        place.write(Box::into_raw(made));
        Ok(())
    })
}

/// Frees it; NULL is accepted. Within its own callback it does nothing.
///
/// No other thread may be using the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_risk_tracker_free(
    tracker: *mut t1053_risk_tracker,
) {
    guard((), || {
        // SAFETY: NULL or a handle, by the caller's word.
        let idle = unsafe { pointer::shared(tracker) };
        if idle.is_ok_and(|tracker| tracker.turn.is_idle()) {
            // SAFETY: made by `t1053_risk_tracker_new`, and given up.
            drop(unsafe { Box::from_raw(tracker) });
        }
    });
}

unsafe fn with(
    tracker: *const t1053_risk_tracker,
    body: impl FnOnce(&mut Work) -> Result<(), t1053_status>,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let tracker = unsafe { pointer::shared(tracker) }?;
        tracker.turn.with(body)
    })
}

/// Takes a match, within the callback that was given it, and hands to
/// `on_risk` each host and user whose risk reaches the threshold with it:
/// again only when it had fallen below in between. A match without a time, or
/// of a detection without a risk score, adds nothing.
///
/// T1053_OTHER_DETECTOR for a match of another detector. One thread at a
/// time. Allocates for what is new of a host or user.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_risk_tracker_take(
    tracker: *mut t1053_risk_tracker,
    found: *const t1053_match,
    on_risk: t1053_on_risk,
    user: *mut c_void,
) -> t1053_status {
    let body = |work: &mut Work| {
        // SAFETY: of the callback that we are in, by the caller's word.
        let found = unsafe { found::of(found, &work.shared) }?;
        let on_risk = on_risk.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        let Work { shared, tracker, parts } = work;
        tracker.take(found, |reached| {
            parts.clear();
            parts.extend(reached.parts.iter().map(|part| {
                let detection = shared.detections.get(part.index);
                t1053_risk_part {
                    detection: detection.map_or(core::ptr::null(), |one| one),
                    detection_index: part.index,
                    time: part.time.ticks(),
                    score: u32::from(part.score),
                    reserved: 0,
                }
            }));
            let inside = t1053_reached(reached);
            let risk = t1053_risk {
                struct_size: size_of::<t1053_risk>(),
                reached: core::ptr::from_ref(&inside).cast(),
                of: t1053_text::of(reached.of.name()),
                name: t1053_text::bytes(reached.name),
                time: reached.time.ticks(),
                parts: parts.as_ptr(),
                parts_len: parts.len(),
                score: reached.score,
                reserved: 0,
            };
            // SAFETY: the caller's function, called as it says; what it is
            // given lives until it returns.
            unsafe { on_risk(user, &raw const risk) };
        });
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(tracker, body) }
}

/// Writes what is remembered to `*counts`, whose `struct_size` the caller has
/// set.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_risk_tracker_counts(
    tracker: *const t1053_risk_tracker,
    counts: *mut t1053_risk_counts,
) -> t1053_status {
    let body = |work: &mut Work| {
        let now = t1053_risk_counts {
            struct_size: size_of::<t1053_risk_counts>(),
            objects: work.tracker.objects() as u64,
            forgotten: work.tracker.forgotten(),
        };
        // SAFETY: the caller's struct, as long as it says.
        unsafe { pointer::give_grown(counts, now) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(tracker, body) }
}

/// Writes what is known of hosts and users into `buffer`, as
/// t1053_correlator_save() does. Not the settings; names only as hashes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_risk_tracker_save(
    tracker: *const t1053_risk_tracker,
    buffer: *mut c_void,
    capacity: usize,
    needed: *mut usize,
) -> t1053_status {
    let body = |work: &mut Work| {
        let tracker = &work.tracker;
        let (held, save) = (tracker.memory_usage(), || tracker.save());
        // SAFETY: the caller gives `capacity` bytes, and a place.
        unsafe { state::give(held, save, buffer, capacity, needed) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(tracker, body) }
}

/// Takes over what t1053_risk_tracker_save() wrote, in place of what is known
/// here, as t1053_correlator_restore() does; `restored` counts as keys what
/// detections have added.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_risk_tracker_restore(
    tracker: *mut t1053_risk_tracker,
    state: *const c_void,
    state_len: usize,
    restored: *mut t1053_restored,
) -> t1053_status {
    let body = |work: &mut Work| {
        let take = |state: &[u8]| work.tracker.restore(state);
        // SAFETY: the caller gives `state_len` bytes, and NULL or a struct as
        // long as it says.
        unsafe { state::take(state, state_len, restored, take) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(tracker, body) }
}

/// What is inside of a caller's risk.
///
/// # Safety
///
/// NULL, misaligned, or what the callback was given, before it returns.
unsafe fn inside<'a>(
    risk: *const t1053_risk,
) -> Result<&'a RiskReached<'a>, t1053_status> {
    // SAFETY: as the caller's.
    let reached: &t1053_reached<'a> =
        unsafe { pointer::shared(pointer::shared(risk)?.reached.cast()) }?;
    Ok(reached.0)
}

/// Writes one line in plain words about a risk into a buffer: no line end, no
/// NUL. UTF-8, without control characters.
///
/// Returns how many bytes it has, which are all written if that is at most
/// `capacity`; if it is more, the beginning is. 0 when `risk` is NULL. Only
/// within the callback that `risk` was given to. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_risk_message(
    risk: *const t1053_risk,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    guard(0, || {
        // SAFETY: of the callback that we are in, by the caller's word.
        let Ok(reached) = (unsafe { inside(risk) }) else { return 0 };
        // SAFETY: the caller gives `capacity` bytes.
        unsafe { pointer::write(buffer, capacity, reached) }
    })
}

/// t1053_risk_message() as one line of NDJSON, with `schema`, `risk_object`,
/// `name`, `risk`, `time` and `detections`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_risk_ndjson(
    risk: *const t1053_risk,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    guard(0, || {
        // SAFETY: of the callback that we are in, by the caller's word.
        let Ok(reached) = (unsafe { inside(risk) }) else { return 0 };
        // SAFETY: the caller gives `capacity` bytes.
        unsafe { pointer::write(buffer, capacity, &reached.ndjson()) }
    })
}

/// Writes to `*bytes` how much memory hosts and users take, roughly.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_risk_tracker_memory(
    tracker: *const t1053_risk_tracker,
    bytes: *mut usize,
) -> t1053_status {
    let body = |work: &mut Work| {
        // SAFETY: the caller gives a place for the result.
        let bytes = unsafe { pointer::place(bytes) }?;
        bytes.write(work.tracker.memory_usage());
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(tracker, body) }
}

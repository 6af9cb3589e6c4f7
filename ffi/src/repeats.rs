/*!
Identical findings as one.
*/

use core::ffi::{c_char, c_void};
use core::mem::offset_of;
use std::sync::Arc;

use t1053::{Closed, Grouped, RepeatCounts, Repeats};

use crate::detection::{Shared, t1053_detection};
use crate::detector::t1053_detector;
use crate::found::{self, t1053_match};
use crate::guard::{Turn, guard, status};
use crate::names;
use crate::pointer::{self, Growing};
use crate::reserve;
use crate::state::{self, t1053_restored};
use crate::status::t1053_status;

/// Groups identical matches: those of one detection that have the same host,
/// user and message, within 5 minutes of the first. The first is to be shown,
/// those after it are counted, and their number is told when the time is
/// over. Belongs to one stream; matches of many evaluators may be given to
/// one, behind a lock of the caller's.
pub struct t1053_repeats {
    turn: Turn<Work>,
}

struct Work {
    shared: Arc<Shared>,
    repeats: Repeats,
}

/// What a group is inside of the library.
pub struct t1053_closed(Closed);

/// A group of identical matches that is complete. It lives for the callback
/// only, but `detection` as long as the detector.
///
/// Only the library makes these; members may be added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_group {
    /// Size of this struct in the library that is running.
    pub struct_size: usize,
    /// For t1053_group_ndjson().
    pub closed: *const t1053_closed,
    /// Its number, as t1053_repeats_take() told it.
    pub group: u64,
    /// What is known of the detection.
    pub detection: *const t1053_detection,
    /// Its index in the detector.
    pub detection_index: usize,
    /// How many matches there were besides the first that was shown.
    pub repeats: u64,
    /// When the earliest happened: ticks of 100 nanoseconds since 1970.
    pub first: i64,
    /// When the latest happened.
    pub last: i64,
}

/// Takes a group: `user` is what the caller gave with it. There is no
/// stopping: each group is told once. Otherwise the rules of t1053_on_match
/// hold.
pub type t1053_on_group =
    Option<unsafe extern "C" fn(user: *mut c_void, group: *const t1053_group)>;

/// What became of all matches. `groups`, `repeats` and `alone` are together
/// how many were taken.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_repeat_counts {
    /// `sizeof(t1053_repeat_counts)`, set by the caller.
    pub struct_size: usize,
    /// Groups that are open now.
    pub open: u64,
    /// Groups that were opened.
    pub groups: u64,
    /// Matches that were counted and not to be shown.
    pub repeats: u64,
    /// Matches without a time, or too late for the group that was open: shown,
    /// and part of no group.
    pub alone: u64,
    /// Groups that were closed before their time to make room.
    pub early: u64,
}

// SAFETY: as asked; numbers.
unsafe impl Growing for t1053_repeat_counts {
    const FIRST_SIZE: usize =
        offset_of!(t1053_repeat_counts, early) + size_of::<u64>();
}

/// Makes what groups matches. A group lasts `seconds` from its first match,
/// or 300 for 0; `capacity` groups may be open, or 65536 for 0: when there
/// are as many, the one that is over next is closed for each new one.
///
/// Writes `*repeats`, which the caller frees with t1053_repeats_free(). Any
/// thread. Memory grows with the groups that are open, about 150 bytes each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_repeats_new(
    detector: *const t1053_detector,
    seconds: u32,
    capacity: usize,
    repeats: *mut *mut t1053_repeats,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let shared = &unsafe { pointer::shared(detector) }?.shared;
        // SAFETY: the caller gives a place for the result.
        let place = unsafe { pointer::place(repeats) }?;
        let made = reserve::made(0, || {
            let mut repeats =
                Repeats::new(&shared.detector).seed(state::seed());
            if seconds != 0 {
                repeats = repeats.within(seconds);
            }
            if capacity != 0 {
                repeats = repeats.capacity(capacity);
            }
            let turn = Turn::new(Work { shared: shared.clone(), repeats });
            Ok(Box::new(t1053_repeats { turn }))
        })?;
        place.write(Box::into_raw(made));
        Ok(())
    })
}

/// Frees it; NULL is accepted. Groups that are open are not told any more:
/// see t1053_repeats_finish(). Within its own callback it does nothing.
///
/// No other thread may be using the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_repeats_free(repeats: *mut t1053_repeats) {
    guard((), || {
        // SAFETY: NULL or a handle, by the caller's word.
        let idle = unsafe { pointer::shared(repeats) };
        if idle.is_ok_and(|repeats| repeats.turn.is_idle()) {
            // SAFETY: made by `t1053_repeats_new`, and given up.
            drop(unsafe { Box::from_raw(repeats) });
        }
    });
}

unsafe fn with(
    repeats: *const t1053_repeats,
    body: impl FnOnce(&mut Work) -> Result<(), t1053_status>,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let repeats = unsafe { pointer::shared(repeats) }?;
        repeats.turn.with(body)
    })
}

/// Hands groups to the caller's function.
struct Teller<'s> {
    shared: &'s Shared,
    on_group: unsafe extern "C" fn(*mut c_void, *const t1053_group),
    user: *mut c_void,
}

impl Teller<'_> {
    fn tell(&self, closed: Closed) {
        let detection = self.shared.detections.get(closed.index);
        let detection = detection.map_or(core::ptr::null(), |one| one);
        let inside = t1053_closed(closed);
        let group = t1053_group {
            struct_size: size_of::<t1053_group>(),
            closed: &raw const inside,
            group: closed.group,
            detection,
            detection_index: closed.index,
            repeats: closed.repeats,
            first: closed.first.ticks(),
            last: closed.last.ticks(),
        };
        // SAFETY: the caller's function, called as it says; what it is given
        // lives until it returns.
        unsafe { (self.on_group)(self.user, &raw const group) };
    }
}

/// Says for one detection, by its slug, what makes its matches identical
/// besides the host: `fields_len` fields, of t1053_field; and for how many
/// seconds a group of them lasts.
///
/// T1053_UNKNOWN_NAME when the detector has no such detection. One thread at
/// a time. Allocates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_repeats_of(
    repeats: *mut t1053_repeats,
    slug: *const c_char,
    slug_len: usize,
    fields: *const u32,
    fields_len: usize,
    seconds: u32,
) -> t1053_status {
    let body = |work: &mut Work| {
        // SAFETY: the caller gives `slug_len` bytes.
        let slug = unsafe { pointer::text(slug, slug_len) }?;
        // SAFETY: the caller gives so many fields.
        let fields = unsafe { pointer::slice(fields, fields_len) }?;
        let fields: Result<Vec<_>, _> =
            fields.iter().map(|&field| names::field(field)).collect();
        let changed = work.repeats.clone().of(slug, &fields?, seconds);
        let unknown = |_| t1053_status::T1053_UNKNOWN_NAME;
        work.repeats = changed.map_err(unknown)?;
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(repeats, body) }
}

/// Takes a match, within the callback that was given it, and hands each group
/// to `on_group` whose time was over when it happened, or that has to make
/// room.
///
/// Writes `*is_shown`: 1 if the match is to be shown, 0 if it has been
/// counted; and `*group`: the number of its group, or 0 if it is part of none.
/// T1053_OTHER_DETECTOR for a match of another detector. One thread at a
/// time. Allocates for new groups. Takes time in proportion to the message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_repeats_take(
    repeats: *mut t1053_repeats,
    found: *const t1053_match,
    on_group: t1053_on_group,
    user: *mut c_void,
    is_shown: *mut i32,
    group: *mut u64,
) -> t1053_status {
    let body = |work: &mut Work| {
        // SAFETY: of the callback that we are in, by the caller's word.
        let found = unsafe { found::of(found, &work.shared) }?;
        let on_group = on_group.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        // SAFETY: the caller gives places for the results.
        let (is_shown, group) =
            unsafe { (pointer::place(is_shown)?, pointer::place(group)?) };
        let Work { shared, repeats } = work;
        let teller = Teller { shared, on_group, user };
        let grouped = repeats.take(found, |closed| teller.tell(closed));
        let (shown, number) = match grouped {
            Grouped::First(number) => (1, number),
            Grouped::Repeat(number) => (0, number),
            _ => (1, 0),
        };
        is_shown.write(shown);
        group.write(number);
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(repeats, body) }
}

/// Closes all groups, such as at the end of the stream, and hands each to
/// `on_group`.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_repeats_finish(
    repeats: *mut t1053_repeats,
    on_group: t1053_on_group,
    user: *mut c_void,
) -> t1053_status {
    let body = |work: &mut Work| {
        let on_group = on_group.ok_or(t1053_status::T1053_NULL_ARGUMENT)?;
        let Work { shared, repeats } = work;
        let teller = Teller { shared, on_group, user };
        repeats.finish(|closed| teller.tell(closed));
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(repeats, body) }
}

/// Writes what became of all matches to `*counts`, whose `struct_size` the
/// caller has set.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_repeats_counts(
    repeats: *const t1053_repeats,
    counts: *mut t1053_repeat_counts,
) -> t1053_status {
    let body = |work: &mut Work| {
        let RepeatCounts { groups, repeats, alone, early, .. } =
            work.repeats.counts();
        let now = t1053_repeat_counts {
            struct_size: size_of::<t1053_repeat_counts>(),
            open: work.repeats.open() as u64,
            groups,
            repeats,
            alone,
            early,
        };
        // SAFETY: the caller's struct, as long as it says.
        unsafe { pointer::give_grown(counts, now) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(repeats, body) }
}

/// Writes the groups that are open, and the counts, into `buffer`, as
/// t1053_correlator_save() does. Not the settings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_repeats_save(
    repeats: *const t1053_repeats,
    buffer: *mut c_void,
    capacity: usize,
    needed: *mut usize,
) -> t1053_status {
    let body = |work: &mut Work| {
        let repeats = &work.repeats;
        let (held, save) = (repeats.memory_usage(), || repeats.save());
        // SAFETY: the caller gives `capacity` bytes, and a place.
        unsafe { state::give(held, save, buffer, capacity, needed) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(repeats, body) }
}

/// Takes over what t1053_repeats_save() wrote, in place of what is known
/// here, as t1053_correlator_restore() does; `restored` counts groups as
/// keys. Groups keep their numbers. Those that there is no room for are closed
/// with the next match; those of detections that are not the same here are
/// dropped, and not told any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_repeats_restore(
    repeats: *mut t1053_repeats,
    state: *const c_void,
    state_len: usize,
    restored: *mut t1053_restored,
) -> t1053_status {
    let body = |work: &mut Work| {
        let take = |state: &[u8]| work.repeats.restore(state);
        // SAFETY: the caller gives `state_len` bytes, and NULL or a struct as
        // long as it says.
        unsafe { state::take(state, state_len, restored, take) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(repeats, body) }
}

/// Writes the line of NDJSON of a group's first match, as
/// t1053_match_ndjson() wrote it, with `repeats`, `first_seen` and `last_seen`
/// added, into a buffer: no line end, no NUL. The buffer must not overlap the
/// line.
///
/// Returns how many bytes it has, which are all written if that is at most
/// `capacity`; if it is more, the beginning is. 0 when `group` is NULL or
/// `first` is not UTF-8. Only within the callback that `group` was given to.
/// Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_group_ndjson(
    group: *const t1053_group,
    first: *const c_char,
    first_len: usize,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    guard(0, || {
        // SAFETY: of the callback that we are in, by the caller's word.
        let group = unsafe { pointer::shared(group) };
        // SAFETY: as above.
        let closed =
            group.and_then(|group| unsafe { pointer::shared(group.closed) });
        let Ok(t1053_closed(closed)) = closed else { return 0 };
        // SAFETY: the caller gives `first_len` bytes.
        let first = unsafe { pointer::text(first, first_len) };
        let Ok(first) = first else { return 0 };
        // SAFETY: the caller gives `capacity` bytes.
        unsafe { pointer::write(buffer, capacity, &closed.line(first)) }
    })
}

/// Writes to `*bytes` how much memory the open groups take, roughly.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_repeats_memory(
    repeats: *const t1053_repeats,
    bytes: *mut usize,
) -> t1053_status {
    let body = |work: &mut Work| {
        // SAFETY: the caller gives a place for the result.
        let bytes = unsafe { pointer::place(bytes) }?;
        bytes.write(work.repeats.memory_usage());
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(repeats, body) }
}

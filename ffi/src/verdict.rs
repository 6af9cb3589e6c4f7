/*!
Verdicts, as a callback gets them.
*/

use core::ffi::{c_char, c_void};
use core::ops::ControlFlow;
use core::ptr;

use t1053::{Verdict, VerdictFinding};

use crate::found::{Origin, T1053_NO_ITEM};
use crate::guard::{flow, guard, status};
use crate::job::{Facts, t1053_on_job};
use crate::names;
use crate::pointer::{self, t1053_text};
use crate::status::t1053_status;

/// Stands for no job in `job_index` of t1053_verdict.
pub const T1053_NO_JOB: u32 = 0xFFFF_FFFF;

/// What a verdict is inside of the library.
pub struct t1053_judged<'a> {
    verdict: &'a Verdict<'a>,
    id: [u8; 16],
    origin: Origin<'a>,
    facts: &'a Facts,
}

/// What all matches of one event together mean: one severity, one line, one
/// id. It and all that it points to lives for the callback only.
///
/// Only the library makes these; members may be added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_verdict {
    /// Size of this struct in the library that is running.
    pub struct_size: usize,
    /// For t1053_verdict_line(), t1053_verdict_ndjson() and
    /// t1053_verdict_jobs().
    pub judged: *const t1053_judged<'static>,
    /// How severe the event is: `informational`, `low`, `medium`, `high`,
    /// `critical`.
    pub severity: t1053_text,
    /// 16 bytes that are the same for the same event, in every language,
    /// whether it was typed or scanned.
    pub id: *const u8,
    /// Indices in the detector of all that matches, in its order.
    pub matches: *const u32,
    /// How many matches.
    pub matches_len: usize,
    /// Of those the ones that say more than that a scheduler was used.
    pub traits: *const u32,
    /// How many traits.
    pub traits_len: usize,
    /// How many jobs the matches speak of, which t1053_verdict_jobs() gives.
    pub jobs_len: usize,
    /// 0-based number of the record in the stream; 0 from an evaluator.
    pub record: u64,
    /// 0-based place of the event in a record that wraps several, or
    /// T1053_NO_ITEM.
    pub item: u32,
    /// What kind of event it is: of t1053_event_kind.
    pub kind: u32,
    /// When it happened, if `has_time` is not 0: ticks of 100 nanoseconds
    /// since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// Whether the time is known.
    pub has_time: u32,
    /// Whether weak signs were left out, since the job is what vendors'
    /// programs and installers set up.
    pub is_expected: u32,
    /// `index` of the job that the line is about, or T1053_NO_JOB.
    pub job_index: u32,
    /// 0; keeps the struct without gaps.
    pub reserved: u32,
    /// Host that recorded the event, or NULL.
    pub host: t1053_text,
    /// Account that the event is about, or NULL.
    pub user: t1053_text,
    /// Byte offset in the stream at which the record begins, as of
    /// t1053_match.
    pub offset: u64,
    /// How many bytes the record has there, as of t1053_match.
    pub length: u64,
    /// The record as it was read, as of t1053_match.
    pub raw: t1053_text,
    /// Of an event that was joined from several records: their numbers in the
    /// stream, in the order in which they came; `record` is the first.
    pub joined: *const u64,
    /// How many records it was joined from; 0 where one says all of it.
    pub joined_len: usize,
}

/// Takes a verdict: `user` is what the caller gave with it. 0 goes on,
/// anything else stops. The rules of t1053_on_match hold.
pub type t1053_on_verdict = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        verdict: *const t1053_verdict,
    ) -> i32,
>;

/// Memory for the lists of one verdict at a time.
pub(crate) struct Judge {
    matches: Vec<u32>,
    traits: Vec<u32>,
    facts: Facts,
}

impl Judge {
    /// One for a detector of so many detections.
    pub(crate) fn new(detections: usize) -> Judge {
        Judge {
            matches: Vec::with_capacity(detections),
            traits: Vec::with_capacity(detections),
            facts: Facts::new(),
        }
    }

    /// Bytes of memory held.
    pub(crate) fn memory_usage(&self) -> usize {
        let Judge { matches, traits, facts } = self;
        let numbers = matches.capacity().saturating_add(traits.capacity());
        let numbers = numbers.saturating_mul(size_of::<u32>());
        numbers.saturating_add(facts.memory_usage())
    }

    /// Hands a verdict out.
    pub(crate) fn tell(
        &mut self,
        verdict: &Verdict<'_>,
        origin: Origin<'_>,
        on_verdict: unsafe extern "C" fn(
            *mut c_void,
            *const t1053_verdict,
        ) -> i32,
        user: *mut c_void,
    ) -> ControlFlow<()> {
        let Judge { matches, traits, facts } = self;
        matches.clear();
        traits.clear();
        // Both are in the detector's order.
        let mut odd = verdict.traits().peekable();
        for found in verdict.matches() {
            let index = found.index() as u32;
            matches.push(index);
            let detection = found.detection();
            if odd.next_if(|&one| ptr::eq(one, detection)).is_some() {
                traits.push(index);
            }
        }
        debug_assert!(odd.next().is_none(), "a trait that does not match");
        let event = verdict.event();
        let id = verdict.id();
        let inside = t1053_judged { verdict, id, origin, facts };
        let Origin { place, source, .. } = origin;
        let job = verdict.job().map(|job| job.index() as u32);
        let told = t1053_verdict {
            struct_size: size_of::<t1053_verdict>(),
            judged: ptr::from_ref(&inside).cast(),
            severity: t1053_text::of(verdict.severity().name()),
            id: inside.id.as_ptr(),
            matches: matches.as_ptr(),
            matches_len: matches.len(),
            traits: traits.as_ptr(),
            traits_len: traits.len(),
            jobs_len: verdict.jobs().count(),
            record: place.record,
            item: place.item.unwrap_or(T1053_NO_ITEM),
            kind: event.kind().number(),
            time: event.time.map_or(0, |time| time.ticks()),
            has_time: u32::from(event.time.is_some()),
            is_expected: u32::from(verdict.is_expected()),
            job_index: job.unwrap_or(T1053_NO_JOB),
            reserved: 0,
            host: t1053_text::option(event.host),
            user: t1053_text::option(event.user),
            offset: source.offset,
            length: source.length,
            raw: origin.raw(),
            joined: place.joined.as_ptr(),
            joined_len: place.joined.len(),
        };
        // SAFETY: the caller's function, called as it says; what it is given
        // lives until it returns.
        flow(unsafe { on_verdict(user, &raw const told) })
    }
}

/// What is inside of a caller's verdict.
///
/// # Safety
///
/// NULL, misaligned, or what the callback was given, before it returns.
unsafe fn inside<'a>(
    verdict: *const t1053_verdict,
) -> Result<&'a t1053_judged<'a>, t1053_status> {
    // SAFETY: as the caller's.
    unsafe { pointer::shared(pointer::shared(verdict)?.judged.cast()) }
}

/// The first value of a field: of a job's field, what is said of the job that
/// the line is about; of any other, what the event has or a match looks at.
/// It is the record's own text, with any password that stands in it; the
/// fields of jobs have none.
///
/// Writes `*value`, NULL when the field is absent; it lives for the callback.
/// Only within the callback that `verdict` was given to. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_verdict_value(
    verdict: *const t1053_verdict,
    field: u32,
    value: *mut t1053_text,
) -> t1053_status {
    status(|| {
        // SAFETY: of the callback that we are in, by the caller's word.
        let inside = unsafe { inside(verdict) }?;
        // SAFETY: the caller gives a place for the result.
        let value = unsafe { pointer::place(value) }?;
        let field = names::field(field)?;
        value.write(t1053_text::option(inside.verdict.value(field)));
        Ok(())
    })
}

/// Writes a verdict as one line in plain words, with its severity, the job and
/// what is odd about it, into a buffer: no line end, no NUL. UTF-8, without
/// control characters; passwords in addresses are masked.
///
/// Returns how many bytes it has, which are all written if that is at most
/// `capacity`; if it is more, the beginning is. 0 when `verdict` is NULL. Only
/// within the callback that `verdict` was given to. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_verdict_line(
    verdict: *const t1053_verdict,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    guard(0, || {
        // SAFETY: of the callback that we are in, by the caller's word.
        let Ok(inside) = (unsafe { inside(verdict) }) else { return 0 };
        // SAFETY: the caller gives `capacity` bytes.
        unsafe { pointer::write(buffer, capacity, inside.verdict) }
    })
}

/// Writes a verdict as one line of NDJSON into a buffer: no line end, no NUL.
///
/// The object has `schema`, `path`, `record`, `item` (only where the record
/// wraps several), `joined` (only where several records make the event: the
/// list of their numbers), `id`, `severity`, `line`, `is_expected`, `event`, `time`,
/// `host`, `user`, `traits`, `detections`, `jobs`; with `keep` in the options
/// of its scanner also `offset`, `length`, `fields` and `raw`. `path` names the file or
/// stream, in UTF-8; NULL renders as `null`. The buffer must not overlap it.
///
/// Returns how many bytes the line has, which are all written if that is at
/// most `capacity`; if it is more, the beginning is. 0 when `verdict` is NULL
/// or `path` is not UTF-8. Only within the callback that `verdict` was given
/// to. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_verdict_ndjson(
    verdict: *const t1053_verdict,
    path: *const c_char,
    path_len: usize,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    guard(0, || {
        // SAFETY: of the callback that we are in, by the caller's word.
        let Ok(inside) = (unsafe { inside(verdict) }) else { return 0 };
        // SAFETY: the caller gives `path_len` bytes.
        let name = unsafe { pointer::text(path, path_len) };
        let Ok(name) = name else { return 0 };
        let t1053_judged { verdict, origin, .. } = *inside;
        let Origin { mut place, quote, .. } = origin;
        place.path = if path.is_null() { None } else { Some(name) };
        let line = VerdictFinding { place, verdict, quote };
        // SAFETY: the caller gives `capacity` bytes.
        unsafe { pointer::write(buffer, capacity, &line) }
    })
}

/// Hands each job that the matches of a verdict speak of to `on_job`, in the
/// order in which the event does.
///
/// T1053_STOPPED when the callback asked to stop; T1053_BUSY within a callback
/// of this function, for the same verdict. Only within the callback that
/// `verdict` was given to. Does not allocate, but for a job of more than 256
/// values, once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_verdict_jobs(
    verdict: *const t1053_verdict,
    on_job: t1053_on_job,
    user: *mut c_void,
) -> t1053_status {
    status(|| {
        // SAFETY: of the callback that we are in, by the caller's word.
        let inside = unsafe { inside(verdict) }?;
        inside.facts.visit(inside.verdict.jobs(), on_job, user)
    })
}
